"""Expands formulas asymptotically near infinity: limits and signs there are proved, not estimated.

The idea. Near infinity a formula without waves belongs to a Hardy field: it is, in the end, of one sign and
has a limit. Both can be read off its leading term, if that is known exactly. So formulas are evaluated
with another type of number: with t -> infinity (x = t, x = -t, or place +- 1/t) a value is

    c1 m1 + c2 m2 + ... + O(r),    m = t^p log(t)^q log(log t)^r exp(sum of c m'),

a truncated transseries: monomials fall strictly, and coefficients are exact rational numbers, or sums of
products of symbols such as pi or exp(1) that lie in enclosures (Levi-Civita numbers have the powers of t
alone). Sums merge the two lists, products multiply them, and a function is applied by its Taylor
coefficients at the constant term or by its expansion at infinity (`rules`).

What always holds
- What cancels is gone exactly, never nearly: the leading coefficient kept is never a rounding error.
- The error is O(r), a monomial, without a constant: enough for limits and signs for all large t,
  while nothing is claimed from any given t on. At most `monomials.TERMS` terms are kept; what is
  dropped goes into r.
- `sign` is None, `limit()` UNKNOWN and `known` False where something could not be compared. Where terms
  are lost, two monomials may still hold the value from above (`rest`) and below (`floor`).
- sin and cos of a growing argument are symbols in [-1, 1] that vary. A limit along all t would be the limit
  along those t at which the wave has one phase, too; phases with rational sine and cosine are tried, and
  two different limits prove that there is NONE.

A worked example: sqrt(x^2 + x) - x. With x = t the root is t sqrt(1 + 1/t), and the binomial series gives
t + 1/2 - 1/(8t) + 1/(16 t^2) + O(t^-3). Subtracting x takes the term t away exactly:

    >>> from actcli.expressions.parser import parse
    >>> from actcli.proofs.asymptotics import at_infinity, limit, read
    >>> (gap,) = read([parse("sqrt(x**2 + x) - x")], at_infinity(1))
    >>> [(str(c), str(m.powers[0])) for c, m in gap.terms], str(gap.rest.powers[0])
    ([('1/2', '0'), ('-1/8', '-1'), ('1/16', '-2')], '-3')
    >>> gap.limit()
    [0.5, 0.5]

In double precision the difference is 0 at x = 1e17. Softplus approaches the identity, and from above: the
difference is exp(-t) - exp(-2t)/2 + exp(-3t)/3 + O(exp(-4t)), exact even where exp(-t) underflows.

    >>> (gap,) = read([parse("softplus(x) - x")], at_infinity(1))
    >>> [(str(c), str(m.exponent[0][0])) for c, m in gap.terms], gap.sign
    ([('1', '-1'), ('-1/2', '-2'), ('1/3', '-3')], 1)
    >>> limit([parse("sin(x)"), parse("sin(x)/x")], 1)
    [<Answer.NONE: 'none'>, [0, 0]]
"""

from . import rules  # noqa: F401 (it registers itself)
from .expansion import NONE, UNKNOWN, Answer, AsymptoticExpansion
from .limits import (
    ExpansionReading,
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
    "NONE", "UNKNOWN", "Answer", "AsymptoticExpansion", "ExpansionReading", "alternates", "approaching",
    "at_infinity", "bounded", "is_flat", "limit", "limits_along_waves", "plain", "read",
]  # fmt: skip
