"""Checks float16 and bfloat16 results at all 65536 inputs: python -m tests.sixteen_bits [LABEL...]

Every registered function at its defaults, or those given (swish:beta=0.7), value and gradient,
against the formulas of data/functions.csv. They are read over intervals of long doubles, all inputs
at once. Where no midpoint between two numbers of the dtype lies in an interval, the rounded result
is known; where one does, mpmath decides (truth.py).
"""

import ast
import sys
from bisect import bisect_left
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import ml_dtypes
import numpy as np
from scipy.special import erf, erfc
from truth import function, parse_label

import actcli

Array = Any
Long = np.longdouble
DTYPES = {"float16": np.dtype(np.float16), "bfloat16": np.dtype(ml_dtypes.bfloat16)}
WIDER = Long(2) ** -60  # of a result: numpy's functions lose one or two of 64 bits
WIDER_DOUBLE = Long(2) ** -36  # scipy's erf and erfc are doubles
LEAST = Long(2) ** -16300
LARGEST_EXP = 2000.0  # exp(2000) is infinite in 16 bits
LEAST_EXP = -11000.0  # exp(-11000) is 0, whatever it multiplies, even exp(2000) three times over


class Interval:
    """Arrays of lower and upper bounds in long double."""

    def __init__(self, low: Array, high: Array, wider: Any = WIDER) -> None:
        low, high = (np.asarray(end, Long) for end in (low, high))
        if wider:
            unknown = np.isnan(low) | np.isnan(high)
            low = np.where(unknown, -np.inf, low - np.abs(low) * wider - LEAST)
            high = np.where(unknown, np.inf, high + np.abs(high) * wider + LEAST)
        self.low, self.high = low, high

    def __neg__(self) -> "Interval":
        return Interval(-self.high, -self.low, 0)

    def __add__(self, other: "Interval") -> "Interval":
        return Interval(self.low + other.low, self.high + other.high)

    def __sub__(self, other: "Interval") -> "Interval":
        return Interval(self.low - other.high, self.high - other.low)

    def __mul__(self, other: "Interval") -> "Interval":
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(np.minimum.reduce(ends), np.maximum.reduce(ends))

    def __truediv__(self, other: "Interval") -> "Interval":
        away_from_0 = (other.low > 0) | (other.high < 0)
        ends = [np.where(away_from_0, 1 / end, np.nan) for end in (other.high, other.low)]
        return self * Interval(*ends)

    def but(self, condition: Array, other: "Interval") -> "Interval":
        """The other interval where the condition holds."""
        ends = (other.low, self.low), (other.high, self.high)
        return Interval(*(np.where(condition, *pair) for pair in ends), 0)

    @property
    def magnitude(self) -> Array:
        return np.maximum(-self.low, self.high)


@cache
def number(value: Fraction | int) -> Interval:
    near = Long(Fraction(value).numerator) / Long(Fraction(value).denominator)
    return Interval(near, near, 0 if Fraction(float(near)) == value else WIDER)


ZERO, ONE, TWO, FOUR = number(0), number(1), number(2), number(4)
UNKNOWN = Interval(-np.inf, np.inf, 0)


# -- primitives ------------------------------------------------------------------------------------
def rising(kernel: Callable[[Array], Array], wider: Any = WIDER) -> Callable[..., Interval]:
    return lambda u: Interval(kernel(u.low), kernel(u.high), wider)


def wave(kernel: Callable[[Array], Array]) -> Callable[[Interval], Interval]:
    def of(u: Interval) -> Interval:
        here, reach = kernel(u.low), u.high - u.low
        return Interval(here - reach, here + reach)

    return of


exp = rising(lambda u: np.exp(np.clip(u, LEAST_EXP, LARGEST_EXP)))
expm1 = rising(lambda u: np.expm1(np.clip(u, LEAST_EXP, LARGEST_EXP)))
sqrt, tanh, atan = rising(np.sqrt), rising(np.tanh), rising(np.arctan)
sin, cos = wave(np.sin), wave(np.cos)
PI = FOUR * atan(ONE)


softplus = rising(lambda u: np.logaddexp(Long(0), np.maximum(u, LEAST_EXP)))


def logistic(u: Interval) -> Interval:
    e = exp(u)
    return (ONE / (ONE + exp(-u))).but(u.high < 0, e / (ONE + e))


def tanh_slope(u: Interval) -> Interval:
    e = exp(-(TWO * u.but(u.high < 0, -u)))
    near_0 = Interval(1 - u.magnitude**2, 1)
    return (FOUR * e / ((ONE + e) * (ONE + e))).but((u.low <= 0) & (u.high >= 0), near_0)


def tanh_gap(u: Interval) -> Interval:
    """u - tanh(u); near 0 between u^3/3 - 2u^5/15 and u^3/3."""
    cube = u * u * u / number(3)
    other = cube * (ONE - number(Fraction(2, 5)) * u * u)
    near_0 = Interval(np.minimum(cube.low, other.low), np.maximum(cube.high, other.high), 0)
    return (u - tanh(u)).but(u.magnitude < 2.0**-16, near_0)


def root_gap(u: Interval) -> Interval:
    """sqrt(u^2 + 1) - 1."""
    return u * u / (sqrt(u * u + ONE) + ONE)


def gish_log(u: Interval) -> Interval:
    return rising(np.log1p)(-expm1(-exp(u)))


def gish_log_slope(u: Interval) -> Interval:
    return exp(u) * exp(-exp(u)) / (ONE - expm1(-exp(u)))


def shifted_atan(u: Interval) -> Interval:
    return (atan(u) + PI / TWO).but(u.high < 0, -atan(ONE / u))


def sinc_slope(u: Interval) -> Interval:
    """Near 0 between -u/3 and -u/3 + u^3/30."""
    line = -u / number(3)
    other = line * (ONE - u * u / number(10))
    near_0 = Interval(np.minimum(line.low, other.low), np.maximum(line.high, other.high), 0)
    return ((cos(u) - sin(u) / u) / u).but(u.magnitude < 2.0**-16, near_0)


def falling_bell(u: Interval) -> Interval:
    low, high = (erfc(end.astype(np.float64)) for end in (u.high, u.low))
    return Interval(low, high + 1e-300, WIDER_DOUBLE)


def bell_slope(u: Interval) -> Interval:
    return TWO / sqrt(PI) * exp(-(u * u))


# Value and derivative of what is found in the formulas: of longer pieces before their parts.
PRIMITIVES: dict[str, tuple[Callable[[Interval], Interval], Callable[[Interval], Interval]]] = {
    "log(2-exp(-exp(u)))": (gish_log, gish_log_slope),
    "atan(u)+pi/2": (shifted_atan, lambda u: ONE / (ONE + u * u)),
    "sin(u)/u": (lambda u: sin(u) / u, sinc_slope),
    "log(1+exp(u))": (softplus, logistic),
    "log(1+u)": (rising(np.log1p), lambda u: ONE / (ONE + u)),
    "exp(u)-1": (expm1, exp),
    "sqrt(u**2+1)-1": (root_gap, lambda u: u / sqrt(u * u + ONE)),
    "u-tanh(u)": (tanh_gap, lambda u: tanh(u) * tanh(u)),
    "1+tanh(u)": (lambda u: TWO * logistic(TWO * u), tanh_slope),
    "1+erf(u)": (lambda u: falling_bell(-u), bell_slope),
    "exp(u)": (exp, exp),
    "log(u)": (rising(np.log), lambda u: ONE / u),
    "sqrt(u)": (sqrt, lambda u: ONE / (TWO * sqrt(u))),
    "sin(u)": (sin, cos),
    "cos(u)": (cos, lambda u: -sin(u)),
    "tanh(u)": (tanh, tanh_slope),
    "atan(u)": (atan, lambda u: ONE / (ONE + u * u)),
    "erf(u)": (rising(lambda u: erf(u.astype(np.float64)), WIDER_DOUBLE), bell_slope),
    "erfc(u)": (falling_bell, lambda u: -bell_slope(u)),
}
PATTERNS = [(ast.parse(text, mode="eval").body, rows) for text, rows in PRIMITIVES.items()]


def matches(pattern: Any, part: Any, found: list[ast.expr]) -> bool:
    """Whether a piece of a formula is like the pattern; `found` gets what stands for u."""
    if isinstance(pattern, ast.Name) and pattern.id == "u":
        found.append(part)
        return len({ast.dump(one) for one in found}) == 1
    if not isinstance(pattern, ast.AST):
        return bool(pattern == part)
    if type(pattern) is not type(part):
        return False
    pairs = [(getattr(pattern, name, None), getattr(part, name, None)) for name in part._fields]
    pairs = [
        pair
        for a, b in pairs
        for pair in (zip(a, b, strict=False) if isinstance(a, list) else [(a, b)])
    ]
    return all(matches(a, b, found) for a, b in pairs)


# -- formulas --------------------------------------------------------------------------------------
Jet = tuple[Interval, Interval]
COMPARISONS = {  # surely so, surely not
    ast.Gt: (lambda a, b: a.low > b.high, lambda a, b: a.high <= b.low),
    ast.GtE: (lambda a, b: a.low >= b.high, lambda a, b: a.high < b.low),
    ast.Lt: (lambda a, b: a.high < b.low, lambda a, b: a.low >= b.high),
    ast.LtE: (lambda a, b: a.high <= b.low, lambda a, b: a.low > b.high),
    ast.Eq: (lambda a, b: (a.low == b.high) & (a.high == b.low), lambda a, b: apart(a, b)),
    ast.NotEq: (lambda a, b: apart(a, b), lambda a, b: (a.low == b.high) & (a.high == b.low)),
}


def apart(a: Interval, b: Interval) -> Array:
    return (a.low > b.high) | (a.high < b.low)


def chosen(surely: Array, surely_not: Array, a: Jet, b: Jet) -> Jet:
    value, slope = (
        UNKNOWN.but(surely, one).but(surely_not, other) for one, other in zip(a, b, strict=True)
    )
    return value, slope


def read(part: ast.expr, x: Jet, parameters: dict[str, Fraction]) -> Jet:
    """Value and derivative of a formula."""
    for pattern, (primitive, derivative) in PATTERNS:
        found: list[ast.expr] = []
        if matches(pattern, part, found):
            u, slope = read(found[0], x, parameters)
            return primitive(u), derivative(u) * slope
    match part:
        case ast.Constant(value=value):
            return number(Fraction(repr(value))), ZERO
        case ast.Name(id="x"):
            return x
        case ast.Name(id="pi"):
            return PI, ZERO
        case ast.Name(id=name):
            return number(parameters[name]), ZERO
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            value, slope = read(inner, x, parameters)
            return -value, -slope
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int(power))):
            value, slope = read(left, x, parameters)
            lower = value
            for _ in range(power - 2):
                lower = lower * value
            return lower * value, number(power) * lower * slope
        case ast.BinOp(left=left, op=op, right=right):
            (a, da), (b, db) = read(left, x, parameters), read(right, x, parameters)
            match op:
                case ast.Add():
                    return a + b, da + db
                case ast.Sub():
                    return a - b, da - db
                case ast.Mult():
                    return a * b, da * b + a * db
                case ast.Div():
                    return a / b, (da - a / b * db) / b
        case ast.IfExp(test=ast.Compare(left=left, ops=[op], comparators=[right])):
            a, b = (read(side, x, parameters)[0] for side in (left, right))
            surely, surely_not = (test(a, b) for test in COMPARISONS[type(op)])
            branches = [read(branch, x, parameters) for branch in (part.body, part.orelse)]
            return chosen(surely, surely_not, *branches)
        case ast.Call(func=ast.Name(id="min" | "max" as which), args=[left, right]):
            one, other = read(left, x, parameters), read(right, x, parameters)
            larger, smaller = one[0].low > other[0].high, one[0].high < other[0].low
            first = (larger, smaller) if which == "max" else (smaller, larger)
            return chosen(*first, one, other)
        case ast.Call(func=ast.Name(id="abs"), args=[inner]):
            value, slope = read(inner, x, parameters)
            return chosen(value.low > 0, value.high < 0, (value, slope), (-value, -slope))
    raise ValueError(ast.dump(part))


# -- rounding --------------------------------------------------------------------------------------
class Grid:
    """All numbers of a dtype, and the midpoints between them."""

    def __init__(self, dtype: np.dtype) -> None:
        numbers = np.arange(1 << 16, dtype=np.uint16).view(dtype)
        with np.errstate(all="ignore"):
            self.inputs = numbers[np.isfinite(numbers)]
        exact = self.inputs.astype(np.float64)
        finite, first = np.unique(exact, return_index=True)
        ends = finite[-1] + (finite[-1] - finite[-2])
        steps = np.concatenate([[-ends], finite, [ends]])
        self.midpoints = (steps[:-1] + steps[1:]) / 2
        self.values = np.concatenate([[-np.inf], finite, [np.inf]])
        even = self.inputs.view(np.uint16)[first] % 2 == 0
        self._even = [True, *even.tolist(), True]
        self._midpoints = self.midpoints.tolist()

    def nearest(self, exact: Fraction) -> float:
        """A tie goes to the even one."""
        k = bisect_left(self._midpoints, exact)
        tie = k < len(self._midpoints) and self._midpoints[k] == exact
        return float(self.values[k + (tie and not self._even[k])])

    def known(self, interval: Interval) -> tuple[Array, Array]:
        """Rounded results, and whether they are known."""
        low = np.searchsorted(self.midpoints, interval.low, "left")
        high = np.searchsorted(self.midpoints, interval.high, "right")
        return self.values[low], low == high


@cache
def grid(dtype: str) -> Grid:
    return Grid(DTYPES[dtype])


def wrong(label: str, dtype: str, every: int = 1) -> tuple[list[str], int]:
    """The results that are not correctly rounded, in words, and for how many mpmath was asked."""
    numbers = grid(dtype)
    x = numbers.inputs[::every]
    exact = x.astype(Long)
    true = function(label)
    name, settings = parse_label(label)
    with np.errstate(all="ignore"):
        jet = read(true.tree, (Interval(exact, exact, 0), ONE), true.parameters)
    results = actcli.activation(name, **settings).value_and_gradient(x)
    lines: list[str] = []
    decided: dict[float, tuple[float, ...]] = {}
    for term, (interval, found) in enumerate(zip(jet, results, strict=True)):
        ends = (np.broadcast_to(end, x.shape) for end in (interval.low, interval.high))
        expected, known = numbers.known(Interval(*ends, 0))
        for k in np.flatnonzero(~known):
            at = float(x[k])
            if at not in decided:
                decided[at] = true(at, nearest=numbers.nearest)
            expected[k] = decided[at][term]
        got = found.astype(np.float64)
        what = ("value", "gradient")[term]
        lines += [
            f"{label} in {dtype}: {what} at {float(x[k])!r} is {got[k]!r}, not {expected[k]!r}"
            for k in np.flatnonzero(~((got == expected) | np.isnan(got) & np.isnan(expected)))
        ]
    return lines, len(decided)


def main(labels: Iterable[str]) -> int:
    work = [(label, dtype) for label in labels for dtype in DTYPES]
    total = dict.fromkeys(DTYPES, 0)
    with ProcessPoolExecutor() as pool:
        found = pool.map(wrong, *zip(*work, strict=True))
        for (label, dtype), (lines, asked) in zip(work, found, strict=True):
            total[dtype] += len(lines)
            print(f"{label} {dtype}: {len(lines)} wrong, {asked} by mpmath", *lines[:3], sep="\n  ")
    print(", ".join(f"{dtype}: {count} wrong" for dtype, count in total.items()))
    return 1 if any(total.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or actcli.names()))
