"""Formulas as code computes them: stable, with the proved limits, and nan where there is no value."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from math import inf, isfinite, nan
from typing import Any

import numpy as np

from ..expressions.code.accurate import accurate
from ..expressions.code.languages import NUMPY
from ..expressions.code.printer import derivative_formulas, printed
from ..expressions.code.stable import double
from ..expressions.differentiate import derivative, expanded
from ..expressions.node import FLOAT_X, RULES, Interpreter, Node, node, operation
from ..expressions.rewriting import rewritten_for_floats
from ..numbers.exact import quotient
from ..numbers.formats import FORMATS
from ..numbers.near_rational import NearRational, known_at, nearest
from ..numbers.root_series import REACH, root_series
from ..numbers.types import Floats
from ..numbers.where import where
from .activation import Activation
from .python_callable import PythonCallable

DISTANCES = 2.0 ** -np.array([*range(1, 60), 200, 1000])  # from roots: where terms are tried
SLIGHT = 4 * 2.0**-52
SPECIAL = (inf, -inf, nan)
LARGEST = 65  # of the largest numbers that are tried
LARGEST_POWER = 8
LEAST = 2.0**-1074
FAR, JUDGED = 2.0**6, 30  # from where powers are looked for; places that are tried first
EXACT = 1e-40  # of a root, what a double of it misses where it is one itself
IGNORING = replace(NUMPY, operations={  # nan in max and min, as C does
    **NUMPY.operations, "max": "np.fmax({0}, {1})", "min": "np.fmin({0}, {1})",
})  # fmt: skip


def code_formulas(f: Activation, order: int = 1, literal: bool = False) -> list[Node]:
    """[f, f', f''][: order + 1] for floating point, right at the infinities, nan and breakpoints too.

    They are rearranged where that is more accurate; `literal` ones are not, so that their constants
    are in the code, and are taken to be defined everywhere.
    ValueError for a Python callable, of which there is no formula.
    """
    if isinstance(f, PythonCallable):
        raise ValueError(
            f"{f.written!r} is Python, of which there is no formula; give a name such as gelu, or a "
            "quoted formula"
        )
    read: Callable[[Any], Any] = f.at
    if f.typed and not literal:
        read = rewritten_for_floats(_inlined(f.tree, Node("x"))).read_once
    formulas = derivative_formulas(read, min(order, 1))
    if order == 2:  # whose jets of jets lose the stable form of the gradient
        formulas += derivative_formulas(read, 2)[2:]
    if not literal:
        right = [_beside_roots(f, k, accurate(formula)) for k, formula in enumerate(formulas)]
        formulas = [_where_defined(f, formula) for formula in right]
    return [_guarded(f, k, formula, literal) for k, formula in enumerate(formulas)]


def written_formulas(f: Activation, order: int) -> list[Node]:
    """[f, f', f''][: order + 1] as they are written, for LaTeX."""
    if isinstance(f, PythonCallable):
        code_formulas(f)
    found = [f.recorded]
    for _ in range(order):
        found.append(derivative(found[-1]))
    return found


def _where_defined(f: Activation, formula: Node) -> Node:
    """The formula, and nan where a typed function has no value."""
    for condition in f.domain.conditions if f.typed else ():
        holds = accurate(rewritten_for_floats(_inlined(condition, FLOAT_X)))
        formula = _chosen(holds, formula, nan)
    return formula


def _inlined(formula: Node, x: Node) -> Node:
    """The formula at x, with those of registered functions in place of their names."""
    return node(Interpreter[Any](RULES, operation)(formula, x))


def _guarded(f: Activation, order: int, formula: Node, literal: bool) -> Node:
    """The formula with what arithmetic does not give: limits, nan, derivatives at breakpoints."""
    if order and not f.at_defaults:
        formula = _mended(f, order, formula)
    for side in (1, -1):
        formula = _levelled(f, order, formula, side, literal)
    wanted = np.array([f.limit(1, order), f.limit(-1, order), nan])
    got = computed(formula, np.array(SPECIAL))
    for place, value, there in zip(SPECIAL, wanted, got, strict=True):
        if not (value == there or (value != value and there != there)):
            at = FLOAT_X.differs(FLOAT_X) if place != place else FLOAT_X.equals(place)
            formula = _chosen(at, FLOAT_X if place != place else value, formula)
    return formula


def _beside_roots(f: Activation, order: int, formula: Node) -> Node:
    """The formula with polynomials in the distance to roots, if terms of it cancel there."""
    x = FLOAT_X

    def exactly(place: NearRational) -> NearRational:
        return known_at(f.tree.read_once, place, order)

    @np.errstate(all="ignore")
    def right(places: Floats, wanted: Floats) -> bool:
        return bool((np.abs(computed(formula, places) - wanted) <= SLIGHT * np.abs(wanted)).all())

    breaks = f.breakpoints.within(-2 * REACH, 2 * REACH)
    if not any(_is_kinked(part) for part in expanded(f.recorded).walk()):  # these are holes
        breaks = [place for place in breaks if f(np.array([place]))[0] == f(np.array([place]))[0]]
    for series in root_series((f, f.gradient, f.curvature)[order], exactly, breaks, right):
        high, low = map(double, series.root)
        distance = x - high
        if abs(float(series.root[1])) >= EXACT * abs(float(series.root[0])):
            distance = distance - low  # else what is left of rounding in balls
        total: Any = node(0)
        for coefficient in reversed(series.coefficients):
            total = total * distance + double(coefficient)
        inside = Node("and", (x > double(series.low), x < double(series.high)))
        for _ in range(series.order):
            total = distance * total
        beside = node(total)
        sides = (series.high - series.root[0], series.low - series.root[0])
        near = series.root[0] + np.concatenate([side * DISTANCES for side in sides])
        if not right(near, computed(beside, near)):
            formula = _chosen(inside, beside, formula)
    return formula


def _is_kinked(part: Node) -> bool:
    return part.op in ("where", "max", "min") or (
        part.op == "call" and part.args[0].name in ("abs", "sign")
    )


def _levelled(f: Activation, order: int, formula: Node, side: int, literal: bool) -> Node:
    """The formula with its limit, or the power that it approaches, from where arithmetic overflows."""
    limit = f.limit(side, order)
    largest = np.finfo(float).max * np.linspace(0.5, 1, LARGEST)
    x = side * np.append(2.0 ** np.arange(0, 1023), largest)
    wanted = np.asarray((f, f.gradient, f.curvature)[order](x))
    got = computed(formula, x)
    if f.typed and not literal:  # whose own values overflow alike
        asked = np.flatnonzero(np.abs(x) >= FAR)
        for some in (asked[:: -(len(asked) // JUDGED)], asked):
            known = zip(x[some].tolist(), got[some].tolist(), strict=True)
            wanted[some] = [_truth(f, order, *each, limit) for each in known]
            if _close(got[some], wanted[some]).all():
                return formula
    right = _close(got, wanted)
    if f.typed and not literal and (power := _power(x, wanted)) is not None:
        off = np.flatnonzero(~_close(computed(power, x), wanted))
        wrong = np.flatnonzero(~right & (np.abs(x) >= FAR))
        first = max(int(wrong[0]) - 1, int(off[-1]) + 1 if len(off) else 0)
        if not right[first:].all():
            return _beyond(side, "=", float(x[first]), power, formula)
    level = wanted == limit
    if limit != limit or right[-LARGEST:].all() or not level[-1]:
        return formula
    first = len(x) - int(np.argmin(level[::-1])) if not level.all() else 0  # level from here on
    first = max(first, int(np.argmin(right)) - 1)
    start = float(x[first])
    if f.typed and first and isfinite(got[first - 1]) and not isfinite(got[first]):
        places = np.linspace(float(x[first - 1]), start, 4096)  # where it overflows, about
        start = float(places[int(np.argmin(np.isfinite(computed(formula, places)))) - 1])
    return _beyond(side, "", start, limit, formula)


def _beyond(side: int, also: str, place: float, chosen: Any, formula: Node) -> Node:
    return _chosen(Node((">" if side > 0 else "<") + also, (FLOAT_X, node(place))), chosen, formula)


def _close(got: Floats, wanted: Floats) -> Any:
    with np.errstate(all="ignore"):
        return (got == wanted) | (np.abs(got - wanted) <= 1e-15 * np.abs(wanted) + LEAST)


def _truth(f: Activation, order: int, x: float, got: float, limit: float) -> float:
    """f, or a derivative, far out; what is got, or the limit, where that is not known."""
    found = next(nearest(f.tree.read_once, [x], order, FORMATS["float64"]))
    return found if found is not None and found == found else got if isfinite(got) else limit


def _power(x: Floats, wanted: Floats) -> Node | None:
    """c*x**p for a whole p, by what is wanted at places (n,); None if that is no such thing."""
    known = np.flatnonzero(np.isfinite(wanted) & (np.abs(wanted) >= np.finfo(float).tiny))
    if len(known) < 2:
        return None
    with np.errstate(all="ignore"):
        sizes, places = (
            np.log2(np.abs(wanted[known[[-1, -2]]])),
            np.log2(np.abs(x[known[[-1, -2]]])),
        )
    p = round(float((sizes[0] - sizes[1]) / (places[0] - places[1])))
    if not 0 < abs(p) <= LARGEST_POWER:
        return None
    c = Fraction(float(wanted[known[-1]])) / Fraction(float(x[known[-1]])) ** p
    found: Any = node(quotient(c.numerator, c.denominator))
    for _ in range(abs(p)):
        found = found * FLOAT_X if p > 0 else found / FLOAT_X
    return node(found)


def _mended(f: Activation, order: int, formula: Node) -> Node:
    """The formula with the derivative at breakpoints where f has one."""
    places = np.array(f.breakpoints.within(-inf, inf) if _all_known(f) else ())
    if not places.size:
        return formula
    wanted = np.asarray((f, f.gradient, f.curvature)[order](places))
    for place, value, got in zip(places, wanted, computed(formula, places), strict=True):
        if abs(value - got) > 1e-12 * abs(value):
            formula = _chosen(FLOAT_X.equals(float(place)), float(value), formula)
    return formula


def _all_known(f: Activation) -> bool:
    return all(known is not None for _, known in f.breakpoints.listed)


def _chosen(condition: Any, chosen: Any, otherwise: Any) -> Node:
    return node(where(condition, node(chosen), node(otherwise)))


def computed(formula: Node, x: Any) -> Any:
    """The formula at float64 numbers of shape (n,), as the code of numpy computes it."""
    code = printed([formula], IGNORING)
    source = IGNORING.helpers(code.primitives)
    source.append(IGNORING.define("computed", ["x"], code.statements, code.results[0]))
    names: dict[str, Any] = {"np": np}
    exec("\n".join(source), names)  # printed by us, of a formula that was parsed
    with np.errstate(all="ignore"):
        return np.broadcast_to(names["computed"](x), x.shape)
