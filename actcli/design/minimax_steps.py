"""Lowers the largest of errors that overlapping windows of unknowns determine: quadratic programs (SQP).

A program takes errors to the second order, weighed by their factors in the program before. It is solved
by an interior point method (Mehrotra 1992), whose matrices are banded as windows follow each other. A
share of the unit matrix, which falls while steps succeed, holds all (Levenberg). Where that fails what
bends down in a window is left out. What a step misses at places that each bend in their way is put right
by another (Fletcher, Practical Methods of Optimization, section 14.4). Programs of many chains of segments
are solved together, as blocks of one: that takes little more time than one.
"""

from typing import NamedTuple

import numpy as np

from ..numbers.types import Floats, NumpyArray
from .segments import Local, Segments, Touching

ROUNDS = 60
FIRST = 6  # with ends that stay
GAIN = 1e-8  # of the error, that a program is to promise
EXPLORING, ROUGH = 25, 1e-5  # rounds and gains where many starts are tried
HELD, LEAST_HELD, MOST_HELD = 1e-2, 1e-10, 1e9
ITERATIONS = 20
SETTLED = 1e-5  # shares of the unit matrix with which the gain is to be no more
EXACT, NOTHING = 1e-12, 1e-10  # what is left of a program
SAME = 1e-7  # of the error, that an end at 0 may cost


class Step(NamedTuple):
    """Changes of unknowns in their units; changes of the largest error of chains; factors of errors."""

    change: Floats
    promised: Floats
    known: NumpyArray
    factors: Floats


def improved(form: Segments, *starts: Floats) -> tuple[Floats, float]:
    """The best unknowns that quadratic programs lead to from ends on, and the largest error by samples."""
    y, errors = explored(form, *starts)
    return polished(form, y[np.argmin(errors)])


def explored(form: Segments, *starts: Floats) -> tuple[Floats, Floats]:
    """The same from each start, but for a little of the error. Ends stay at first."""
    y, _ = _lowered(form, form.start(np.stack(starts)), False, FIRST, ROUGH)
    return _lowered(form, y, True, EXPLORING, ROUGH)


def polished(form: Segments, y: Floats, free: bool = True) -> tuple[Floats, float]:
    """The best near rows of unknowns; ends are `free`, and put where they are meant to be, or stay."""
    rows, errors = _lowered(form, np.atleast_2d(y), free, ROUNDS, GAIN)
    found, error = rows[np.argmin(errors)], np.min(errors)
    if free and np.any(found != (there := form.as_meant(found))):
        there, reached = _lowered(form, np.atleast_2d(there), False, ROUNDS, GAIN)
        if reached[0] <= error * (1 + SAME):
            found = there[0]
    return found, float(error)


def least_errors(form: Segments, ends: Floats) -> Floats:
    """The largest errors, by samples, of the best with given ends, a row for each chain."""
    return _lowered(form, form.start(ends), False, ROUNDS, GAIN)[1]


def balance(local: Local) -> Floats | None:
    """Factors of all touching places with which slopes sum to 0, nearly; None if none are found."""
    step = solved(local, local.gaps, np.zeros_like(_bends(local, {})), np.array([LEAST_HELD]))
    if not step.known[0]:
        return None
    found = np.zeros(len(local.touch.u))
    found[local.rows] = step.factors
    return found


def _lowered(
    form: Segments, y: Floats, free: bool, rounds: int, gain: float
) -> tuple[Floats, Floats]:
    """The unknowns that programs lead to, a row for each chain, and the largest error of each.

    Ends may be `free`; a program that promises less than `gain` is the last.
    """
    found, errors = y.copy(), np.zeros(len(y))
    own: NumpyArray = np.arange(len(y))  # the chains that go on
    held, exact, settled = np.full(len(y), HELD), np.ones(len(y), bool), np.zeros(len(y), bool)
    renewed, factors = exact, dict[int, Floats]()
    touch, bends = form.touching(y), np.zeros(0)
    for _ in range(rounds):
        error = touch.largest
        going = ~(settled | (error <= form.nothing) | (held > MOST_HELD))
        if not going.all():
            found[own], errors[own] = y, error
            if not going.any():
                return found, errors
            own, y, held = own[going], y[going], held[going]
            exact, renewed = exact[going], renewed[going]
            rest = enumerate(np.flatnonzero(going).tolist())
            factors = {k: factors[c] for k, c in rest if c in factors}
            touch, error = touch.numbered(going), error[going]
            bends = bends[np.repeat(going, len(bends) // len(going))]
        local = form.local(y, touch, free)
        many = len(local.index) // len(y)  # windows of a chain
        fresh, old = _bends(local, factors), ~np.repeat(renewed, many)
        if old.any():
            fresh[old] = bends[old]
        bends, flat = fresh, ~np.repeat(exact, many)
        taken = bends.copy()
        taken[flat] = _convex(bends[flat])
        step = solved(local, local.gaps, taken, held)
        little = step.known & (abs(step.promised) < gain)
        settled = little & (held < SETTLED)
        down = step.known & ~little & (step.promised < 0)
        tried = np.where(down[:, None], y + (step.change * local.units).reshape(y.shape), y)
        down &= np.all(np.diff(form.ends(tried)) > 0, axis=1)
        tried[~down] = y[~down]
        there = form.touching(tried)
        poor = down & ~(there.largest < error * (1 + step.promised / 2))
        poor &= _alike(there, touch)
        if poor.any():
            tried, there = _righted(form, y, local, step, tried, there, free, bends, held, poor)
        better = down & (there.largest < error * (1 + step.promised / 10))
        more = form.looked_at(y, there.of(down & ~better))  # as other places touch
        touch = there.of(better).also(touch.of(~better)).also(more)
        y = np.where(better[:, None], tried, y)
        renewed = better | little
        factors = {int(c): step.factors[local.chain == c] for c in np.flatnonzero(renewed)}
        held = np.where(
            better, np.maximum(held / 5, LEAST_HELD),
            np.where(little, held / 100, np.where(exact, held, 10 * held)),
        )  # fmt: skip
        exact = better | np.where(little, exact, ~exact)
    found[own], errors[own] = y, touch.largest
    return found, errors


def _righted(
    form: Segments, y: Floats, local: Local, step: Step, tried: Floats, there: Touching, free: bool,
    bends: Floats, held: Floats, poor: NumpyArray,
) -> tuple[Floats, Touching]:  # fmt: skip
    """What steps lead to, or the steps that put poor ones right."""
    now = there.numbered(poor)
    part = form.local(y[poor], local.touch.numbered(poor), free)
    change = step.change.reshape(y.shape)[poor].ravel()
    gaps = now.sizes[part.rows] / part.error[part.chain] - 1 - _at_errors(part, change)
    own = np.repeat(poor, len(bends) // len(poor))
    again = solved(part, gaps, _convex(bends[own]), held[poor])
    other = tried.copy()
    other[poor] = y[poor] + (again.change * part.units).reshape(-1, y.shape[1])
    right = poor.copy()
    right[poor] = again.known
    right &= np.all(np.diff(form.ends(other)) > 0, axis=1)
    other[~right] = tried[~right]
    more = form.touching(other)
    right &= more.largest < there.largest
    return np.where(right[:, None], other, tried), there.of(~right).also(more.of(right))


def _alike(a: Touching, b: Touching) -> NumpyArray:
    """Of which chains the same places touch."""
    found = np.zeros(len(a.largest), bool)
    for c in range(len(found)):
        mine, other = a.chain == c, b.chain == c
        found[c] = all(
            np.array_equal(getattr(a, name)[mine], getattr(b, name)[other])
            for name in ("segment", "signs")
        )
    return found


def _bends(local: Local, factors: dict[int, Floats]) -> Floats:
    """Second derivatives of the errors together, by windows; with known factors if these are as many."""
    weights = np.exp(10 * local.gaps)  # less for those far below
    weights /= np.bincount(local.chain, weights)[local.chain]
    for c, known in factors.items():
        own = local.chain == c
        if own.sum() == len(known):
            weights[own] = known
    return _by_windows(local, weights[:, None, None] * local.bends)


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
    found: Floats = np.einsum("ij,ij->i", local.slopes, change[local.index[local.window]])
    return found


@np.errstate(all="ignore")
def solved(local: Local, gaps: Floats, bends: Floats, held: Floats) -> Step:
    """The steps of the quadratic programs; not known where they bend down in some direction."""
    from scipy.linalg.lapack import dpbtrs

    size, width, chains = len(local.units), local.index.shape[1], len(local.error)
    of, begins = local.chain, np.searchsorted(local.chain, np.arange(chains))
    many, first = np.bincount(of), np.arange(0, size, size // chains)
    each = np.repeat(np.arange(chains), size // chains)  # of unknowns
    places = local.index[local.window]
    low, up = np.tril_indices(width)  # of matrices, kept as bands
    spots, products = (low - up) * size + places[:, up], local.slopes[:, low] * local.slopes[:, up]

    def banded(spots: NumpyArray, values: Floats) -> Floats:
        found = np.bincount(spots.ravel(), values.ravel(), width * size)
        return np.asarray(found.reshape(width, size), np.float64)

    def total(values: Floats) -> Floats:
        return np.asarray(np.add.reduceat(values, begins), np.float64)

    def pulls(values: Floats) -> Floats:
        """What values at errors do to unknowns."""
        found = np.bincount(places.ravel(), (values[:, None] * local.slopes).ravel(), size)
        return np.asarray(found, np.float64)

    def bent(y: Floats) -> Floats:
        parts = np.einsum("kij,kj->ki", bends, y[local.index])
        found = held[each] * y + np.bincount(local.index.ravel(), parts.ravel(), size)
        return np.asarray(found, np.float64)

    def most(values: Floats, changes: Floats) -> Floats:
        """The largest shares of changes up to 1 / 0.995 that leave values no less than 0."""
        shares = np.where(changes < 0, -values / changes, np.inf)
        return np.minimum(1 / 0.995, np.minimum.reduceat(shares, begins))

    base = banded((low - up) * size + local.index[:, up], bends[:, low, up])
    base[0] += held[each]
    y, top, shift = np.zeros(size), np.maximum.reduceat(gaps, begins) + 1.0, np.zeros(chains)
    slack, factors = top[of] - gaps, 1 / many[of]
    done, failed = np.zeros(chains, bool), np.zeros(chains, bool)
    for _ in range(ITERATIONS):
        pull, rest = bent(y) + pulls(factors), 1 - total(factors)
        missing = _at_errors(local, y) + gaps - top[of] + slack
        middle = total(slack * factors) / many
        left = np.maximum(np.max(np.abs(pull.reshape(chains, -1)), axis=1), np.abs(rest))
        left = np.maximum(left, np.maximum.reduceat(np.abs(missing), begins))
        failed |= ~(left < np.inf)
        done |= failed | ((middle < EXACT) & (left < NOTHING))
        if done.all():
            break
        weights = np.where(done[of], 0.0, factors / slack)
        band = base + banded(spots, weights[:, None] * products)
        band[:, done[each]] = 0.0
        band[0, done[each]] = 1.0
        factor, column = _factored(band, shift, each), pulls(weights)
        with_top, _ = dpbtrs(factor, column, lower=1)
        shrink = total(weights) - np.add.reduceat(column * with_top, first)
        failed |= ~done & ~(shrink > 0)
        shrink = np.where(shrink > 0, shrink, 1.0)
        product = -slack * factors  # 0 is aimed at, and then what that tells
        for aims in range(2):
            v = np.where(done[of], 0.0, (product + factors * missing) / slack)
            right = -pull - pulls(v)
            change, _ = dpbtrs(factor, np.where(done[each], 0.0, right), lower=1)
            rise = (total(v) - rest + np.add.reduceat(column * change, first)) / shrink
            change = change + with_top * rise[each]
            moved = _at_errors(local, change) - rise[of]
            slacks, more = -missing - moved, v + weights * moved
            if not aims:
                share = np.minimum(most(slack, slacks), most(factors, more))[of]
                aimed = total((slack + share * slacks) * (factors + share * more)) / many
                product = (middle * (aimed / middle) ** 3)[of] - slack * factors - slacks * more
        share = np.minimum(1.0, 0.995 * np.minimum(most(slack, slacks), most(factors, more)))
        share = np.where(done | failed, 0.0, share)
        y, top = y + share[each] * change, top + share * rise
        slack, factors = slack + share[of] * slacks, factors + share[of] * more
    along = y[local.index]
    bend = np.einsum("ki,kij,kj->k", along, bends, along).reshape(chains, -1).sum(axis=1) / 2
    return Step(y, top + bend, done & ~failed, factors)


def _factored(band: Floats, shift: Floats, each: NumpyArray) -> Floats:
    """The Cholesky factor of blocks; `shift` becomes what is added to diagonals for there to be one."""
    from scipy.linalg.lapack import dpbtrf

    shift /= 10
    while True:
        held = band.copy()
        held[0] += shift[each]
        factor, missing = dpbtrf(held, lower=1)
        if not missing:
            return np.asarray(factor, np.float64)
        block = each[missing - 1]
        shift[block] = max(10 * shift[block], 1e-4)
