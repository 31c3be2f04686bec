"""Composites: the input times a gate, and their relatives."""

from collections.abc import Callable
from typing import Annotated, Any

from ..numbers.types import Number
from ..primitives import (
    ROOT_EIGHT_OVER_PI,
    abs_,
    algebraic_gate,
    arctan,
    arctan_gate,
    cos,
    decimal,
    erf,
    erfc,
    excess,
    exp,
    exp_gap,
    expm1,
    in_floats,
    log1p,
    logistic,
    maximum,
    normal_cdf,
    one_plus,
    pi,
    sin,
    sinc_1,
    sloped,
    softplus,
    tanh,
    where,
)
from .parameters import Choices, Positive, Real
from .registry import activation

FAMILY = "composite"
Approximation = Annotated[Any, Choices(("none", "tanh", "sigmoid"))]


@activation(
    family=FAMILY,
    aliases="silu swish1",
    source="course notes; Ramachandran et al. 2017",
    notes=(
        "beta = 1 is called silu and swish in JAX and Keras, SiLU in PyTorch.",
        "ONNX Swish has beta too, as alpha, 1 by default.",
    ),
)
def swish(x: Number, beta: Real = 1) -> Number:
    """The input times a logistic gate: x/2 for beta = 0, the ReLU for beta to infinity.

    By default its minimum is -0.278465, at -1.278465.
    Infinitely smooth.
    """
    return x * logistic(beta * x)


@activation(family=FAMILY, aliases="eswish", source="Alcaide 2018")
def e_swish(x: Number, beta: Real = 1.5) -> Number:
    """Swish with beta = 1, stretched by a beta of its own.

    By default its minimum is -0.417697, at -1.278465.
    Infinitely smooth.
    """
    return beta * x * logistic(x)


@activation(
    family=FAMILY,
    aliases="hardswish hard_silu",
    source="Howard et al. 2019",
    notes=("JAX and Keras 3 call it hard_silu and hard_swish, PyTorch Hardswish.",),
)
def hard_swish(x: Number) -> Number:
    """Swish with a piecewise linear gate, for hardware without exp.

    Its minimum is -3/8, at -3/2; swish is farthest from it at -3 and 3, by 0.142278.
    At the kinks -3 and 3 the gradient counts as that of the outer side: 0 and 1.
    """
    return where(x <= -3, 0, where(x < 3, x * (x + 3) / 6, x))


@activation(
    family=FAMILY,
    aliases="gelu_python",
    source="course notes; Hendrycks and Gimpel 2016",
    notes=(
        "Exact by default: PyTorch GELU, keras.activations.gelu, ONNX Gelu.",
        "approx=tanh by default: JAX gelu and keras.ops.gelu (approximate=True).",
    ),
)
def gelu(x: Number, mu: Real = 0, sigma: Positive = 1, approx: Approximation = "none") -> Number:
    """The input times the probability that a normal variable (mu, sigma) lies below it.

    By default its minimum is -0.169971, at -0.751792; approx=tanh is at most 0.000473 off it, and
    approx=sigmoid 0.020335.
    Infinitely smooth.
    """
    return x * _GATES[approx]((x - mu) / sigma)


def _normal_cdf_tanh(x: Number) -> Number:
    # (1 + tanh(u))/2 = logistic(2u), which keeps its digits where tanh(u) rounds to -1.
    return logistic(ROOT_EIGHT_OVER_PI * (x + decimal("0.044715") * x**3))


def _normal_cdf_sigmoid(x: Number) -> Number:
    return logistic(decimal("1.702") * x)


_GATES: dict[str, Callable[[Number], Number]] = {
    "none": normal_cdf,
    "tanh": _normal_cdf_tanh,
    "sigmoid": _normal_cdf_sigmoid,
}


@activation(
    family=FAMILY,
    aliases="gelu_new gelu_fast gelu_accurate gelu_pytorch_tanh gelu_python_tanh",
    source="the same as gelu with approx=tanh",
    approximates="gelu",
    notes=(
        "PyTorch: GELU(approximate='tanh'); JAX gelu and keras.ops.gelu as they stand.",
        "The aliases are Hugging Face's; its gelu_fast has only ten digits of sqrt(2/pi).",
    ),
)
def gelu_tanh(x: Number) -> Number:
    """GELU with the normal distribution function replaced by a tanh of a cubic.

    Its minimum is -0.170041, at -0.752461; the GELU is farthest at -2.698941 and 2.698941.
    Infinitely smooth.
    """
    return gelu(x, approx="tanh")


@activation(
    family=FAMILY,
    aliases="gelu_sigmoid",
    source="the same as gelu with approx=sigmoid",
    approximates="gelu",
    notes=("Hugging Face calls it quick_gelu; it is swish with beta = 1.702.",),
)
def quick_gelu(x: Number) -> Number:
    """GELU with the normal distribution function replaced by a logistic function.

    Its minimum is -0.163610, at -0.751154; the GELU is farthest at -2.270398 and 2.270398.
    Infinitely smooth.
    """
    return gelu(x, approx="sigmoid")


@activation(family=FAMILY, source="Misra 2019")
def mish(x: Number) -> Number:
    """The input times the tanh of its softplus.

    Its minimum is -0.308843, at -1.192431; the gradient at 0 is 0.6.
    Infinitely smooth.
    """
    return x * tanh(softplus(x))


@activation(
    family=FAMILY,
    source="Misra 2020; timm",
    notes=("Gradient at -2: timm's own backward pass has -1, that of the right side.",),
)
def hard_mish(x: Number) -> Number:
    """Mish made of a parabola between -2 and 0 and straight lines outside.

    Its minimum is -1/2, at -1.
    At the kink -2 the gradient counts as 0; at 0 it is continuous, 1, and the curvature jumps.
    """
    return where(x <= -2, 0, where(x < 0, x * (x + 2) / 2, x))


@activation(family=FAMILY, source="Nag and Bhattacharyya 2021")
def serf(x: Number) -> Number:
    """The input times the error function of its softplus.

    Its minimum is -0.348437, at -1.193060.
    Infinitely smooth.
    """
    return x * erf(softplus(x))


@activation(family=FAMILY, aliases="telu", source="Liu and Di 2020; TeLU 2024 is the same function")
def tanhexp(x: Number) -> Number:
    """The input times the tanh of its exponential.

    Its minimum is -0.353286, at -1.078860.
    Infinitely smooth.
    """
    return x * tanh(exp(x))


@activation(family=FAMILY, source="Zhu et al. 2021")
def logish(x: Number) -> Number:
    """The input times log(1 + logistic(x)).

    Its minimum is -0.252769, at -1.372454; on the right the gradient tends to log(2) = 0.693147.
    Infinitely smooth.
    """
    return x * log1p(logistic(x))


@activation(family=FAMILY, source="Wang et al. 2022")
def smish(x: Number, alpha: Real = 1, beta: Real = 1) -> Number:
    """The input times the tanh of log(1 + logistic(beta x)).

    By default its minimum is -0.249994, at -1.394519, and the gradient on the right tends to 0.6.
    Infinitely smooth.
    """
    return alpha * x * tanh(log1p(logistic(beta * x)))


@activation(family=FAMILY, source="Naveen 2022")
def phish(x: Number) -> Number:
    """The input times the tanh of its GELU: never negative, a ramp with a hump left of 0.

    The hump is 0.164659 high, at -1.195431; its minimum is 0, at 0.
    Infinitely smooth.
    """
    return x * tanh(x * normal_cdf(x))


@activation(family=FAMILY, source="Kaytan et al. 2023")
def gish(x: Number) -> Number:
    """The input times log(2 - exp(-exp(x))).

    Its minimum is -0.278159, at -1.282051; on the right the gradient tends to log(2) = 0.693147.
    Infinitely smooth.
    """
    return x * log1p(-expm1(-exp(x)))


@activation(family=FAMILY, source="Roy et al. 2019")
def lisht(x: Number) -> Number:
    """The input times its tanh: even, never negative.

    Its minimum is 0, at 0; at -1 and 1 it is 0.761594.
    Infinitely smooth.
    """
    return x * tanh(x)


@activation(family=FAMILY, source="Elfwing et al. 2017 (the derivative of SiLU)")
def dsilu(x: Number) -> Number:
    """The derivative of swish, used as an activation of its own: an S that overshoots both ends.

    Its minimum is -0.099839, at -2.399357, its maximum 1.099839, at 2.399357.
    Infinitely smooth.
    """
    return (1 + x * logistic(-x)) * logistic(x)


@activation(family=FAMILY, source="Basirat and Roth 2018")
def elish(x: Number) -> Number:
    """Swish on the right; on the left an ELU times the logistic function.

    Its minimum is 2*sqrt(2) - 3 = -0.171573, at -0.881374.
    Smooth once: the gradient at 0 is 1/2, where the curvature jumps from 1 to 1/2.
    """
    return where(x >= 0, x * logistic(x), expm1(x) * logistic(x))


@activation(family=FAMILY, source="Basirat and Roth 2018")
def hard_elish(x: Number) -> Number:
    """ELiSH with a piecewise linear gate.

    Its minimum is -0.099673, at -0.442854.
    At the kinks -1 and 1 the gradient counts as 0 and 1; at 0 it is continuous, 1/2.
    """
    return where(
        x <= -1,
        0,
        where(x < 0, expm1(x) * ((x + 1) / 2), where(x < 1, x * ((x + 1) / 2), x)),
    )


@activation(family=FAMILY, aliases="ftswish", source="Chieng et al. 2018")
def ft_swish(x: Number, threshold: Real = -0.2) -> Number:
    """Swish on the right, flat on the left, moved by a threshold.

    By default it is -0.2 up to 0 and crosses 0 at 0.342061.
    At the kink 0 the gradient counts as 0.
    """
    return maximum(0, x) * logistic(x) + threshold


@activation(family=FAMILY, source="Zhu et al. 2021")
def pflu(x: Number) -> Number:
    """The input times an algebraic gate (1 + x/sqrt(1 + x^2))/2.

    Its minimum is -0.150142, at -0.786151; the gate needs no exp.
    Infinitely smooth.
    """
    return algebraic_gate(x)


@activation(family=FAMILY, aliases="acon", source="Ma et al. 2021")
def acon_c(x: Number, p1: Real = 1, p2: Real = 0, beta: Real = 1) -> Number:
    """A smooth maximum of p1 x and p2 x; beta says how sharp.

    Its gradient at 0 is (p1 + p2)/2, by default 1/2; by default it is swish.
    Infinitely smooth.
    """
    return x * (p1 * logistic(beta * (p1 - p2) * x) + p2 * logistic(beta * (p2 - p1) * x))


@activation(family=FAMILY, source="Biswas et al. 2021")
def smu(x: Number, alpha: Real = 0.25, mu: Real = 25) -> Number:
    """A leaky ReLU of slope alpha, smoothed by the error function; mu says how sharply it bends.

    Its gradient at 0 is (1 + alpha)/2, by default 0.625.
    Infinitely smooth.
    """
    return x * (erfc(mu * (alpha - 1) * x) + alpha * erfc(mu * (1 - alpha) * x)) / 2


@activation(family=FAMILY, aliases="xatlu", source="Huang 2024")
def atlu(x: Number, alpha: Real = 0) -> Number:
    """The input times an arctan gate that runs from -alpha to 1 + alpha.

    By default it is -1/4 at -1 and tends to -1/pi = -0.318310 on the left.
    Infinitely smooth.
    """
    gates = (1 + alpha) * arctan_gate(x) + alpha * arctan_gate(-x)  # -alpha*x cancels the gate
    near = 0.5 + (1 + 2 * alpha) * (arctan(x) / pi)  # where the gates' halves cancel
    return in_floats(gates, lambda: where(abs_(x) < 1, x * near, gates))


@activation(
    family=FAMILY,
    source="Huang and Schlag 2024; Hugging Face cuts exp at x = -1e-6",
    notes=(
        "Hugging Face takes exp(min(x, -1e-6)), which is up to 8e-07 off between -1e-6 and 0.",
        "Hugging Face learns alpha_p and alpha_n - beta through a softplus, so both stay above 0.",
    ),
)
def xielu(x: Number, alpha_p: Real = 0.8, alpha_n: Real = 0.8, beta: Real = 0.5) -> Number:
    """The integral of a trainable ELU: a parabola on the right, exponential on the left.

    By default its minimum is -0.205751, at -0.980829.
    Smooth once: the gradient at 0 is beta, where the curvature jumps from alpha_n to 2*alpha_p.
    """
    left = alpha_n * exp_gap(x) + beta * x
    tail = alpha_n * exp(x) + ((beta - alpha_n) * x - alpha_n)  # all of it if beta is alpha_n
    left = in_floats(left, lambda: where(x < -1, tail, left))
    return where(x > 0, alpha_p * x**2 + beta * x, left)


@activation(family=FAMILY, source="Paul et al. 2022")
def sinlu(x: Number, a: Real = 1, b: Real = 1) -> Number:
    """Swish with a sine on the input: (x + a sin(b x)) times the logistic function.

    By default its minimum is -0.497371, at -1.082865.
    Infinitely smooth.
    """

    def slope(x: Number) -> Number:
        turn = where(a * b > 0, cos(x, b), -cos(x, b))
        return one_plus(turn, sin(x, b)) + excess(a, b) * turn

    def near_zero() -> Number:
        """a*b = -1 makes 0 a triple root: 1 - sin(u)/u comes without its cancellation."""
        beside = (a * b > -2) & (a * b < -0.5)
        if beside is False:
            return x + a * sin(x, b)
        u = b * x
        bend = 2 * sin(u / 2) ** 2 - u * u * sinc_1(u)
        near = beside & (abs_(u) < 1)
        return where(near, -excess(a, b) * x - a * b * x * bend, x + a * sin(x, b))

    ramp = sloped(in_floats(x + a * sin(x, b), near_zero), x, slope)
    return ramp * logistic(x)


@activation(family=FAMILY, source="survey of Kunc and Klema 2024")
def coslu(x: Number, a: Real = 1, b: Real = 1) -> Number:
    """Swish with a cosine on the input: (x + a cos(b x)) times the logistic function.

    It is a/2 at 0; by default its minimum is -0.289273, at -1.905408.
    Infinitely smooth.
    """

    def slope(x: Number) -> Number:
        turn = where(a * b > 0, -sin(x, b), sin(x, b))
        return one_plus(turn, cos(x, b)) + excess(a, b) * turn

    ramp = sloped(x + a * cos(x, b), x, slope)
    return ramp * logistic(x)
