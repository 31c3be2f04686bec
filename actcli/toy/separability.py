"""Whether a line separates two classes."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from ..numbers.types import Floats

Flags = NDArray[np.bool_]
Matrix = list[list[Fraction]]


@dataclass(frozen=True)
class Separation:
    """Whether a line (plane) keeps two classes apart; None: too close to tell.

    If so, `weights` and `bias` are one that does, with the widest margin. If not, `point` lies
    among the rows `low` of one class as well as among the rows `high` of the other: it is a mean
    of either, which no line could put on two sides. Row numbers count from 0.
    """

    possible: bool | None
    weights: Floats | None = None
    bias: float = 0.0
    point: Floats | None = None
    low: tuple[int, ...] = ()
    high: tuple[int, ...] = ()


def separation(rows: Floats, high: Flags) -> Separation:
    """Decides by linear programming; a "no" is checked in exact arithmetic.

    `rows` has shape (n, d), all finite; `high` (n,) says which class each row is of.
    """
    from scipy.optimize import linprog

    scaled, centre, scale = standardized(rows)
    sign = np.where(high, 1.0, -1.0)
    count, inputs = rows.shape
    hulls = np.vstack([(scaled * sign[:, None]).T, high, ~high])
    total = np.array([0.0] * inputs + [1.0, 1.0])
    meet = linprog(np.zeros(count), A_eq=hulls, b_eq=total, method="highs-ds")
    if meet.status == 0:
        used = np.flatnonzero(np.asarray(meet.x) > 1e-12)
        shares = _exact_shares(rows[used], high[used])
        if shares is not None:
            point = [
                sum((s * Fraction(v) for s, v in zip(shares, column, strict=True)), Fraction(0))
                for column in rows[used][high[used]].T.tolist()
            ]
            return Separation(
                False,
                point=np.array([float(v) for v in point]),
                low=tuple(int(i) for i in used[~high[used]]),
                high=tuple(int(i) for i in used[high[used]]),
            )
    above = -np.column_stack([scaled * sign[:, None], sign, -np.ones(count)])
    bounds = [(-1.0, 1.0)] * inputs + [(None, None), (None, None)]
    aim = np.array([0.0] * (inputs + 1) + [-1.0])
    widest = linprog(aim, A_ub=above, b_ub=np.zeros(count), bounds=bounds, method="highs")
    if widest.status != 0:
        return Separation(None)
    solved = np.asarray(widest.x)
    weights = solved[:inputs] / scale
    bias = float(solved[inputs] - weights @ centre)
    room = sign * (rows @ weights + bias)
    doubt = (inputs + 4) * 2.0**-52 * (np.abs(rows) @ np.abs(weights) + abs(bias))
    return Separation(True if np.all(room > doubt) else None, weights, bias)


def _exact_shares(rows: Floats, high: Flags) -> list[Fraction] | None:
    """Shares of the rows of `high` with which the two means agree exactly; None if they cannot."""
    sign = np.where(high, 1, -1)
    exact = [[Fraction(v) * int(s) for v, s in zip(column, sign, strict=True)]
             for column in rows.T.tolist()]  # fmt: skip
    system: Matrix = [[*row, Fraction(0)] for row in exact]
    for group in (high, ~high):
        system.append([*(Fraction(int(v)) for v in group), Fraction(1)])
    found = _solve(system)
    if found is None or min(found) < 0:
        return None
    return [share for share, mine in zip(found, high, strict=True) if mine]


def _solve(system: Matrix) -> list[Fraction] | None:
    """The only solution of the linear equations [A | b], or None."""
    unknowns = len(system[0]) - 1
    for column in range(unknowns):
        pivot = next((r for r in range(column, len(system)) if system[r][column] != 0), None)
        if pivot is None:
            return None
        system[column], system[pivot] = system[pivot], system[column]
        top = [v / system[column][column] for v in system[column]]
        system[column] = top
        for r, row in enumerate(system):
            if r != column and row[column] != 0:
                system[r] = [v - row[column] * t for v, t in zip(row, top, strict=True)]
    if any(row[-1] != 0 for row in system[unknowns:]):
        return None
    return [system[k][-1] for k in range(unknowns)]


def standardized(rows: Floats) -> tuple[Floats, Floats, Floats]:
    """The columns with mean 0 and standard deviation 1, what was taken off, and the divisor.

    Sizes are brought to 1 by a power of two first: squares of 1e300 would be infinite.
    """
    _, power = np.frexp(np.abs(rows).max(axis=0, initial=0.0))
    near = np.ldexp(rows, -power)
    centre, scale = near.mean(axis=0), near.std(axis=0)
    scale = np.where(scale > 1e-12, scale, 1.0)
    return (near - centre) / scale, np.ldexp(centre, power), np.ldexp(scale, power)
