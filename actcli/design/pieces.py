"""Puts the parts of an approximation together: the proof of each, one formula, one record."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import partial
from itertools import pairwise
from math import inf, isfinite, nextafter
from typing import Any, NamedTuple

from flint import arb, arb_poly, ctx, fmpq

from ..evaluation.activation import Activation
from ..numbers.interval import Enclosure, enclosure
from ..proofs.difference import size_of
from ..proofs.points import Undecided
from .certificates import CELLS, is_formula, largest_error
from .design import Design, exact_text, horner
from .polynomials import Reading
from .residual import Residual
from .whole_line import exact_line

CLOSE = 1 + 1e-7  # ratio of bounds that are sharp
NOTHING = 1e-40  # errors below may be 0
FINE = 512  # bits of a fraction
FINER = 3  # rounds in which touching places are found
ROUNDED = 1e-10  # of values, below which errors are read in balls


class PolynomialPiece(NamedTuple):
    """A polynomial on [low, high]; an infinite end means a tail, which is a line."""

    low: float
    high: float
    coefficients: Sequence[Any]


def assembled(
    f: Activation, pieces: Sequence[PolynomialPiece], *, kind: str = "piecewise",
    relative: bool = False, root: bool = False, **facts: Any
) -> Design:  # fmt: skip
    """The design of pieces that follow each other, each proved: of the `relative` error, if asked for.

    Pieces on which f has its `root`, which is at 0, are 0 there.
    """
    pieces = [*map(partial(_with_exact_slope, f), pieces)]
    prove = Proofs(f, pieces[0].low, pieces[-1].high, relative, root)
    proofs = [prove.roughly(piece) for piece in pieces]
    low = max(low for low, _ in proofs)
    for k, piece in enumerate(pieces):
        if not proofs[k][1] <= max(low, proofs[k][0] * CLOSE):  # others are sharp, or no matter
            proofs[k] = prove(piece, without_high=piece is not pieces[-1])
            low = max(low, proofs[k][0])
    high = max(high for _, high in proofs)
    formula = chosen(pieces)
    if 0 < high < NOTHING and is_formula(f, formula, pieces[0].low, pieces[-1].high):
        low, high = 0.0, 0.0
    outer = (pieces[0], pieces[-1])
    line = not all(map(isfinite, (outer[0].low, outer[1].high)))
    return Design(
        function=f.label, kind=kind, low=outer[0].low, high=outer[1].high, basis="power",
        coefficients=[list(map(float, p.coefficients)) for p in pieces], error_low=low, error_high=high,
        formula=formula, segments_used=len(pieces),
        breakpoints=[b.low for _, b in pairwise(pieces)],
        tails=[_line_text(p) for p in outer] if line else None,
        attained_at=touching(f, pieces, low, relative), relative=relative,
        parts=[(p.low, p.high, [*map(float, p.coefficients)]) for p in pieces], **facts,
    )  # fmt: skip


def _with_exact_slope(f: Activation, piece: PolynomialPiece) -> PolynomialPiece:
    """A tail whose slope is the double nearest to that of f, with the slope as it is written."""
    side = -1 if piece.low == -inf else 1
    if (isfinite(piece.low) and isfinite(piece.high)) or len(piece.coefficients) < 2:
        return piece
    height, slope = piece.coefficients
    exact = exact_line(f, side)
    if exact is None or exact[0] == Fraction(slope) or float(exact[0]) != slope:
        return piece
    return piece._replace(coefficients=[height, exact[0]])


def _ball(c: float | Fraction) -> Any:
    return arb(fmpq(c.numerator, c.denominator)) if isinstance(c, Fraction) else arb(c)


def _signed(bend: Enclosure, side: int) -> bool:
    return bool(bend.low >= 0) if side > 0 else bool(bend.high <= 0)


def _line_text(piece: PolynomialPiece) -> str:
    return horner(piece.coefficients, also="")


class Proofs:
    """Proves errors of pieces of one function on a range."""

    def __init__(
        self, f: Activation, low: float, high: float, relative: bool = False, root: bool = False
    ) -> None:
        from ..expressions.node import node
        from ..proofs.difference import FormulaDifference

        self.f, self.relative, self.root = f, relative, root
        self._itself = FormulaDifference(f.tree, node(0), (low, high))

    def __call__(self, piece: PolynomialPiece, without_high: bool = False) -> tuple[float, float]:
        """Bounds of sup |f - p| on a piece; the upper one is infinite where nothing is proved.

        Its end may belong to the next piece.
        """
        low, high, coefficients = piece
        if not (isfinite(low) and isfinite(high)):
            return self._tail(piece)
        found = self.roughly(piece)
        if found[1] <= found[0] * CLOSE:
            return found
        with ctx.workprec(FINE):
            balls = [_ball(c) for c in coefficients]
        bound = largest_error(
            self.f, balls, low, high, relative=self.relative, root=self.root and low <= 0 <= high,
            without_high=without_high,
        )  # fmt: skip
        return bound.low, bound.high

    def roughly(self, piece: PolynomialPiece) -> tuple[float, float]:
        """Bounds that may be far apart, at little cost: (0, inf) but for lines between finite ends."""
        line = isfinite(piece.low) and isfinite(piece.high) and len(piece.coefficients) <= 2
        if line and not self.relative:
            with suppress(Undecided, TypeError, ArithmeticError):
                return self._line(*piece)
        return 0.0, inf

    def _line(self, low: float, high: float, coefficients: Sequence[float]) -> tuple[float, float]:
        """Where f bends one way the error has one turning point, and its tangents bound it there.

        Elsewhere it is as far from its chord as it bends at most.
        """
        index = self._index(low, high)
        if index is None:
            return 0.0, inf
        height, slope = (_ball(c) for c in (*coefficients, 0.0)[:2])
        bend = self._itself.read(index, 0, 0, Enclosure(arb(low), arb(high)))[2]
        if not bend.finite:
            return 0.0, inf
        one_way = not bend.low < 0 < bend.high
        away = 0.0 if one_way else size_of(bend)[1] * (arb(high) - arb(low)) ** 2 / 8
        errors = []
        for x in (low, self._turning(low, high, float(slope)), high) if one_way else (low, high):
            value, rise, _ = self._itself.read(index, 0, 0, Enclosure(arb(x)))
            error = value - enclosure(height + slope * arb(x))
            drift = 0.0 if x in (low, high) else size_of(rise - enclosure(slope))[1]
            least, most = size_of(error)
            errors.append((least, most + drift * (arb(high) - arb(low)) + away))
        least = max((e[0] for e in errors), key=lambda v: float(v.lower()))
        most = max((e[1] for e in errors), key=lambda v: float(v.upper()))
        if most == 0:
            return 0.0, 0.0
        return max(nextafter(float(least.lower()), -inf), 0.0), nextafter(float(most.upper()), inf)

    def bends(self, low: float, high: float) -> set[int]:
        """The sides to which f is proved not to bend away from its chords: 1 where it is convex."""
        with suppress(Undecided, TypeError, ArithmeticError):
            if (index := self._index(low, high)) is not None:
                bend = self._itself.read(index, 0, 0, Enclosure(arb(low), arb(high)))[2]
                return {side for side in (-1, 1) if bend.finite and _signed(bend, side)}
        return set()

    def _index(self, low: float, high: float) -> int | None:
        """The piece of f that holds all between two places."""
        for index, start, end in self._itself.parts:
            if start.number <= low and high <= end.number:
                inside = start.number < low and high < end.number
                return index if inside or not self._itself.breakpoints else None
        return None

    def _turning(self, low: float, high: float, slope: float) -> float:
        """Where f' is the slope, by bisection in doubles."""
        import numpy as np

        a, b = low, high
        rises = float(self.f.gradient(np.float64(high))) > float(self.f.gradient(np.float64(low)))
        for _ in range(6):  # 2^60 parts
            x = np.linspace(a, b, 1025)
            above = (self.f.gradient(x) > slope) == rises
            k = int(np.argmax(above)) if above.any() else len(x) - 1
            a, b = float(x[max(k - 1, 0)]), float(x[k])
        return b

    def _tail(self, piece: PolynomialPiece) -> tuple[float, float]:
        """Over an infinite range, by branch and bound with the limit."""
        from ..expressions.node import Node, node
        from ..proofs.difference import FormulaDifference
        from ..proofs.distance import supremum
        from ..proofs.relative_distance import relative_distance

        height, slope = (Fraction(c) for c in piece.coefficients)
        line = node(height) + node(slope) * Node("x") if slope else node(height)
        ends = piece.low, piece.high
        if self.relative:
            distance = relative_distance(self.f.tree, line, ends, CELLS)
        else:
            distance = supremum(FormulaDifference(self.f.tree, line, ends), 0, CELLS)
        return (0.0, inf) if distance.value is None else (distance.low, distance.high)


def touching(
    f: Activation, pieces: Sequence[PolynomialPiece], error: float, relative: bool = False
) -> list[float]:
    """Where the error of pieces comes within a hundred thousandth of its largest."""
    found: set[float] = set()
    for piece in pieces if error else ():
        low, high, _ = piece
        a, b = (max(low, high - 64) if isfinite(high) else low), high
        if not isfinite(a) or not isfinite(b):
            a = a if isfinite(a) else (b - 64 if isfinite(b) else -64.0)
            b = b if isfinite(b) else a + 64
        kinks = [x for x in f.breakpoints.within(a, b) if a < x < b]
        for start, stop in pairwise([a, *kinks, b]):
            other = stop == b and high != pieces[-1].high  # f is there of the next piece
            last = nextafter(b, -inf) if other else stop
            found.update(_tops(f, piece, start, stop, last, error, relative))
    return sorted(found)


def _tops(
    f: Activation, piece: PolynomialPiece, low: float, high: float, last: float, error: float,
    relative: bool,
) -> Iterator[float]:  # fmt: skip
    """The same of one piece between places with no kink of f between; that at `high` is read at `last`."""
    import numpy as np

    coefficients = [*map(float, piece.coefficients)]

    def errors(x: Any) -> Any:
        truth = np.asarray(f(x), np.float64)
        off = truth - np.polynomial.polynomial.polyval(x, coefficients)
        return (
            np.divide(off, np.abs(truth), np.zeros_like(off), where=truth != 0) if relative else off
        )

    x = np.linspace(low, high, 257)
    read = np.append(x[:-1], last)
    sizes = np.abs(np.asarray(f(read), np.float64)) + 1e-300
    if error < ROUNDED * (1.0 if relative else np.max(sizes)):  # doubles do not tell where
        rest = _rest(f, piece, low, last, float(np.max(sizes)))
        if not rest.settled:
            return

        def errors(x: Any) -> Any:
            return rest(x) / np.maximum(np.abs(f(x)), 1e-300) if relative else rest(x)

    e = errors(read)
    size = np.concatenate([[0.0], np.abs(e), [0.0]])
    top = (size[1:-1] >= size[:-2]) & (size[1:-1] >= size[2:]) & (size[1:-1] > error / 2)
    for k in np.flatnonzero(top):
        at, height = float(x[k]), abs(float(e[k]))
        if (k == 0 and low > piece.low == -inf) or (k == 256 and high < piece.high == inf):
            continue  # where looking ends
        if height - min(size[k], size[k + 2]) < 1e-9 * height:  # level: nothing is touched
            continue
        step = float(x[1] - x[0]) if 0 < k < 256 else 0.0
        for _ in range(FINER if step else 0):  # parabolas through places that near one another
            down, here, up = (float(v) for v in errors(at + step * np.arange(-1.0, 2.0)))
            bend = down - 2 * here + up
            share = (down - up) / bend / 2 if abs(down - up) < 2 * abs(bend) else 0.0
            vertex = min(max(at + share * step, low), last)
            if (there := abs(float(errors(np.array([vertex]))[0]))) > height:
                at, height = vertex, there
            step /= 8
        if height >= error * (1 - 1e-5):
            yield at


def _rest(f: Activation, piece: PolynomialPiece, low: float, high: float, size: float) -> Residual:
    """What a piece leaves of f between places, by interpolants of balls."""
    reading = Reading(f)
    polynomial = arb_poly([_ball(c) for c in piece.coefficients])
    with ctx.workprec(FINE):
        return Residual(lambda x: reading.exact(x) - polynomial(x), (low, high), NOTHING * size)


def chosen(pieces: Sequence[PolynomialPiece], also: str = " + 0*x") -> str:
    """One formula of pieces: which holds is found by halving.

    A sole constant has `also` behind it.
    """
    if len(pieces) == 1:
        return horner(pieces[0].coefficients, also=also)
    middle = len(pieces) // 2
    left, right = chosen(pieces[:middle], ""), chosen(pieces[middle:], "")
    return f"where(x < {exact_text(pieces[middle].low)}, {left}, {right})"
