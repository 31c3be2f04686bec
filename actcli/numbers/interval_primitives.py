"""Primitives of intervals as rows: what rises from both ends, the rest by where it turns.

A rule computes the value at both ends in float64, in a form without cancellation, and rounds it up by
more than the form can err: MARGIN is four times what a good library's functions err by, and a form of
k operations takes at least 4*k of its roundings. Whatever lies below the normal numbers is taken to be
unknown within them. tests/numbers/test_interval_array.py holds every rule against Arb on millions of
numbers, and so each platform's numpy.
"""

from collections.abc import Callable
from math import erf, erfc, inf, pi

import numpy as np

from .interval_rows import (
    LARGEST,
    LEAST,
    MARGIN,
    VANISHED,
    Rows,
    exponential,
    logarithm,
    minus,
    over,
    plus,
    raised,
    root,
    signed,
    size,
    smaller,
    spread,
    times,
)
from .types import Floats

Kernel = Callable[[Floats], Floats]
WIDER = 2.0**-45  # of forms that cancel a little, or of several functions


def _column(low: float, high: float) -> Rows:
    return np.array([[-low], [high]], np.float64)


ONE, HALF = _column(1, 1), _column(0.5, 0.5)


def _rising(
    kernel: Kernel,
    low: float = -inf,
    high: float = inf,
    margin: float = MARGIN,
    vanished: float = -inf,
) -> Callable[[Rows], Rows]:
    """A function that rises from `low` to `high`, and is less than LEAST below `vanished`."""
    clips = [None if end in (-inf, inf) else end for end in (-low, high)]

    def rule(a: Rows) -> Rows:
        found = np.array(kernel(np.stack((-a[0], a[1]))))
        found[0] *= -1
        found = spread(found, margin)
        for row, end in zip(found, clips, strict=True):
            if end is not None:
                np.minimum(row, end, out=row)
        if vanished > -inf:
            found[1] = np.where(a[1] < vanished, LEAST, found[1])
        return found

    return rule


def _odd(kernel: Kernel, high: float = inf, margin: float = MARGIN) -> Callable[[Rows], Rows]:
    """A function that rises through 0, of which -f(-x) is f(x); `high` is its bound."""

    def rule(a: Rows) -> Rows:
        found = signed(spread(np.array(kernel(a)), margin), a)
        return found if high == inf else np.minimum(found, high, out=found)

    return rule


def _even(rule: Callable[[Rows], Rows]) -> Callable[[Rows], Rows]:
    """A function of |x| that rises with it."""
    return lambda a: rule(size(a))


def _library(function: Callable[[float], float]) -> Kernel:
    """A function of C's library for arrays."""

    def kernel(x: Floats) -> Floats:
        return np.array([function(value) for value in x.ravel().tolist()]).reshape(x.shape)

    return kernel


def _logistic(x: Floats) -> Floats:
    small = np.exp(-np.abs(x))
    found: Floats = np.where(x >= 0, 1.0, small) / (1 + small)
    return found


def _softplus(x: Floats) -> Floats:
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


_erfc_of = _library(erfc)
ROOT_HALF = 0.7071067811865476


def _normal_cdf(a: Rows) -> Rows:
    """erfc(-x/sqrt(2))/2: next to u an error of 2 roundings in u is one of 4u(u + 1) in erfc(u)."""
    u = np.stack((a[0], -a[1])) * ROOT_HALF
    found = _erfc_of(u) / 2
    found[0] *= -1
    far = np.clip(u, 0.0, 30.0)
    found = spread(found, MARGIN + far * (far + 1) * 2.0**-49)
    np.minimum(found, [[0.0], [1.0]], out=found)
    found[1] = np.where(a[1] < -39.0, LEAST, found[1])  # exp(-39^2/2) is below it
    return found


def _erfc_rule(a: Rows) -> Rows:
    found = _erfc_of(np.stack((a[1], -a[0])))  # it falls
    found[0] *= -1
    found = np.minimum(spread(found, MARGIN), [[0.0], [2.0]])
    found[1] = np.where(a[0] < -28.0, LEAST, found[1])  # exp(-28^2) is below it
    return found


def _bounded(x: Floats) -> Floats:
    return np.clip(x, -LARGEST, LARGEST)


def _softsign(x: Floats) -> Floats:
    x = _bounded(x)
    found: Floats = x / (1 + np.abs(x))
    return found


def _softsign_cdf(x: Floats) -> Floats:
    share = 0.5 / (1 + np.abs(x))
    return np.where(x < 0, share, 1 - share)


def _algebraic(x: Floats) -> Floats:
    x = _bounded(x)
    found: Floats = x / np.hypot(1.0, x)
    return found


def _algebraic_cdf(x: Floats) -> Floats:
    span = np.hypot(1.0, x)
    share = 0.5 / span / (span + np.abs(x))
    found: Floats = np.where(x < 0, share, 1 - share)
    return found


def _root_ramp(x: Floats) -> Floats:
    span = np.hypot(1.0, x)
    return np.where(x < 0, 0.5 / (span + np.abs(x)), x / 2 + span / 2)


def _root_gap(x: Floats) -> Floats:
    return np.where(x < LARGEST, x * (x / (1 + np.hypot(1.0, x))), x)


def _series(square: Floats, coefficients: list[float]) -> Floats:
    total = np.zeros_like(square)
    for coefficient in coefficients[::-1]:
        total = total * square + coefficient
    return total


def _factorials(first: int, last: int) -> list[float]:
    found, term = [], 1.0
    for k in range(1, last + 1):
        term /= k
        if k >= first:
            found.append(term)
    return found


_INVERSE = _factorials(2, 22)  # 1/2!, 1/3!, ...
_TANH_GAP = [2 * k * _INVERSE[2 * k - 1] for k in range(1, 11)]  # of x*cosh(x) - sinh(x), over x^3


def _tanh_gap(x: Floats) -> Floats:
    """x - tanh(x); within [-1, 1] from the series of x*cosh(x) - sinh(x), whose terms have one sign."""
    near = np.clip(x, -1.0, 1.0)
    square = near * near
    series = near * square * _series(square, _TANH_GAP) / np.cosh(near)
    return np.where(np.abs(x) < 1, series, x - np.tanh(x))


def _exp_gap_kernel(x: Floats) -> Floats:
    """exp(x) - 1 - x; within [-1, 1] from its series."""
    near = np.clip(x, -1.0, 1.0)
    return np.where(np.abs(x) < 1, near * near * _series(near, _INVERSE), np.expm1(x) - x)


def _exp_gap(a: Rows) -> Rows:
    """It falls to 0 at 0 and rises from there."""
    low, high = -a[0], a[1]
    ends = _exp_gap_kernel(np.where(a == inf, a, np.stack((low, high))))
    ends[np.isnan(ends)] = inf
    least = np.where((low < 0) & (high > 0), 0.0, np.minimum(ends[0], ends[1]))
    found = spread(np.stack((-least, np.maximum(ends[0], ends[1]))), WIDER)
    found[0] = np.minimum(found[0], 0.0)
    found[1] = np.where((low == 0) & (high == 0), 0.0, found[1])
    return found


def _arctan_gate(x: Floats) -> Floats:
    """x*(arctan(x)/pi + 1/2), which falls to -1/pi."""
    x = np.maximum(x, -LARGEST)
    far = np.minimum(x, -1.0)
    return np.where(x < -1, far * (np.arctan(-1 / far) / pi), x * (np.arctan(x) / pi + 0.5))


_ARCTAN_TAIL = [(-1) ** (k + 1) * 2 * k / (2 * k + 1) for k in range(1, 16)]


def _arctan_gate_slope(x: Floats) -> Floats:
    """arctan(x)/pi + 1/2 + x/(pi*(1 + x^2)); on the left with t = -1/x, next to 0 as a series in t^2."""
    t = -1 / np.minimum(x, -1.0)
    square = np.minimum(t, 0.25) ** 2
    series = t * square * _series(square, _ARCTAN_TAIL)
    left = np.where(t < 0.25, series, np.arctan(t) - t / (1 + t * t)) / pi
    return np.where(x < -1, left, 0.5 + np.arctan(x) / pi + 1 / (pi * (x + 1 / x)))


def _extremes(a: Rows, shift: float) -> tuple[Floats, Floats]:
    """The first and the last whole k with (k + shift)*pi within the cells, or so near that it may be."""
    low, high = -a[0] / pi - shift, a[1] / pi - shift
    first = np.ceil(low - (np.abs(low) + 1) * 2.0**-49)
    last = np.floor(high + (np.abs(high) + 1) * 2.0**-49)
    return first, last


def _wave(kernel: Kernel, shift: float) -> Callable[[Rows], Rows]:
    """sin, or cos, with its extremes where a cell holds one; next to other roots than 0 not sharp."""

    def rule(a: Rows) -> Rows:
        ends = np.stack((-a[0], a[1]))
        values = kernel(np.where(np.isfinite(ends), ends, 0.0))
        margin = np.abs(values) * MARGIN + np.where(np.abs(ends) < 1, 2.0**-1022, MARGIN)
        margin = np.where(ends == 0, 0.0, margin) if shift else margin
        low, high = (values - margin).min(axis=0), (values + margin).max(axis=0)
        if shift:  # next to 0 it has the sign of x
            low = np.where((ends[0] >= 0) & (ends[1] < 1), np.maximum(low, 0.0), low)
            high = np.where((ends[1] <= 0) & (ends[0] > -1), np.minimum(high, 0.0), high)
        first, last = _extremes(a, shift)
        many = ~(last - first < 1)
        top, bottom = (many | ((first == last) & (first % 2 == k)) for k in (0, 1))
        return np.stack((
            np.where(bottom, 1.0, np.minimum(-low, 1.0)), np.where(top, 1.0, np.minimum(high, 1.0))
        ))  # fmt: skip

    return rule


_sin, _cos = _wave(np.sin, 0.5), _wave(np.cos, 0.0)


def _tan(a: Rows) -> Rows:
    """It rises between its poles; across one it is unbounded."""
    first, last = _extremes(a, 0.5)
    values = np.tan(np.stack((-a[0], a[1])))
    values[0] *= -1
    slack = np.where(np.abs(a) < 1, 0.0, MARGIN * (1 + values * values) * np.abs(a))
    found = spread(values, MARGIN) + slack
    found = signed(found, np.where(np.abs(a) < 1, a, inf))
    return np.where(last < first, found, inf)


def _atanh(a: Rows) -> Rows:
    found = signed(spread(np.arctanh(a), MARGIN), a)
    return np.where((a < 1).all(axis=0), found, inf)


def _log1p(a: Rows) -> Rows:
    """log(1 + a); unbounded where 1 + a is not positive."""
    low, high = -a[0], a[1]
    found: Rows = np.log1p(np.stack((low, high)))
    found[0] *= -1
    found = signed(spread(found, MARGIN), a)
    found[0] = np.where(low > -1, found[0], inf)
    found[1] = np.where(high >= -1, found[1], inf)
    return found


def _sinc(a: Rows) -> Rows:
    """sin(x)/x: even, falls from 1 on [0, 4.49]; further out by division."""
    span = size(a)
    low, high = -span[0], span[1]
    ends = np.minimum(np.stack((high, low)), 4.4)
    values = np.where(ends == 0, 1.0, np.sin(ends) / np.where(ends == 0, 1.0, ends))
    near = np.stack((-values[0], values[1])) + 2.0**-48
    far = over(_sin(span), span)
    far[0] = np.where(low < 1, 0.2173, far[0])
    return np.minimum(np.where(high < 4.4, near, far), 1.0)


def _bessel_quotient(n: int) -> Callable[[Rows], Rows]:
    """j_n(x)/x^n: within [-2, 2] its alternating series in x^2, further out by recurrence in n."""
    largest = 1.0
    for k in range(1, n + 1):
        largest /= 2 * k + 1  # the value at 0
    level = spread(_column(largest, largest), MARGIN)

    def rule(a: Rows) -> Rows:
        span = size(a)
        square = raised(2)(smaller(span, _column(2, 2)))
        total = _column(0, 1)  # what is left out of the series is between 0 and 1 of the next term
        for k in range(12, 0, -1):
            step = 1 / (2 * k * (2 * n + 2 * k + 1))
            factor = spread(_column(step, step), MARGIN)
            total = minus(ONE, times(times(square, factor), total))
        near = times(total, level)
        before, here = _cos(span), _sinc(span)
        inverse = over(ONE, raised(2)(span))
        for k in range(n):
            odd = _column(2 * k + 1, 2 * k + 1)
            before, here = here, times(minus(times(here, odd), before), inverse)
        found = np.where(span[0] > -1, level[1], here)
        return np.where(span[1] <= 2, near, np.minimum(found, level[1]))

    return rule


def _gate_slope(a: Rows) -> Rows:
    """The slope of algebraic_gate: (1 + x*w)(w + x)/(2w^3) with w = sqrt(1 + x^2)."""
    span = root(plus(ONE, raised(2)(a)))
    inverse = over(ONE, span)
    return times(times(plus(ONE, times(a, span)), RULES["root_ramp"](a)), raised(3)(inverse))


RULES: dict[str, Callable[[Rows], Rows]] = {
    "exp": exponential, "log": logarithm, "sqrt": root, "abs": size, "sin": _sin, "cos": _cos,
    "tan": _tan, "atanh": _atanh, "log1p": _log1p, "erfc": _erfc_rule, "normal_cdf": _normal_cdf,
    "sign": np.sign, "exp_gap": _exp_gap, "sinc": _sinc,
    "algebraic_gate_slope": _gate_slope,
    **{f"sinc_{n}": _bessel_quotient(n) for n in (1, 2, 3)},
    "expm1": _rising(np.expm1, -1),
    "logistic": _rising(_logistic, 0, 1, vanished=VANISHED),
    "softplus": _rising(_softplus, 0, vanished=VANISHED),
    "softsign_cdf": _rising(_softsign_cdf, 0, 1),
    "algebraic_cdf": _rising(_algebraic_cdf, 0, 1),
    "root_ramp": _rising(_root_ramp, 0),
    "arctan_gate": _rising(_arctan_gate, margin=WIDER),
    "arctan_gate_slope": _rising(_arctan_gate_slope, 0, 1.2, margin=WIDER),
    "tanh": _odd(np.tanh, 1), "erf": _odd(_library(erf), 1), "sinh": _odd(np.sinh),
    "asinh": _odd(np.arcsinh), "cbrt": _odd(np.cbrt), "arctan": _odd(np.arctan),
    "softsign": _odd(_softsign, 1), "algebraic": _odd(_algebraic, 1),
    "tanh_gap": _odd(_tanh_gap, margin=WIDER),
    "cosh": _even(_rising(np.cosh, 1)), "root_gap": _even(_rising(_root_gap, 0)),
}  # fmt: skip
