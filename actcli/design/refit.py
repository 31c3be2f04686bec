"""Finds the constants of a formula that bring it nearest to a function: least largest error, proved.

The formula is made linear in its constants about the last ones, and the linear program of the least largest
error gives the next, within a trust region (Madsen, An algorithm for minimax solution of
overdetermined systems of non-linear equations, 1975). Errors are read where they are largest.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from math import inf, isfinite, nextafter

import numpy as np

from ..evaluation.activation import Activation
from ..evaluation.function_text import resolve
from ..expressions.node import Node
from ..expressions.parametric import read_with
from ..expressions.parser import parameter_names, parse
from ..numbers.interval import Enclosure
from ..numbers.types import Floats
from ..proofs.difference import size_of
from ..wording import count_of
from .design import Design, exact_text
from .refit_bound import least_error
from .request import LARGEST

SAMPLES = 1600
TRIED = (0.05, 0.2, 0.5, 1.0, 2.0, 5.0)  # of each constant at first, where no start is given
STARTS = 3  # of these that are followed
MOST_NAMES = 6
ROUNDS = 60
RIVALS, TRIED_RIVALS = 2, 1  # times that better constants are looked for, and from how many others
SIMPLICES = 2  # from each
NEARLY, SHARPENED = 0.05, 20  # of the largest error, and samples about which it is read sharply
SETTLED = 1e-11  # of the error, that a round may still promise
FAR = 1e4  # that samples of the whole line reach to
FARTHER = 1e9  # and that two reach to where f is no larger than that
CELLS = 8_000
ROUNDING = 1e-14  # of the size of f: errors of doubles
DIGITS = 12  # of constants of f itself
NEWTON = 4  # steps to where an error turns


@dataclass(frozen=True)
class Fit:
    """Constants, and the largest error with them as samples show it."""

    values: Floats
    error: float


class Form:
    """A formula whose own names are constants to be found."""

    def __init__(self, text: str, f: Activation, limits: tuple[float, float] | None) -> None:
        self.names = parameter_names(text)
        self.tree = parse(text, {name: Node("name", (name,)) for name in self.names})
        low, high = limits or (-FAR, FAR)
        spread = np.sinh(np.linspace(np.arcsinh(low), np.arcsinh(high), SAMPLES))
        kinks = [k for k in f.breakpoints.within(low, high) if low < k < high]
        parts = [[low, high], kinks, spread, np.linspace(max(low, -8.0), min(high, 8.0), SAMPLES)]
        x = np.concatenate([np.asarray(p, np.float64) for p in parts])
        x = x[(x >= low) & (x <= high)]
        if limits is None:  # limits that are approached are known by values farther out
            ends = np.array([-FARTHER, FARTHER])
            x = np.append(x, ends[np.abs(np.asarray(f(ends), np.float64)) < FAR])
        self.x = np.unique(x)
        self.f = f
        self.truth = np.asarray(f(self.x), np.float64)
        self.scale = float(np.max(np.abs(self.truth)))

    def read(self, x: Floats, values: Floats) -> Floats:
        """The formula with these constants at float64 arrays."""
        with np.errstate(all="ignore"):
            given = dict(zip(self.names, values.tolist(), strict=True))
            return np.broadcast_to(np.asarray(read_with(self.tree, x, given), np.float64), x.shape)

    def slopes(self, x: Floats, values: Floats) -> Floats:
        """Its derivatives by each constant, as columns."""
        columns = []
        for k, value in enumerate(values):
            step = np.zeros(len(values))
            step[k] = 1e-6 * max(abs(float(value)), 1e-3)
            rise = self.read(x, values + step) - self.read(x, values - step)
            columns.append(rise / (2 * step[k]))
        return np.stack(columns, axis=1)

    def largest(self, values: Floats) -> float:
        """The largest error, also where it bends between samples."""
        return float(np.max(np.abs(self._peaks(values)[1])))

    def touched(self, values: Floats) -> list[float]:
        """The places of the largest error: one of those side by side."""
        places, errors = self._peaks(values)
        order = np.argsort(places, kind="stable")
        sizes = np.abs(errors)
        near = np.sign(errors) * (sizes >= np.max(sizes) * (1 - 1e-6))
        runs = np.split(order, np.flatnonzero(np.diff(near[order])) + 1)
        return [float(places[run[np.argmax(sizes[run])]]) for run in runs if near[run[0]]]

    def _peaks(self, values: Floats) -> tuple[Floats, Floats]:
        """Samples, and places between at which |f - g| is about its largest; f - g, inf if no value."""
        e = self.truth - self.read(self.x, values)
        e = np.where(np.isfinite(e), e, inf)
        size = np.abs(e)
        most = float(np.max(size))
        if not isfinite(most):
            return self.x, e
        left, right = np.insert(size[:-1], 0, 0.0), np.append(size[1:], -1.0)
        k = np.flatnonzero((size >= most * (1 - NEARLY)) & (size >= left) & (size > right))
        k = k[np.argsort(-size[k], kind="stable")[:SHARPENED]]
        low, high = self.x[np.maximum(k - 1, 0)], self.x[np.minimum(k + 1, len(self.x) - 1)]
        places, errors, rows = [self.x], [e], np.arange(len(k))
        for _ in range(7):
            x = low[:, None] + (high - low)[:, None] * np.linspace(0, 1, 17)
            flat = x.ravel()
            e = np.asarray(self.f(flat), np.float64) - self.read(flat, values)
            e = np.where(np.isfinite(e), e, inf).reshape(x.shape)
            at = np.argmax(np.abs(e), axis=1)
            places.append(x[rows, at])
            errors.append(e[rows, at])
            low, high = x[rows, np.maximum(at - 1, 0)], x[rows, np.minimum(at + 1, 16)]
        return np.concatenate(places), np.concatenate(errors)

    def exact(self, values: Floats) -> Floats | None:
        """Constants of few digits with which it is f, but for the rounding of doubles; None if not."""
        found = np.round(values, DIGITS) + 0.0
        return found if self.largest(found) <= ROUNDING * self.scale else None

    def errors(self, values: Floats) -> tuple[Floats, Floats]:
        """Where |f - g| is as large as beside, and f - g there; inf where g has no value."""
        e = self.truth - self.read(self.x, values)
        e = np.where(np.isfinite(e), e, inf)
        size = np.concatenate([[0.0], np.abs(e), [-1.0]])
        top = np.flatnonzero((size[1:-1] >= size[:-2]) & (size[1:-1] > size[2:]))  # once a level
        inner = top[(top > 0) & (top < len(e) - 1)]
        a, b, c = self.x[inner - 1], self.x[inner], self.x[inner + 1]
        ea, eb, ec = e[inner - 1], e[inner], e[inner + 1]
        with np.errstate(all="ignore"):
            over = (b - a) ** 2 * (eb - ec) - (b - c) ** 2 * (eb - ea)
            vertex = b - over / ((b - a) * (eb - ec) - (b - c) * (eb - ea)) / 2
        vertex = np.where((vertex > a) & (vertex < c), vertex, b)
        there = np.asarray(self.f(vertex), np.float64) - self.read(vertex, values)
        return np.concatenate([self.x[top], vertex]), np.concatenate([e[top], there])


def refit(
    f: Activation, text: str, limits: tuple[float, float] | None, start: Mapping[str, str]
) -> Design:
    """The formula `text` with the constants that bring it nearest to f, proved.

    ValueError where it has none to find, and where a fit runs away.
    """
    form = Form(text, f, limits)
    if not form.names:
        raise ValueError(f"{text!r} has no names to fit; write one, as in 'x*sigmoid(c*x)'")
    if len(form.names) > MOST_NAMES:
        raise ValueError(
            f"{text!r} has {count_of(len(form.names), 'name')} to fit; {MOST_NAMES} at most"
        )
    fits = [_improved(form, values) for values in _starts(form, start)]
    fit = min(fits, key=lambda found: found.error)
    if (values := form.exact(fit.values)) is not None:
        fit = Fit(values, 0.0)
    told = fit.error > ROUNDING * form.scale  # places are, and better constants
    least: float | None = None
    for _ in range(RIVALS if told else 0):
        best = dict(zip(form.names, fit.values.tolist(), strict=True))
        least, rivals = least_error(f, form.tree, best, fit.error, form.touched(fit.values))
        better = _better(form, fit, rivals)
        if better is None:
            break
        fit = better
    named = {name: float(v) for name, v in zip(form.names, fit.values, strict=True)}
    shown = ", ".join(f"{name} = {value:.6g}" for name, value in named.items())
    if not isfinite(fit.error) or max(map(abs, named.values())) > LARGEST:
        raise ValueError(f"the fit of {text!r} runs away, to {shown}; give a range or start by -p")
    g = resolve(text, {name: exact_text(value) for name, value in named.items()})
    bounds = _largest_error(f, g, limits)
    known = isfinite(bounds[1])
    if bounds[0] == inf or (known and bounds[0] > 1.01 * fit.error + 1e-14):
        if limits is None:
            at, advice = f" again beyond {_leaving(form, fit):.3g}", "give a range, as in -r -4:4"
        else:
            at, advice = " between samples", f"start it by -p, as in -p {form.names[0]}=1"
        raise ValueError(f"with {shown} the formula leaves {f.label}{at}; {advice}")
    low, high = limits or (-inf, inf)
    return Design(
        function=f.label, kind="refit", low=low, high=high, coefficients=named,
        error_low=bounds[0], error_high=bounds[1],
        attained_at=_turning(f, g, form.touched(fit.values), low, high) if told else [],
        optimum_low=(least if bounds[1] else 0.0) if known else None,
        formula=g.text if g.tree.has_x else f"{g.text} + 0*x",  # as a formula has an x
    )  # fmt: skip


def _turning(
    f: Activation, g: Activation, places: list[float], low: float, high: float
) -> list[float]:
    """Where f - g turns beside places in [low, high], by steps of Newton; those without such stay."""

    def size(x: Floats) -> Floats:
        return np.abs(np.asarray(f(x), np.float64) - np.asarray(g(x), np.float64))

    x = np.array(places)
    for _ in range(NEWTON):
        with np.errstate(all="ignore"):
            step = (f.gradient(x) - g.gradient(x)) / (f.curvature(x) - g.curvature(x))
            moved = np.clip(x - step, low, high)
            near = (np.abs(step) < 1e-3 * (1 + np.abs(x))) & (size(moved) >= size(x) * (1 - 1e-12))
        x = np.where(near, moved, x)
    found: list[float] = x.tolist()
    return found


def _largest_error(
    f: Activation, g: Activation, limits: tuple[float, float] | None
) -> tuple[float, float]:
    """Bounds of sup |f - g|: by cells, or where f - g turns; (0, inf) where it stays open.

    Both are infinite if it is.
    """
    from ..proofs.branch_and_bound import supremum
    from ..proofs.difference import FormulaDifference
    from ..proofs.extrema import extremum
    from ..proofs.points import Undecided

    difference = FormulaDifference(f.tree, g.tree, limits)
    found = supremum(difference, 0, CELLS // 8)
    if found.value is None and found.low < inf:
        with suppress(Undecided, TypeError, ArithmeticError, RecursionError):
            values = [extremum(difference.shape, 0, side).value for side in (-1, 1)]
            if all(isinstance(value, Enclosure) and value.finite for value in values):
                sizes = [size_of(value) for value in values]
                low, high = (max(float(size[k]) for size in sizes) for k in (0, 1))
                return max(nextafter(low, 0.0), 0.0), nextafter(high, inf)
        found = supremum(FormulaDifference(f.tree, g.tree, limits), 0, CELLS)
    if found.value is None and found.low < inf:
        return 0.0, inf
    return found.low, found.high


def _better(form: Form, fit: Fit, rivals: Sequence[Sequence[float]]) -> Fit | None:
    """What is reached from these or other constants, if it is better: by simplices, where f or g bends."""
    from scipy.optimize import minimize

    if not rivals:
        return None
    nearest = sorted((np.array(values) for values in rivals), key=form.largest)[:TRIED_RIVALS]
    sharp = form.largest(fit.values)
    found = [Fit(fit.values, sharp)]
    for values in (fit.values, *nearest):
        for _ in range(SIMPLICES if form.largest(values) < 2 * sharp else 0):
            tight = {"maxfev": 100 * len(values), "xatol": 1e-11, "fatol": 1e-9 * sharp}
            values = np.asarray(
                minimize(form.largest, values, method="Nelder-Mead", options=tight).x, np.float64
            )
            near = _improved(form, values)
            found += [Fit(each, form.largest(each)) for each in (values, near.values)]
            values = min(found, key=lambda one: one.error).values
    best = min(found, key=lambda one: one.error)
    return best if best.error < sharp * (1 - 1e-9) else None


def _starts(form: Form, start: Mapping[str, str]) -> list[Floats]:
    """Where to begin: as given, the others at several values, of which the best are taken."""
    from ..numbers.exact import rational

    choices = []
    for name in form.names:
        given = start.get(name)
        many = TRIED if len(form.names) <= 3 else (0.2, 1.0)
        try:
            choices.append(many if given is None else (float(rational(given)),))
        except (ValueError, ArithmeticError):
            raise ValueError(f"-p {name}={given}: the start of a fit is one number") from None
    found = [np.array(values) for values in product(*choices)]
    few = slice(None, None, 8)
    with np.errstate(all="ignore"):
        errors = [
            np.max(np.nan_to_num(np.abs(form.truth[few] - form.read(form.x[few], v)), nan=inf))
            for v in found
        ]
    return [found[k] for k in np.argsort(errors, kind="stable")[:STARTS]]


def _improved(form: Form, values: Floats) -> Fit:
    """The constants that the linear programs lead to."""
    places, errors = form.errors(values)
    best = float(np.max(np.abs(errors)))
    region = 0.5
    scale = np.maximum(np.abs(values), 1e-2)
    for _ in range(ROUNDS):
        sizes = np.abs(errors)
        near = np.argsort(-sizes, kind="stable")[:120]
        near = near[np.isfinite(errors[near])]
        if not len(near):
            return Fit(values, inf)
        slopes = form.slopes(places[near], values)
        known = np.isfinite(slopes).all(axis=1)
        step, promised = _step(slopes[known], errors[near][known], region * scale)
        if isfinite(best) and best - promised <= SETTLED * best:
            break
        tried = values + step
        there, found = form.errors(tried)
        reached = float(np.max(np.abs(found)))
        if reached < best - 0.1 * max(best - promised, 0.0) or (
            not isfinite(best) and isfinite(reached)
        ):
            values, places, errors, best = tried, there, found, reached
            scale = np.maximum(np.abs(values), 1e-2)
            region = min(2 * region, 1.0)
        else:
            region /= 4
            if region < 1e-13:
                break
    return Fit(values, best)


def _step(slopes: Floats, errors: Floats, region: Floats) -> tuple[Floats, float]:
    """The step within a region after which the largest error is least, if all were linear."""
    from scipy.optimize import linprog

    count, names = slopes.shape
    unit = float(np.max(np.abs(errors), initial=0.0)) or 1.0
    slopes, errors = slopes * region / unit, errors / unit
    above = np.concatenate([-slopes, -np.ones((count, 1))], axis=1)
    below = np.concatenate([slopes, -np.ones((count, 1))], axis=1)
    found = linprog(
        [*[0.0] * names, 1.0], A_ub=np.concatenate([above, below]),
        b_ub=np.concatenate([-errors, errors]), bounds=[*[(-1.0, 1.0)] * names, (0.0, None)],
        method="highs-ds",
    )  # fmt: skip
    if found.x is None:
        return np.zeros(names), unit
    return found.x[:names] * region, float(found.x[-1]) * unit


def _leaving(form: Form, fit: Fit) -> float:
    """From where on the formula is further from f than where it was fitted."""
    e = np.abs(form.truth - form.read(form.x, fit.values))
    far = form.x[~(e <= 1.01 * fit.error)]
    return float(far[np.argmin(np.abs(far))]) if len(far) else float(np.max(np.abs(form.x)))
