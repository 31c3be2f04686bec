"""A formula whose own names are constants to be found, and its errors with some of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import inf, isfinite
from typing import Any

import numpy as np

from ..evaluation.activation import Activation
from ..expressions.differentiate import expanded
from ..expressions.node import Node
from ..expressions.parametric import read_with
from ..expressions.parser import parameter_names, parse
from ..expressions.rewriting import rewritten
from ..numbers.types import Floats
from ..proofs.asymptotics import plain
from .refit_ties import Tie, with_ties

LARGE = 1e4  # constants beyond which a fit runs away that is not known to be the best
SAMPLES, PLACES = 1600, 4
NEARLY, SHARPENED = 0.05, 20  # of the largest error, and samples about which it is read sharply
ZOOMS, SHARES = 4, np.linspace(0, 1, 65)  # on the places between two samples
BESIDE = np.array([-8, -4, -2, -1, 0, 1, 2, 4, 8])  # samples
FAR = 1e4  # that samples of the whole line reach to
WAVES = 100.0  # the same where f does not settle
FARTHER = 1e9  # and that two reach to where f is settled, and no larger than that
SETTLED = 1e-6  # of the size of f, by which it moves there as x doubles
ABOUT_0 = 1e-9
LEAST = 1e-290  # size of f, below which its relative error is not read
ROUNDING = 1e-14  # of the size of f: errors of doubles
MIRRORED = 0.37, -0.83  # constants with which mirror images are looked for
OF_ALL_SIZES = (*np.geomspace(1e-3, 1e3, 25),)  # constants with which what they do is looked for
ORDINARY, RATES = (
    8.0,
    (0.2, 1.0, 3.0, -0.3, -1.0),
)  # ends of ranges; what is constant on others, times the end
DIGITS = 6, 9, 12  # of constants of f itself


@dataclass(frozen=True)
class Fit:
    """Constants, the largest error with them as samples show it, and whether no step lessens it."""

    values: Floats
    error: float
    settled: bool = False


class Form:
    """A formula whose own names are constants to be found, but for those that are tied to others."""

    def __init__(
        self, text: str, f: Activation, limits: tuple[float, float] | None,
        relative: bool = False, ties: Sequence[Tie] = (),
    ) -> None:  # fmt: skip
        self.text, self.f, self.limits, self.relative, self.ties = text, f, limits, relative, ties
        found = parameter_names(text)
        self.names = [name for name in found if name not in {tie.name for tie in ties}]
        given: dict[str, Any] = {name: Node("name", (name,)) for name in self.names}
        tree = plain(expanded(parse(text, with_ties(given, ties))))
        self.linear = _linear(tree, self.names)
        self._below = [part.args[1] for part in tree.walk() if part.op == "/"]
        self._branches = [part for part in tree.walk() if part.op in ("where", "max", "min")]
        self.tree = tree if self._branches else rewritten(tree)  # rules are of one branch
        ends = np.array([-FARTHER, FARTHER])
        there, before = (np.asarray(f(v), np.float64) for v in (ends, ends / 2))
        with np.errstate(invalid="ignore"):  # infinity less infinity
            settled = np.abs(there - before) <= SETTLED * (1 + np.abs(there))
        far = np.where(settled | ~(np.abs(there) < FAR), FAR, WAVES)
        low, high = limits or (-float(far[0]), float(far[1]))
        spread = np.sinh(np.linspace(np.arcsinh(low), np.arcsinh(high), SAMPLES))
        kinks = [k for k in f.breakpoints.within(low, high) if low < k < high]
        about_0 = [-ABOUT_0, 0, ABOUT_0] if relative else [0]  # f may have a root there
        parts = [
            [low, high],
            kinks,
            about_0,
            spread,
            np.linspace(max(low, -8.0), min(high, 8.0), SAMPLES),
        ]
        x = np.concatenate([np.asarray(p, np.float64) for p in parts])
        x = x[(x >= low) & (x <= high)]
        if limits is None:  # limits that are approached are known by values farther out
            x = np.append(x, ends[settled & (np.abs(there) < FAR)])
        x = np.unique(x)
        truth = np.asarray(f(x), np.float64)
        if relative:
            known = (np.abs(truth) >= LEAST) | (x == 0)
            x, truth = x[known], truth[known]
        self.x, self.truth = x, truth
        self.scale = 1.0 if relative else float(np.max(np.abs(truth)))
        self.unit = max(1.0, self.scale) if limits else 1.0
        self.mirrored = self._mirrored()  # one half tells all
        if self.mirrored:
            self.x, self.truth = x[x >= 0], truth[x >= 0]

    def _mirrored(self) -> bool:
        """Whether the error is as large at -x as at x, with any constants as it seems."""
        x = self.x[self.x > 0]
        if len(x) * 2 < len(self.x) - 1 or self.x[0] != -self.x[-1]:
            return False
        for at in MIRRORED:
            values = at * np.linspace(1, 2, len(self.names))
            right, left = (np.abs(self._gap(side * x, values)) for side in (1, -1))
            known = np.isfinite(right) & np.isfinite(left)
            near = np.abs(right[known] - left[known]) <= ROUNDING * (1 + right[known] + x[known])
            if not known.any() or not near.all():
                return False
        return True

    def idle(self) -> list[str]:
        """The names that change it at no sample, whatever the others are as it seems."""
        found, random = {*self.names}, np.random.default_rng(0)
        for size in OF_ALL_SIZES:
            values = (
                size
                * random.uniform(0.5, 1, len(self.names))
                * random.choice([-1, 1], len(self.names))
            )
            before = self.read(self.x, values)
            for name, other in zip(self.names, np.diag(values), strict=True):
                after = self.read(self.x, values + other)
                with np.errstate(invalid="ignore"):  # infinity less infinity
                    moved = np.abs(after - before) > ROUNDING * (1 + size + np.abs(before))
                if moved.any() or (np.isfinite(after) != np.isfinite(before)).any():
                    found.discard(name)
        return [name for name in self.names if name in found]

    @property
    def inside(self) -> list[float]:
        """A few places of the range, as constants that are places begin at; rates, of unusual ranges."""
        if self.limits is None:
            return []
        low, high = self.limits  # whose difference may be no double
        places = [low + (high / PLACES - low / PLACES) * k for k in range(1, PLACES)]
        size = max(-low, high)
        return places if 1 <= size <= ORDINARY else [*places, *(v / size for v in RATES)]

    def poles(self, values: Floats) -> bool:
        """Whether a denominator changes its sign between a few samples."""
        given = dict(zip(self.names, values.tolist(), strict=True))
        with np.errstate(all="ignore"):
            signs = [np.sign(read_with(u, self.x[::8], given)) for u in self._below]
        return any(np.ndim(s) and (s[1:] * s[:-1] < 0).any() for s in signs)

    def projected(self, values: Floats, free: Sequence[int]) -> Floats:
        """The same with the least squares of the errors at a few samples, by constants that are linear."""
        x, found = self.x[::8], values.copy()
        found[[*free]] = 0.0
        with np.errstate(all="ignore"):
            weights = 1 / np.abs(self.truth[::8]) if self.relative else np.ones(len(x))
            before = self.read(x, found)
            columns = [
                (self.read(x, found + np.eye(len(values))[k]) - before) * weights for k in free
            ]
            rest = (self.truth[::8] - before) * weights
        known = np.isfinite([*columns, rest]).all(axis=0)
        if known.any():
            a = np.stack(columns, axis=1)[known]
            sizes = np.max(np.abs(a), axis=0)
            sizes[sizes == 0] = 1.0
            found[[*free]] = np.linalg.lstsq(a / sizes, rest[known], rcond=None)[0] / sizes
        return found

    @cached_property
    def bends(self) -> bool:
        """Whether it may have kinks that its constants move."""
        return any(inner.op == "name" for part in self._branches for inner in part.walk())

    def read(self, x: Floats, values: Floats) -> Floats:
        """The formula with these constants at float64 arrays."""
        with np.errstate(all="ignore"):
            given = dict(zip(self.names, values.tolist(), strict=True))
            return np.broadcast_to(np.asarray(read_with(self.tree, x, given), np.float64), x.shape)

    def slopes(self, x: Floats, values: Floats) -> Floats:
        """Its derivatives by each constant, as columns; of the relative error times -1 if that is asked."""
        columns = []
        for step in np.diag(_apart(values)):
            rise = self.read(x, values + step) - self.read(x, values - step)
            columns.append(rise / (2 * np.max(step)))
        found = np.stack(columns, axis=1) if columns else np.empty((len(x), 0))
        with np.errstate(all="ignore"):
            return found / np.abs(self._exact(x))[:, None] if self.relative else found

    def noise(self, values: Floats) -> Floats:
        """The slopes that roundings may seem to be."""
        found: Floats = ROUNDING * self.scale / _apart(values)
        return found

    def constants(self, values: Floats) -> dict[str, Fraction]:
        """All constants as they are, those that are tied too."""
        given = dict(zip(self.names, map(Fraction, values.tolist()), strict=True))
        return with_ties(given, self.ties)

    def _exact(self, x: Floats) -> Floats:
        return np.asarray(self.f(x), np.float64)

    def _gap(self, x: Floats, values: Floats, truth: Floats | None = None) -> Floats:
        """f - g, or that by |f|; inf where g has no value."""
        truth = self._exact(x) if truth is None else truth
        e = truth - self.read(x, values)
        if self.relative:
            with np.errstate(all="ignore"):
                e = np.where(e == 0, 0.0, e / np.abs(truth))
        return np.where(np.isfinite(e), e, inf)

    def roughly(self, values: Floats) -> float:
        """The largest error at a few samples."""
        return float(np.max(np.abs(self._gap(self.x[::8], values, self.truth[::8]))))

    def largest(self, values: Floats) -> float:
        """The largest error, also where it bends between samples."""
        return float(np.max(np.abs(self._peaks(values)[1])))

    def judged(self, fit: Fit) -> Fit:
        """Constants with their largest error, which they are settled for if samples show half of it."""
        error = self.largest(fit.values)
        return Fit(fit.values, error, fit.settled and fit.error >= error / 2)

    def touched(self, values: Floats) -> list[float]:
        """The places of the largest error: one of those side by side, and of mirror images."""
        places, errors = self._peaks(values)
        order = np.argsort(places, kind="stable")
        sizes = np.abs(errors)
        near = np.sign(errors) * (sizes >= np.max(sizes) * (1 - 1e-6))
        runs = np.split(order, np.flatnonzero(np.diff(near[order])) + 1)
        return [float(places[run[np.argmax(sizes[run])]]) for run in runs if near[run[0]]]

    def _peaks(self, values: Floats) -> tuple[Floats, Floats]:
        """Samples, and places between at which the error is about its largest; the errors."""
        e = self._gap(self.x, values, self.truth)
        size = np.abs(e)
        most = float(np.max(size))
        if not isfinite(most):
            return self.x, e
        k = _tops(e)
        k = k[size[k] >= most * (1 - NEARLY)]
        k = k[np.argsort(-size[k], kind="stable")[:SHARPENED]]
        low, high = self.x[np.maximum(k - 1, 0)], self.x[np.minimum(k + 1, len(self.x) - 1)]
        places, errors, rows = [self.x], [e], np.arange(len(k))
        for _ in range(ZOOMS):
            x = low[:, None] + (high - low)[:, None] * SHARES
            e = self._gap(x.ravel(), values).reshape(x.shape)
            at = np.argmax(np.abs(e), axis=1)
            places.append(x[rows, at])
            errors.append(e[rows, at])
            low, high = x[rows, np.maximum(at - 1, 0)], x[rows, np.minimum(at + 1, len(SHARES) - 1)]
        return np.concatenate(places), np.concatenate(errors)

    def exact(self, values: Floats) -> Floats | None:
        """Constants of few digits with which it is f, but for the rounding of doubles; None if not."""
        for digits in DIGITS:
            found = np.round(values, digits) + 0.0
            if self.largest(found) <= ROUNDING * self.scale:
                return found
        return None

    def errors(self, values: Floats, sharp: bool = False) -> tuple[Floats, Floats]:
        """Where the error is as large as beside, and the errors there; `sharp` about the largest."""
        if sharp:
            return self._peaks(values)
        e = self._gap(self.x, values, self.truth)
        top = _tops(e)
        inner = top[(top > 0) & (top < len(e) - 1)]
        a, b, c = self.x[inner - 1], self.x[inner], self.x[inner + 1]
        ea, eb, ec = e[inner - 1], e[inner], e[inner + 1]
        with np.errstate(all="ignore"):
            over = (b - a) ** 2 * (eb - ec) - (b - c) ** 2 * (eb - ea)
            vertex = b - over / ((b - a) * (eb - ec) - (b - c) * (eb - ea)) / 2
        vertex = np.where((vertex > a) & (vertex < c), vertex, b)
        there = self._gap(vertex, values)
        beside = top
        if not self.bends:  # where errors soon turn; beside kinks samples would hold these in place
            beside = np.unique(np.clip(top[:, None] + BESIDE, 0, len(e) - 1))
        return np.concatenate([self.x[beside], vertex]), np.concatenate([e[beside], there])


def _linear(tree: Node, names: Sequence[str]) -> list[int]:
    """Constants in which a formula is linear, in all of them together."""
    found: list[int] = []

    def degree(part: Node) -> int:
        """0 of what has none of these, 1 of what is linear in them, 2 of the rest."""
        if part.op == "name":
            return int(part.args[0] in chosen)
        each = [degree(arg) if isinstance(arg, Node) else 0 for arg in part.args]
        if part.op in ("+", "-", "neg"):
            return max(each)
        if part.op == "*" or (part.op == "/" and not each[1]):
            return min(sum(each), 2)
        return 2 * any(each)

    for k in range(len(names)):
        chosen = {names[j] for j in (*found, k)}
        if degree(tree) == 1:
            found.append(k)
    return found


def _apart(values: Floats) -> Floats:
    """How far constants are changed for slopes."""
    found: Floats = 1e-6 * np.maximum(np.abs(values), 1e-3)
    return found


def _tops(errors: Floats) -> Any:
    """Where errors of one sign are as large as beside: once on a level, and on each side of a crossing."""
    signed = np.where(errors < 0, -1.0, 1.0)
    size = np.abs(errors)
    left = np.insert(signed[1:] * errors[:-1], 0, -inf)
    right = np.append(signed[:-1] * errors[1:], -inf)
    return np.flatnonzero((size >= left) & (size > right))
