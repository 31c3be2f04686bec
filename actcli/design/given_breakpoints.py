"""Designs piecewise polynomials whose breakpoints are given, equally spaced, or, with jumps, found.

Continuous ones are linear programs in the values at the breakpoints; with jumps each segment is a best
polynomial by itself. All are proved segment by segment.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np

from ..evaluation.activation import Activation
from ..numbers.types import Floats
from .design import Design
from .exchange import chebyshev_places
from .pieces import Piece, assembled
from .polynomials import best_polynomial, powers

PER_SEGMENT = 48  # samples
ROUNDS = 400
EQUAL = 2e-6  # of errors of segments


def breakpoints_of(text: str, low: float, high: float) -> list[float]:
    """The ends of segments, of the breakpoints as typed between the ends of a range."""
    from ..inputs.numbers import parse_numbers

    inner = sorted({*parse_numbers(text, "--breakpoints", "--breakpoints -1,0,1").tolist()})
    if not low < inner[0] or not inner[-1] < high:
        raise ValueError(f"--breakpoints are between {low:g} and {high:g}, the ends of the range")
    return [low, *inner, high]


def on_curve(f: Activation, ends: Sequence[float]) -> Design:
    """The lines between values of f at the ends of segments."""
    return _joined(f, ends, np.asarray(f(np.array(ends)), np.float64))


def continuous(f: Activation, ends: Sequence[float]) -> Design:
    """The lines that meet at given places with the least largest error."""
    from scipy.optimize import linprog

    share = (1 - np.cos(np.pi * np.arange(PER_SEGMENT + 1) / PER_SEGMENT)) / 2
    x = np.unique(np.concatenate([a + (b - a) * share for a, b in pairwise(ends)]))
    kinks = [k for k in f.breakpoints.within(ends[0], ends[-1]) if ends[0] < k < ends[-1]]
    x = np.unique(np.concatenate([x, kinks]))
    values = np.asarray(f(np.array(ends)), np.float64)
    for _ in range(3):  # with the places where it turns out to be largest
        truth = np.asarray(f(x), np.float64)
        hats = np.stack([np.interp(x, ends, row) for row in np.eye(len(ends))], axis=1)
        one = np.ones((len(x), 1))
        found = linprog(
            [*[0.0] * len(ends), 1.0],
            A_ub=np.concatenate([np.hstack([hats, -one]), np.hstack([-hats, -one])]),
            b_ub=np.concatenate([truth, -truth]), bounds=(None, None), method="highs",
        )  # fmt: skip
        values = found.x[:-1]
        fine = np.unique(np.concatenate([np.linspace(a, b, 16) for a, b in pairwise(x)]))
        errors = np.abs(np.asarray(f(fine), np.float64) - np.interp(fine, ends, values))
        x = np.unique(np.concatenate([x, fine[errors > found.x[-1]]]))
    return _joined(f, ends, values)


def _joined(f: Activation, ends: Sequence[float], values: Floats) -> Design:
    pieces = []
    for (a, b), (left, right) in zip(pairwise(ends), pairwise(values.tolist()), strict=True):
        slope = (Fraction(right) - Fraction(left)) / (Fraction(b) - Fraction(a))
        pieces.append(Piece(a, b, [float(Fraction(left) - slope * Fraction(a)), float(slope)]))
    return assembled(f, pieces, segments=len(pieces), degree=1)


def with_jumps(f: Activation, ends: Sequence[float], degree: int, free: bool = False) -> Design:
    """The best polynomial on each segment; with `free` ends these are of equal error.

    None is better at these ends than the worst segment, and with any ends than the best: a segment of
    that one's without a breakpoint inside has no smaller error.
    """
    best = [best_polynomial(f, a, b, degree) for a, b in pairwise(ends)]
    pieces = [
        Piece(a, b, [float(c) for c in powers(chebyshev, a, b)])
        for (a, b), (chebyshev, _) in zip(pairwise(ends), best, strict=True)
    ]
    lower = (min if free else max)(found.lower for _, found in best)
    return assembled(f, pieces, segments=len(pieces), degree=degree, optimum_low=lower)


def equal_errors(f: Activation, low: float, high: float, segments: int, degree: int) -> list[float]:
    """Ends of segments whose best polynomials are equally far from f."""
    widths = np.full(segments, (high - low) / segments)
    best, spread = widths, np.inf
    for _ in range(ROUNDS):
        ends = low + np.concatenate([[0.0], np.cumsum(widths)])
        errors = np.array([_level(f, a, b, degree) for a, b in pairwise(ends.tolist())])
        least, most = float(errors.min()), float(errors.max())
        if most - least < spread * most:
            best, spread = widths, (most - least) / (most or 1.0)
        if most - least <= EQUAL * most:
            break
        middle = float(np.exp(np.mean(np.log(np.maximum(errors, 1e-3 * most)))))
        grow = (middle / np.maximum(errors, 1e-3 * most)) ** (1 / (degree + 1))
        widths = widths * np.clip(grow, 0.5, 2.0) ** 0.7
        widths *= (high - low) / widths.sum()
    if spread > 1e-4:  # where f is all but a polynomial somewhere
        return _greedy(f, low, high, segments, degree)
    return [low, *(low + np.cumsum(best)[:-1]).tolist(), high]


def _greedy(f: Activation, low: float, high: float, segments: int, degree: int) -> list[float]:
    """The same by halving the error, with segments that each reach as far as they can."""
    least, most = 0.0, _level(f, low, high, degree)
    best = [low + (high - low) * k / segments for k in range(segments + 1)]
    while most - least > EQUAL * most and most > 1e-15:
        middle = (least + most) / 2 if least >= most / 16 else most / 16
        ends = [low]
        while len(ends) < segments and ends[-1] < high:
            near, far = ends[-1], high
            if _level(f, near, far, degree) <= middle:
                near = far
            for _ in range(34):
                half = (near + far) / 2
                if not near < half < far:
                    break
                near, far = (
                    (half, far) if _level(f, ends[-1], half, degree) <= middle else (near, half)
                )
            ends.append(near)
        if ends[-1] == high or _level(f, ends[-1], high, degree) <= middle:
            most, best = middle, [*ends, high] if ends[-1] < high else ends
        else:
            least = middle
    return best


def _level(f: Activation, low: float, high: float, degree: int) -> float:
    """About how far the best polynomial of a degree is from f, by Remez on samples."""
    places = np.array(chebyshev_places(-1.0, 1.0, degree + 2))
    u = np.array(chebyshev_places(-1.0, 1.0, PER_SEGMENT * 2 + 1))
    truth = np.asarray(f((low + high) / 2 + (high - low) / 2 * u), np.float64)
    at = np.searchsorted(u, places).clip(0, len(u) - 1)
    basis = np.polynomial.chebyshev.chebvander(u, degree)
    signs = (-1.0) ** np.arange(degree + 2)
    level = 0.0
    for _ in range(12):
        solved = np.linalg.lstsq(np.column_stack([basis[at], signs]), truth[at], rcond=None)[0]
        errors = truth - basis @ solved[:-1]
        level = abs(float(solved[-1]))
        if np.max(np.abs(errors)) <= level * (1 + 1e-9) + 1e-16:
            break
        at = _alternating(errors, at)
    # between samples: at the vertices of parabolas through the largest errors
    inner = at[(at > 0) & (at < len(u) - 1)]
    down, here, up = u[inner - 1] - u[inner], errors[inner], u[inner + 1] - u[inner]
    before, after = errors[inner - 1] - here, errors[inner + 1] - here
    with np.errstate(all="ignore"):
        shift = (down**2 * after - up**2 * before) / (down * after - up * before) / 2
    vertex = u.copy()
    vertex[inner] += np.where((shift > down) & (shift < up), shift, 0.0)
    x = (low + high) / 2 + (high - low) / 2 * vertex[at]
    basis = np.polynomial.chebyshev.chebvander(vertex[at], degree)
    truth = np.asarray(f(x), np.float64)
    solved = np.linalg.lstsq(np.column_stack([basis, signs]), truth, rcond=None)[0]
    return max(level, abs(float(solved[-1])))


def _alternating(errors: Floats, at: Floats) -> Floats:
    """The places with the largest error put in for a neighbour of its sign."""
    top = int(np.argmax(np.abs(errors)))
    at = at.copy()
    k = int(np.searchsorted(at, top))
    same = [j for j in (k - 1, k) if 0 <= j < len(at) and errors[at[j]] * errors[top] > 0]
    if same:
        at[same[0]] = top
    elif k == 0:
        at = np.concatenate([[top], at[:-1]])
    else:
        at = np.concatenate([at[1:], [top]])
    return at
