"""Polynomials and rational functions on a grid: rounded where that is good enough, else searched."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import inf, isfinite
from typing import Any

import numpy as np
from flint import arb, fmpq

from ..evaluation.activation import Activation
from ..expressions.differentiate import expanded
from ..numbers.near_rational import known_at
from ..numbers.types import Floats
from .certificates import Bound
from .exchange import chebyshev_places
from .grid_lattice import best_of_grid
from .grid_search import PROVED, GapRows, Quotients
from .grids import ENOUGH, Grid
from .one_sided import exact_places
from .polynomials import Reading, parity_of

PER_PLACE = 12  # samples of programs between touching points
SAMPLES = 3000  # at which errors are measured,
MANY = 400  # and of many that are compared
NOTHING = 1e-50  # an error than which none less is looked for
NODES, FEW = 60_000, 12  # linear programs of one search of few coefficients: more get less,
DECIDED = 20_000  # and of one for an error that is enough, divided by the number of coefficients
LITTLE = 1e-3  # of an error, where none is left with other coefficients
AWAY = 16  # steps that one on a side is moved at most until it is proved to be on it
ROUNDS = 4  # of adding the place of the largest error to the samples

polyval = np.polynomial.polynomial.polyval
Parts = tuple[list[float], list[float]]  # coefficients of a numerator and of a denominator


def on_grid(
    f: Activation, limits: tuple[float, float], over: Sequence[float], under: Sequence[float],
    level: float, places: Sequence[float], grid: Grid, certified: Callable[[Parts], Bound],
    relative: bool = False, pins: Sequence[float] = (), side: int = 0, enough: float = 0.0,
    known: Parts = ([], []),
) -> tuple[Parts, Bound, float]:  # fmt: skip
    """Numerator and denominator of the grid, the proof of their error, and one that no others are below.

    `over` and `under` are the best that are on no grid, of error `level`, which is attained at `places`.
    The first coefficient 1 of the denominator stays. On a `side` they are above f, or below with -1.
    An error that is `enough` ends the search; it begins with what is `known` of lower degrees.
    ValueError where none are found that are f at pins, or on the side.
    """
    form = _Form(f, limits, over, under, grid, relative, pins, side)
    first = np.array([grid.nearest(c) for c in form.free])
    if not np.isfinite([grid.nearest(c) for c in (*over, *under)]).all():
        largest = max([*over, *under], key=abs)
        raise ValueError(f"--coefficients {grid.name}: {largest:.6g} is beyond its largest")
    best, found, lowest = form.parts(first), Bound(0.0, inf, None), 0.0
    if best is not None:
        found = certified(best)
        if found.high <= max(level * (1 + ENOUGH), NOTHING, enough) or not form.free.size:
            return best, found, lowest
    lower = form.values(known)
    if any(known[0]) and (parts := form.parts(lower)) is not None:
        bound = certified(parts)
        if bound.high < found.high:
            best, found, first = parts, bound, lower
    form.dense = np.unique(
        [*chebyshev_places(*limits, SAMPLES), *places, *form.dense, *form.touched]
    )
    samples = np.union1d(_samples(sorted({*limits, *places})), form.touched)
    level = level or LITTLE * (found.high if found.high < inf else 1.0)
    problem = Quotients(
        grid, form.free, level, form.rows, form.exact, form.measured, form.errors, side=side, enough=enough,
        touched=form.touched,
    )  # fmt: skip
    count = max(form.free.size, 1)
    nodes = int(DECIDED / count if enough else NODES * min((FEW / count) ** 2, 1.0))
    for k in range(ROUNDS):
        samples = samples[form.sizes(samples) > 0]
        values, error, lowest = best_of_grid(
            problem, samples, form.signs, (first, form.measured(first)[0]), nodes >> k
        )
        tried = form.parts(values)
        if tried is None:
            raise ValueError(form.refusal("none were found"))
        bound = found if tried == best else certified(tried)
        if bound.high <= found.high:
            best, found, first = tried, bound, values
        decided = found.high <= enough or lowest >= enough * PROVED > 0
        if bound.where is None or decided or bound.high <= error * (1 + ENOUGH):
            break
        form.dense = np.append(form.dense, bound.where)
        samples = np.unique([*samples, bound.where])
    assert best is not None
    step, steps = grid.unit(best[0][0]), 1
    while side and found.high == inf and steps <= AWAY:  # what is f somewhere is not always proved
        best = [grid.beyond(best[0][0] + side * steps * step, side), *best[0][1:]], best[1]
        found, steps = certified(best), 2 * steps
    if side and found.high == inf:
        raise ValueError(
            f"--{'above' if side > 0 else 'below'} with --coefficients {grid.name}: none were found "
            f"that are on one side of {f.label}; take a finer grid, another degree or another range"
        )
    return best, found, lowest


def _samples(places: Sequence[float]) -> Floats:
    share = np.arange(PER_PLACE) / PER_PLACE
    parts = [a + (b - a) * share for a, b in pairwise(places)]
    return np.unique(np.concatenate([*parts, places]))


class _Form:
    """Which coefficients of numerator and denominator are free, and what they leave of f.

    Those that pins determine are the others, which have the finest steps there.
    """

    def __init__(
        self, f: Activation, limits: tuple[float, float], over: Sequence[float], under: Sequence[float],
        grid: Grid, relative: bool, pins: Sequence[float], side: int,
    ) -> None:  # fmt: skip
        self.f, self.reading, self.relative = f, Reading(f), relative
        self.grid, self.pins, self.side = grid, pins, side
        self.top = len(over)
        unit = self.top + list(under).index(1.0)
        wanted = np.array([*over, *under])
        zeros = self._zeros(limits, over, under)
        self.given = np.zeros(len(wanted))
        self.given[unit] = 1.0
        named = [k for k in range(len(wanted)) if k != unit and not (zeros and wanted[k] == 0)]
        self.tied = self._tied(named, [grid.unit(abs(c)) for c in wanted.tolist()])
        self.names = [k for k in named if k not in self.tied]
        self.free = wanted[self.names]
        self.dense = np.array(f.breakpoints.within(*limits))
        self.touched = np.array(exact_places(f, limits) if side else [], np.float64)
        keeps = len(under) == 1 or (unit == self.top and limits[0] <= 0 <= limits[1])
        self.signs = (1,) if keeps else (1, -1)

    def _zeros(
        self, limits: tuple[float, float], over: Sequence[float], under: Sequence[float]
    ) -> bool:
        """Whether what is 0 may stay so: others of the grid are no better than with their mirror images."""
        if self.side or limits[0] != -limits[1] or {-pin for pin in self.pins} != {*self.pins}:
            return False
        parity = parity_of(self.f, limits[1], len(over))
        if parity is None:
            return False
        shifted = bool(parity.slope or parity.height)
        return not shifted or (len(under) == 1 and self.grid.nearest(0.5) == 0.5)

    def _tied(self, named: Sequence[int], steps: Sequence[float]) -> dict[int, dict[int, Fraction]]:
        """Coefficients that pins determine, each as a sum of others; -1 stands for 1."""
        tied: dict[int, dict[int, Fraction]] = {}
        for pin in self.pins:
            value = self._value(pin)
            row = {k: Fraction(pin) ** k for k in named if k < self.top}
            row |= {k: -value * Fraction(pin) ** (k - self.top) for k in named if k >= self.top}
            row[-1] = sum(
                (
                    Fraction(c) * Fraction(pin) ** (k - self.top) * -value
                    for k, c in enumerate(self.given.tolist())
                    if c
                ),
                Fraction(0),
            )
            for k, others in tied.items():
                row = _added(row, others, row.pop(k, Fraction(0)))
            left = [k for k, c in row.items() if c and k >= 0]
            if not left and row[-1]:
                raise ValueError(self.refusal("there are none"))
            if not left:
                continue
            k = min(left, key=lambda k: steps[k] * abs(row[k]))
            own = row.pop(k)
            row = {j: -c / own for j, c in row.items()}
            tied = {
                j: _added(others, row, others.pop(k, Fraction(0))) for j, others in tied.items()
            }
            tied[k] = row
        return tied

    def _value(self, pin: float) -> Fraction:
        """f at a pin, which has to be a fraction."""
        found = known_at(expanded(self.f.tree).read_once, pin)
        told = f"--pin {pin:g} with --coefficients {self.grid.name}: {self.f.label} is"
        if found.rest is not None:
            raise ValueError(
                f"{told} about {float(self.f(pin)):.6g} there, not known to be a fraction, as all are with "
                "such coefficients; leave one of both out"
            )
        value = Fraction(int(found.exact.p), int(found.exact.q))
        if len(self.given) == self.top + 1 and value.denominator & (value.denominator - 1):
            raise ValueError(
                f"{told} {value} there, which no polynomial with such coefficients is; take --by rational, "
                "or leave one of both out"
            )
        return value

    def refusal(self, why: str) -> str:
        """What is said where there are no such coefficients."""
        pins = ",".join(f"{pin:g}" for pin in self.pins)
        return (
            f"--pin {pins} with --coefficients {self.grid.name}: {why} that are {self.f.label} there; take "
            "a finer grid or a higher degree, or leave one of both out"
        )

    def sizes(self, x: Floats) -> Floats:
        """What errors are divided by."""
        return np.abs(self.reading.quick(x)) if self.relative else np.ones(x.shape)

    def parts(self, values: Floats) -> Parts | None:
        """All coefficients with these free ones; None beyond the format, or where pins ask for others."""
        if not np.all(np.isfinite(values)):
            return None
        found = self.given.copy()
        found[self.names] = values
        for k, others in self.tied.items():
            exact = sum(
                (c * (Fraction(found[j]) if j >= 0 else 1) for j, c in others.items()), Fraction(0)
            )
            found[k] = self.grid.nearest(float(exact))
            if not isfinite(found[k]) or Fraction(found[k]) != exact:
                return None
        return found[: self.top].tolist(), found[self.top :].tolist()

    def values(self, parts: Parts) -> Floats:
        """The free ones of all coefficients, of lower degrees too."""
        found = np.zeros(len(self.given))
        for start, part in zip((0, self.top), parts, strict=True):
            found[start : start + len(part)] = part
        return found[self.names]

    def rows(self, x: Floats) -> GapRows:
        """The rows of a search at an array."""
        most = max(self.top, len(self.given) - self.top)
        powers = x.astype(np.longdouble)[:, None] ** np.arange(most)
        return self._rows(self.reading.quick(x), self.sizes(x), powers.T, np.column_stack, float)

    def exact(self, x: float) -> GapRows:
        """The same at a double, in balls."""
        y = self.reading.exact(arb(x))
        w = abs(y) if self.relative else arb(1)
        powers = [arb(x) ** k for k in range(max(self.top, len(self.given) - self.top))]
        return self._rows(y, w, powers, list, lambda c: arb(fmpq(c.numerator, c.denominator)))

    def _rows(
        self, y: Any, w: Any, powers: Any, joined: Callable[[list[Any]], Any], number: Callable[[Any], Any]
    ) -> GapRows:  # fmt: skip
        degrees = [*range(self.top), *range(len(self.given) - self.top)]
        gaps = [powers[d] * (-y if k >= self.top else 1) for k, d in enumerate(degrees)]
        belows = [w * powers[d] if k >= self.top else 0 * y for k, d in enumerate(degrees)]
        rows = []
        for part in (gaps, belows):
            first = sum((c * part[k] for k, c in enumerate(self.given.tolist()) if c), 0 * y)
            columns = {k: part[k] for k in self.names}
            for k, others in self.tied.items():
                for j, c in others.items():
                    if j < 0:
                        first = first + number(c) * part[k]
                    else:
                        columns[j] = columns[j] + number(c) * part[k]
            rows += [first, joined([*columns.values()])]
        return GapRows(*rows)

    def measured(self, values: Floats) -> tuple[float, float | None]:
        """About the error of these free coefficients, and where it is; infinite if there are none."""
        parts = self.parts(values) if np.isfinite(values).all() else None
        if parts is None:
            return inf, None
        over, under = parts
        x = self.dense
        below = polyval(x, under)
        sign = 1 if below[0] > 0 else -1
        if np.min(sign * below) <= 0:
            return inf, float(x[np.argmin(sign * below)])
        with np.errstate(all="ignore"):
            e = (polyval(x, over) / below - self.reading.quick(x)) / self.sizes(x)
        e[~np.isfinite(e)] = 0.0  # at a root that is kept
        if np.min(e * self.side) < 0:
            return inf, float(x[np.argmin(e * self.side)])
        e = np.abs(e)
        worst = int(np.argmax(e))
        return float(e[worst]), float(x[worst])

    @cached_property
    def _sparse(self) -> GapRows:
        """The rows at some of the dense places."""
        x = self.dense[:: max(len(self.dense) // MANY, 1)]
        return GapRows(*(np.asarray(part, np.float64) for part in self.rows(x[self.sizes(x) > 0])))

    def errors(self, values: Floats) -> Floats:
        """About the errors of many free coefficients, a row each; infinite on the wrong side."""
        gap, gaps, below, belows = self._sparse
        under = below + values @ belows.T
        sign = np.sign(under[:, :1])
        with np.errstate(all="ignore"):
            e = (gap + values @ gaps.T) / under
        wrong = np.any((under * sign <= 0) | (e * self.side < 0), axis=1)
        return np.where(wrong, inf, np.max(np.abs(e), axis=1))


def _added(
    row: dict[int, Fraction], other: dict[int, Fraction], times: Fraction
) -> dict[int, Fraction]:
    """One sum of coefficients and another, times a number."""
    return {
        k: row.get(k, Fraction(0)) + times * other.get(k, Fraction(0)) for k in {**row, **other}
    }
