"""Finds breakpoints of piecewise polynomials: where f is equally hard, and by dynamic programming.

Joined.best improves breakpoints step by step and ends in one of many valleys. Where to begin: at segments
on which f is equally hard, at those of the best that meet on f, and at the best path over a grid of
places and errors there, with the least largest error of each polynomial between two of them.
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
SHAKES = 3
ROUGH, FINE = 4e-3, 1e-5  # gains of steps that are worth while: at first, and of the best


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
    low, high = (-form.reach, form.reach) if form.tails else samples.x[[0, -1]].tolist()
    inner = segments - 2 if form.tails else segments
    ends, level = balanced(f, low, high, inner, degree)
    found: list[tuple[State, float]] = []
    if not form.tails:
        found.append(form.best(ends, ROUGH))
        if not on_curve:
            meeting, _ = Joined(f, samples, degree, True).best(ends, ROUGH)
            found.append(form.best(meeting.ends, ROUGH))
        level = min(error for _, error in found)
    if form.tails or (degree > 1 and not on_curve and inner <= FEW):
        for factor in LEVELS if inner <= FEW else LEVELS[:1]:
            if path := _path(form, low, high, inner, factor * level, on_curve):
                found.append(form.best(np.array(path), ROUGH))
    best = min(found, key=lambda pair: pair[1])
    if inner <= SHAKEN:
        random = np.random.default_rng(inner)
        for _ in range(SHAKES):
            ends = best[0].ends.copy()
            widths = np.diff(ends)
            if not len(widths):
                break
            room = np.minimum(np.append(widths, widths[-1]), np.insert(widths, 0, widths[0]))
            moves = random.normal(size=len(ends)) * 0.2 * room
            if not form.tails:
                moves[[0, -1]] = 0
            tried = form.best(np.sort(ends + moves), ROUGH)
            best = min(best, tried, key=lambda pair: pair[1])
    return form, form.best(best[0].ends, FINE)[0]


def balanced(
    f: Activation, low: float, high: float, segments: int, degree: int
) -> tuple[Floats, float]:
    """Ends of segments on which f is about equally hard, and about how near polynomials come to it."""
    kinks = [k for k in f.breakpoints.within(low, high) if low < k < high]
    spread = np.sinh(np.linspace(np.arcsinh(low), np.arcsinh(high), CELLS))
    grid = np.unique(
        np.clip([*np.linspace(low, high, CELLS), *spread, *kinks, low, high], low, high)
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
    """How far a line of the asymptote's slope is from f, beyond each place, with these errors there."""
    assert form.tails is not None
    slope, at_0 = form.tails[side > 0]
    gap = np.asarray(form.f(x), np.float64) - slope * x - at_0
    beyond = gap if side < 0 else gap[::-1]
    most, least = np.maximum.accumulate(beyond), np.minimum.accumulate(beyond)
    most, least = np.maximum(most, 0.0), np.minimum(least, 0.0)
    if side > 0:
        most, least = most[::-1], least[::-1]
    line = gap[:, None] - heights
    found: Floats = np.maximum(np.abs(most[:, None] - line), np.abs(least[:, None] - line))
    return found
