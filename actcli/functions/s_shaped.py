"""S-shaped functions: they level off at both ends."""

from ..primitives import (
    algebraic,
    arctan,
    erf,
    logistic,
    normal_cdf,
    seam,
    softsign,
    softsign_cdf,
    sqrt,
    tanh,
    where,
)
from .registry import Number, Positive, Real, activation

FAMILY = "s-shaped"


@activation(family=FAMILY, aliases="sigmoid expit", source="course notes")
def logistic_(x: Number) -> Number:
    """The probability curve: rises from 0 to 1 and is 1/2 at 0."""
    return logistic(x)


@activation(family=FAMILY, source="course notes")
def tanh_(x: Number) -> Number:
    """The hyperbolic tangent: rises from -1 to 1 through 0."""
    return tanh(x)


@activation(
    family=FAMILY, source="NNDL chapter 4 (first-order Taylor of the logistic at 0)"
)
def hard_logistic(x: Number, slope: Positive = 0.25, offset: Real = 0.5) -> Number:
    """A straight line cut off at 0 and at 1: the logistic function's tangent at 0."""
    return where(
        x <= seam(-offset / slope),
        0,
        where(x >= seam((1 - offset) / slope), 1, slope * x + offset),
    )


@activation(
    family=FAMILY,
    aliases="hardsigmoid",
    source="PyTorch and JAX; ONNX and old Keras use slope=0.2",
)
def hard_sigmoid(x: Number, slope: Positive = 1 / 6, offset: Real = 0.5) -> Number:
    """A straight line cut off at 0 and at 1, with the libraries' slope of 1/6."""
    return hard_logistic(x, slope, offset)


@activation(
    family=FAMILY,
    aliases="hardtanh",
    source="NNDL chapter 4; PyTorch (JAX has 1 at the ends)",
    requires=(("low", "high"),),
)
def hard_tanh(x: Number, low: Real = -1, high: Real = 1) -> Number:
    """The input itself, cut off at both ends."""
    return where(x <= low, low, where(x >= high, high, x))


@activation(family=FAMILY, aliases="soft_sign", source="PyTorch JAX Keras ONNX")
def softsign_(x: Number) -> Number:
    """Rises from -1 to 1 like tanh, but reaches them only as slowly as 1/x."""
    return softsign(x)


@activation(family=FAMILY, aliases="atan", source="common")
def arctan_(x: Number) -> Number:
    """The angle whose tangent is x: rises from -pi/2 to pi/2."""
    return arctan(x)


@activation(family=FAMILY, source="ONNX")
def erf_(x: Number) -> Number:
    """The error function: rises from -1 to 1, steeper than tanh, with Gaussian tails."""
    return erf(x)


@activation(family=FAMILY, source="Carlile et al. 2017")
def isru(x: Number, alpha: Positive = 1) -> Number:
    """The inverse square root unit: rises from -1/sqrt(alpha) to 1/sqrt(alpha)."""
    return algebraic(sqrt(alpha) * x) / sqrt(alpha)


@activation(
    family=FAMILY, aliases="lecun_tanh", source="LeCun et al. 1998; ONNX ScaledTanh"
)
def scaled_tanh(x: Number, amplitude: Real = 1.7159, scale: Real = 2 / 3) -> Number:
    """LeCun's tanh, stretched so that it maps 1 to about 1 and -1 to about -1."""
    return amplitude * tanh(scale * x)


@activation(family=FAMILY, source="Elliott 1993")
def elliott(x: Number) -> Number:
    """The softsign moved into the interval from 0 to 1: a logistic function without exp."""
    return softsign_cdf(x)


@activation(family=FAMILY, source="Wuraola and Patel 2018")
def sqnl(x: Number) -> Number:
    """A tanh made of two parabolas: it reaches -1 at -2 and 1 at 2."""
    return where(
        x < -2, -1, where(x < 0, x + x**2 / 4, where(x <= 2, x - x**2 / 4, 1))
    )


@activation(family=FAMILY, source="JAX (whose gradient at the ends is 1/4)")
def sparse_sigmoid(x: Number) -> Number:
    """A straight line from 0 at -1 to 1 at 1, constant outside."""
    return where(x <= -1, 0, where(x >= 1, 1, (x + 1) / 2))


@activation(family=FAMILY, source="Mega 2022; Hugging Face")
def laplace(x: Number, mu: Real = 0.707107, sigma: Positive = 0.282095) -> Number:
    """The normal distribution function with mean mu and standard deviation sigma."""
    return normal_cdf((x - mu) / sigma)


@activation(
    family=FAMILY, aliases="heaviside threshold_unit", source="McCulloch and Pitts 1943"
)
def step(x: Number) -> Number:
    """The threshold unit: 1 for a positive input, else 0."""
    return where(x > 0, 1, 0)


@activation(family=FAMILY, source="Hopfield 1982")
def sign_(x: Number) -> Number:
    """-1, 0 or 1: the sign of the input."""
    return where(x > 0, 1, where(x < 0, -1, 0))
