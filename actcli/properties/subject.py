"""Holds the function that is asked about, and the form of an answer."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from itertools import pairwise
from math import inf
from typing import Any, NamedTuple

from ..evaluation.activation import Activation
from ..expressions.canonical import equal
from ..expressions.node import Node, node
from ..expressions.program import Program, alike
from ..functions.catalogue import names
from ..functions.registry import FUNCTIONS, Function
from ..numbers.interval import Enclosure, enclosure
from ..proofs.branches import resolve_at
from ..proofs.breakpoints import joined, pieces, value_there
from ..proofs.exact_values import rational, values_at
from ..proofs.points import Place, Undecided, between, number_of, written
from ..proofs.shape import Shape
from ..wording import words
from .equality import agree, differ, value_at_place
from .gaussian.moments import Averages, gaussian
from .witnesses import candidates, tidy

Answer = tuple[str, Any, Any, str]  # verdict, value, where, detail


@dataclass(frozen=True)
class Verdict:
    """One property of one function: "proved", "refuted", "undecided" or "measured"."""

    property: str
    verdict: str
    value: Any
    where: Any
    detail: str


class Subject:
    """A function under examination, on the line or on an interval."""

    def __init__(
        self, activation: Activation, budget: int, dtype: str, low: float = -inf, high: float = inf
    ) -> None:
        self.activation = activation
        self.budget = budget
        self.dtype = dtype
        self.low = low
        self.high = high
        self._values: dict[Fraction, Enclosure] = {}
        self._only: tuple[Node, Program] | tuple[()] | None = None  # branch, none of which is ()

    @property
    def whole(self) -> bool:
        """Whether it is asked about on the whole line."""
        return self.low == -inf and self.high == inf

    def inside(self, *points: float) -> bool:
        """Whether points lie in the interval that is asked about."""
        return all(self.low <= x <= self.high for x in points)

    def formed(self, tree: Node) -> Shape:
        """The shape of a formula on the interval that is asked about."""
        return Shape(tree, self.budget, written(self.low), written(self.high))

    @cached_property
    def shape(self) -> Shape:
        """The shape of the formula; of a typed one that is a registered function, that one's.

        log(1 + exp(x)) is softplus: what is proved of one holds for the other, and the registered
        form is free of cancellation. At breakpoints the two are equal exactly, not nearly.
        """
        if self.activation.function is None:
            try:
                for name in self.twins[0][:1]:
                    twin = self.formed(default_tree(FUNCTIONS[name]))
                    if all(twin.has_value_of(self.activation.tree, p) for p in self.own.places):
                        return twin
            except Undecided:
                pass
        return self.own

    @cached_property
    def twins(self) -> tuple[list[str], list[str]]:
        """The registered functions that are proved to be the same, and those of which it stays open."""
        return twins(self)

    @cached_property
    def own(self) -> Shape:
        """The shape of the formula as it is written, which `table` asks for limits too."""
        return self.formed(self.activation.tree)

    def at(self, x: float | Fraction) -> Enclosure:
        """f(x), as the formula has it at x."""
        point = Fraction(x)
        if point not in self._values:
            try:
                tree, program = self._branch(point)
            except TypeError:
                raise Undecided(f"the branch taken at {float(x):.6g} stays open") from None
            known = rational(tree, point)
            self._values[point] = (
                values_at(program, enclosure(point))[0] if known is None else enclosure(known)
            )
        return self._values[point]

    def _branch(self, point: Fraction) -> tuple[Node, Program]:
        """The branch that the formula takes at a point: itself everywhere if it has no conditions."""
        if self._only:
            return self._only
        tree = resolve_at(self.activation.tree, point)
        branch = tree, Program([tree])
        if self._only is None:
            self._only = branch if str(tree) == str(self.activation.tree) else ()
        return branch

    def number(self, x: float | Fraction) -> float:
        """f(x) as a double."""
        value = self.at(x)
        if not value.finite:
            raise Undecided(f"the formula is not defined at {float(x):.6g}")
        return number_of(value)

    @cached_property
    def stretches(self) -> "list[MonotoneInterval]":
        """Maximal intervals on which f strictly rises, strictly falls, or is constant."""
        shape = self.shape
        window = shape.windowed
        runs: list[MonotoneInterval] = []
        for index, stretch in shape.pattern(1, window):
            kind = {1: "increasing", -1: "decreasing", 0: "constant"}[stretch.sign or 0]
            if runs and runs[-1].kind == kind and goes_on(shape, runs[-1], index, kind):
                runs[-1] = MonotoneInterval(runs[-1].low, stretch.high, kind, index)
            else:
                runs.append(MonotoneInterval(stretch.low, stretch.high, kind, index))
        return runs

    @cached_property
    def averages(self) -> Averages:
        """Undecided where a limit stays open: a pole, perhaps."""
        if not self.whole:
            raise Undecided("an average over normal inputs takes the whole line: leave -r out")
        for index in range(len(self.shape.breakpoints)):
            self.shape.end(index, True), self.shape.end(index + 1, False)
        return gaussian(self.shape)


class MonotoneInterval(NamedTuple):
    """An interval of one direction; `piece` is the last piece it reaches into."""

    low: Place
    high: Place
    kind: str
    piece: int

    def listed(self) -> list[Any]:
        """Low and high as doubles, and the direction, for a verdict."""
        return [tidy(self.low.number), tidy(self.high.number), self.kind]


@cache
def default_tree(function: Function) -> Node:
    """Builds the expression of a registered formula with its default parameters."""
    given = {k: v if isinstance(v, str) else node(v) for k, v in function.bind({}).items()}
    return node(function.formula(Node("x"), **given))


def goes_on(shape: Shape, run: MonotoneInterval, index: int, kind: str) -> bool:
    """Whether a direction continues into the next piece."""
    if index == run.piece:
        return True
    if shape.order(shape.breakpoints[index - 1], 0) >= 0:
        return True
    if kind == "constant":
        return False
    turned = {"increasing": -1, "decreasing": 1}[kind]
    return turned not in directions(shape, shape.breakpoints[index - 1])


def sides(shape: Shape, place: Place) -> list[Enclosure | None]:
    """Encloses left limit, value and right limit at a breakpoint or end, as far as there are some.

    A limit may be infinite, or None: there is none.
    """
    values = (level.value for level in shape.levels(place))
    return [value if value is None else enclosure(value) for value in values]


def directions(shape: Shape, place: Place) -> set[int]:
    """Whether f goes up (1) or down (-1) on its way across a breakpoint or to an end: none, one or both."""
    return set(shape.steps(place)) - {0}


def of_holes(shape: Shape) -> str:
    """Where the function has no value, and what it tends to there, as a sentence."""
    told = []
    for place in shape.holes:
        try:
            ends = [end for end in sides(shape, place) if end is not None and end.finite]
            numbers = [words(number_of(end)) for end in ends]
            alike = len(ends) == 1 or (len(ends) == 2 and not any(shape.steps(place)))
        except Undecided:
            numbers = []
        limit = ""
        if numbers:
            limit = f", where it tends to {numbers[0]}"
            if not alike:
                limit = f", where it goes from {numbers[0]} to {numbers[1]}"
        told.append(f"not defined at {words(tidy(place.number))}{limit}")
    return "; ".join(told)


@cache
def _probed(function: Function, x: float) -> Enclosure:
    """A registered function with its default parameters at x: every question starts with the same x."""
    return value_at_place(default_tree(function), x)


PROBES = (1.0, -1.0, 0.3125, -2.75, 4.5, -0.0625, 9.0, -7.5, 0.0)


def twins(subject: Subject) -> tuple[list[str], list[str]]:
    """Finds the registered functions that are proved to be the same, and those of which it stays open."""
    f = subject.activation
    found: list[str] = []
    open_: list[str] = []
    probes = [p for p in PROBES if subject.inside(p)]
    if not subject.whole:
        probes += candidates(subject.low, subject.high)[:6]
    values = [subject.at(p) for p in probes]
    for name in names():
        function = FUNCTIONS[name]
        if f.function is function and f.settings == function.bind({}):
            continue
        if any(
            differ(value, _probed(function, p) if p in PROBES else
                   value_at_place(default_tree(function), p))
            for value, p in zip(values, probes, strict=True)
        ):  # fmt: skip
            continue
        verdict = _equal(subject, default_tree(function))
        if verdict:
            found.append(name)
        elif verdict is None:
            open_.append(name)
    return found, open_


def _equal(subject: Subject, other: Node) -> bool | None:
    """True: proved equal; False: proved different; None: open."""
    ends = written(subject.low), written(subject.high)
    trees = subject.activation.tree, other
    mine, theirs = (pieces(tree, None, *ends) for tree in trees)
    for low, high in pairwise([ends[0], *joined(trees, (mine, theirs), *ends), ends[1]]):
        middle = between(low, high)
        a, b = (next(p.tree for p in parts if p.high.low > middle) for parts in (mine, theirs))
        if alike(a, b) or equal(a, b, (low.low >= 0) - (high.high <= 0)):
            continue
        for x in candidates(low.number, high.number)[:60]:
            if differ(subject.at(x), value_at_place(other, x)):
                return False
        return None
    breakpoints = [piece.low for piece in (*mine[1:], *theirs[1:])] + [p for p in ends if p.finite]
    values = [(value_there(subject.activation.tree, p), value_there(other, p)) for p in breakpoints]
    if any(differ(a, b) for a, b in values):
        return False
    return True if all(agree(a, b) for a, b in values) else None
