"""Oscillating functions: they rise and fall without end."""

from ..numbers.types import Number
from ..primitives import cos, one_plus, sin, sinc, sloped, where
from .parameters import NonZero, Real
from .registry import activation

FAMILY = "oscillating"


@activation(family=FAMILY, aliases="sin", source="Sitzmann et al. 2020 (SIREN uses omega=30)")
def sine(x: Number, omega: Real = 1) -> Number:
    """The sine of omega x: a wave between -1 and 1.

    By default it peaks first at pi/2 = 1.570796; the gradient at 0 is omega.
    Infinitely smooth.
    """
    return sin(x, omega)


@activation(family=FAMILY, aliases="cos", source="common")
def cosine(x: Number, omega: Real = 1) -> Number:
    """The cosine of omega x: a wave between -1 and 1.

    It is 1 at 0 and by default crosses 0 first at pi/2 = 1.570796.
    Infinitely smooth.
    """
    return cos(x, omega)


@activation(family=FAMILY, source="Ziyin et al. 2020")
def snake(x: Number, a: NonZero = 1) -> Number:
    """The identity with a squared sine on top: it rises, and learns periodic data.

    The gradient 1 + sin(2 a x) stays between 0 and 2; by default it is 2 at pi/4 = 0.785398.
    Infinitely smooth.
    """
    return sloped(x + sin(x, a) ** 2 / a, x, lambda x: one_plus(sin(x, 2 * a), cos(x, 2 * a)))


@activation(family=FAMILY, source="Noel et al. 2021")
def gcu(x: Number) -> Number:
    """The growing cosine unit: the input times its cosine.

    Its first maximum right of 0 is 0.561096, at 0.860334.
    Infinitely smooth.
    """
    return x * cos(x)


@activation(
    family=FAMILY,
    source="sin(x)/x; numpy.sinc is sin(pi x)/(pi x)",
    notes=("sinc of numpy, PyTorch and JAX is sin(pi x)/(pi x): 0.636620 at 1/2, here 0.958851.",),
)
def sinc_(x: Number) -> Number:
    """The sine of the input divided by the input, and 1 at 0.

    Its minimum is -0.217234, at -4.493409 and 4.493409.
    Infinitely smooth.
    """
    return sinc(x)


@activation(family=FAMILY, source="Ramachandran et al. 2017 search result")
def cos_minus_identity(x: Number) -> Number:
    """The cosine less the input: it falls in waves.

    It crosses 0 once, at 0.739085; the gradient stays between -2 and 0.
    Infinitely smooth.
    """
    return sloped(cos(x) - x, x, lambda x: -one_plus(sin(x), cos(x)))


@activation(family=FAMILY, source="Ramachandran et al. 2017 search result")
def min_sine(x: Number) -> Number:
    """The smaller of the input and its sine: a line on the left, a sine on the right.

    Its maximum 1 comes first at pi/2 = 1.570796.
    Smooth twice: the third derivative jumps from 0 to -1 at 0.
    """
    return where(x > 0, sin(x), x)
