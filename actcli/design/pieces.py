"""Puts the parts of an approximation together: the proof of each, one formula, one record."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import inf, isfinite
from typing import Any, NamedTuple

from ..evaluation.activation import Activation
from .certificates import largest_error
from .design import Design, exact_text, horner


class Piece(NamedTuple):
    """A polynomial on [low, high]; an infinite end means a tail, which is a line."""

    low: float
    high: float
    coefficients: Sequence[float]


def assembled(
    f: Activation, pieces: Sequence[Piece], *, kind: str = "piecewise", **facts: Any
) -> Design:
    """The design of pieces that follow each other, each proved."""
    proofs = [proved(f, piece) for piece in pieces]
    low, high = max(low for low, _ in proofs), max(high for _, high in proofs)
    outer = (pieces[0], pieces[-1])
    line = not all(map(isfinite, (outer[0].low, outer[1].high)))
    return Design(
        function=f.label, kind=kind, low=outer[0].low, high=outer[1].high, basis="power",
        coefficients=[list(p.coefficients) for p in pieces], error_low=low, error_high=high,
        formula=chosen(pieces), segments_used=len(pieces),
        breakpoints=[b.low for _, b in pairwise(pieces)],
        tails=[horner([*p.coefficients]) for p in outer] if line else None,
        attained_at=touching(f, pieces, low),
        parts=[(p.low, p.high, p.coefficients) for p in pieces], **facts,
    )  # fmt: skip


def proved(f: Activation, piece: Piece) -> tuple[float, float]:
    """Bounds of sup |f - p| on a piece; the upper one is infinite where nothing is proved."""
    if isfinite(piece.low) and isfinite(piece.high):
        found = largest_error(f, piece.coefficients, piece.low, piece.high)
        return found.low, found.high
    from ..expressions.node import Node, node
    from ..proofs.branch_and_bound import supremum
    from ..proofs.difference import FormulaDifference

    height, slope = (Fraction(c) for c in piece.coefficients)
    line = node(height) + node(slope) * Node("x") if slope else node(height)
    distance = supremum(FormulaDifference(f.tree, line, (piece.low, piece.high)), 0, 4_000)
    if distance.value is None:
        return 0.0, inf
    return distance.low, distance.high


def touching(f: Activation, pieces: Sequence[Piece], error: float) -> list[float]:
    """Where the error of pieces comes within a millionth of its largest."""
    import numpy as np

    found: list[float] = []
    if not error:
        return found
    for low, high, coefficients in pieces:
        a, b = (max(low, high - 64) if isfinite(high) else low), high
        if not isfinite(a) or not isfinite(b):
            a = a if isfinite(a) else (b - 64 if isfinite(b) else -64.0)
            b = b if isfinite(b) else a + 64
        x = np.linspace(a, b, 257)
        e = np.asarray(f(x), np.float64) - np.polynomial.polynomial.polyval(x, coefficients)
        size = np.concatenate([[0.0], np.abs(e), [0.0]])
        for k in np.flatnonzero((size[1:-1] >= size[:-2]) & (size[1:-1] >= size[2:])):
            at, height = float(x[k]), abs(float(e[k]))
            if height - min(size[k], size[k + 2]) < 1e-9 * height:  # level: nothing is touched
                continue
            if 0 < k < 256:
                down, here, up = (float(v) for v in e[k - 1 : k + 2])
                bend = down - 2 * here + up
                if bend:
                    at += (down - up) / bend / 2 * float(x[1] - x[0])
                    there = float(f(np.float64(at))) - float(
                        np.polynomial.polynomial.polyval(at, coefficients)
                    )
                    height = max(height, abs(there))
            if height >= error * (1 - 1e-5):
                found.append(at)
    return sorted({*found})


def chosen(pieces: Sequence[Piece]) -> str:
    """One formula of pieces: which holds is found by halving."""
    if len(pieces) == 1:
        return horner(pieces[0].coefficients)
    middle = len(pieces) // 2
    left, right = chosen(pieces[:middle]), chosen(pieces[middle:])
    return f"where(x < {exact_text(pieces[middle].low)}, {left}, {right})"
