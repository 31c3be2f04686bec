"""Oscillating functions: they rise and fall without end."""

from ..primitives import cos, sin, sinc, where
from .registry import NonZero, Number, Real, activation

FAMILY = "oscillating"


@activation(
    family=FAMILY, aliases="sin", source="Sitzmann et al. 2020 (SIREN uses omega=30)"
)
def sine(x: Number, omega: Real = 1) -> Number:
    """The sine of omega x."""
    return sin(x, omega)


@activation(family=FAMILY, aliases="cos", source="common")
def cosine(x: Number, omega: Real = 1) -> Number:
    """The cosine of omega x."""
    return cos(x, omega)


@activation(family=FAMILY, source="Ziyin et al. 2020")
def snake(x: Number, a: NonZero = 1) -> Number:
    """The identity with a squared sine on top: it rises, and learns periodic data."""
    return x + sin(x, a) ** 2 / a


@activation(family=FAMILY, source="Noel et al. 2021")
def gcu(x: Number) -> Number:
    """The growing cosine unit: the input times its cosine."""
    return x * cos(x)


@activation(family=FAMILY, source="sin(x)/x; numpy.sinc is sin(pi x)/(pi x)")
def sinc_(x: Number) -> Number:
    """sin(x)/x, and 1 at 0."""
    return sinc(x)


@activation(family=FAMILY, source="Ramachandran et al. 2017 search result")
def cos_minus_identity(x: Number) -> Number:
    """The cosine less the input."""
    return cos(x) - x


@activation(family=FAMILY, source="Ramachandran et al. 2017 search result")
def min_sine(x: Number) -> Number:
    """The smaller of the input and its sine: a line on the left, a sine on the right."""
    return where(x > 0, sin(x), x)
