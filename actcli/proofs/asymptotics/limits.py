"""Evaluates formulas near infinity: their limits, and whether they stay bounded."""

import math
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from typing import Any

from flint import fmpq

from ...expressions.node import OPERATIONS, Interpreter, Node, Rule, rebuilt
from ...expressions.program import Program
from ...numbers.interval import Enclosure
from ...numbers.where import where
from .coefficients import ONE, Real, UndecidedError, inverse, sign_of
from .expansion import NONE, UNKNOWN, Answer, AsymptoticExpansion, Wave, expansion_of
from .monomials import T
from .rules import WAVES


def at_infinity(side: int, phase: Any = None, base: Any = None) -> AsymptoticExpansion:
    """Returns x itself as x -> side*infinity.

    With a `phase`, a rational point (cos, sin) on the unit circle, it is read along the x at which
    w*m has that angle; `base` is w and the monomial m, by default |x|.
    """
    if phase is not None and base is None:
        base = (ONE, T)
    return AsymptoticExpansion([(fmpq(side), T)], wave=Wave(phase, base))


def approaching(
    side: int, place: Any = None, phase: Any = None, base: Any = None
) -> AsymptoticExpansion:
    """Returns x as it tends to a place from below (side -1) or above (1); to side*infinity without one."""
    if place is None:
        return at_infinity(side, phase, base)
    step = side / at_infinity(1, phase, base)
    return (read([place], step)[0] if isinstance(place, Node) else expansion_of(place)) + step


def read(formulas: Any, x: AsymptoticExpansion) -> list[AsymptoticExpansion]:
    """Evaluates formulas (a Program or nodes) at an expansion, numbers taken exactly."""
    program = formulas if isinstance(formulas, Program) else Program(map(plain, formulas))
    return ExpansionReading(x, program).roots()


class ExpansionReading:
    """Formulas at one expansion, one after the other, equal steps read once: a derivative has many."""

    def __init__(self, x: AsymptoticExpansion, program: Program | None = None) -> None:
        self.x = x
        self.program = program or Program([])
        self._values: list[Any] = []

    def of(self, formula: Node) -> AsymptoticExpansion:
        """One more formula."""
        self.program.add(plain(formula))
        return self.roots()[-1]

    def roots(self) -> list[AsymptoticExpansion]:
        """All formulas so far, in order."""
        values = self._values
        for op, args in self.program.steps[len(values) :]:
            try:
                values.append(_step(op, args, values, self.x))
            except UndecidedError:  # an open comparison
                values.append(None)
        found = (values[i] for i in self.program.roots)
        return [AsymptoticExpansion(known=False) if v is None else expansion_of(v) for v in found]


def _step(op: str, args: tuple[Any, ...], values: list[Any], x: AsymptoticExpansion) -> Any:
    """One step of a program; UndecidedError where what it needs is open."""
    if op == "x":
        return x
    if op in ("number", "constant"):
        return expansion_of(args[0])
    if op == "where" and values[args[0]] is not None:  # the other branch may be open
        args = args[:1] + (args[1] if values[args[0]] else args[2],) * 2
    given = [values[i] for i in args if not hasattr(i, "name")]
    if any(v is None for v in given):
        raise UndecidedError
    if op == "where":
        return given[1]
    if op == "call":
        return args[0](*given)
    return not given[0] if op == "not" else OPERATIONS[op](*given)


def plain(formula: Node) -> Node:
    """Inlines the registered functions that a formula uses."""
    if not any(part.op == "use" for part in formula.walk()):
        return formula
    return Interpreter[Node](_PLAIN, rebuilt)(formula)


def _inlined(at: Interpreter[Node], part: Node, x: None) -> Node:
    inner, argument = part.args[2], at(part.args[3])
    return argument if inner is None else plain(inner.read(argument))


_PLAIN: dict[str, Rule] = {
    "use": _inlined,
    "where": lambda at, part, x: where(*(at(a) if isinstance(a, Node) else a for a in part.args)),
}


# Angles at which a formula with waves is tried.
_POINTS = [
    (1, 0), (0, 1), (-1, 0), (0, -1),
    *((Fraction(a, c), Fraction(b, c)) for a, b, c in ((3, 4, 5), (-4, 3, 5), (5, -12, 13))),
]  # fmt: skip


def _phases(
    program: Program, side: int, place: Any, x: AsymptoticExpansion
) -> Iterator[Iterator[list[AsymptoticExpansion]]]:
    """Yields for every wave that was met in reading x the formulas along the x of one phase, by phases."""
    for base in _bases(x.wave.seen if x.wave is not None else []):
        yield (read(program, approaching(side, place, point, base)) for point in _POINTS)


def limit(formulas: Any, side: int, place: Any = None) -> "list[Enclosure | float | Answer]":
    """Proves the limit of every formula at side*infinity, or at a place from that side.

    An enclosure, an infinity, NONE (there is none) or UNKNOWN.
    """
    x = approaching(side, place)
    program = formulas if isinstance(formulas, Program) else Program(map(plain, formulas))
    results = [expansion.limit() for expansion in read(program, x)]
    if not any(r is UNKNOWN for r in results):
        return results
    first: list[Any] = [None] * len(results)
    for phase in chain.from_iterable(_phases(program, side, place, x)):
        for i, there in enumerate(g.limit() for g in phase):
            if results[i] is not UNKNOWN or there is UNKNOWN:
                continue
            if first[i] is None:
                first[i] = there
            elif _differ(first[i], there):
                results[i] = NONE
        if not any(r is UNKNOWN for r in results):
            break
    return results


def limits_along_waves(formula: Node, side: int) -> "Iterator[Enclosure | float | Answer]":
    """Yields limits at side*infinity along the x at which a wave has one and the same phase."""
    x, program = at_infinity(side), Program([plain(formula)])
    read(program, x)
    for (along,) in chain.from_iterable(_phases(program, side, None, x)):
        yield along.limit()


def bounded(formula: Node, side: int) -> bool | None:
    """Decides whether |f| stays bounded as x -> side*infinity; None if that is open."""
    x, program = at_infinity(side), Program([plain(formula)])
    size = read(program, x)[0].size
    if size is not None:
        return size <= 0
    along = chain.from_iterable(_phases(program, side, None, x))
    return False if any(found.size == 1 for (found,) in along) else None


def alternates(formula: Node, side: int) -> bool:
    """Proves that a formula has both signs as far out as one likes; False: not shown."""
    x, program = at_infinity(side), Program([plain(formula)])
    if read(program, x)[0].sign is not None:
        return False
    phases = _phases(program, side, None, x)
    return any({1, -1} <= {found.sign for (found,) in phase} for phase in phases)


def is_flat(formula: Node, side: int, place: Any) -> bool:
    """Proves that f and all its derivatives tend to 0 at a place from one side; False: not shown.

    Without waves f belongs to a Hardy field, and what vanishes there faster than every power has such
    derivatives.
    """
    if any(part.op == "call" and part.args[0].name in WAVES for part in plain(formula).walk()):
        return False
    expansion = read([formula], approaching(side, place))[0]
    if not expansion.known:
        return False
    top = expansion.top
    return top is None or bool(top.exponent and sign_of(top.exponent[0][0]) == -1)


def _differ(a: Any, b: Any) -> bool:
    """Whether two limits are proved to be different."""
    if isinstance(a, float) or isinstance(b, float):
        return not (isinstance(a, float) and isinstance(b, float) and a == b)
    return bool(a.high < b.low) or bool(b.high < a.low)


def _bases(seen: list[Any]) -> list[Any]:
    """Base frequencies (w, monomial): every argument of that kind is a multiple of one of them."""
    found: list[list[Any]] = []
    for c, m in seen:
        for group in found:
            ratio = c * inverse(group[0])
            if m.key == group[1].key and not isinstance(ratio, Real):
                step = fmpq(math.gcd(int(ratio.p), int(ratio.q)), int(ratio.q))
                group[0] = group[0] * step
                break
        else:
            found.append([c, m])
    return [tuple(group) for group in found]
