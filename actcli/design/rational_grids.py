"""Rational functions with coefficients on a grid: denominators near the best, a numerator for each."""

from collections.abc import Callable, Iterator, Sequence
from itertools import product

import numpy as np

from ..evaluation.activation import Activation
from ..numbers.types import Floats
from .certificates import Bound
from .exchange import chebyshev_places
from .grids import ENOUGH, Grid, on_grid

SAMPLES = 400
FOLLOWED = 5  # denominators for which numerators are searched
MOST_MOVED = 6  # coefficients of a denominator that are tried on both sides
FEW_MOVED = 4  # those of which two numbers are tried on either side

polyval = np.polynomial.polynomial.polyval


def rational_on_grid(
    f: Activation, limits: tuple[float, float], over: Sequence[float], under: Sequence[float],
    level: float, places: Sequence[float], grid: Grid, certified: Callable[..., Bound],
    relative: bool = False, fixed: bool = False,
) -> tuple[list[float], list[float], Bound]:  # fmt: skip
    """Numerator and denominator of the grid, and the proof of their error; `level` is that of free ones.

    Zeros stay zeros, and so does the coefficient 1 of the denominator and a first one that is `fixed`.
    """
    rounded = [grid.nearest(c) for c in over], [grid.nearest(c) for c in under]
    if not np.isfinite(np.concatenate(rounded)).all():
        raise ValueError(f"--coefficients {grid.name}: a coefficient is beyond its largest")
    best = (*rounded, certified("power", rounded))
    if best[2].high <= level * (1 + ENOUGH):
        return best
    x = np.unique([*chebyshev_places(*limits, SAMPLES), *places])
    with np.errstate(all="ignore"):
        y = np.asarray(f(x), np.float64)
    sizes = np.abs(y) if relative else np.ones(x.shape)
    x, y, sizes = (part[sizes > 0] for part in (x, y, sizes))
    free = []
    for q in _denominators(grid, under):
        if np.min(polyval(x, q)) > 0:
            p, error = _numerator(x, y, sizes, over, q, fixed)
            free.append((error, p, q))
    for error, p, q in sorted(free)[:FOLLOWED]:
        if error >= best[2].high:
            break
        below = np.array(q)

        def errors(at: Floats, p: list[float] = p, below: Floats = below) -> Floats:
            left = np.asarray(f(at), np.float64) - polyval(at, p) / polyval(at, below)
            return left / np.abs(f(at)) if relative else left

        def weights(at: Floats, below: Floats = below) -> Floats:
            found = np.asarray(polyval(at, below), np.float64)
            return found * np.abs(f(at)) if relative else found

        def certify(chosen: Sequence[float], q: list[float] = q) -> Bound:
            return certified("power", (chosen, q))

        ends = sorted({*limits, *places})
        kept, found = on_grid(grid, p, error, ends, errors, weights, certify, fixed)
        if found.high < best[2].high:
            best = kept, q, found
    return best


def _denominators(grid: Grid, under: Sequence[float]) -> Iterator[list[float]]:
    """Denominators of the grid on both sides of the free one in each coefficient."""
    moved = [k for k, c in enumerate(under) if c not in (0.0, 1.0)][:MOST_MOVED]
    base = [grid.nearest(c) for c in under]
    sides = []
    for k in moved:
        side = 1 if under[k] > base[k] else -1
        near = [base[k], grid.next(base[k], side)]
        if len(moved) <= FEW_MOVED:
            near += [grid.next(near[0], -side), grid.next(near[1], side)]
        sides.append(near)
    for chosen in product(*sides):
        q = list(base)
        for k, c in zip(moved, chosen, strict=True):
            q[k] = c
        yield q


def _numerator(
    x: Floats, y: Floats, sizes: Floats, over: Sequence[float], q: Sequence[float], fixed: bool
) -> tuple[list[float], float]:
    """The best free numerator over a denominator at samples, and its error."""
    from scipy.optimize import linprog

    kept = [k for k, c in enumerate(over) if c and (k or not fixed)]
    reach = float(np.max(np.abs(x)))
    below = polyval(x, q)
    rows = np.stack([(x / reach) ** k / below / sizes for k in kept], axis=1)
    start = (y - polyval(x, over) / below) / sizes
    unit = float(np.max(np.abs(start))) or 1.0
    one = np.ones((len(x), 1))
    found = linprog(
        [*[0.0] * len(kept), 1.0], A_ub=np.block([[-rows, -one], [rows, -one]]),
        b_ub=np.concatenate([-start, start]) / unit, bounds=(None, None), method="highs",
    )  # fmt: skip
    p = list(over)
    if found.x is not None:
        for k, change in zip(kept, found.x[:-1], strict=True):
            p[k] += float(change) * unit / reach**k
    return p, float(np.max(np.abs(y - polyval(x, p) / below) / sizes))
