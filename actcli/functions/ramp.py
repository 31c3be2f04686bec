"""Ramps: they grow with the input on the right and, most of them, level off on the left."""

from ..primitives import (
    abs_,
    algebraic,
    exp,
    expm1,
    log1p,
    root_ramp,
    softplus,
    sqrt,
    where,
)
from .registry import NonNegative, Number, Positive, Real, activation

FAMILY = "ramp"


@activation(family=FAMILY, source="course notes")
def relu(x: Number) -> Number:
    """The rectified linear unit: the input where it is positive, else 0."""
    return where(x > 0, x, 0)


@activation(family=FAMILY, source="PyTorch JAX Keras")
def relu6(x: Number) -> Number:
    """A ReLU that stops at 6."""
    return where(x <= 0, 0, where(x >= 6, 6, x))


@activation(family=FAMILY, aliases="brelu", source="Liew et al. 2016")
def bounded_relu(x: Number, cap: NonNegative = 1) -> Number:
    """A ReLU that stops at cap."""
    return where(x <= 0, 0, where(x >= cap, cap, x))


@activation(
    family=FAMILY, aliases="leakyrelu lrelu", source="course notes; Maas et al. 2013"
)
def leaky_relu(x: Number, slope: Real = 0.01) -> Number:
    """A ReLU with a small slope on the left, so that no unit is ever without gradient."""
    return where(x > 0, x, slope * x)


@activation(family=FAMILY, source="He et al. 2015")
def prelu(x: Number, slope: Real = 0.25) -> Number:
    """A leaky ReLU whose slope is learned; here it is given."""
    return where(x > 0, x, slope * x)


@activation(
    family=FAMILY, source="Xu et al. 2015 (evaluation mode)", requires=(("lower", "upper"),)
)
def rrelu(x: Number, lower: Real = 1 / 8, upper: Real = 1 / 3) -> Number:
    """A leaky ReLU whose slope is drawn at random in training; here with the mean slope."""
    return where(x > 0, x, (lower + upper) / 2 * x)


@activation(
    family=FAMILY, aliases="thresholded_relu", source="PyTorch; ONNX ThresholdedRelu"
)
def threshold(x: Number, threshold: Real = 1, value: Real = 0) -> Number:
    """The input above the threshold, a fixed value up to it."""
    return where(x > threshold, x, value)


@activation(family=FAMILY, source="course notes; Clevert et al. 2015")
def elu(x: Number, alpha: Real = 1) -> Number:
    """The identity right of 0; left of it, falling smoothly towards -alpha."""
    return where(x > 0, x, alpha * expm1(x))


@activation(family=FAMILY, source="Barron 2017")
def celu(x: Number, alpha: Positive = 1) -> Number:
    """An ELU whose gradient is continuous for every alpha."""
    return where(x > 0, x, alpha * expm1(x / alpha))


@activation(family=FAMILY, source="Klambauer et al. 2017")
def selu(
    x: Number,
    alpha: Real = 1.6732632423543772848170429916717,
    scale: Real = 1.0507009873554804934193349852946,
) -> Number:
    """A scaled ELU whose two constants keep the mean at 0 and the variance at 1 from layer to layer."""
    return scale * where(x > 0, x, alpha * expm1(x))


@activation(
    family=FAMILY, aliases="soft_plus", source="course notes; Dugas et al. 2001"
)
def softplus_(x: Number, beta: Positive = 1) -> Number:
    """A ReLU without the corner: log(1 + exp(beta x))/beta."""
    return softplus(beta * x) / beta


@activation(family=FAMILY, aliases="logsigmoid log_expit", source="PyTorch JAX Keras")
def log_sigmoid(x: Number) -> Number:
    """The logarithm of the logistic function: a mirrored softplus, never positive."""
    return -softplus(-x)


@activation(family=FAMILY, source="Barron 2021")
def squareplus(x: Number, b: Positive = 4) -> Number:
    """A softplus without exp: half of x plus the root of x^2 + b."""
    return sqrt(b) * root_ramp(x / sqrt(b))


@activation(family=FAMILY, source="JAX")
def sparse_plus(x: Number) -> Number:
    """A ReLU whose corner is a parabola between -1 and 1."""
    return where(x <= -1, 0, where(x < 1, (x + 1) ** 2 / 4, x))


@activation(family=FAMILY, source="Shamir et al. 2020")
def smelu(x: Number, beta: Positive = 2) -> Number:
    """A ReLU whose corner is a parabola between -beta and beta."""
    return where(x <= -beta, 0, where(x < beta, (x + beta) ** 2 / (4 * beta), x))


@activation(family=FAMILY, aliases="sqrtsoftplus", source="Hugging Face")
def sqrt_softplus(x: Number) -> Number:
    """The square root of the softplus."""
    return sqrt(softplus(x))


@activation(family=FAMILY, aliases="relu2", source="So et al. 2021 (Primer)")
def squared_relu(x: Number) -> Number:
    """The square of the ReLU."""
    return where(x > 0, x, 0) ** 2


@activation(family=FAMILY, aliases="starrelu", source="Yu et al. 2022 (MetaFormer)")
def star_relu(x: Number, scale: Real = 0.8944, bias: Real = -0.4472) -> Number:
    """The squared ReLU, scaled and moved to mean 0 and variance 1 for normal inputs."""
    return scale * where(x > 0, x, 0) ** 2 + bias


@activation(family=FAMILY, source="Carlile et al. 2017")
def isrlu(x: Number, alpha: Positive = 1) -> Number:
    """The identity on the right, the inverse square root unit on the left."""
    return where(x >= 0, x, algebraic(sqrt(alpha) * x) / sqrt(alpha))


@activation(family=FAMILY, source="Trottier et al. 2016")
def pelu(x: Number, a: Positive = 1, b: Positive = 1) -> Number:
    """An ELU with two learned parameters, whose slopes agree at 0."""
    return where(x >= 0, x * a / b, a * expm1(x / b))


@activation(family=FAMILY, source="Zhang and Li 2018")
def serlu(x: Number, alpha: Real = 2.90427, scale: Real = 1.07862) -> Number:
    """The identity on the right, x exp(x) on the left, scaled to normalise itself."""
    return scale * where(x >= 0, x, alpha * x * exp(x))


@activation(
    family=FAMILY, aliases="s_relu", source="Jin et al. 2015", requires=(("left", "right"),)
)
def srelu(
    x: Number,
    left: Real = -1,
    right: Real = 1,
    left_slope: Real = 0.2,
    right_slope: Real = 0.4,
) -> Number:
    """Three straight pieces: the identity in the middle, other slopes outside."""
    return where(
        x <= left,
        left + left_slope * (x - left),
        where(x >= right, right + right_slope * (x - right), x),
    )


@activation(family=FAMILY, source="Liu et al. 2019")
def nlrelu(x: Number, beta: Positive = 1) -> Number:
    """The logarithm of a ReLU: large inputs are compressed."""
    return log1p(beta * where(x > 0, x, 0))


@activation(family=FAMILY, source="folklore")
def bent_identity(x: Number) -> Number:
    """The identity bent by half a hyperbola: slope 1/2 on the left, 3/2 on the right."""
    return x**2 / (2 * (sqrt(x**2 + 1) + 1)) + x  # (sqrt(x^2 + 1) - 1)/2 cancels near 0


@activation(family=FAMILY, aliases="linear", source="all libraries")
def identity(x: Number) -> Number:
    """The input itself: no activation at all."""
    return x


@activation(family=FAMILY, source="PyTorch")
def abs__(x: Number) -> Number:
    """The size of the input without its sign."""
    return abs_(x)
