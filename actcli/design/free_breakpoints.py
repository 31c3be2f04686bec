"""Finds breakpoints of piecewise polynomials: where f is equally hard, and near by.

Quadratic programs improve breakpoints and end in one of many valleys. Where to begin: at segments on which
f is equally hard, with ends on kinks, and near these; then near the best that was found, again and again:
the largest error is that of a few segments in a row, and what brings these down is a step on.
"""

from fractions import Fraction
from math import inf

import numpy as np

from ..evaluation.activation import Activation
from ..numbers.types import Floats
from .design import Design
from .exchange import chebyshev_places
from .minimax_steps import explored, improved, polished
from .pieces import PolynomialPiece, assembled
from .piecewise import sampled
from .segments import Segments

CELLS = 256  # in which it is read how hard f is
SPREADS = 0.1, 0.2, 0.4, 0.8  # about, by which logarithms of widths of starts differ
STARTS, TIMES = 12, 4  # how many at a time, and how often
MOST = 96  # segments of all starts at a time
VALLEYS = 4  # that are looked at to the end
SHAKEN = 24  # segments, up to which there is more than one
AGREED, CLOSE = 2 / 3, 1e-4  # of starts, and errors: what so many lead to is the best


def by_count(
    f: Activation, limits: tuple[float, float] | None, segments: int, degree: int, on_curve: bool
) -> Design:
    """The best polynomials of a degree that were found, which meet, or meet on f; their error is proved.

    Over the whole line, limits None, the outer segments are lines along the asymptotes.
    """
    itself = _itself(f, limits, degree)
    if itself and len(itself) <= segments:
        return assembled(f, itself, segments=segments, degree=degree)
    form = Segments(f, sampled(f, limits, segments), degree, on_curve=on_curve)
    y = polished(form, _best(form, segments))[0]
    return assembled(f, form.pieces(y), segments=segments, degree=degree)


def _best(form: Segments, segments: int) -> Floats:
    """The best unknowns that are found, but for little: a row for each of some valleys."""
    ends = first_ends(form, segments)
    starts, count, kinks = [ends], len(ends) - 1, form.kinks.tolist()
    if kinks:
        starts.append(on_kinks(ends, kinks, not form.tails))
    known, many = len(starts), min(STARTS, MOST // count) if 1 < count <= SHAKEN else 0
    random, found = np.random.default_rng(count), dict[float, Floats]()
    for _ in range(TIMES if many > known else 1):
        for k in range(len(starts), many):
            start = _shaken(form, starts[k % known], SPREADS[k % len(SPREADS)], random)
            starts.append(on_kinks(start, kinks, not form.tails) if k % 2 else start)
        y, errors = explored(form, *starts)
        found |= {float(f"{error:.5g}"): row for row, error in zip(y, errors, strict=True)}
        least = min(found)
        if np.mean(errors < least * (1 + CLOSE)) >= AGREED:
            break
        starts, known = [form.ends(found[least])], 1
    return np.stack([found[error] for error in sorted(found)[:VALLEYS]])


def _shaken(form: Segments, ends: Floats, spread: float, random: np.random.Generator) -> Floats:
    """Ends near by; the outer two stay if they are given."""
    widths = np.diff(ends) * np.exp(spread * random.normal(size=len(ends) - 1))
    if form.tails:
        moved = ends[0] + np.cumsum(np.append(spread * widths[0] * random.normal(), widths))
        return np.asarray(moved, np.float64)
    along = np.cumsum(widths)[:-1] * float((ends[-1] - ends[0]) / widths.sum())
    return np.concatenate([ends[:1], ends[0] + along, ends[-1:]])


def _itself(
    f: Activation, limits: tuple[float, float] | None, degree: int
) -> list[PolynomialPiece]:
    """The pieces of a function that is a polynomial of the degree on each, and continuous; else none."""
    from ..expressions.differentiate import expanded
    from ..proofs.points import BUDGET, Undecided, at
    from ..proofs.shape import Shape
    from .compared import polynomial_of

    try:
        shape = Shape(f.tree, BUDGET, *map(at, limits or (-inf, inf)))
        if any(shape.order(place, 0) < 0 for place in shape.breakpoints):
            return []
    except Undecided:
        return []
    pieces = []
    for part in shape.pieces:
        found = polynomial_of(expanded(part.tree))
        if found is None or found.degree() > degree:
            return []
        coefficients = [float(Fraction(int(c.p), int(c.q))) for c in found.coeffs()]
        coefficients += [0.0] * (2 - len(coefficients))
        pieces.append(PolynomialPiece(part.low.number, part.high.number, coefficients))
    return pieces


def reached(
    f: Activation, limits: tuple[float, float] | None, segments: int, degree: int, on_curve: bool
) -> float:
    """The error of so many segments that are found from one start, by samples."""
    form = Segments(f, sampled(f, limits, segments), degree, on_curve=on_curve)
    return improved(form, first_ends(form, segments))[1]


def likely_count(
    f: Activation, limits: tuple[float, float] | None, error: float, degree: int
) -> int:
    """About how many segments reach an error."""
    form = Segments(f, sampled(f, limits, 1), degree)
    one = balanced(f, form.low, form.high, 1, degree)[1]
    return 1 + int(min((one / error) ** (1 / (degree + 1)), 1e4)) + 2 * bool(form.tails)


def first_ends(form: Segments, segments: int) -> Floats:
    """Ends of segments on which f is equally hard; on the whole line two of them are outer lines."""
    if form.tails:
        return _between_tails(form, segments - 2)
    return balanced(form.f, form.low, form.high, segments, form.degree)[0]


def on_kinks(ends: Floats, kinks: list[float], given: bool) -> Floats:
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


def _between_tails(form: Segments, segments: int) -> Floats:
    """Balanced ends between where tails are about as near to f."""
    x = np.unique(
        [*np.sinh(np.linspace(-1, 1, 2 * CELLS + 1) * np.arcsinh(form.high)), *form.kinks]
    )
    left, right = form.tail_errors(x, 0), form.tail_errors(x, 1)
    low, high = 0.0, max(float(left[-1]), float(right[0]))
    ends = np.zeros(1)
    for _ in range(40):
        middle = (low + high) / 2 if low >= high / 16 else high / 16
        near_left, near_right = x[left <= middle], x[right <= middle]
        if not (near_left.size and near_right.size):  # a jump lies beyond: no tail comes so near
            low = middle
            continue
        a, b = near_left[-1], near_right[0]
        if a >= b:
            high = middle
            continue
        placed, level = balanced(form.f, float(a), float(b), max(segments, 1), form.degree)
        if level <= middle:
            ends, high = placed, middle
        else:
            low = middle
    return ends if segments else ends[:1]


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
