"""S-shaped functions: they level off at both ends."""

from ..numbers.types import Number
from ..primitives import (
    algebraic,
    arctan,
    erf,
    kink,
    logistic,
    normal_cdf,
    softsign,
    softsign_cdf,
    sqrt,
    tanh,
    where,
)
from .parameters import NonNegative, Positive, Real
from .registry import activation

FAMILY = "s-shaped"


@activation(
    family=FAMILY,
    aliases="sigmoid expit",
    source="course notes",
    notes=("PyTorch, JAX, Keras and ONNX call it sigmoid, scipy.special expit.",),
)
def logistic_(x: Number) -> Number:
    """The probability curve: rises from 0 to 1 and is 1/2 at 0.

    Its gradient is largest at 0, where it is 1/4, and below 0.01 outside -4.585 to 4.585.
    Infinitely smooth.
    """
    return logistic(x)


@activation(family=FAMILY, source="course notes")
def tanh_(x: Number) -> Number:
    """The hyperbolic tangent: rises from -1 to 1 through 0.

    Its gradient is largest at 0, where it is 1, and down to 0.070651 at -2 and 2.
    Infinitely smooth.
    """
    return tanh(x)


@activation(
    family=FAMILY,
    source="NNDL chapter 4 (first-order Taylor of the logistic at 0)",
    notes=("The libraries' hard_sigmoid has the slope 1/6 or 0.2 instead.",),
)
def hard_logistic(x: Number, slope: Positive = 0.25, offset: Real = 0.5) -> Number:
    """A straight line cut off at 0 and at 1; by default the logistic function's tangent at 0.

    By default it reaches 0 at -2 and 1 at 2, where the logistic function is still 0.119203 away.
    At the kinks on both ends the gradient counts as 0.
    """
    return where(
        x <= kink(-offset / slope, x),
        0,
        where(x >= kink((1 - offset) / slope, x), 1, slope * x + offset),
    )


@activation(
    family=FAMILY,
    aliases="hardsigmoid",
    source="PyTorch and JAX; ONNX and old Keras use slope=0.2",
    notes=(
        "Slope 1/6: PyTorch Hardsigmoid, JAX and Keras 3 hard_sigmoid.",
        "Slope 0.2: ONNX HardSigmoid and Keras before version 3.",
        "Slope 0.25, the logistic function's own at 0: here called hard_logistic.",
    ),
)
def hard_sigmoid(x: Number, slope: Positive = "1/6", offset: Real = 0.5) -> Number:
    """A straight line cut off at 0 and at 1, flatter than the logistic function at 0.

    By default it reaches 0 at -3 and 1 at 3, and is at most 0.069182 off the logistic function.
    At the kinks on both ends the gradient counts as 0; an end that is no double counts at the
    nearest one.
    """
    return hard_logistic(x, slope, offset)


@activation(
    family=FAMILY,
    aliases="hardtanh",
    source="NNDL chapter 4; PyTorch (JAX has 1 at the ends)",
    requires=(("low", "high"),),
    notes=(
        "Gradient at -1 and 1: 0 in PyTorch, 1 in JAX.",
        "PyTorch Hardtanh calls the ends min_val and max_val; JAX and Keras 3 fix them.",
    ),
)
def hard_tanh(x: Number, low: Real = -1, high: Real = 1) -> Number:
    """The input itself, cut off at both ends.

    By default it is 0.238406 from tanh at -1 and 1, and nowhere farther.
    At the kinks low and high the gradient counts as 0.
    """
    return where(x <= kink(low, x), low, where(x >= kink(high, x), high, x))


@activation(
    family=FAMILY,
    aliases="soft_sign",
    source="PyTorch JAX Keras ONNX",
    notes=("PyTorch, Keras and ONNX call it softsign, JAX soft_sign.",),
)
def softsign_(x: Number) -> Number:
    """Rises from -1 to 1 like tanh, but with tails that close in only as slowly as 1/x.

    It comes to 0.99 at 99, tanh already at 2.647.
    Smooth once: the curvature jumps from 2 to -2 at 0.
    """
    return softsign(x)


@activation(family=FAMILY, aliases="atan", source="common")
def arctan_(x: Number) -> Number:
    """The angle whose tangent is the input: rises from -pi/2 to pi/2.

    It is pi/4 = 0.785398 at 1; the gradient 1/(1 + x^2) is 1 at 0 and 1/2 at 1.
    Infinitely smooth.
    """
    return arctan(x)


@activation(family=FAMILY, source="ONNX")
def erf_(x: Number) -> Number:
    """The error function: rises from -1 to 1, with tails that vanish as fast as exp(-x^2).

    Its gradient is largest at 0, where it is 2/sqrt(pi) = 1.128379.
    Infinitely smooth.
    """
    return erf(x)


@activation(family=FAMILY, source="Carlile et al. 2017")
def isru(x: Number, alpha: NonNegative = 1) -> Number:
    """The inverse square root unit: rises from -1/sqrt(alpha) to 1/sqrt(alpha) without exp.

    By default it is 0.6 at 0.75; the gradient at 0 is 1 for every alpha. With alpha = 0 it is x.
    Infinitely smooth.
    """
    return where(alpha > 0, algebraic(sqrt(alpha) * x) / sqrt(alpha), x)


@activation(
    family=FAMILY,
    aliases="lecun_tanh",
    source="LeCun et al. 1998; ONNX ScaledTanh",
    notes=("ONNX knows amplitude*tanh(scale*x) in its recurrent layers, as ScaledTanh.",),
)
def scaled_tanh(x: Number, amplitude: Real = 1.7159, scale: Real = "2/3") -> Number:
    """LeCun's tanh, stretched so that it maps 1 to about 1 and -1 to about -1.

    By default it is 0.999997 at 1 and its largest gradient, at 0, is 1.143933.
    Infinitely smooth.
    """
    return amplitude * tanh(scale * x)


@activation(family=FAMILY, source="Elliott 1993")
def elliott(x: Number) -> Number:
    """The softsign moved into the interval from 0 to 1: a logistic function without exp.

    It is 3/4 at 1; its gradient at 0 is 1/2, twice that of the logistic function.
    Smooth once: the curvature jumps from 1 to -1 at 0.
    """
    return softsign_cdf(x)


@activation(family=FAMILY, source="Wuraola and Patel 2018")
def sqnl(x: Number) -> Number:
    """A tanh made of two parabolas: it reaches -1 at -2 and 1 at 2.

    It is 3/4 at 1, where tanh is 0.761594.
    Smooth once: the gradient is 0 at -2 and 2, and the curvature jumps there and at 0.
    """
    return where(x < -2, -1, where(x < 0, x + x**2 / 4, where(x <= 2, x - x**2 / 4, 1)))


@activation(
    family=FAMILY,
    source="JAX (whose gradient at the ends is 1/4)",
    notes=("Gradient at -1 and 1: 1/4 in JAX, the mean of both sides.",),
)
def sparse_sigmoid(x: Number) -> Number:
    """A straight line from 0 at -1 to 1 at 1, constant outside: the gradient of sparse_plus.

    It is 1/2 at 0, where the slope is 1/2, twice that of the logistic function.
    At the kinks -1 and 1 the gradient counts as 0.
    """
    return where(x <= -1, 0, where(x >= 1, 1, (x + 1) / 2))


@activation(
    family=FAMILY,
    source="Mega 2022; Hugging Face",
    notes=(
        "In spite of its name the normal distribution function, not that of Laplace.",
        "mu and sigma are sqrt(1/2) and sqrt(1/(4 pi)) to six digits, as in Hugging Face.",
    ),
)
def laplace(x: Number, mu: Real = 0.707107, sigma: Positive = 0.282095) -> Number:
    """The normal distribution function with mean mu and standard deviation sigma.

    By default its value 1/2 and slope 1.41421 at mu match those of the squared ReLU.
    Infinitely smooth.
    """
    return normal_cdf((x - mu) / sigma)


@activation(
    family=FAMILY,
    aliases="heaviside threshold_unit",
    source="McCulloch and Pitts 1943",
    notes=("numpy.heaviside and torch.heaviside ask for the value at 0; here it is 0.",),
)
def step(x: Number) -> Number:
    """The threshold unit: 1 for a positive input, else 0.

    It is 0 at 0 itself, where it jumps by 1.
    The gradient is 0 everywhere and counts as 0 at the jump.
    """
    return where(x > 0, 1, 0)


@activation(family=FAMILY, source="Hopfield 1982")
def sign_(x: Number) -> Number:
    """The sign of the input: -1, 0 or 1.

    It is 0 at 0 alone, in the middle of a jump by 2.
    The gradient is 0 everywhere and counts as 0 at the jump.
    """
    return where(x > 0, 1, where(x < 0, -1, 0))
