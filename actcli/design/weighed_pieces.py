"""Piecewise polynomials of the relative error, or exact at given places: linear programs at given ends.

A program's factors of errors prove its bound: errors of all rivals have one sum with them, but for a
little, which is weighed by how far polynomials may be apart that are so near to f.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from math import inf, nextafter
from typing import Any, NamedTuple

import numpy as np
from flint import arb, arb_poly, ctx

from ..evaluation.activation import Activation
from ..numbers.types import Floats
from .by_polynomial import by_degree
from .constrained import pins_of, root_at_zero, slopes_at_0
from .design import Design
from .exchange import PRECISION, NoConvergence, chebyshev_places
from .pieces import PolynomialPiece, assembled
from .polynomials import Reading, chebyshev_values, powers
from .request import Conditions

SAMPLES = 16  # of a segment for each unknown
BETWEEN = 24  # places between two samples
ROUNDS = 24
SURE = 1e-7  # of the error, by which samples may miss it
BESIDE = 1e-3  # of a segment, within which of a root the slope says it
TIGHT = 1e-10


class NoPieces(ValueError):
    """No pieces were found between given ends."""


class Row(NamedTuple):
    """A place of a segment where the error is read: its size there, or of its slope at a root."""

    segment: int
    x: float
    order: int


def conditioned(
    f: Activation, ends: Sequence[float], degree: int, jumps: bool, asked: Conditions
) -> Design:
    """The best pieces between given ends, under conditions: of the relative error, or exact at places."""
    pins, root = kept_places(f, ends[0], ends[-1], degree, asked)
    if jumps:
        return _apart(f, ends, degree, pins, asked, root)
    return _meeting(f, ends, degree, pins, asked.relative, root)


def kept_places(
    f: Activation, low: float, high: float, degree: int, asked: Conditions
) -> tuple[list[float], bool]:
    """Where pieces are exact, and whether 0 is among these as a root of f."""
    pins = pins_of(asked.pin, low, high)
    root = asked.relative and root_at_zero(f, low, high)
    if root and not degree:
        raise ValueError(
            f"constants that are 0 at the root of {f.label} at 0 are off by all of it; give --degree 1, "
            "or a range without 0"
        )
    return sorted({*pins, *([0.0] if root else [])}), root


def _meeting(
    f: Activation,
    ends: Sequence[float],
    degree: int,
    pins: Sequence[float],
    relative: bool,
    root: bool,
) -> Design:
    problem = PiecesProblem(f, ends, degree, pins, relative, root)
    coefficients, factors, _ = problem.solved()
    found = proved(problem, coefficients)
    return replace(found, optimum_low=problem.bound(found, factors))


def proved(problem: "PiecesProblem", coefficients: Floats) -> Design:
    """The design of pieces, without a bound of others."""
    return assembled(
        problem.f, problem.pieces(coefficients), segments=problem.count, degree=problem.degree,
        relative=problem.relative, root=problem.root,
    )  # fmt: skip


def _apart(
    f: Activation, ends: Sequence[float], degree: int, pins: Sequence[float], asked: Conditions,
    root: bool,
) -> Design:  # fmt: skip
    """The same of segments that need not meet: each is the best by itself."""
    pieces, optimum = [], 0.0
    for k, (a, b) in enumerate(pairwise(ends)):
        last = k == len(ends) - 2  # a place where two meet is of the one on its right
        inside = [pin for pin in pins if a <= pin < b or (last and pin == b)]
        own = asked._replace(pin=",".join(map(repr, inside)) or None)
        try:
            design = by_degree(f, a, b, degree, own)
        except NoConvergence:
            kept = {*inside, *([0.0] if root and a <= 0 <= b else [])}
            design = _meeting(f, [a, b], degree, sorted(kept), asked.relative, root)
        pieces.append(PolynomialPiece(a, b, design.parts[0][2]))
        optimum = max(optimum, design.optimum_low or 0.0)
    return assembled(
        f, pieces, segments=len(pieces), degree=degree, relative=asked.relative, root=root,
        optimum_low=optimum,
    )  # fmt: skip


class PiecesProblem:
    """Pieces that meet at ends, with f's values at pins, by Chebyshev coefficients of each."""

    def __init__(
        self, f: Activation, ends: Sequence[float], degree: int, pins: Sequence[float],
        relative: bool, root: bool, jumps: bool = False,
    ) -> None:  # fmt: skip
        self.f, self.ends, self.degree, self.pins = f, np.array(ends, np.float64), degree, pins
        self.relative, self.root = relative, root
        self.count = len(ends) - 1
        self.reading = Reading(f)
        self.joints = range(0 if jumps else self.count - 1)
        self.held = [(self.segment(pin), pin) for pin in pins]
        if root and jumps and 0.0 in self.ends[1:-1]:  # both are 0 there
            self.held.append((self.segment(0.0) - 1, 0.0))
        self.slopes = {}
        if root:
            sides = [side for side, end in ((-1, ends[0]), (1, ends[-1])) if side * end > 0]
            self.slopes = dict(zip(sides, slopes_at_0(f, ends[0], ends[-1]), strict=True))

    def segment(self, x: float) -> int:
        found = int(np.searchsorted(self.ends, x, side="right")) - 1
        return min(max(found, 0), self.count - 1)

    def slope(self, row: Row) -> Any:
        """f' at 0 on the side of a segment."""
        left = self.ends[row.segment + 1] <= 0
        return self.slopes[-1] if left else self.slopes.get(1, self.slopes.get(-1))

    def basis(self, rows: Sequence[Row]) -> Floats:
        """Values, or slopes, of Chebyshev polynomials of segments."""
        k = np.array([row.segment for row in rows])
        a, b = self.ends[k], self.ends[k + 1]
        u = np.clip((2 * np.array([row.x for row in rows]) - a - b) / (b - a), -1, 1)
        found = np.polynomial.chebyshev.chebvander(u, self.degree)
        for i, row in enumerate(rows):
            if row.order:
                sums = np.eye(self.degree + 1)
                rises = [
                    np.polynomial.chebyshev.chebval(u[i], np.polynomial.chebyshev.chebder(s))
                    for s in sums
                ]
                found[i] = np.array(rises) * 2 / (b[i] - a[i])
        return np.asarray(found, np.float64)

    def values(self, rows: Sequence[Row]) -> tuple[Floats, Floats]:
        """f, or its slope, and what errors are parts of."""
        values = np.asarray(self.f(np.array([row.x for row in rows])), np.float64)
        for i, row in enumerate(rows):
            if row.order:
                values[i] = float(self.slope(row))
        return values, np.abs(values) if self.relative else np.ones(len(rows))

    def kept(self) -> tuple[Floats, Floats]:
        """Rows of equalities, and what they are to be: joints, and pins."""
        width = self.degree + 1
        signs = (-1.0) ** np.arange(width)
        rows, values = [], []
        for k in self.joints:
            row = np.zeros(self.count * width)
            row[k * width : (k + 1) * width] = 1.0
            row[(k + 1) * width : (k + 2) * width] = -signs
            rows.append(row)
            values.append(0.0)
        for k, pin in self.held:
            row = np.zeros(self.count * width)
            row[k * width : (k + 1) * width] = self.basis([Row(k, pin, 0)])[0]
            rows.append(row)
            values.append(float(self.reading.exact(arb(pin))))
        return np.array(rows).reshape(len(rows), self.count * width), np.array(values)

    def first(self) -> list[Row]:
        count = SAMPLES * (self.degree + 1)
        rows = [
            Row(k, x, 0)
            for k, (a, b) in enumerate(pairwise(self.ends.tolist()))
            for x in {*chebyshev_places(a, b, count), a, b, *self.f.breakpoints.within(a, b)}
            if a <= x <= b and not self._beside(k, x)
        ]
        if self.root:
            rows += [
                Row(k, 0.0, 1)
                for k, (a, b) in enumerate(pairwise(self.ends.tolist())) if a <= 0 <= b
            ]  # fmt: skip
        return sorted(rows)

    def _beside(self, segment: int, x: float) -> bool:
        """Whether a place is so near to the root that the slope there stands for it."""
        width = self.ends[segment + 1] - self.ends[segment]
        holds = self.ends[segment] <= 0 <= self.ends[segment + 1]
        return bool(self.root and holds and abs(x) < BESIDE * width)

    def solved(self) -> tuple[Floats, list[tuple[Row, float]], float]:
        """Chebyshev coefficients of each segment, factors of errors that prove them best, and the error."""
        from scipy.optimize import linprog
        from scipy.sparse import csr_array, hstack, vstack

        width, rows = self.degree + 1, self.first()
        equal, kept = self.kept()
        nodes = np.array(chebyshev_places(-1.0, 1.0, width))
        at = (self.ends[:-1, None] + self.ends[1:, None]) / 2 + np.diff(self.ends)[
            :, None
        ] / 2 * nodes
        back = np.linalg.inv(np.polynomial.chebyshev.chebvander(nodes, self.degree)).T
        known = np.asarray(self.f(at), np.float64) @ back
        least, found, factors = inf, known, dict[Row, float]()
        for _ in range(ROUNDS):
            values, sizes = self.values(rows)
            basis = self.basis(rows)
            k = np.array([row.segment for row in rows])
            left = values - np.sum(basis * known[k], axis=1)
            scale = float(np.max(np.abs(left) / sizes)) or 1.0
            wide = csr_array(
                ((basis / sizes[:, None]).ravel(),
                 ((k * width)[:, None] + np.arange(width)).ravel(), np.arange(len(rows) + 1) * width),
                shape=(len(rows), self.count * width),
            )  # fmt: skip
            top = csr_array(-np.ones((len(rows), 1)))
            off = left / sizes / scale
            gap = (kept - equal @ known.ravel()) / scale
            done = linprog(
                [0.0] * self.count * width + [1.0],
                A_ub=vstack([hstack([wide, top]), hstack([-wide, top])]), b_ub=np.concatenate([off, -off]),
                A_eq=csr_array(np.column_stack([equal, np.zeros(len(equal))])) if len(equal) else None,
                b_eq=gap if len(equal) else None, bounds=[(None, None)] * self.count * width + [(0, None)],
                options={"primal_feasibility_tolerance": TIGHT, "dual_feasibility_tolerance": TIGHT},
            )  # fmt: skip
            if done.x is None:
                break
            change = done.x[:-1]
            if len(equal):
                change = change + np.linalg.lstsq(equal, gap - equal @ change, rcond=None)[0]
            tried = known + (change * scale).reshape(known.shape)
            over, under = np.split(done.ineqlin.marginals, 2)
            factors = dict(zip(rows, ((under - over) / sizes).tolist(), strict=True))
            places, error = self.largest(tried)
            if error < least:
                least, found = error, tried
            if error <= done.x[-1] * scale * (1 + SURE) or not (new := {*places} - {*rows}):
                break
            rows, known = sorted({*rows, *new}), tried
        if not least < inf:
            raise NoPieces(
                f"no pieces of degree {self.degree} were found for {self.f.label}; give other --breakpoints"
            )
        return found, [*factors.items()], least

    def largest(self, sums: Floats) -> tuple[list[Row], float]:
        """Where errors are larger than beside, in each segment, and the largest."""
        found: list[tuple[float, Row]] = []
        for k, (a, b) in enumerate(pairwise(self.ends.tolist())):
            x = np.array(chebyshev_places(a, b, BETWEEN * (self.degree + 3)))
            x = np.unique([a, *x, b, *self.f.breakpoints.within(a, b)])
            x = x[[not self._beside(k, v) for v in x]]
            for last in (False, False, True):
                rows = [Row(k, v, 0) for v in x.tolist()]
                size = self._errors(rows, sums)
                edged = np.concatenate([[0.0], size, [0.0]])
                top = np.flatnonzero((size >= edged[:-2]) & (size >= edged[2:]))
                if last:
                    found += [(float(size[i]), rows[i]) for i in top]
                else:
                    near = [x[np.clip(top + d, 0, len(x) - 1)] for d in (-1, 1)]
                    x = np.unique([*x[top], *np.linspace(near[0], near[1], 9).ravel()])
        slopes = [row for row in self.first() if row.order]
        found += zip(self._errors(slopes, sums).tolist() if slopes else [], slopes, strict=True)
        largest = max(size for size, _ in found)
        return [row for size, row in found if size > largest / 2], largest

    def _errors(self, rows: Sequence[Row], sums: Floats) -> Floats:
        """Sizes of errors, as parts of what they are to be."""
        values, sizes = self.values(rows)
        own = sums[[row.segment for row in rows]]
        return np.asarray(
            np.abs(values - np.sum(self.basis(rows) * own, axis=1)) / sizes, np.float64
        )

    def pieces(self, sums: Floats) -> list[PolynomialPiece]:
        """The polynomials, which are 0 at a root that is kept."""
        found = []
        for (a, b), own in zip(pairwise(self.ends.tolist()), sums.tolist(), strict=True):
            with ctx.workprec(PRECISION):
                in_x = [float(c) for c in powers([arb(c) for c in own], a, b)]
            if a <= 0 <= b and 0.0 in self.pins:
                in_x[0] = float(self.reading.exact(arb(0)))
            found.append(PolynomialPiece(a, b, in_x))
        return found

    def bound(self, found: Design, factors: Sequence[tuple[Row, float]]) -> float | None:
        """An error that no rival, as near to f as what is found, is below: proved; or None."""
        if not found.error_high < (1.0 if self.relative else inf):
            return None
        equal, _ = self.kept()
        held = [(row, factor) for row, factor in factors if factor]
        wanted = np.zeros((self.count, self.degree + 1))
        for (row, factor), values in zip(held, self.basis([r for r, _ in held]), strict=True):
            wanted[row.segment] += factor * values
        shared = np.linalg.lstsq(equal.T, -wanted.ravel(), rcond=None)[0]
        with ctx.workprec(PRECISION):
            least = self._bound(found, held, shared.tolist())
            low = float(least.lower()) if least.is_finite() else 0.0
        return nextafter(low, 0.0) if low > 0 else None

    def _bound(self, found: Design, held: Sequence[tuple[Row, float]], shared: list[float]) -> Any:
        """The same for any factors of errors, and of what is shared where segments meet and at pins."""
        total, size, lost = (
            arb(0),
            arb(0),
            arb(0),
        )  # `lost` is what rivals change the sum by, at most
        left = [[arb(0)] * (self.degree + 1) for _ in range(self.count)]  # of Chebyshev polynomials
        parts = [arb_poly([arb(c) for c in part[2]]) for part in found.parts]

        def value(row: Row, factor: Any) -> Any:
            """What the part, or its slope, is at a place, which is taken into the sums."""
            a, b = (arb(float(v)) for v in self.ends[[row.segment, row.segment + 1]])
            u, part = arb_poly([-(a + b) / (b - a), 2 / (b - a)]), parts[row.segment]
            for j, p in enumerate(chebyshev_values(u, self.degree + 1)):
                p = p.derivative() if row.order else p
                left[row.segment][j] += factor * p(arb(row.x))
            return (part.derivative() if row.order else part)(arb(row.x))

        for row, number in held:
            factor = arb(number)
            truth = self.slope(row) if row.order else self.reading.exact(arb(row.x))
            total += factor * (truth - value(row, factor))
            size += abs(factor * truth) if self.relative else abs(factor)
        for segment, number in zip(self.joints, shared, strict=False):
            end = float(self.ends[segment + 1])
            one, other = Row(segment, end, 0), Row(segment + 1, end, 0)
            lost += abs(arb(number) * (value(one, arb(number)) - value(other, -arb(number))))
        for (segment, pin), number in zip(self.held, shared[len(self.joints) :], strict=True):
            row, truth = Row(segment, pin, 0), self.reading.exact(arb(pin))
            lost += abs(arb(number) * (truth - value(row, arb(number))))
        error = arb(found.error_high)
        for (a, b, part), own in zip(found.parts, left, strict=True):
            far, most = arb(max(abs(a), abs(b))), arb(1)
            if self.relative:  # of the size of f, by that of the part
                most = sum((abs(arb(c)) * far**k for k, c in enumerate(part)), arb(0)) / (1 - error)
            lost += 4 * error * most * sum((abs(v) for v in own), arb(0))
        return (abs(total) - lost) / size
