"""Searches the constants of a formula with the least largest error, in doubles.

The formula is made linear in its constants about the last ones, and the linear program of the least largest
error gives the next, within a trust region (Madsen, An algorithm for minimax solution of
overdetermined systems of non-linear equations, 1975). Errors are read where they are largest.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from math import inf, isclose, isfinite

import numpy as np

from ..numbers.types import Floats
from .refit_form import Fit, Form
from .request import RUNAWAY

TRIED = (0.05, 0.2, 0.5, 1.0, 2.0, 5.0, -0.3, -1.0)  # of each constant, where no start is given,
FEW = (0.2, 1.0, -0.5)  # and where they are more than three
STARTS = 3  # of these that are followed
ROUNDS = 60
FIRST, MOST = 0.5, 1.0  # of constants, how far a step goes
GROWTH = 10.0  # times a constant, how much larger a step makes it that is little felt
FOLLOWED = 3  # steps that follow one which makes the error larger
TRIED_RIVALS, SIMPLICES = 1, 2  # other constants that are followed, and how often from each
NEAR = 0.1  # of constants, within which rivals are the same
OUTSIZE, ROUNDED = (
    100.0,
    1e-12,
)  # constants that may be without end; of the error, a gain that is none
HUGE = 1e100  # slopes that tell nothing
STALLED, STALL = 8, 1e-9  # rounds, and the share of the error that they gain at least
FAR = 1e-7  # of the error: what gains less is as good, or the best is at infinity
ALIKE = 1e-6  # of the error: what gains no more is as settled
GAIN = 1e-8  # of the error, for which a search goes on
WIDE = 1e-3  # a region in which no step lessens the error of what is settled
SETTLED = 1e-11  # of the error, that a round may still promise


def better(form: Form, fit: Fit, rivals: Sequence[Sequence[float]]) -> Fit | None:
    """What is reached from these or other constants, if it is better; by simplices where programs fail.

    They do if kinks move, and where errors turn with the constants in fewer places than there are.
    """
    if not rivals:
        return None
    away = [v for v in map(np.array, rivals) if np.any(np.abs(v - fit.values) > NEAR * np.abs(v))]
    nearest = sorted(away, key=form.largest)[:TRIED_RIVALS]
    sharp = form.largest(fit.values)
    search = _by_programs if fit.settled and not form.bends else _by_simplices
    found = [one for values in (fit.values, *nearest) for one in search(form, values, sharp)]
    best = min(found, key=lambda one: one.error)
    if not best.error < sharp * (1 - FAR):
        return None
    alike = fit.settled and best.error > sharp * (1 - ALIKE)
    return replace(best, settled=best.settled or alike)


def _by_programs(form: Form, values: Floats, sharp: float) -> list[Fit]:
    return [form.judged(improved(form, values, sharp=True))]


def _by_simplices(form: Form, values: Floats, sharp: float) -> list[Fit]:
    from scipy.optimize import minimize

    found = [Fit(values, form.largest(values))]
    for _ in range(SIMPLICES if found[0].error < 2 * sharp else 0):
        tight = {"maxfev": 100 * len(values), "xatol": 1e-11, "fatol": 1e-9 * sharp}
        values = np.asarray(
            minimize(form.largest, values, method="Nelder-Mead", options=tight).x, np.float64
        )
        before = found[0].error
        near = improved(form, values)
        found += [form.judged(each) for each in (Fit(values, inf), near)]
        found.sort(key=lambda one: one.error)
        values = found[0].values
        if not found[0].error < before * (1 - GAIN):
            break
    return found


def starts(form: Form, start: Mapping[str, str]) -> list[Floats]:
    """Where to begin: as given, the others at several values, of which the best are taken.

    Constants in which the formula is linear follow from the others (Golub and Pereyra, The
    differentiation of pseudo-inverses and nonlinear least squares problems whose variables separate, 1973).
    """
    from ..numbers.exact import rational

    choices = []
    for name in form.names:
        given = start.get(name)
        some = (*TRIED, *form.inside) if len(form.names) <= 3 else FEW
        try:
            choices.append(some if given is None else (float(rational(given)),))
        except (ValueError, ArithmeticError):
            raise ValueError(f"-p {name}={given}: the start of a fit is one number") from None
    found = _best(form, map(np.array, product(*choices)), STARTS)
    if linear := [k for k in form.linear if form.names[k] not in start]:
        for k in linear:
            choices[k] = (0.0,)
        found += _best(form, (form.projected(np.array(v), linear) for v in product(*choices)), 1)
    return found


def _best(form: Form, many: Iterable[Floats], count: int) -> list[Floats]:
    """The best of many constants, those without poles first."""
    tried = sorted((form.poles(v), form.roughly(v), tuple(v.tolist())) for v in many)
    found: list[tuple[float, tuple[float, ...]]] = []
    for _, error, values in tried:
        if len(found) < count and not (found and isclose(error, found[-1][0], rel_tol=1e-9)):
            found.append((error, values))  # which is no mirror image
    return [np.array(values) for _, values in found]


def improved(
    form: Form, values: Floats, moving: Sequence[int] | None = None, sharp: bool = False
) -> Fit:
    """The constants that the linear programs lead to; those that are not `moving` stay.

    A step that makes the error larger is followed by others from where it leads (Chamberlain, Powell,
    Lemarechal and Pedersen, The watchdog technique, 1982): valleys are curved, as b*c = 1 is.
    """
    moves = np.zeros(len(values))
    moves[slice(None) if moving is None else [*moving]] = 1.0
    there = form.errors(values, sharp)
    best = _largest(there)
    region, settled = FIRST, False
    before, known = [inf] * STALLED, (np.max(np.abs(values), initial=1.0), best)
    for _ in range(ROUNDS if moves.any() else 0):
        before.append(best)
        if before[-STALLED] - best <= STALL * best:
            break
        tried, promised = _step(form, values, there, region * moves)
        if promised == inf or (isfinite(best) and best - promised <= SETTLED * best):
            settled = promised < inf and region > WIDE
            break
        wanted = best - 0.1 * (best - promised) if isfinite(best) else inf
        for follow in range(FOLLOWED + 1):
            found = form.errors(tried, sharp)
            reached = _largest(found)
            if reached < wanted or follow == FOLLOWED or not isfinite(reached):
                break
            after, hoped = _step(form, tried, found, region * moves, 2 * (best - promised))
            if not hoped < wanted:
                break
            tried = after
        if reached < wanted:
            values, there, best = tried, found, reached
            size = np.max(np.abs(values))
            if size > 2 * known[0]:  # larger constants gain less and less
                settled = known[1] - best <= FAR * best
                known = size, best
            if settled or size > RUNAWAY * form.unit:
                break
            region = min(2 * region, MOST)
        else:
            region /= 4
            if region < 1e-13:
                break
    return Fit(values, best, settled)


def approached(form: Form, fit: Fit) -> bool:
    """Whether twice the largest constant, a large one, brings the formula nearer, as it seems."""
    size = np.abs(fit.values)
    if not np.max(size, initial=0.0) > OUTSIZE * form.unit:
        return False
    powers = (size > OUTSIZE).astype(float) - (size < 1 / OUTSIZE)
    others = [k for k in range(len(size)) if k != np.argmax(size)]
    further = improved(form, fit.values * 2.0**powers, others)
    return form.largest(further.values) < fit.error * (1 - ROUNDED)


def _largest(there: tuple[Floats, Floats]) -> float:
    """The largest of errors at places."""
    return float(np.max(np.abs(there[1])))


def _step(
    form: Form, values: Floats, there: tuple[Floats, Floats], region: Floats, cost: float = 0.0
) -> tuple[Floats, float]:
    """The constants within a region with the least largest error, if all were linear, and that error.

    Large ones are taken to be linear in their logarithms. What is without effect stays. A step to the
    end of the region has a `cost`. Infinite if no error is known.
    """
    from scipy.optimize import linprog

    places, errors = there
    near = np.argsort(-np.abs(errors), kind="stable")[:120]
    near = near[np.isfinite(errors[near])]
    slopes, errors = form.slopes(places[near], values), errors[near]
    known = (np.abs(slopes) < HUGE).all(axis=1)
    slopes, errors = slopes[known], errors[known]
    count, names = slopes.shape
    if not count:
        return values, inf
    unit = float(np.max(np.abs(errors))) or 1.0
    steepest = np.max(np.abs(slopes), axis=0)
    with np.errstate(all="ignore"):  # a constant may be 0 that is to be large
        felt = np.minimum(unit / steepest, np.maximum(1.0, GROWTH * np.abs(values)))
    large = np.abs(values) > 2 * felt
    sizes = np.maximum(np.abs(values), felt) * (steepest > form.noise(values)) * region
    slopes, errors = slopes * sizes / unit, errors / unit
    one, none = np.ones((count, 1)), np.zeros((count, 1))
    each, far = np.eye(names), np.ones((names, 1))
    rows = np.block(
        [[-slopes, -one, none], [slopes, -one, none], [each, 0 * far, -far], [-each, 0 * far, -far]]
    )
    found = linprog(
        [*[0.0] * names, 1.0, cost / unit if isfinite(cost) else 0.0], A_ub=rows,
        b_ub=np.concatenate([-errors, errors, np.zeros(2 * names)]),
        bounds=[*[(-1.0, 1.0)] * names, (0.0, None), (0.0, 1.0)], method="highs-ds",
    )  # fmt: skip
    if found.x is None:
        return values, unit
    step = found.x[:names] * sizes
    grown = values * np.exp(np.where(large, step, 0.0) / np.where(large, values, 1.0))
    return np.where(large, grown, values + step), float(found.x[-2]) * unit
