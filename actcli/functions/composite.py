"""Composites: the input times a gate, and their relatives."""

from ..primitives import (
    ROOT_EIGHT_OVER_PI,
    algebraic_cdf,
    arctan_gate,
    cos,
    erf,
    erfc,
    exp,
    exp_gap,
    expm1,
    log1p,
    logistic,
    normal_cdf,
    sin,
    softplus,
    tanh,
    where,
)
from .registry import Annotated, Any, Choices, Number, Positive, Real, activation

FAMILY = "composite"
Approximation = Annotated[Any, Choices(("none", "tanh", "sigmoid"))]


@activation(
    family=FAMILY, aliases="silu swish1", source="course notes; Ramachandran et al. 2017"
)
def swish(x: Number, beta: Real = 1) -> Number:
    """The input times a logistic gate: x/2 for beta = 0, the ReLU for beta to infinity."""
    return x * logistic(beta * x)


@activation(family=FAMILY, aliases="eswish", source="Alcaide 2018")
def e_swish(x: Number, beta: Real = 1.5) -> Number:
    """Swish, stretched by beta."""
    return beta * x * logistic(x)


@activation(family=FAMILY, aliases="hardswish hard_silu", source="Howard et al. 2019")
def hard_swish(x: Number) -> Number:
    """Swish with a piecewise linear gate, for hardware without exp."""
    return where(x <= -3, 0, where(x < 3, x * (x + 3) / 6, x))


@activation(
    family=FAMILY,
    aliases="gelu_python",
    source="course notes; Hendrycks and Gimpel 2016",
)
def gelu(x: Number, mu: Real = 0, sigma: Positive = 1, approx: Approximation = "none") -> Number:
    """The input times the probability that a normal variable lies below it."""
    gate = {"none": normal_cdf, "tanh": _normal_cdf_tanh, "sigmoid": _normal_cdf_sigmoid}[approx]
    return x * gate((x - mu) / sigma)


def _normal_cdf_tanh(x: Number) -> Number:
    # (1 + tanh(u))/2 = logistic(2u), which keeps its digits where tanh(u) rounds to -1.
    return logistic(ROOT_EIGHT_OVER_PI * (x + 0.044715 * x**3))


def _normal_cdf_sigmoid(x: Number) -> Number:
    return logistic(1.702 * x)


@activation(
    family=FAMILY,
    aliases="gelu_new gelu_fast gelu_accurate gelu_pytorch_tanh gelu_python_tanh",
    source="the same as gelu with approx=tanh",
    approximates="gelu",
)
def gelu_tanh(x: Number) -> Number:
    """GELU with the normal distribution function replaced by a tanh of a cubic."""
    return gelu(x, approx="tanh")


@activation(
    family=FAMILY,
    aliases="gelu_sigmoid",
    source="the same as gelu with approx=sigmoid",
    approximates="gelu",
)
def quick_gelu(x: Number) -> Number:
    """GELU with the normal distribution function replaced by a logistic function."""
    return gelu(x, approx="sigmoid")


@activation(family=FAMILY, source="Misra 2019")
def mish(x: Number) -> Number:
    """The input times the tanh of its softplus."""
    return x * tanh(softplus(x))


@activation(family=FAMILY, source="Misra 2020; timm")
def hard_mish(x: Number) -> Number:
    """Mish made of a parabola between -2 and 0 and straight lines outside."""
    return where(x <= -2, 0, where(x < 0, x * (x + 2) / 2, x))


@activation(family=FAMILY, source="Nag and Bhattacharyya 2021")
def serf(x: Number) -> Number:
    """The input times the error function of its softplus."""
    return x * erf(softplus(x))


@activation(
    family=FAMILY, aliases="telu", source="Liu and Di 2020; TeLU 2024 is the same function"
)
def tanhexp(x: Number) -> Number:
    """The input times the tanh of its exponential."""
    return x * tanh(exp(x))


@activation(family=FAMILY, source="Zhu et al. 2021")
def logish(x: Number) -> Number:
    """The input times log(1 + logistic(x))."""
    return x * log1p(logistic(x))


@activation(family=FAMILY, source="Wang et al. 2022")
def smish(x: Number, alpha: Real = 1, beta: Real = 1) -> Number:
    """The input times the tanh of log(1 + logistic(beta x))."""
    return alpha * x * tanh(log1p(logistic(beta * x)))


@activation(family=FAMILY, source="Naveen 2022")
def phish(x: Number) -> Number:
    """The input times the tanh of its GELU."""
    return x * tanh(x * normal_cdf(x))


@activation(family=FAMILY, source="Kaytan et al. 2023")
def gish(x: Number) -> Number:
    """The input times log(2 - exp(-exp(x)))."""
    return x * log1p(-expm1(-exp(x)))


@activation(family=FAMILY, source="Roy et al. 2019")
def lisht(x: Number) -> Number:
    """The input times its tanh: even, never negative."""
    return x * tanh(x)


@activation(family=FAMILY, source="Elfwing et al. 2017 (the derivative of SiLU)")
def dsilu(x: Number) -> Number:
    """The derivative of swish, used as an activation of its own."""
    return (1 + x * logistic(-x)) * logistic(x)


@activation(family=FAMILY, source="Basirat and Roth 2018")
def elish(x: Number) -> Number:
    """Swish on the right; on the left an ELU times the logistic function."""
    return where(x >= 0, x, expm1(x)) * logistic(x)


@activation(family=FAMILY, source="Basirat and Roth 2018")
def hard_elish(x: Number) -> Number:
    """ELiSH with a piecewise linear gate."""
    return where(
        x <= -1,
        0,
        where(x < 0, expm1(x) * ((x + 1) / 2), where(x < 1, x * ((x + 1) / 2), x)),
    )


@activation(family=FAMILY, aliases="ftswish", source="Chieng et al. 2018")
def ft_swish(x: Number, threshold: Real = -0.2) -> Number:
    """Swish on the right, flat on the left, moved by a threshold."""
    return where(x > 0, x, 0) * logistic(x) + threshold


@activation(family=FAMILY, source="Zhu et al. 2021")
def pflu(x: Number) -> Number:
    """The input times an algebraic gate (1 + x/sqrt(1 + x^2))/2."""
    return x * algebraic_cdf(x)


@activation(family=FAMILY, aliases="acon", source="Ma et al. 2021")
def acon_c(x: Number, p1: Real = 1, p2: Real = 0, beta: Real = 1) -> Number:
    """A smooth maximum of p1 x and p2 x; beta says how sharp."""
    return (p1 - p2) * x * logistic(beta * (p1 - p2) * x) + p2 * x


@activation(family=FAMILY, source="Biswas et al. 2021")
def smu(x: Number, alpha: Real = 0.25, mu: Real = 25) -> Number:
    """A leaky ReLU of slope alpha, smoothed by the error function."""
    return x * (alpha + (1 - alpha) * (erfc(-mu * (1 - alpha) * x) / 2))


@activation(family=FAMILY, aliases="xatlu", source="Huang 2024")
def atlu(x: Number, alpha: Real = 0) -> Number:
    """The input times an arctan gate that runs from -alpha to 1 + alpha."""
    return (1 + 2 * alpha) * arctan_gate(x) - alpha * x


@activation(
    family=FAMILY,
    source="Huang and Schlag 2024; Hugging Face cuts exp at x = -1e-6",
)
def xielu(x: Number, alpha_p: Real = 0.8, alpha_n: Real = 0.8, beta: Real = 0.5) -> Number:
    """The integral of a trainable ELU: a parabola on the right, exponential on the left."""
    return where(x > 0, alpha_p * x**2, alpha_n * exp_gap(x)) + beta * x


@activation(family=FAMILY, source="Paul et al. 2022")
def sinlu(x: Number, a: Real = 1, b: Real = 1) -> Number:
    """Swish with a sine on the input: (x + a sin(b x)) times the logistic function."""
    return (x + a * sin(x, b)) * logistic(x)


@activation(family=FAMILY, source="survey of Kunc and Klema 2024")
def coslu(x: Number, a: Real = 1, b: Real = 1) -> Number:
    """Swish with a cosine on the input: (x + a cos(b x)) times the logistic function."""
    return (x + a * cos(x, b)) * logistic(x)
