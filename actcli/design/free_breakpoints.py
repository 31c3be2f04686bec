"""Finds breakpoints of piecewise polynomials: where f is equally hard, and by dynamic programming.

Quadratic programs improve breakpoints and end in one of many valleys. Where to begin: at segments on which
f is equally hard, with ends on kinks, at the best path over a grid of places and errors there, with the
least largest error of each polynomial between two of them, and near the best of these.
"""

from fractions import Fraction
from math import inf

import numpy as np

from ..evaluation.activation import Activation
from ..numbers.types import Floats
from .design import Design
from .exchange import chebyshev_places
from .joined import Joined, State
from .pieces import Piece, assembled
from .piecewise import Samples, sampled
from .stationary import polished

FEW = 24  # segments, up to which paths are looked for
CELLS = 256  # in which it is read how hard f is
PER_SEGMENT = 6  # places of the grid
LONGEST = 2.6  # segments of the grid, of the mean
HEIGHTS = 9  # errors that are tried at a place
SAMPLES = 17  # of a polynomial
WEIGHINGS = 12  # of Lawson's iteration for the least largest error
BAND = 60  # places about the mean, that the k-th segment may end at
LEVELS = 1.0, 3.0  # of an error that may be reached: errors at ends that are tried
SHAKEN = 10  # segments, up to which others near by are tried
SHAKES = 4
ROUNDS = 4  # of linear programs, before ends move


def by_count(
    f: Activation, limits: tuple[float, float] | None, segments: int, degree: int, on_curve: bool
) -> Design:
    """The best polynomials of a degree that were found, which meet, or meet on f; their error is proved.

    Over the whole line, limits None, the outer segments are lines along the asymptotes.
    """
    itself = _itself(f, limits, degree)
    if itself and len(itself) <= segments:
        return assembled(f, itself, segments=segments, degree=degree)
    form, state = best_free(f, sampled(f, limits, segments), segments, degree, on_curve)
    return assembled(f, form.pieces(state), segments=segments, degree=degree)


def _itself(f: Activation, limits: tuple[float, float] | None, degree: int) -> list[Piece]:
    """The pieces of a function that is a polynomial of the degree on each, and continuous; else none."""
    from ..expressions.differentiate import expanded
    from ..proofs.points import BUDGET, Undecided, at
    from ..proofs.shape import Shape
    from .compared import polynomial_of

    try:
        shape = Shape(f.tree, BUDGET, *map(at, limits or (-inf, inf)))
    except Undecided:
        return []
    pieces = []
    for part in shape.pieces:
        found = polynomial_of(expanded(part.tree))
        if found is None or found.degree() > degree:
            return []
        coefficients = [float(Fraction(int(c.p), int(c.q))) for c in found.coeffs()]
        coefficients += [0.0] * (2 - len(coefficients))
        pieces.append(Piece(part.low.number, part.high.number, coefficients))
    return pieces


def best_free(
    f: Activation, samples: Samples, segments: int, degree: int, on_curve: bool
) -> tuple[Joined, State]:
    """The best segments that were found, which meet and whose ends are free; in all with the tails."""
    form = Joined(f, samples, degree, on_curve)
    inner = segments - 2 if form.tails else segments
    low, high = (-form.reach, form.reach) if form.tails else samples.x[[0, -1]].tolist()
    ends, level = (
        _between_tails(form, inner) if form.tails else balanced(f, low, high, inner, degree)
    )
    found = [improved(form, ends)]
    if form.kinks:
        found.append(improved(form, _on_kinks(ends, form.kinks, not form.tails)))
    if degree > 1 and inner <= FEW:
        level = min([level, *(error for _, error in found)])
        for factor in LEVELS:
            if path := _path(form, low, high, inner, factor * level, on_curve):
                found.append(improved(form, np.array(path)))
    best = min(found, key=lambda pair: pair[1])
    random = np.random.default_rng(inner)
    for _ in range(SHAKES if 1 < inner <= SHAKEN else 0):
        widths = np.diff(best[0].ends)
        room = np.minimum(np.append(widths, widths[-1]), np.insert(widths, 0, widths[0]))
        moves = random.normal(size=len(room)) * 0.2 * room
        if not form.tails:
            moves[[0, -1]] = 0
        tried = improved(form, np.sort(best[0].ends + moves))
        best = min(best, tried, key=lambda pair: pair[1])
    return form, best[0]


def reached(
    f: Activation, limits: tuple[float, float] | None, segments: int, degree: int, on_curve: bool
) -> float:
    """The error of so many segments that are found from one start, by samples."""
    samples = sampled(f, limits, segments)
    form = Joined(f, samples, degree, on_curve)
    if form.tails:
        ends, _ = _between_tails(form, segments - 2)
    else:
        ends, _ = balanced(f, float(samples.x[0]), float(samples.x[-1]), segments, degree)
    return improved(form, ends)[1]


def improved(form: Joined, ends: Floats) -> tuple[State, float]:
    """The best state that is found from ends on, and its largest error by samples."""
    return polished(form, *form.best(ends, ROUNDS))


def _on_kinks(ends: Floats, kinks: list[float], given: bool) -> Floats:
    """Ends of which the nearest is put on each kink, but for the outer two if these are given."""
    moved, free = ends.copy(), np.ones(len(ends), bool)
    if given:
        free[[0, -1]] = False
    for kink in kinks:
        if free.any():
            near = int(np.argmin(np.where(free, np.abs(moved - kink), inf)))
            moved[near], free[near] = kink, False
    moved = np.sort(moved)
    return moved if np.all(np.diff(moved) > 0) else ends


def _between_tails(form: Joined, segments: int) -> tuple[Floats, float]:
    """Balanced ends between where tails are about as near to f, and about how near that is."""
    x = np.unique(
        [*np.sinh(np.linspace(-1, 1, 2 * CELLS + 1) * np.arcsinh(form.reach)), *form.kinks]
    )
    left, right = (_tail_costs(form, x, np.zeros(0), side) for side in (-1, 1))
    low, high = 0.0, max(float(left[-1, 0]), float(right[0, 0]))
    ends, error = np.zeros(1), high
    for _ in range(40):
        middle = (low + high) / 2 if low >= high / 16 else high / 16
        a, b = x[left[:, 0] <= middle][-1], x[right[:, 0] <= middle][0]
        if a >= b:
            high = middle
            continue
        placed, level = balanced(form.f, float(a), float(b), max(segments, 1), form.degree)
        if level <= middle:
            ends, error, high = placed, middle, middle
        else:
            low = middle
    return (ends if segments else ends[:1]), error


def balanced(
    f: Activation, low: float, high: float, segments: int, degree: int
) -> tuple[Floats, float]:
    """Ends of segments on which f is about equally hard, and about how near polynomials come to it."""
    kinks = [k for k in f.breakpoints.within(low, high) if low < k < high]
    cells = max(CELLS // max(degree, 1), 4 * segments)  # narrow ones do not tell high degrees
    spread = np.sinh(np.linspace(np.arcsinh(low), np.arcsinh(high), cells))
    grid = np.unique(
        np.clip([*np.linspace(low, high, cells), *spread, *kinks, low, high], low, high)
    )
    u = np.array(chebyshev_places(-1.0, 1.0, degree + 4))
    rows = np.linalg.inv(np.polynomial.chebyshev.chebvander(u, degree + 3))[degree + 1 : degree + 3]
    a, b = grid[:-1, None], grid[1:, None]
    with np.errstate(all="ignore"):
        values = np.asarray(f(a + (b - a) * (1 + u) / 2), np.float64)
    hard = np.max(np.abs(np.nan_to_num(values) @ rows.T), axis=1)
    noise = 1e-16 * (np.max(np.abs(values), axis=1) + 1e-300)
    share = np.maximum(hard - 4 * noise, 0.0) ** (1 / (degree + 1))
    total = float(share.sum())
    along = np.concatenate(
        [[0.0], np.cumsum(share + (total or 1.0) * 1e-6 * np.diff(grid) / (high - low))]
    )
    ends = np.interp(np.linspace(0, along[-1], segments + 1), along, grid)
    ends[0], ends[-1] = low, high
    return ends, (total / segments) ** (degree + 1)


def _path(
    form: Joined, low: float, high: float, segments: int, level: float, on_curve: bool
) -> list[float]:
    """The ends of the best path over the grid, with errors up to `level` there; none if it has none."""
    f, degree = form.f, form.degree
    steps = PER_SEGMENT * segments
    x, _ = balanced(f, low, high, steps, degree)
    x = _on_kinks(x, form.kinks, given=True)
    heights = np.zeros(1) if on_curve else np.linspace(-1, 1, HEIGHTS) * level
    longest = (
        min(int(LONGEST * PER_SEGMENT), steps) if not form.tails else min(3 * PER_SEGMENT, steps)
    )
    first = np.repeat(np.arange(steps), longest)
    last = first + np.tile(np.arange(1, longest + 1), steps)
    costs = np.full((steps, longest, len(heights), len(heights)), inf)
    kept = last <= steps
    costs.reshape(-1, *costs.shape[2:])[kept] = _costs(
        f, x[first[kept]], x[last[kept]], heights, degree
    )
    reached = np.full((steps + 1, len(heights)), inf)
    if form.tails:
        ends = [_tail_costs(form, x, heights, side) for side in (-1, 1)]
        reached = ends[0]
    else:
        reached[0] = np.abs(heights)
    back = []
    for k in range(segments):
        after = np.full_like(reached, inf)
        source = np.zeros((*reached.shape, 2), np.intp)
        middle = k * PER_SEGMENT
        for i in range(steps):
            if segments > BAND and not form.tails and abs(i - middle) > BAND:
                continue
            if not np.isfinite(reached[i]).any():
                continue
            count = min(longest, steps - i)
            total = np.maximum(reached[i][None, :, None], costs[i, :count])
            which = total.argmin(axis=1)
            value = np.take_along_axis(total, which[:, None], 1)[:, 0]
            target = after[i + 1 : i + 1 + count]
            better = value < target
            target[better] = value[better]
            source[i + 1 : i + 1 + count][better] = np.stack(
                [np.full_like(which, i), which], axis=-1
            )[better]
        reached = after
        back.append(source)
    if form.tails:
        total = np.maximum(reached, ends[1])
        at = np.unravel_index(int(total.argmin()), total.shape)
        error = float(total[at])
        place, height = (int(v) for v in at)
    else:
        place, height = steps, int(reached[steps].argmin())
        error = float(reached[steps, height])
    if not np.isfinite(error):
        return []
    found = [place]
    for source in reversed(back):
        place, height = (int(v) for v in source[place, height])
        found.append(place)
    return [float(v) for v in x[found[::-1]]]


def _costs(f: Activation, low: Floats, high: Floats, heights: Floats, degree: int) -> Floats:
    """About the least largest errors of polynomials between places, with these errors at the ends."""
    u = np.array(chebyshev_places(-1.0, 1.0, SAMPLES))
    x = low[:, None] + (high - low)[:, None] * (1 + u) / 2
    values = np.asarray(f(x), np.float64)
    left = values[:, :1, None] - heights[None, None, :]
    right = values[:, -1:, None] - heights[None, None, :]
    line = left[:, 0, :, None, None] * (1 - u) / 2 + right[:, 0, None, :, None] * (1 + u) / 2
    gap = (values[:, None, None, :] - line).reshape(-1, SAMPLES)
    best: Floats = np.max(np.abs(gap), axis=1)
    if degree > 1:
        basis = np.polynomial.chebyshev.chebvander(u, degree - 2) * (1 - u * u)[:, None]
        pairs = (basis[:, :, None] * basis[:, None, :]).reshape(SAMPLES, -1)
        weights = np.ones_like(gap) / SAMPLES
        unit = 1e-13 * np.eye(degree - 1)
        for _ in range(WEIGHINGS):
            matrix = (weights @ pairs).reshape(-1, degree - 1, degree - 1) + unit
            solved = np.linalg.solve(matrix, ((weights * gap) @ basis)[..., None])[..., 0]
            size = np.abs(gap - solved @ basis.T)
            best = np.minimum(best, np.max(size, axis=1))
            weights = weights * (size + 1e-300)
            weights /= weights.sum(axis=1, keepdims=True)
    found: Floats = best.reshape(len(low), len(heights), len(heights))
    return found


def _tail_costs(form: Joined, x: Floats, heights: Floats, side: int) -> Floats:
    """How far a line of the asymptote's slope is from f, beyond each place, with these errors there.

    Without heights those of the best such line.
    """
    assert form.tails is not None
    slope, at_0 = form.tails[side > 0]
    gap = np.asarray(form.f(x), np.float64) - slope * x - at_0
    beyond = gap if side < 0 else gap[::-1]
    most, least = np.maximum.accumulate(beyond), np.minimum.accumulate(beyond)
    most, least = np.maximum(most, 0.0), np.minimum(least, 0.0)
    if side > 0:
        most, least = most[::-1], least[::-1]
    if not len(heights):
        middle: Floats = (most - least)[:, None] / 2
        return middle
    line = gap[:, None] - heights
    found: Floats = np.maximum(np.abs(most[:, None] - line), np.abs(least[:, None] - line))
    return found
