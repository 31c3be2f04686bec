"""Approximations on the whole line: a form on [-R, R] and the asymptotes outside, R where both errors meet.

The error inside rises with R and that of the asymptotes falls, so the smaller of both errors at one R is
a bound that no other R passes.
"""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from math import inf, isfinite, isinf, log
from typing import Any

import numpy as np

from ..evaluation.activation import Activation
from .constrained import pins_of
from .design import Design, exact_text
from .request import PLAIN, Conditions

NEAREST, FARTHEST = 2.0**-10, 2.0**40
STARTS, NEAR = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0), 0.05  # R, and errors beyond
SHORTER, HALVINGS, ENOUGH = 1 / 16, 6, 3e-3  # of ranges on which grids are tried
STEPS = 40
SIMPLE = 10**6  # denominators of constants that a formula may have
LARGEST = 1e300  # pin
MEET = 1e-8  # of the error, by which both may differ


def on_the_line(
    f: Activation, level: Callable[[float, Conditions], float],
    design: Callable[[float], Design], asked: Conditions = PLAIN,
) -> Design:  # fmt: skip
    """The design on [-R, R] with asymptotes outside, where the errors of both are the same.

    `level` is about the best error on [-R, R] under conditions, `design` the form there. ValueError if f
    has no asymptotes, or these do not keep the conditions.
    """
    tails = asymptotes(f)
    outside = _outside(f, tails, asked.relative)

    def inside(reach: float) -> float:
        return level(reach, within(asked, reach))

    reach = _crossing(f, inside, outside)
    short = float(f"{reach:.3g}")  # hard_tanh: 1
    if max(inside(short), outside(short)) <= max(inside(reach), outside(reach)):
        reach = short
    found = with_tails(f, design(reach), tails, asked)
    if asked.coefficients != "float64":
        found = _on_shorter(found, outside, lambda r: with_tails(f, design(r), tails, asked))
    return found


def _on_shorter(
    found: Design, outside: Callable[[float], float], designed: Callable[[float], Design]
) -> Design:
    """The best of a grid on some shorter ranges too, as its error rises with R in steps.

    A bound of one R is a bound of all.
    """
    optimum, of_grid = found.optimum_low or 0.0, found.grid_low
    high = low = float((found.breakpoints or [1.0])[-1])
    while outside(low) < found.error_high:
        low *= 1 - SHORTER
    for _ in range(HALVINGS):
        middle = low / 2 + high / 2
        if outside(high) * (1 + ENOUGH) >= found.error_high:
            break
        tried = designed(middle)
        optimum, of_grid = max(optimum, tried.optimum_low or 0.0), max(of_grid, tried.grid_low)
        if tried.error_high < found.error_high:
            found = tried
        if tried.error_high > outside(middle) * (1 + ENOUGH):
            high = middle
        else:
            low = middle
    return replace(found, optimum_low=optimum, grid_low=of_grid)


def within(asked: Conditions, reach: float) -> Conditions:
    """The conditions with the pins on [-R, R] alone."""
    pins = [pin for pin in pins_of(asked.pin, -LARGEST, LARGEST) if abs(pin) <= reach]
    return asked._replace(pin=",".join(map(repr, pins)) or None)


def shortest(f: Activation, error: float, asked: Conditions = PLAIN) -> float:
    """The least R beyond which asymptotes are within an error, about."""
    outside = _outside(f, asymptotes(f), asked.relative)
    if outside(FARTHEST) > error:
        raise ValueError(
            f"{f.label} nears its asymptotes too slowly for {error:g}; give a range, as in -r -4:4"
        )
    low, high = NEAREST, FARTHEST
    while high / low > 1 + 1e-12:
        middle = (low * high) ** 0.5
        low, high = (low, middle) if outside(middle) <= error * (1 - 1e-9) else (middle, high)
    return high


def asymptotes(f: Activation) -> tuple[str, str]:
    """The asymptotes of f as formulas; ValueError where there is none."""
    from ..evaluation.limits import asymptote

    found = []
    for side, name in ((-1, "left"), (1, "right")):
        line = asymptote(f.tree, side)
        if line is None:
            raise ValueError(
                f"{f.label} has no asymptote on the {name} that is known, which the whole line "
                "needs; give a range, as in -r -4:4"
            )
        slope, height = exact_line(f, side) or map(_plain, line)
        text = exact_text(height)
        if slope:
            linear = "x" if slope == 1 else "-x" if slope == -1 else f"{exact_text(slope)}*x"
            text = linear if not height else f"{linear} + {text}".replace("+ -", "- ")
        found.append(text)
    return found[0], found[1]


def exact_line(f: Activation, side: int) -> tuple[Fraction, Fraction] | None:
    """Slope and height of the asymptote, as exact as its constants are; None if they are not known so."""
    from ..proofs.points import BUDGET, Undecided
    from ..proofs.shape import Shape

    try:
        return Shape(f.tree, BUDGET).exact_asymptote(side)
    except Undecided:
        return None


def _plain(value: float) -> Fraction:
    """The fraction of few digits that a double is nearest to, if there is one, as 1/3; else the double."""
    near = Fraction(value).limit_denominator(SIMPLE)
    return near if float(near) == value else Fraction(value)


def with_tails(
    f: Activation, inside: Design, tails: tuple[str, str], asked: Conditions = PLAIN
) -> Design:
    """A design on a range with asymptotes beyond it, proved on the whole line."""
    low, high = inside.low, inside.high
    if wanted := asked.above - asked.below:
        _check_side(f, tails, wanted, low, high)
    left = _tail_error(f, tails[0], -inf, low, asked.relative)
    right = _tail_error(f, tails[1], high, inf, asked.relative)
    for tail, found, side in ((tails[0], left, "left"), (tails[1], right, "right")):
        if found[0] == inf:
            raise ValueError(
                f"{f.label} leaves {tail} towards the {side}, as its slope there is no number that is "
                "known; give a range, as in -r -4:4"
            )
    errors = [(inside.error_low, inside.error_high), left[:2], right[:2]]
    error_low, error_high = (max(e[k] for e in errors) for k in (0, 1))
    touched = [
        place
        for least, _, place in (left, right)
        if isfinite(place) and least >= error_low * (1 - 1e-6)
    ]
    kept = list(inside.attained_at) if inside.error_high >= error_low * (1 - 1e-6) else []
    beyond = f"where(x > {exact_text(high)}, {tails[1]}, {inside.formula})"
    formula = f"where(x < {exact_text(low)}, {tails[0]}, {beyond})"
    optimum = None
    if inside.optimum_low is not None:
        optimum = min(inside.optimum_low, max(left[0], right[0]))
    return replace(
        inside, low=-inf, high=inf, error_low=error_low, error_high=error_high, formula=formula,
        attained_at=sorted({*kept, *touched}), breakpoints=[low, high], tails=list(tails),
        optimum_low=optimum, segments_used=3,
        grid_low=min(inside.grid_low, max(left[0], right[0])),
        parts=[(-inf, low, _line(tails[0])), *inside.parts, (high, inf, _line(tails[1]))],
    )  # fmt: skip


def _line(text: str) -> list[float]:
    """Power coefficients of an asymptote."""
    read = _tree(text).read
    height = float(read(0.0)) + 0.0
    return [height, slope] if (slope := float(read(1.0)) - height) else [height]


def _tree(text: str) -> Any:
    from ..expressions.node import node
    from ..expressions.parser import parse
    from ..numbers.exact import rational

    return parse(text) if "x" in text else node(rational(text))


def _check_side(f: Activation, tails: tuple[str, str], side: int, low: float, high: float) -> None:
    """Refuses asymptotes that are not shown to be on a side of f."""
    from ..expressions.node import Node
    from ..proofs.points import BUDGET, Undecided, at
    from ..proofs.shape import Shape

    for tail, ends, where in ((tails[0], (-inf, low), "left"), (tails[1], (high, inf), "right")):
        difference = Node("-", (_tree(tail), f.tree))
        try:
            shape = Shape(difference, BUDGET, *map(at, ends))
            kept = all(part.sign in (0, side) for _, part in shape.pattern(0))
        except Undecided:
            kept = False
        if not kept:
            told = "above" if side > 0 else "below"
            raise ValueError(
                f"--{told}: that {tail} is {told} {f.label} far out on the {where} is not so, or not "
                "proved; give a range, as in -r -4:4"
            )


def _tail_error(
    f: Activation, tail: str, low: float, high: float, relative: bool = False
) -> tuple[float, float, float]:
    """Bounds of sup |f - tail| beyond an end, proved, and where it is; infinite where it stays open."""
    from ..proofs.difference import FormulaDifference
    from ..proofs.distance import CELLS, supremum
    from ..proofs.relative_distance import relative_distance

    tree = _tree(tail)
    if _is(f, tree, low, high):
        return 0.0, 0.0, high if isinf(low) else low
    if relative:
        found = relative_distance(f.tree, tree, (low, high))
    else:
        found = supremum(FormulaDifference(f.tree, tree, (low, high)), 0, CELLS)
    if found.value is not None and found.where is not None:
        return found.low, found.high, found.where
    return 0.0, inf, inf


def _is(f: Activation, tree: Any, low: float, high: float) -> bool:
    """Whether f is shown to be that formula between two places."""
    from ..expressions.canonical import equal
    from ..expressions.differentiate import expanded
    from ..proofs.points import BUDGET, Undecided, at
    from ..proofs.shape import Shape

    try:
        pieces = Shape(f.tree, BUDGET, *map(at, (low, high))).pieces
    except Undecided:
        return False
    return len(pieces) == 1 and bool(equal(expanded(pieces[0].tree), tree))


def _outside(f: Activation, tails: tuple[str, str], relative: bool) -> Callable[[float], float]:
    """About the largest distance from the asymptotes beyond R, by samples."""
    if relative and "0" in tails:
        where = "left" if tails[0] == "0" else "right"
        raise ValueError(
            f"of the relative error the asymptote 0 of {f.label} on the {where} is off by all of it; "
            "give a range, as in -r -4:4"
        )
    trees = [_tree(tail) for tail in tails]
    steps = np.concatenate([[0.0], np.geomspace(1e-3, 64.0, 96)])

    def outside(reach: float) -> float:
        found = 0.0
        for side, tree in zip((-1, 1), trees, strict=True):
            x = side * (reach + steps * max(1.0, reach))
            with np.errstate(all="ignore"):
                y = np.asarray(f(x))
                gap = np.abs(y - np.broadcast_to(tree.read(x), x.shape))
                gap = gap / np.abs(y) if relative else gap
            found = max(found, float(np.max(gap)))
        return found

    return outside


def _settled(f: Activation, outside: Callable[[float], float]) -> float:
    """An R to begin with: the first kink beyond which f is its asymptotes, or where it nears them."""
    sizes = sorted({abs(x) for x, _ in f.breakpoints.plain or () if x and isfinite(x)})
    known = next((size for size in sizes if outside(size) == 0), None)
    return known or next((reach for reach in STARTS if outside(reach) <= NEAR), 1.0)


def _crossing(
    f: Activation, level: Callable[[float], float], outside: Callable[[float], float]
) -> float:
    """Where both errors meet, by steps of false position on their logarithms."""

    def gap(reach: float) -> float:
        within, beyond = level(reach), outside(reach)
        return log(max(within, 1e-300)) - log(max(beyond, 1e-300))

    low = high = _settled(f, outside)
    below = above = gap(low)
    if not below:
        return low
    while below > 0:
        low /= 2
        if low < NEAREST:
            raise ValueError(
                f"{f.label} is its asymptotes, but for a range that can be as short as you like; "
                "give one, as in -r -4:4"
            )
        above, high, below = below, low * 2, gap(low)
    while above <= 0:
        high *= 2
        if high > FARTHEST:
            why = "nears its asymptotes too slowly" if outside(1.0) else "is its own asymptote"
            raise ValueError(f"{f.label} {why}; give a range, as in -r -4:4")
        below, low, above = above, high / 2, gap(high)
    kept = 0  # the end that stayed, of which a half is taken if it stays again (Illinois)
    for _ in range(STEPS):
        share = min(max(-below / (above - below), 0.002), 0.998) if above > below else 0.5
        middle = low + share * (high - low)
        value = gap(middle)
        if abs(value) < MEET or high - low < 1e-13 * high:
            return middle
        if value > 0:
            high, above = middle, value
            below, kept = (below / 2 if kept < 0 else below), -1
        else:
            low, below = middle, value
            above, kept = (above / 2 if kept > 0 else above), 1
    return low
