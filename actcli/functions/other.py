"""Bumps and all the rest."""

from ..numbers.types import Number
from ..primitives import (
    arctan,
    exp,
    expm1,
    from_root,
    in_floats,
    log,
    log1p,
    logistic,
    maximum,
    where,
)
from .parameters import Real
from .registry import activation


@activation(family="bump", source="radial basis networks")
def gaussian(x: Number) -> Number:
    """The bell curve exp(-x^2): 1 at 0, falling to 0 on both sides.

    It is steepest at -0.707107 and 0.707107, where it is 0.606531, with gradients of size 0.857764.
    Infinitely smooth.
    """
    return exp(-(x**2))


@activation(family="other", aliases="exp", source="Keras")
def exponential(x: Number) -> Number:
    """The exponential function, which is its own gradient.

    It is e = 2.718282 at 1; float64 overflows beyond 709.782713.
    Infinitely smooth.
    """
    return exp(x)


@activation(family="other", source="common")
def square(x: Number) -> Number:
    """The square of the input.

    -3 becomes 9, and the gradient is -6 there.
    Infinitely smooth.
    """
    return x**2


@activation(
    family="other",
    source="Godfrey and Gashler 2015",
    notes=("nan where alpha < 0 and alpha*(x + alpha) >= 1: the logarithm ends there.",),
)
def soft_exponential(x: Number, alpha: Real = 0.5) -> Number:
    """Between logarithm (alpha = -1), identity (alpha = 0) and exponential (alpha = 1).

    It is alpha at 0 unless alpha < 0; by default it is 1.797443 at 1.
    Infinitely smooth where it is defined.
    """
    reach = alpha * (x + alpha)
    rest = (1 - alpha) * (1 + alpha) + (-alpha) * x  # 1 - reach, without its cancellation
    rest = in_floats(rest, lambda: -alpha * from_root(x, 1 / alpha - alpha))
    logarithm = where(rest < 0.5, log(where(rest > 0, rest, float("nan"))), log1p(-reach))
    growth = where(
        alpha > 0.7,  # near 1 the left tail would be lost in -1/alpha + alpha
        (exp(alpha * x) + (alpha - 1) * (alpha + 1)) / alpha,
        expm1(alpha * x) / alpha + alpha,
    )
    return where(alpha > 0, growth, where(alpha < 0, -logarithm / alpha, x))


@activation(family="other", source="Ramachandran et al. 2017 search result")
def arctan_squared_minus_identity(x: Number) -> Number:
    """The squared arctangent less the input: it falls everywhere.

    Its gradient is -1 at 0 and nowhere above -0.176101, which it is at 0.765379.
    Infinitely smooth.
    """
    return arctan(x) ** 2 - x


@activation(family="other", source="Ramachandran et al. 2017 search result")
def max_logistic(x: Number) -> Number:
    """The larger of the input and its logistic function.

    They meet at 0.659046, where the gradient goes from 0.224704 to 1.
    That kink lies between two doubles, so no input meets it.
    """
    return maximum(x, logistic(x))
