"""Asymptotic expansions: a formula read near infinity, as its first terms and a bound of the rest.

With x = t or x = -t and t growing, an expansion is c1*m1 + c2*m2 + ... + O(r): monomials
m = t^p * log(t)^q * log(log(t))^r * exp(large terms) in falling order, coefficients that are exact
numbers, or functions of t with known bounds (sin(t)). What cancels exactly is gone, so that limits
and signs are proved, never estimated; what is not proved is UNKNOWN.
"""

from . import rules  # noqa: F401 (it registers itself)
from .expansion import NONE, UNKNOWN, Answer, AsymptoticExpansion
from .limits import (
    alternates,
    approaching,
    at_infinity,
    bounded,
    is_flat,
    limit,
    limits_along_waves,
    plain,
    read,
)

__all__ = [
    "NONE", "UNKNOWN", "Answer", "AsymptoticExpansion", "alternates", "approaching", "at_infinity",
    "bounded", "is_flat", "limit", "limits_along_waves", "plain", "read",
]  # fmt: skip
