"""Improves segments that meet by quadratic programs, which know how errors bend (SQP).

Where fewer places touch than there are unknowns, as of parabolas that meet, linear programs settle
slowly. Polynomials are told here in coordinates that do not move with ends, so only values at ends depend
on these; a largest error inside a segment bends as its place moves. Of what bends down nothing is taken,
and a share that falls while steps succeed holds all (Levenberg). What a step misses at places that each
bend in their way is put right by another (Fletcher, Practical Methods of Optimization, section 14.4).
"""

from dataclasses import dataclass

import numpy as np

from ..numbers.types import Floats, NumpyArray
from .joined import Joined, State

ROUNDS = 60
NEAR = 0.5  # of the largest error, from which on places are seen
GAIN = 1e-7  # of the error, that a program is to promise
AT_KINK = 1e-9  # of a width: ends that stay
HELD, LEAST_HELD, MOST_HELD = 1e-2, 1e-9, 1e9
UNIT = 1e-3  # of the squared change of the error, so that a program has one answer


@dataclass(frozen=True)
class Touching:
    """Places where the error is no smaller than beside, and not far below the largest."""

    segment: NumpyArray
    u: Floats
    errors: Floats


@dataclass(frozen=True)
class Local:
    """Errors at touching places less the largest, and equations, to the second order in the unknowns."""

    touch: Touching
    gaps: Floats  # at places, and of heights
    errors: Floats  # rows of slopes
    equations: Floats
    second: tuple[NumpyArray, NumpyArray, NumpyArray, Floats]  # row, two unknowns, derivative
    units: Floats  # of all unknowns, in which 1 is a large change; 0 of those that stay

    def whole(self, step: Floats) -> Floats:
        """The changes of all unknowns."""
        change = np.zeros(len(self.units))
        change[self.units > 0] = step
        found: Floats = change * self.units
        return found

    def bend(self, factors: Floats) -> Floats:
        """The second derivatives of the sum of errors and equations with these factors."""
        row, a, b, value = self.second
        size = self.errors.shape[1]
        total = np.bincount(a * size + b, factors[row] * value, minlength=size * size)
        return np.asarray(total.reshape(size, size), np.float64)


@dataclass(frozen=True)
class Bend:
    """How errors bend together, with factors: in directions that equations leave, least bend first."""

    factors: Floats
    second: Floats
    directions: Floats
    values: Floats


def polished(form: Joined, state: State, error: float) -> tuple[State, float]:
    """The state that quadratic programs lead to, and its largest error by samples, which is no larger."""
    if error <= form.nothing:
        return state, error
    held = HELD
    local = local_at(form, state, error)
    bend = _bend(local, _balance(local))
    for _ in range(ROUNDS):
        if error <= form.nothing:
            break
        step, promised, found = _program(local, local.gaps, bend, held)
        if promised > -GAIN:
            if held < 1e-6 or not promised:
                break
            held /= 100
            continue
        tried = form.changed(state, local.whole(step))
        reached = form.largest(tried) if tried else np.inf
        if tried and not reached < error * (1 + promised / 2):
            again = _again(form, local, tried, error, step, bend, held)
            other = form.changed(state, local.whole(again)) if again is not None else None
            if other and (better := form.largest(other)) < reached:
                tried, reached = other, better
        if tried and reached < error * (1 + promised / 10):
            state, error = tried, reached
            local = local_at(form, state, error)
            held = max(held / 5, LEAST_HELD)
            same = len(found) == len(local.errors) + len(local.equations)
            bend = _bend(local, found if same else _balance(local))
        elif held > MOST_HELD:
            break
        else:
            held *= 10
    return state, error


def _again(
    form: Joined, local: Local, tried: State, error: float, step: Floats, bend: Bend,
    held: float,
) -> Floats | None:  # fmt: skip
    """The step with which places are where they were found to be; None if others touch there."""
    there, here = _touching(form, tried, error), local.touch
    if len(there.u) != len(here.u) or np.any(there.segment != here.segment):
        return None
    if np.any(there.errors * here.errors < 0):
        return None
    gaps = np.abs(np.append(there.errors, tried.heights)) / error - 1
    return _program(local, gaps - local.errors @ step, bend, held)[0]


def _balance(local: Local) -> Floats:
    """The factors with which slopes of errors, which sum to 1, and of equations are nearest to 0."""
    from scipy.optimize import nnls

    places, equations = local.errors.shape[0], len(local.equations)
    weight = np.exp(10 * local.gaps)  # less for those far below
    matrix = np.concatenate([local.errors * weight[:, None], local.equations, -local.equations]).T
    total = np.append(weight, np.zeros(2 * equations))
    wanted = np.append(np.zeros(len(matrix)), 1.0)
    try:
        found = nnls(np.vstack([matrix, total]), wanted, maxiter=50 * len(total))[0]
    except RuntimeError:  # it cycles
        return np.append(weight / weight.sum(), np.zeros(equations))
    return np.append(
        found[:places] * weight, found[places:][:equations] - found[places + equations :]
    )


def _bend(local: Local, factors: Floats) -> Bend:
    free = np.linalg.qr(local.equations.T, mode="complete")[0][:, len(local.equations) :]
    second = local.bend(factors)
    values, vectors = np.linalg.eigh(free.T @ second @ free)
    return Bend(factors, second, free @ vectors, values)


def _program(local: Local, gaps: Floats, bend: Bend, held: float) -> tuple[Floats, float, Floats]:
    """The step of the quadratic program, the change of the error that it promises, and its factors.

    It is solved as that of the least distance (Lawson and Hanson, Solving Least Squares Problems, ch. 23).
    """
    from scipy.optimize import nnls

    basis = bend.directions / np.sqrt(np.maximum(bend.values, 0.0) + held)
    nothing = np.zeros(local.errors.shape[1]), 0.0, bend.factors
    root = UNIT**0.5
    sides = np.vstack([(-local.errors @ basis).T, np.full(len(gaps), 1 / root), gaps + 1 / UNIT])
    wanted = np.append(np.zeros(len(sides) - 1), 1.0)
    try:
        shares = nnls(sides, wanted, maxiter=50 * len(gaps))[0]
    except RuntimeError:  # it cycles
        return nothing
    rest = wanted - sides @ shares
    if not rest[-1] > 1e-14:
        return nothing
    nearest = rest[:-1] / -rest[-1]
    step = basis @ nearest[:-1]
    weights = shares / shares.sum()
    pull = local.errors.T @ weights + bend.second @ step
    others = np.linalg.lstsq(local.equations.T, -pull, rcond=None)[0]
    return step, float(nearest[-1] / root - 1 / UNIT), np.append(weights, others)


def _touching(form: Joined, state: State, error: float) -> Touching:
    at = form.read(state)
    order = np.lexsort((at.u, at.segment))
    segment, u, e = at.segment[order], at.u[order], at.errors[order]
    new = np.append(True, (np.diff(segment) != 0) | (np.diff(u) > 1e-12))
    segment, u, e = segment[new], u[new], e[new]
    sizes, other = np.abs(e), np.diff(segment) != 0
    kept = (
        np.append(True, (sizes[1:] >= sizes[:-1]) | other)
        & np.append((sizes[:-1] > sizes[1:]) | other, True) & (sizes >= error * (1 - NEAR))
    )  # fmt: skip
    return Touching(segment[kept], u[kept], e[kept])


def local_at(form: Joined, state: State, error: float) -> Local:
    """What becomes of the largest errors, and of equations, near a state."""
    touch = _touching(form, state, error)
    segment, u, signs = touch.segment, touch.u, np.sign(touch.errors)
    x = form.places(state.ends, segment, u)
    count, terms, heights = len(state.ends) - 1, form.degree + 1, len(state.heights)
    first_height, first_end = count * terms, count * terms + heights
    size = first_end + count + 1
    widths = np.diff(state.ends)
    once, twice = _derivatives(form.degree)
    slope_at, bend_at = (
        np.nan_to_num(np.asarray(read(state.ends), np.float64))
        for read in (form.f.gradient, form.f.curvature)
    )
    places = len(x)
    errors = np.zeros((places + heights, size))
    entries: list[tuple[NumpyArray, NumpyArray, NumpyArray, Floats]] = []

    def put(row: NumpyArray, a: NumpyArray, b: NumpyArray, value: Floats) -> None:
        parts = np.broadcast_arrays(row, a, b, value)
        entries.append(tuple(part.ravel() for part in parts))  # type: ignore[arg-type]

    # errors at places of segments
    inner = np.flatnonzero((segment >= 0) & (segment < count))
    k, sign = segment[inner], signs[inner]
    values = np.polynomial.chebyshev.chebvander(u[inner], form.degree)
    slopes = values @ once * (2 / widths[k])[:, None]
    rise = np.sum(slopes * state.sums[k], axis=1)
    bend = np.sum(values @ twice * state.sums[k], axis=1) * 4 / widths[k] ** 2
    columns = k[:, None] * terms + np.arange(terms)
    errors[inner[:, None], columns] = -sign[:, None] * values
    ended = np.abs(u[inner]) == 1
    n, end = inner[ended], (k + (u[inner] > 0))[ended]
    errors[n, first_end + end] = sign[ended] * (slope_at[end] - rise[ended])
    put(n, first_end + end, first_end + end, sign[ended] * (bend_at[end] - bend[ended]))
    mixed = -sign[ended][:, None] * slopes[ended]
    put(n[:, None], columns[ended], first_end + end[:, None], mixed)
    put(n[:, None], first_end + end[:, None], columns[ended], mixed)
    curve = sign * (np.nan_to_num(np.asarray(form.f.curvature(x[inner]), np.float64)) - bend)
    round_ = ~ended & (curve < 0)
    if form.kinks:
        near = np.abs(x[inner][:, None] - np.array(form.kinks))
        round_ &= np.min(near, axis=1) > 1e-12
    some = slopes[round_]
    put(
        inner[round_][:, None, None], columns[round_][:, :, None], columns[round_][:, None, :],
        some[:, :, None] * some[:, None, :] / -curve[round_][:, None, None],
    )  # fmt: skip
    # of tails
    for side, height in enumerate(state.heights):
        assert form.tails is not None
        out = segment >= count if side else segment < 0
        errors[:places][out, first_height + side] = -signs[out]
        n, end = np.flatnonzero(out & (u == 0)), first_end + side * count
        errors[n, end] = signs[n] * (slope_at[side * count] - form.tails[side][0])
        put(n, np.array(end), np.array(end), signs[n] * bend_at[side * count])
        errors[places + side, first_height + side] = np.sign(height)
    # equations
    equations: list[Floats] = []
    for meeting in form.meetings(count):
        row, number = np.zeros(size), np.array(places + heights + len(equations))
        end = meeting[0]
        drift, turn = (-slope_at[end], -bend_at[end]) if form.on_curve else (0.0, 0.0)
        for part, factor in meeting[1]:
            if not 0 <= part < count:
                assert form.tails is not None
                row[first_height + int(part >= count)] += factor
                drift += factor * form.tails[int(part >= count)][0]
                continue
            value = np.ones(terms) if part < end else (-1.0) ** np.arange(terms)
            slope = value @ once * 2 / widths[part]
            own = part * terms + np.arange(terms)
            row[own] += factor * value
            drift += factor * (slope @ state.sums[part])
            turn += factor * (value @ twice @ state.sums[part]) * 4 / widths[part] ** 2
            put(number, own, np.array(first_end + end), factor * slope)
            put(number, np.array(first_end + end), own, factor * slope)
        row[first_end + end] = drift
        put(number, np.array(first_end + end), np.array(first_end + end), np.array(turn))
        equations.append(row)
    if form.tied:
        for end in range(count):
            row = np.zeros(size)
            row[first_end + end], row[size - 1] = 1.0, 1 - 2 * end / count
            equations.append(row)
    # in units
    units = np.full(size, error)
    units[first_end:] = _room(form, state)
    moves = units > 0
    index = np.cumsum(moves) - 1
    row, a, b, value = (np.concatenate(part) for part in zip(*entries, strict=True))
    kept = moves[a] & moves[b]
    row, a, b, value = row[kept], a[kept], b[kept], value[kept]
    return Local(
        touch, np.abs(np.append(touch.errors, state.heights)) / error - 1,
        (errors * units / error)[:, moves],
        (np.array(equations).reshape(-1, size) * units / error)[:, moves],
        (row, index[a], index[b], value * units[a] * units[b] / error), units,
    )  # fmt: skip


def _room(form: Joined, state: State) -> Floats:
    """How narrow segments beside ends are; 0 of ends that stay."""
    widths = np.diff(state.ends)
    if not len(widths):
        return np.ones(1)
    room = np.minimum(np.append(widths, widths[-1]), np.insert(widths, 0, widths[0]))
    if not form.tied:
        for kink in form.kinks:
            room = np.where(np.abs(state.ends - kink) <= AT_KINK * room, 0.0, room)
    if not form.tails:
        room[[0, -1]] = 0.0
    return np.asarray(room, np.float64)


def _derivatives(degree: int) -> tuple[Floats, Floats]:
    """What takes values of Chebyshev polynomials to their first and second derivatives."""
    first = np.zeros((degree + 1, degree + 1))
    for k in range(1, degree + 1):
        first[:k, k] = np.polynomial.chebyshev.chebder([*[0.0] * k, 1.0])
    return first, first @ first
