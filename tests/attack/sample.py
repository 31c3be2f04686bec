"""Where a formula is looked at: a dense and adversarial sample, and the breakpoints between its points."""

import ast
import random
import time
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import inf, log2
from typing import Any

import numpy as np
from truth import Ball

from .exact import (
    FIRST_BITS,
    LAST_BITS,
    Formula,
    Number,
    Undefined,
    Unknown,
    number,
    order,
    registered,
    size_of,
)  # fmt: skip
from .floats import Rough

LARGEST = Fraction(1.7976931348623157e308)
PLACES = ("0", "1e-300", "1e-20", "1e-8", "0.01", "0.3", "0.5", "1", "1.5", "2", "3", "4.7", "6", "8",
          "12", "25", "38.6", "40.5", "88", "709.78", "745.2", "801", "1e4", "1e20", "1e154",
          "1e300")  # fmt: skip
NEAR = tuple(Fraction(10) ** -k for k in (3, 9, 17, 40, 300))
STEPS = (8, 16, 24, 32)  # decimal places by which sides come nearer to a breakpoint,
DEEP_STEPS = (8, 16, 32, 100, 300)  # and to one that is known exactly,
DEEPEST_STEPS = (*DEEP_STEPS, 700, 1200)  # before it is said that nothing breaks there
MOST_BREAKPOINTS = 10


@dataclass(frozen=True)
class Point:
    x: Fraction
    value: Number | None  # None: undefined; UNKNOWN
    slope: Number | None = None  # None: at a breakpoint, or not known
    trace: tuple[tuple[int, int], ...] = ()

    @property
    def known(self) -> bool:
        return self.value is not None and self.value is not UNKNOWN


UNKNOWN: Any = object()


def literals(text: str) -> list[Fraction]:
    found = {Fraction(0)}
    tree = ast.parse(text, mode="eval")
    for node in ast.walk(tree):
        segment = ast.get_source_segment(text, node) or ""
        if isinstance(node, ast.Constant):
            found.add(number(segment))
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            parts = (node.left, node.right)
            if all(isinstance(p, ast.Constant) for p in parts):
                a, b = (number(ast.get_source_segment(text, p) or "1") for p in parts)
                if b:
                    found.add(a / b)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in registered():
            for item in registered()[node.func.id]["parameters"].split():  # type: ignore[attr-defined]
                value = item.partition("=")[2]
                if value.replace(".", "").replace("-", "").isdigit():
                    found.add(number(value))
    more = {a / b for a in found for b in found if b and a and len(found) < 6}
    found |= more
    found |= {a + b for a in found for b in found if len(found) < 7}
    return sorted({s * v for v in found for s in (1, -1) if abs(v) <= LARGEST})


class Sample:
    """One formula with its points, sorted; gathered in `seconds` of process time at most.

    With `limits` (two decimals) only what lies between them is looked at.
    """

    def __init__(
        self,
        text: str,
        r: random.Random,
        seconds: float = 0.25,
        dense: int = 1,
        limits: tuple[str, str] | None = None,
    ) -> None:
        self.text = text
        self.limits = (
            (-LARGEST, LARGEST) if limits is None else (number(limits[0]), number(limits[1]))
        )
        self.r = r
        self.deadline = time.process_time() + seconds
        self.formula = Formula(text)
        self.rough = Rough(text)
        self._known: dict[Fraction, Point] = {}
        self.complete = True
        for x in self._places(dense):
            if time.process_time() > self.deadline:
                self.complete = False
                break
            self.point(x)

    def _places(self, dense: int) -> list[Fraction]:
        r = self.r
        special = literals(self.text)
        r.shuffle(special)
        special = [Fraction(0), *special[:11]]
        places = [s * number(p) for p in PLACES for s in (1, -1)]
        places += [Fraction(round(r.uniform(-10, 10), 3)) for _ in range(12 * dense)]
        places += [Fraction(r.choice((-1, 1)) * 10 ** r.uniform(-12, 12)) for _ in range(4 * dense)]
        near = [
            v + s * d * (abs(v) or 1) for v in special for d in r.sample(NEAR, 2) for s in (1, -1)
        ]
        near += [Fraction(float(v)) for v in special if Fraction(float(v)) != v]
        places += [LARGEST, -LARGEST]
        rest = places + near
        low, high = self.limits
        if high < LARGEST:
            rest += [low + (high - low) * Fraction(k, 24) for k in range(25)]
        r.shuffle(rest)
        return [x for x in special + rest if low <= x <= high]

    def point(self, x: Fraction) -> Point:
        if x not in self._known:
            self._known[x] = self._look(x)
        return self._known[x]

    def _look(self, x: Fraction) -> Point:
        formula = self.formula
        try:
            value, slope = formula(x, 1)
            return Point(x, value, slope, tuple(formula.trace))
        except Undefined:
            return Point(x, None, None, tuple(formula.trace))
        except Unknown:
            pass
        try:
            value = formula(x)[0]
            return Point(x, value, None, tuple(formula.trace))
        except Undefined:
            return Point(x, None, None, tuple(formula.trace))
        except Unknown:
            return Point(x, UNKNOWN, None, tuple(formula.trace))

    @property
    def points(self) -> list[Point]:
        low, high = self.limits
        return [self._known[x] for x in sorted(self._known) if low <= x <= high]

    @cached_property
    def known(self) -> list[Point]:
        return [p for p in self.points if p.known]

    def value(self, x: Fraction | float | str) -> Number | None:
        """None where undefined; UNKNOWN."""
        return self.point(exactly(x)).value

    # -- breakpoints ----------------------------------------------------------------------------------
    @cached_property
    def breakpoints(self) -> "list[Breakpoint]":
        """Places between neighbours whose branches differ, and special points that are breakpoints."""
        points = [p for p in self.points if p.value is not UNKNOWN]
        single = {
            b.x
            for a, b, c in zip(points, points[1:], points[2:], strict=False)
            if b.trace not in (a.trace, c.trace) and _at_zero(b)
        }
        found = [Breakpoint(self, x, x) for x in single]
        pairs = [
            (a, b)
            for a, b in pairwise(points)
            if a.trace != b.trace and a.x not in single and b.x not in single
        ]
        pairs.sort(key=lambda pair: abs(pair[0].x))
        for a, b in pairs[:MOST_BREAKPOINTS]:
            if time.process_time() > self.deadline + 0.15:
                break
            breakpoint = self.bisect(a, b)
            if breakpoint is not None:
                found.append(breakpoint)
        return sorted((s for s in found if not self.at_end(s.place)), key=lambda s: s.low)

    def at_end(self, place: float) -> bool:
        """Whether a place is an end of the interval that is looked at."""
        return any(abs(place - float(end)) < 1e-7 * (1 + abs(place)) for end in self.limits)

    def bisect(self, low: Point, high: Point) -> "Breakpoint | None":
        """The breakpoint between two points of different branches."""
        tried: set[Fraction] = set()
        for step in range(150):
            scale = max(abs(low.x), abs(high.x))
            if high.x - low.x <= scale * Fraction(10) ** -36:
                break
            middle = _simplest(low.x, high.x) if step % 6 == 5 else _middle(low.x, high.x)
            if middle in tried:
                middle = _middle(low.x, high.x)
            tried.add(middle)
            p = self._look(middle)
            if p.value is UNKNOWN:
                return Breakpoint(self, low.x, high.x) if high.x - low.x < scale / 10**9 else None
            if p.trace == low.trace:
                low = p
            elif p.trace != high.trace and _at_zero(p):
                return Breakpoint(self, middle, middle)
            else:
                high = p
        return Breakpoint(self, low.x, high.x)

    @cached_property
    def _moderate(self) -> list[Point] | None:
        """The known points below 9; None where too many are not known."""
        near = [p for p in self.points if abs(p.x) < 9]
        known = [p for p in near if p.known]
        return known if len(known) > max(8, 0.75 * len(near)) else None

    @cached_property
    def sharp(self) -> bool:
        """Whether plain arithmetic tells small values apart too."""
        near = self._moderate
        if near is None:
            return False
        got = self.rough(np.array([size_of(p.x) for p in near]))
        return all(
            abs(y - size_of(p.value)) <= 1e-9 * abs(size_of(p.value))  # type: ignore[arg-type]
            for p, y in zip(near, got, strict=True)
        )

    @cached_property
    def plain(self) -> bool:
        """Whether plain arithmetic is right at the moderate points."""
        near = self._moderate
        if near is None:
            return False
        got = self.rough(np.array([size_of(p.x) for p in near]))
        true = np.array([size_of(p.value) for p in near])  # type: ignore[arg-type]
        with np.errstate(all="ignore"):
            good = np.abs(got - true) <= 1e-9 * np.abs(true) + 1e-13 * np.max(
                np.abs(true), initial=0
            )
        return bool(np.sum(good) >= len(near) - 2)

    # -- a dense grid in floats -------------------------------------------------------------------
    @cached_property
    def grid(self) -> Any:
        grid = np.concatenate([
            np.linspace(-12, 12, 1601), np.linspace(-60, 60, 401),
            *(s * np.geomspace(1e-12, 1e12, 160) for s in (1, -1)),
            *(s * np.geomspace(1e12, 1.7e308, 60) for s in (1, -1)),
            np.array([float(s.x) for s in self.breakpoints]),
        ])  # fmt: skip
        low, high = map(float, self.limits)
        return np.unique(grid[(grid >= low) & (grid <= high)])

    @cached_property
    def rough_values(self) -> Any:
        return self.rough(self.grid)


def exactly(x: Fraction | float | str) -> Fraction:
    if isinstance(x, str):
        return LARGEST * (-1 if x.startswith("-") else 1)
    return Fraction(x)


def _at_zero(p: Point) -> bool:
    return any(sign == 0 for _, sign in p.trace)


def _middle(a: Fraction, b: Fraction) -> Fraction:
    if (a > 0 and b > 1000 * a) or (b < 0 and a < 1000 * b):
        root = (float(abs(a)) ** 0.5) * (float(abs(b)) ** 0.5)
        middle = Fraction(root) if a > 0 else -Fraction(root)
        if a < middle < b:
            return middle
    if a < 0 < b and min(-a, b) > 0 and max(-a, b) > Fraction(1, 10**6):
        return Fraction(0)
    bits = max((b - a).denominator.bit_length() - (b - a).numerator.bit_length() + 3, 3)
    return Fraction(round((a + b) / 2 * (1 << bits)), 1 << bits)


def _simplest(a: Fraction, b: Fraction) -> Fraction:
    """The fraction of least denominator between a and b."""
    if a < 0 < b:
        return Fraction(0)
    if b <= 0:
        return -_simplest(-b, -a)
    whole = a.numerator // a.denominator
    if whole + 1 < b or whole == a:
        return Fraction(whole + 1) if whole + 1 < b else a
    rest = _simplest(1 / (b - whole), 1 / (a - whole)) if a != whole else Fraction(1)
    return whole + 1 / rest


@dataclass
class Breakpoint:
    """A place where the branch changes, between `low` and `high` (equal: known exactly)."""

    sample: Sample
    low: Fraction
    high: Fraction
    deep: bool = False

    @property
    def exact(self) -> bool:
        return self.low == self.high

    @property
    def x(self) -> Fraction:
        return self.low

    @property
    def place(self) -> float:
        return size_of((self.low + self.high) / 2)

    @property
    def steps(self) -> tuple[int, ...]:
        return (DEEPEST_STEPS if self.deep else DEEP_STEPS) if self.exact else STEPS

    @cached_property
    def here(self) -> Any:
        """The value at the breakpoint: a number, None if undefined, UNKNOWN."""
        if not (self.exact and self.deep):
            return self.sample.value(self.low) if self.exact else UNKNOWN
        self.sample.formula.first = LAST_BITS
        try:
            return self.sample.formula(self.low)[0]
        except Undefined:
            return None
        except Unknown:
            return UNKNOWN
        finally:
            self.sample.formula.first = FIRST_BITS

    @cached_property
    def sides(self) -> tuple[list[Any], list[Any]]:
        """[f, f', f'', f'''] at four points nearer and nearer, left and right; None: no value."""
        scale = abs(self.low) or Fraction(1)
        out = []
        self.sample.formula.first = LAST_BITS if self.deep else FIRST_BITS
        for start, sign in ((self.low, -1), (self.high, 1)):
            row = []
            for step in self.steps:
                try:
                    row.append(self.sample.formula(start + sign * scale / 10**step, 3))
                except Undefined:
                    row.append(None)
                except Unknown:
                    row.append(UNKNOWN)
            out.append(row)
        self.sample.formula.first = FIRST_BITS
        return out[0], out[1]

    def unbroken(self, order: int) -> bool:
        """Whether nothing breaks in f, f', ... up to that order, looked at very closely."""
        if self.off() != "none" or any(self.gap(k) != "none" for k in range(order + 1)):
            return False
        return self.deep or Breakpoint(self.sample, self.low, self.high, True).unbroken(order)

    def level(self, right: bool, k: int) -> list[float] | None:
        """Floats of f^(k) on one side, coming nearer; None if some are not known."""
        row = self.sides[right]
        if any(v is None or v is UNKNOWN for v in row):
            return None
        return [size_of(v[k]) for v in row]

    def undefined(self, right: bool) -> bool:
        return all(v is None for v in self.sides[right])

    def gap(self, k: int) -> str:
        """ "none", "finite", "infinite" or "open": whether f^(k) breaks here."""
        left, right = self.level(False, k), self.level(True, k)
        if left is None or right is None:
            return "open"
        grows = [_grows(side, self.steps) for side in (left, right)]
        if True in grows:
            return "infinite"
        if None in grows:
            return "open"
        found = _settled([b[k] - a[k] for a, b in zip(*self.sides, strict=True)], left[-1])
        if found == "finite" and not self.exact:
            steep = max(
                abs(size_of(v[min(k + 1, 3)])) for v in (self.sides[0][-1], self.sides[1][-1])
            )
            gap = abs(size_of(self.sides[1][-1][k] - self.sides[0][-1][k]))
            return "finite" if gap > 1e-25 * (1 + abs(self.place)) * (1 + steep) else "open"
        return found

    def off(self) -> str:
        """Whether f at the breakpoint differs from both limits: "none", "finite", "open"."""
        if self.here is UNKNOWN:
            return "open"
        if self.here is None:
            return "hole"
        left = self.sides[False]
        if any(v is None or v is UNKNOWN for v in left):
            return "open"
        return _settled([self.here - v[0] for v in left], size_of(self.here))


def _settled(gaps: list[Number], level: float) -> str:
    """Whether gaps go to 0 ("none") or stay ("finite")."""
    sizes = [exponent(gap) if order(gap, Fraction(0)) else None for gap in gaps]
    last = sizes[-1]
    if last is None:
        known = [size for size in sizes if size is not None]
        blurred = isinstance(gaps[-1], Ball) and known and gaps[-1].err > min(known) - 10
        return "open" if blurred or (isinstance(gaps[-1], Ball) and abs(level) < 1e-280) else "none"
    rest = gaps[-1] - gaps[-2]
    at_most = -(10**9) if rest == 0 else exponent(rest)
    if isinstance(rest, Ball) and rest.err is not None:
        at_most = max(at_most, rest.err)
    if at_most < last - 50:
        return "finite"
    falling = all(b is None or (a is not None and b <= a - 6) for a, b in pairwise(sizes[1:]))
    return "none" if falling and last < -20 + max(0.0, log2(abs(level) + 1e-300)) else "open"


def exponent(value: Number) -> int:
    """Nearly the logarithm to base 2 of a size that is not 0."""
    if isinstance(value, Fraction):
        return value.numerator.bit_length() - value.denominator.bit_length()
    return value.size or -(10**9)


def _grows(levels: list[float], steps: tuple[int, ...]) -> bool | None:
    """Whether numbers go to infinity; None if that cannot be told."""
    sizes = [abs(v) for v in levels]
    if sizes[0] == inf:
        return None
    if sizes[-1] == inf or all(b > 100 * a > 0 for a, b in pairwise(sizes)):
        return True
    rises = [b - a for a, b in pairwise(sizes)]
    if all(abs(b) <= 0.02 * abs(a) for a, b in pairwise(rises)) or (
        abs(rises[-1]) < 1e-20 * sizes[-1] or sizes[-1] == 0
    ):
        return False
    rates = [rise / (b - a) for rise, (a, b) in zip(rises, pairwise(steps), strict=True)]
    like_logarithms = all(0.95 * a < b < 4 * a for a, b in pairwise(rates))
    return True if like_logarithms and rates[0] > 0 and sizes[-1] > 5 else None
