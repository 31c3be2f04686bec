"""Searches the constants of a formula with the least largest error, in doubles.

The formula is made linear in its constants about the last ones, and the linear program of the least largest
error gives the next, within a trust region (Madsen, An algorithm for minimax solution of
overdetermined systems of non-linear equations, 1975). Errors are read where they are largest.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from math import inf, isclose, isfinite

import numpy as np

from ..numbers.types import Floats
from .refit_form import Fit, Form
from .request import LARGEST

TRIED = (0.05, 0.2, 0.5, 1.0, 2.0, 5.0, -0.3, -1.0)  # of each constant, where no start is given,
FEW = (0.2, 1.0, -0.5)  # and where they are more than three
STARTS = 3  # of these that are followed
ROUNDS = 60
TRIED_RIVALS, SIMPLICES = 1, 2  # other constants that are followed, and how often from each
NEAR = 0.1  # of constants, within which rivals are the same
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
    return best if best.error < sharp * (1 - 1e-9) else None


def _by_programs(form: Form, values: Floats, sharp: float) -> list[Fit]:
    near = improved(form, values, sharp=True)
    return [Fit(near.values, form.largest(near.values))]


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
        found += [Fit(each, form.largest(each)) for each in (values, near.values)]
        found.sort(key=lambda one: one.error)
        values = found[0].values
        if not found[0].error < before * (1 - GAIN):
            break
    return found


def starts(form: Form, start: Mapping[str, str]) -> list[Floats]:
    """Where to begin: as given, the others at several values, of which the best are taken."""
    from ..numbers.exact import rational

    choices = []
    for name in form.names:
        given = start.get(name)
        many = TRIED if len(form.names) <= 3 else FEW
        try:
            choices.append(many if given is None else (float(rational(given)),))
        except (ValueError, ArithmeticError):
            raise ValueError(f"-p {name}={given}: the start of a fit is one number") from None
    tried = sorted((form.roughly(np.array(values)), values) for values in product(*choices))
    found: list[tuple[float, tuple[float, ...]]] = []
    for error, values in tried:
        if len(found) < STARTS and not (found and isclose(error, found[-1][0], rel_tol=1e-9)):
            found.append((error, values))  # which is no mirror image
    return [np.array(values) for _, values in found]


def improved(
    form: Form, values: Floats, moving: Sequence[int] | None = None, sharp: bool = False
) -> Fit:
    """The constants that the linear programs lead to; those that are not `moving` stay."""
    places, errors = form.errors(values, sharp)
    best = float(np.max(np.abs(errors)))
    region, settled = 0.5, False
    moves = np.zeros(len(values))
    moves[slice(None) if moving is None else [*moving]] = 1.0
    for _ in range(ROUNDS if moves.any() else 0):
        sizes = np.abs(errors)
        near = np.argsort(-sizes, kind="stable")[:120]
        near = near[np.isfinite(errors[near])]
        if not len(near):
            return Fit(values, inf)
        slopes = form.slopes(places[near], values)
        known = np.isfinite(slopes).all(axis=1)
        slopes = slopes[known]
        with np.errstate(all="ignore"):  # a constant may be 0 that is to be large
            felt = float(np.max(sizes[near])) / np.max(np.abs(slopes), axis=0, initial=0.0)
        scale = np.maximum(np.maximum(np.abs(values), 1e-2), np.minimum(felt, LARGEST)) * moves
        step, promised = _step(slopes, errors[near][known], region * scale)
        if isfinite(best) and best - promised <= SETTLED * best:
            settled = region > WIDE
            break
        tried = values + step
        there, found = form.errors(tried, sharp)
        reached = float(np.max(np.abs(found)))
        if reached < best - 0.1 * max(best - promised, 0.0) or (
            not isfinite(best) and isfinite(reached)
        ):
            values, places, errors, best = tried, there, found, reached
            region = min(2 * region, 1.0)
        else:
            region /= 4
            if region < 1e-13:
                break
    return Fit(values, best, settled)


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
