"""Polynomials that stand for a function on short intervals, made from its reading in wide numbers.

The gradient is interpolated as (x - centre)^power times a polynomial, the value is its integral: a
function that reaches 0 at the centre keeps its digits beside it.
"""

from collections.abc import Callable, Iterable
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .wide import narrowed, widened

Floats = NDArray[np.float64]
Read = Callable[[Any, int], list[Any]]  # (wide x, order) -> [value, gradient][: order + 1]
Sharp = Callable[[Any], Any]  # the value at a Ball, as a Ball

ULP = 2.0**-53  # half a unit in the last place of 1
LEAST = 1e-290  # below it what counts is the distance between doubles,
UNIT = 5e-324  # the least of them
LAST, HIGH, LOW = range(13, 16)  # columns of a segment after its coefficients: its end, and centre
STEEP = 0.5  # a result differs from that at the centre by no more: digits would cancel


@cache
def _places(count: int) -> Floats:
    """Where an interval from -1 to 1 is looked at: `count` Chebyshev nodes, in an order in which
    divided differences lose little, then places for tests, last the middle."""
    left = np.cos((2 * np.arange(count) + 1) * np.pi / (2 * count)).tolist()
    nodes = [left.pop(count // 2)]
    while left:
        nodes.append(max(left, key=lambda x: float(np.prod([abs(x - node) for node in nodes]))))
        left.remove(nodes[-1])
    if count % 2:
        nodes[0] = 0.0
    return np.array([*nodes, -1, 1, -0.61, 0.13, 0.47, 0])


def _interpolated(u: Floats, values: Floats) -> list[Floats]:
    """The coefficients of the polynomials through values at u, both of shape (n, nodes)."""
    a, nodes = list(values.T.copy()), u.T
    count = len(a)
    for k in range(1, count):
        for i in range(count - 1, k - 1, -1):
            a[i] = (a[i] - a[i - 1]) / (nodes[i] - nodes[i - k])
    for k in range(count - 2, -1, -1):
        for i in range(k, count - 1):
            a[i] = a[i] - nodes[k] * a[i + 1]
    return a


def _horner(coefficients: list[Floats], at: Floats) -> Floats:
    total = np.zeros_like(at)
    for row in reversed(coefficients):
        total = total * at + row[:, None]
    return total


class CellPolynomials:
    """Polynomials on the intervals [low, high], in powers of the distance to high_centre + low_centre.

    All are arrays of shape (n,). `coefficients` has shape (n, count); `good` says which are within an
    ulp or so, and `always_lost` which have a coefficient too small for a double, and would on a
    piece of 2**-`halvings` of the width, or readings none of which is finite. `value` and `gradient`,
    of shape (n, places) at `at`, are the readings.
    """

    def __init__(
        self,
        read: Read,
        low: Floats,
        high: Floats,
        centre: tuple[Floats, Floats],
        power: int,
        count: int,
        halvings: int = 0,
    ) -> None:
        n = count - 1 - power
        n -= n % 2 * (power > 0)  # then the middle, where the quotient is 0/0, is no node
        places = _places(n)
        middle = low / 2 + high / 2
        half = np.maximum(high - middle, middle - low)
        self.at = at = np.clip(
            middle[:, None] + half[:, None] * places, low[:, None], high[:, None]
        )
        shape = at.shape
        near, rest = (part[:, None] for part in centre)
        step = (at - near) - rest
        value, gradient = readings(read, at.ravel())
        quotient = gradient
        if power:
            exact = widened((at - near).ravel()) - widened((rest + 0 * at).ravel())
            for _ in range(power):
                quotient = quotient / exact
        self.value, self.gradient = (narrowed(part).reshape(shape) for part in (value, gradient))
        distance = np.abs(step)
        first = np.arange(low.size) * shape[1]
        nearest = first + distance.argmin(axis=1)  # for the value
        known = first + np.where(power and distance == 0, np.inf, distance).argmin(axis=1)
        changes = narrowed(quotient - quotient[np.repeat(known, shape[1])]).reshape(shape)
        rises = narrowed(value - value[np.repeat(nearest, shape[1])]).reshape(shape)

        a = _interpolated(step[:, :n] / half[:, None], changes[:, :n])
        self.coefficients = c = np.zeros((low.size, count))
        c[:, power + 1] = narrowed(quotient[known] + widened(a[0])) / (power + 1)
        lost = np.zeros(low.size, bool)
        self.always_lost = ~(np.isfinite(self.value) & np.isfinite(self.gradient)).any(axis=1)
        size = narrowed(quotient).reshape(shape)
        least, most = (end.reduce(np.abs(size), axis=1) for end in (np.fmin, np.fmax))
        for j in range(1, n):
            c[:, power + 1 + j] = a[j] / half**j / (power + 1 + j)
            weak = np.abs(c[:, power + 1 + j]) < LEAST
            lost |= weak & (np.abs(a[j]) > np.maximum(2.0**-58 * least, UNIT))
            tiny = np.abs(c[:, power + 1 + j]) < 2.0**-10 * LEAST
            self.always_lost |= tiny & (np.abs(a[j]) * 2.0 ** (-halvings * j) > 2.0**-40 * most)
        rise = _horner([0 * c[:, 0], *c.T[1:]], step)
        start = rise.ravel()[nearest]
        c[:, 0] = narrowed(value[nearest] - widened(start))
        here = self.value.ravel()[nearest]
        # Beside a root that is not at 0 the reading has no more digits than its parts; of a line they are
        # slope * x and the rest.
        largest, moved = (np.abs(p).max(axis=1) for p in (self.value, at * self.gradient))
        parts = np.where((changes == 0).all(axis=1), np.maximum(moved, largest), largest)
        parts *= centre[0] != 0
        noise = 2.0**-62 * parts * (distance.min(axis=1) > 0)
        c[np.abs(c[:, 0]) < np.maximum(2.0**-30 * np.abs(here), noise), 0] = (
            0  # a root of the value
        )

        slope = _horner(a, step / half[:, None])
        close = np.abs(slope - changes) <= ULP * (np.abs(size) / 2 + 1.25 * np.abs(changes)) + UNIT
        even = np.abs(slope - a[0][:, None]) <= STEEP * np.abs(size)
        even |= np.abs(self.gradient) < LEAST
        if power:
            close |= step == 0
            even |= step == 0
        shown = np.abs(self.value)
        rises_from_root = (c[:, 0] == 0)[:, None]
        error = np.abs(rise - np.where(rises_from_root, self.value, start[:, None] + rises))
        bound = ULP * np.where(rises_from_root, 3 * shown, shown / 2 + 1.25 * np.abs(rise))
        close &= error <= bound + UNIT + noise[:, None] * rises_from_root
        even &= (np.abs(rise) <= STEEP * shown) | rises_from_root | (shown < LEAST)
        self.good = (close & even).all(axis=1) & np.isfinite(c).all(axis=1) & ~lost


def readings(read: Read, x: Floats) -> list[Any]:
    """Value and gradient at float64 numbers of shape (n,), as wide arrays of that shape."""
    wide = widened(x)
    return [np.broadcast_to(part, x.shape) for part in read(wide, 1)]


def lines(read: Read, breakpoints: list[float]) -> list[tuple[float, float, float, float]] | None:
    """The lines that a function consists of: (last x, centre, value there, slope), in ascending order.

    None where it is not made of lines, or one of them would lose digits.
    """
    ends = [-np.inf, *sorted(breakpoints), np.inf]
    beside = np.array([1, 2, 3.7])  # the breakpoints, where most functions are seen to be none
    few = np.concatenate(
        [min(breakpoints, default=0) - beside, max(breakpoints, default=0) + beside]
    )
    outer = narrowed(readings(read, few)[1]).reshape(2, -1)
    if (outer != outer[:, :1]).any():
        return None
    everywhere = np.geomspace(2.0**-60, 1e300, 240)
    found: list[tuple[float, float, float, float]] = []
    for low, high in pairwise(ends):
        if low > -np.inf:  # the breakpoint itself
            value, slope = (float(narrowed(part)[0]) for part in readings(read, np.array([low])))
            before = found[-1] if found else (low, low, np.nan, 0.0)
            if before[2] + before[3] * (low - before[1]) == value and before[3] == slope:
                found[-1] = (low, *before[1:])
            else:
                found.append((low, low, _signed_zero(value, slope), slope))
        first, last = np.nextafter(low, np.inf), np.nextafter(high, -np.inf)
        if first > last:
            continue
        reach = np.geomspace(2.0**-60, max(last / 2 - first / 2, 2.0**-59), 90)
        x = np.concatenate([first + reach, last - reach, -everywhere, everywhere, [first, last]])
        x = x[(first <= x) & (x <= last)]
        value, gradient = readings(read, x)
        slopes = narrowed(gradient)
        if not (slopes == slopes[0]).all():
            return None
        for centre in (0.0, *(end for end in (low, high) if np.isfinite(end))):
            shown = narrowed(value)
            k = int(np.abs(x - centre).argmin())
            start = float(narrowed(value - gradient * (widened(x) - centre))[k])
            parts = np.abs(slopes * x)
            start *= abs(start) > 2.0**-60 * parts[k]
            line = start + slopes * (x - centre)
            noise = 2.0**-62 * parts * (centre != 0)  # of the reading beside a root
            if (np.abs(line - shown) <= 1.5 * np.spacing(np.abs(shown)) + noise).all():
                found.append(
                    (float(last), centre, _signed_zero(start, slopes[0]), float(slopes[0]))
                )
                break
        else:
            return None
    return found


def far_line(
    read: Read, side: float, start: float, breakpoints: Iterable[float]
) -> tuple[float, float] | None:
    """(value at 0, slope) of the line that the function is from side * start on, or None."""
    x = side * np.geomspace(start, 1.7e308, 60)
    value, gradient = (narrowed(part) for part in readings(read, x))
    slope = gradient[-1]
    at_0 = value[0] - slope * x[0]
    line = at_0 + slope * x
    error = np.abs(line - value)
    exact = error.max() <= 0 if slope == 0 else (error <= np.spacing(np.abs(value))).all()
    if exact and (gradient == slope).all() and not any(b * side > start for b in breakpoints):
        return float(at_0), float(slope)
    return None


def _signed_zero(value: float, slope: float) -> float:
    """-0.0 for a 0 that a slope is added to: the sum then has the sign of the step."""
    return -0.0 if value == 0 and slope else value


def sign_zeros(coefficients: Floats) -> None:
    """Let sums that start with 0 have the sign of the step: tanh(-0) is -0."""
    coefficients[(coefficients[:, 0] == 0) & (coefficients[:, 1] != 0), 0] = -0.0


def unbroken(breakpoints: Iterable[float], middle: float, half: float) -> list[tuple[float, float]]:
    """The breakpoints within middle +- half and the intervals between them, as first and last numbers."""
    low, high = middle - half, middle + half
    found = []
    for at in sorted(b for b in breakpoints if low <= b <= high):
        if low < at:
            found.append((low, float(np.nextafter(at, -np.inf))))
        found.append((at, at))
        low = float(np.nextafter(at, np.inf))
    if low <= high:
        found.append((low, high))
    return found


def by_segments(segments: Floats, which: Any, x: Floats) -> tuple[Floats, Floats]:
    """Value and gradient at x by the segments of their cells, of which `which` are the first."""
    which = which.copy()
    while (beyond := x > segments[which, LAST]).any():
        which += beyond
    rows = segments[which]
    step = (x - rows[:, HIGH]) - rows[:, LOW]
    total = rows[:, LAST - 1]
    slope = total
    for n in range(LAST - 2, -1, -1):
        total = total * step + rows[:, n]
        if n:
            slope = slope * step + total
    return total, slope


class Root:
    """A simple root of the value (order 0) or gradient (1), as the sum of two floats, from Arb balls.

    `coefficients` are those of the polynomial around a root of the gradient, good between the two
    floats that it was looked for between; None where none will do.
    """

    coefficients: Floats | None = None

    def __init__(self, sharp: Sharp, order: int, low: float, high: float, count: int) -> None:
        """ValueError where the secant method finds none between the two that Arb confirms."""
        from flint import arb, ctx

        from .ball import Ball, raw

        with ctx.workprec(400):
            tiny = arb(2) ** -80

            def reading(x: Any) -> Any:
                if order == 0:
                    return raw(sharp(Ball(x)))
                # what the difference leaves out is about 2^-160
                return (raw(sharp(Ball(x + tiny))) - raw(sharp(Ball(x - tiny)))) / (2 * tiny)

            try:
                a, b = arb(low), arb(high)
                before, after = reading(a), reading(b)
                for _ in range(60):  # the secant method, each step from the middles of balls
                    step = (after * (b - a) / (after - before)).mid()
                    a, before, b = b, after, b - step
                    after = reading(b)
                    if abs(step) < 2.0**-125:
                        break
                margin = arb(2) ** -115
                ends = reading(b - margin), reading(b + margin)
                if not (low < b and b < high and ends[0] * ends[1] < 0):
                    raise ValueError
                self.high = float(b.mid()) if abs(b) > margin else 0.0
                if abs(b - self.high) <= margin:  # no other number is so near: a trace would stay
                    b = arb(self.high)
                self.low = float((b - self.high).mid())
                if order == 0:
                    return
                n = (count - 2) // 2 * 2  # even: no node is the root
                reach = max(high - self.high, self.high - low)
                u = _places(n)[:-1]
                shares = [reading(b + d) / d for d in map(arb, (u * reach).tolist())]
                size = np.array([float(share.mid()) for share in shares])
                changes = np.array([float((share - shares[0]).mid()) for share in shares])
                terms = _interpolated(u[None, :n], changes[None, :n])
                fitted = _horner(terms, u[None])[0]
                if not (np.abs(fitted - changes) <= ULP * np.abs(size) / 4).all():
                    return
                c = np.zeros(count)
                c[0] = float(raw(sharp(Ball(b))).mid())
                c[2] = float((shares[0] + float(terms[0][0])).mid()) / 2
                for j in range(1, n):
                    c[j + 2] = terms[j][0] / reach**j / (j + 2)
                self.coefficients = c
            except (TypeError, AttributeError) as why:  # a formula that balls cannot read
                raise ValueError from why
