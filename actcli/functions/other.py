"""Bumps and all the rest."""

from ..primitives import arctan, exp, expm1, log1p, logistic, maximum, where
from .registry import Number, Real, activation


@activation(family="bump", source="radial basis networks")
def gaussian(x: Number) -> Number:
    """The bell curve: 1 at 0, falling to 0 on both sides."""
    return exp(-(x**2))


@activation(family="other", aliases="exp", source="Keras")
def exponential(x: Number) -> Number:
    """The exponential function."""
    return exp(x)


@activation(family="other", source="common")
def square(x: Number) -> Number:
    """The square of the input."""
    return x**2


@activation(family="other", source="Godfrey and Gashler 2015")
def soft_exponential(x: Number, alpha: Real = 0.5) -> Number:
    """Between logarithm (alpha = -1), identity (0) and exponential (1)."""
    reach = alpha * (x + alpha)
    return where(
        alpha > 0,
        expm1(alpha * x) / alpha + alpha,
        where(alpha < 0, where(reach < 1, -log1p(-reach) / alpha, float("nan")), x),
    )


@activation(family="other", source="Ramachandran et al. 2017 search result")
def arctan_squared_minus_identity(x: Number) -> Number:
    """The squared arctangent less the input."""
    return arctan(x) ** 2 - x


@activation(family="other", source="Ramachandran et al. 2017 search result")
def max_logistic(x: Number) -> Number:
    """The larger of the input and its logistic function."""
    return maximum(x, logistic(x))
