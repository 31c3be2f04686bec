"""Lowers the largest of errors that overlapping windows of unknowns determine: quadratic programs (SQP).

A program takes errors to the second order, weighed by their factors in the program before. It is solved
by an interior point method (Mehrotra 1992), whose matrices are banded as windows follow each other. A
share of the unit matrix, which falls while steps succeed, holds all (Levenberg). Where that fails what
bends down in a window is left out. What a step misses at places that each bend in their way is put right
by another (Fletcher, Practical Methods of Optimization, section 14.4).
"""

from typing import NamedTuple

import numpy as np

from ..numbers.types import Floats
from .segments import Local, Segments, Touching

ROUNDS = 60
FIRST = 6  # with ends that stay
GAIN = 1e-8  # of the error, that a program is to promise
HELD, LEAST_HELD, MOST_HELD = 1e-2, 1e-10, 1e9
ITERATIONS = 60
SETTLED = 1e-5  # shares of the unit matrix with which the gain is to be no more
EXACT, NOTHING = 1e-12, 1e-10  # what is left of a program


class Step(NamedTuple):
    """The changes of unknowns, in their units, the change of the largest error, and factors of errors."""

    change: Floats
    promised: float
    factors: Floats


def improved(form: Segments, ends: Floats, free: bool = True) -> tuple[Floats, float]:
    """The unknowns that quadratic programs lead to from ends on, and the largest error by samples.

    Free ends stay at first.
    """
    y, error = _lowered(form, form.start(ends), False, FIRST if free else ROUNDS)
    return _lowered(form, y, True, ROUNDS) if free else (y, error)


def balance(local: Local) -> Floats | None:
    """Factors of all touching places with which slopes sum to 0, nearly; None if none are found."""
    step = solved(local, local.gaps, np.zeros_like(_bends(local, None)), LEAST_HELD)
    if step is None:
        return None
    found = np.zeros(len(local.touch.u))
    found[local.rows] = step.factors
    return found


def _lowered(form: Segments, y: Floats, free: bool, rounds: int) -> tuple[Floats, float]:
    held, exact, touch = HELD, True, form.touching(y)
    local = form.local(y, touch, free)
    bends = _bends(local, None)
    for _ in range(rounds):
        error = touch.largest
        if error <= form.nothing or held > MOST_HELD:
            break
        step = solved(local, local.gaps, bends if exact else _convex(bends), held)
        if step is not None and abs(step.promised) < GAIN:
            if held < SETTLED:
                break
            held /= 100
            bends = _bends(local, step.factors)
            continue
        there: Touching | None = None
        if step is not None and step.promised < 0:
            tried, there = _tried(form, y, local, step, bends, held)
            if there and there.largest < error * (1 + step.promised / 10):
                y, touch, rows = tried, there, len(local.rows)
                local = form.local(y, touch, free)
                held, exact = max(held / 5, LEAST_HELD), True
                bends = _bends(local, step.factors if len(local.rows) == rows else None)
                continue
        if there:  # as other places touch
            local = form.local(y, form.also(y, local.touch, there), free)
        held, exact = held if exact else held * 10, not exact
    return y, touch.largest


def _tried(
    form: Segments, y: Floats, local: Local, step: Step, bends: Floats, held: float
) -> tuple[Floats, Touching | None]:
    """What a step leads to, or the step that puts it right; None if ends cross."""
    error = local.error
    tried = y + step.change * local.units
    if np.any(np.diff(form.ends(tried)) <= 0):
        return tried, None
    there = form.touching(tried)
    if not there.largest < error * (1 + step.promised / 2) and _alike(there, local.touch):
        gaps = there.sizes[local.rows] / error - 1 - _at_errors(local, step.change)
        if (again := solved(local, gaps, _convex(bends), held)) is not None:
            other = y + again.change * local.units
            if np.all(np.diff(form.ends(other)) > 0):
                more = form.touching(other)
                if more.largest < there.largest:
                    return other, more
    return tried, there


def _alike(a: Touching, b: Touching) -> bool:
    return (
        len(a.u) == len(b.u)
        and bool(np.all(a.segment == b.segment)) and bool(np.all(a.signs == b.signs))
    )  # fmt: skip


def _bends(local: Local, factors: Floats | None) -> Floats:
    """Second derivatives of the errors together, by windows."""
    if factors is None:
        weights = np.exp(10 * local.gaps)  # less for those far below
        factors = weights / weights.sum()
    return _by_windows(local, factors[:, None, None] * local.bends)


def _convex(bends: Floats) -> Floats:
    """The same without what bends down in a window."""
    values, vectors = np.linalg.eigh(bends)
    found: Floats = (vectors * np.maximum(values, 0.0)[:, None, :]) @ np.swapaxes(vectors, 1, 2)
    return found


def _by_windows(local: Local, values: Floats) -> Floats:
    """Sums of what is given for each error, by its window."""
    found = np.zeros((len(local.index), *values.shape[1:]))
    new = np.flatnonzero(np.diff(local.window, prepend=-1))
    found[local.window[new]] = np.add.reduceat(values, new, axis=0)
    return found


def _at_errors(local: Local, change: Floats) -> Floats:
    """The changes of errors that changes of unknowns make, to the first order."""
    found: Floats = np.einsum("ij,ij->i", local.slopes, change[local.index][local.window])
    return found


def _at_unknowns(local: Local, parts: Floats) -> Floats:
    """Sums over windows of what each does to its unknowns."""
    found = np.bincount(local.index.ravel(), parts.ravel(), len(local.units))
    return np.asarray(found, np.float64)


def solved(local: Local, gaps: Floats, bends: Floats, held: float) -> Step | None:
    """The step of the quadratic program; None where it bends down in some direction."""
    from scipy.linalg import cho_solve_banded

    rows, size, width = len(gaps), len(local.units), local.index.shape[1]
    squares = local.slopes[:, :, None] * local.slopes[:, None, :]
    stride = local.index[1, 0] if len(local.index) > 1 else 1
    span = (len(local.index) - 1) * stride + 1
    y, top = np.zeros(size), float(np.max(gaps)) + 1.0
    slack, factors, shift = top - gaps, np.full(rows, 1 / rows), 0.0
    for _ in range(ITERATIONS):
        along = y[local.index]
        pull = held * y + _at_unknowns(
            local, np.einsum("kij,kj->ki", bends, along)
            + _by_windows(local, factors[:, None] * local.slopes),
        )  # fmt: skip
        rest = 1 - factors.sum()
        missing = _at_errors(local, y) + gaps - top + slack
        middle = float(slack @ factors) / rows
        left = max(np.max(np.abs(pull)), abs(rest), np.max(np.abs(missing)))
        if middle < EXACT and left < NOTHING:
            break
        if not left < np.inf:
            return None
        weights = factors / slack
        matrices = bends + _by_windows(local, weights[:, None, None] * squares)
        band = np.zeros((width, size))
        band[0] = held
        for a in range(width):
            for b in range(a + 1):
                band[a - b, b : b + span : stride] += matrices[:, a, b]
        factor, shift = _factored(band, shift)
        column = _at_unknowns(local, _by_windows(local, weights[:, None] * local.slopes))
        with_top = cho_solve_banded(factor, column, check_finite=False)
        shrink = weights.sum() - column @ with_top
        if not shrink > 0:
            return None
        product = -slack * factors  # 0 is aimed at, and then what that tells
        for aims in range(2):
            v = (product + factors * missing) / slack
            right = -pull - _at_unknowns(local, _by_windows(local, v[:, None] * local.slopes))
            change = cho_solve_banded(factor, right, check_finite=False)
            rise = float((v.sum() - rest + column @ change) / shrink)
            change = change + with_top * rise
            moved = _at_errors(local, change) - rise
            slacks, more = -missing - moved, v + weights * moved
            if not aims:
                share = min(_most(slack, slacks), _most(factors, more))
                aimed = float((slack + share * slacks) @ (factors + share * more)) / rows
                product = middle * (aimed / middle) ** 3 - slack * factors - slacks * more
        share = min(1.0, 0.995 * min(_most(slack, slacks), _most(factors, more)))
        y, top = y + share * change, top + share * rise
        slack, factors = slack + share * slacks, factors + share * more
    else:
        return None
    bend = float(np.einsum("ki,kij,kj->", y[local.index], bends, y[local.index])) / 2
    return Step(y, top + bend, factors)


def _factored(band: Floats, shift: float) -> tuple[tuple[Floats, bool], float]:
    """The Cholesky factor of a matrix, and what was added to its diagonal for there to be one."""
    from scipy.linalg import cholesky_banded

    shift /= 10
    while True:
        held = band.copy()
        held[0] += shift
        try:
            return (cholesky_banded(held, lower=True, check_finite=False), True), shift
        except np.linalg.LinAlgError:
            shift = max(10 * shift, 1e-4)


def _most(values: Floats, changes: Floats) -> float:
    """The largest share of changes up to 1 / 0.995 that leaves values no less than 0."""
    falls = changes < 0
    return min(1 / 0.995, float(np.min(-values[falls] / changes[falls], initial=np.inf)))
