"""Activation functions by mpmath, at any of its numbers: truths of as many digits as are asked for.

>>> with mpmath.workdps(20):
...     TRUTHS["gelu"](mpmath.mpf(1))
mpf('0.84134474606854294859')
"""

from collections.abc import Callable
from functools import cache

import mpmath


def _kept(truth: Callable[..., mpmath.mpf]) -> Callable[[mpmath.mpf], mpmath.mpf]:
    """The function, whose values are computed once at each precision."""
    at = cache(lambda x, prec: truth(x))
    return lambda x: at(x, mpmath.mp.prec)


TRUTHS = {
    name: _kept(truth)
    for name, truth in {
        "abs(x)": abs,
        "elu": lambda x: x if x > 0 else mpmath.expm1(x),
        "exp(x)": mpmath.exp,
        "gaussian": lambda x: mpmath.exp(-x * x),
        "gelu": lambda x: x * mpmath.ncdf(x),
        "logistic": lambda x: 1 / (1 + mpmath.exp(-x)),
        "mish": lambda x: x * mpmath.tanh(mpmath.log1p(mpmath.exp(x))),
        "sin(3*x)": lambda x: mpmath.sin(3 * x),
        "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
        "softsign": lambda x: x / (1 + abs(x)),
        "swish": lambda x: x / (1 + mpmath.exp(-x)),
        "tanh": mpmath.tanh,
    }.items()
}
