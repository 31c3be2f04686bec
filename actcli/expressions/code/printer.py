"""Prints formulas as straight-line code of a language that a table describes.

A formula is recorded with its derivatives for floating point, so that the stable forms of the
primitives are what is printed. Equal parts are computed once and named t0, t1, ... in order.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...numbers.jet import Jet, slope_of, value_of
from ...numbers.types import Number
from ..node import COMPARISONS, FLOAT_X, Node, node
from ..program import Program

_NEGATIVE = re.compile(r"\(-\d[\d.]*(e[+-]?\d+)?\)")  # a number, in its brackets
_UNBRACKETED = {  # where an operation takes it without them
    "*": (0,), "/": (0,), "+": (0,), "-": (0,), "where": (1, 2),
    "<": (1,), "<=": (1,), ">": (1,), ">=": (1,), "==": (1,), "!=": (1,),
}  # fmt: skip
NUMBERS = ("number", "constant")
LONGEST = 48  # of code that is written where it is used, if that is in one place


@dataclass(frozen=True)
class Language:
    """What code looks like; the templates are filled by str.format.

    `operations` has a template by operation ("+", "where" ...), `number` writes an exact number or a
    named constant, `statement` and `condition` name a result, {name} = {code}. `calls` has what the
    language calls the functions of stable.BASIC; other primitives become functions of their own,
    which `define` writes: of a name, its arguments, statements and result. `scalar` makes a number
    of the type of x, which the operations `typed` want, and a where of two numbers. `kept` keeps
    a compiler from making one step of a result and the next, which rounds otherwise.
    """

    operations: Mapping[str, str]
    number: Callable[[Any], str]
    statement: str
    condition: str
    calls: Mapping[str, str]
    define: Callable[[str, Sequence[str], Sequence[str], str], str]
    scalar: str = "{0}"
    typed: Sequence[str] = ("call",)
    kept: str = ""

    @staticmethod
    def name(parameter: str) -> str:
        """The variable of a parameter, whose name may be a word of the language."""
        return f"p_{parameter}"

    def called(self, name: str) -> str:
        """What is called for a primitive."""
        return self.calls.get(name, f"{name}_")

    def helpers(self, names: Iterable[str]) -> list[str]:
        """The functions for primitives, and those that they call, each after what it calls."""
        from .stable import form

        found: dict[str, str] = {}

        def add(name: str) -> None:
            if name in self.calls or name in found:
                return
            code = printed([form(name)], self)
            for other in sorted(code.primitives):
                add(other)
            given = ["x", self.name("w")] if name.endswith("_of") else ["x"]
            found[name] = self.define(self.called(name), given, code.statements, code.results[0])

        for name in sorted(names):
            add(name)
        return [*found.values()]


@dataclass(frozen=True)
class Code:
    """Straight-line code: its statements, the results' names, the conditions', the primitives used."""

    statements: list[str]
    results: list[str]
    conditions: list[str]
    primitives: set[str]


def derivative_formulas(read: Callable[[Number], Number], order: int) -> list[Node]:
    """[f, f', f''][: order + 1] as formulas for floating point.

    `read` reads f at a number of any type; `order` is 2 at most.
    """
    x: Any = FLOAT_X
    for _ in range(order):
        x = Jet(x, 1)
    results, layer = [], read(x)
    innermost = layer
    for _ in range(order):
        innermost = value_of(innermost)
    results.append(innermost)
    for depth in range(1, order + 1):
        # slopes are taken from the outside, values of what is left
        part = layer
        for _ in range(depth):
            part = slope_of(part)
        for _ in range(order - depth):
            part = value_of(part)
        results.append(part)
    return [node(result) for result in results]


def printed(formulas: Iterable[Node], language: Language) -> Code:
    """The code that computes formulas, whose parameters are variables of their names."""
    program = Program(formulas, joined=False)
    uses = _uses(program)
    code = Code([], [], [], set())
    names: list[str] = []
    for place, (op, args) in enumerate(program.steps):
        given = names
        if op in language.typed or (
            op == "where" and all(program.steps[a][0] in NUMBERS for a in args[1:])
        ):
            given = [
                language.scalar.format(name) if part[0] in NUMBERS else name
                for name, part in zip(names, program.steps, strict=False)
            ]
        if language.kept:
            given = [
                language.kept.format(_bare(name)) if _is_joined(program, op, args, part) else name
                for name, part in zip(given, program.steps, strict=False)
            ]
        text, atomic = _written(op, args, given, language)
        if uses[place] == 0 or atomic:
            names.append(text)
            continue
        if op == "call":
            code.primitives.add(_primitive(args))
        condition = op in (*COMPARISONS, "and", "or", "not")
        if uses[place] == 1 and len(text) <= LONGEST and not condition:
            names.append(text if _calls(op, language) else f"({text})")
            continue
        name = f"t{len(code.statements)}"
        pattern = language.condition if condition else language.statement
        code.statements.append(pattern.format(name=name, code=text))
        if condition:
            code.conditions.append(name)
        names.append(name)
    code.results.extend(_bare(names[root]) for root in program.roots)
    return code


def _is_joined(program: Program, op: str, args: Sequence[Any], inner: tuple[str, Any]) -> bool:
    """Whether a compiler may make one step of two: (x + 1) + 2 is x + 3, and x/y/z is x/(y*z)."""
    sums = all(
        each in ("+", "-") and any(program.steps[a][0] in NUMBERS for a in of)
        for each, of in ((op, args), inner)
    )
    return sums or op == inner[0] == "/"


def _calls(op: str, language: Language) -> bool:
    """Whether an operation is written as a call, which needs no brackets around itself or in it."""
    return op == "call" or language.operations.get(op, "").endswith(")")


def _bare(text: str) -> str:
    """A text that stands alone, without brackets around all of it."""
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return text[1:-1] if text[0] == "(" and place == len(text) - 1 else text
    return text


def _primitive(args: tuple[Any, ...]) -> str:
    """The name of what is called: sin(x, w), which is sin(w*x), is a function of its own."""
    name: str = args[0].name
    return f"{name}_of" if len(args) > 2 else name


def _uses(program: Program) -> list[int]:
    """How often the results, and steps that they depend on, use each step."""
    uses = [0] * len(program.steps)
    for root in program.roots:
        uses[root] += 1
    for place in reversed(range(len(program.steps))):
        op, args = program.steps[place]
        if uses[place] and op not in ("x", "number", "constant", "name"):
            for arg in args[1:] if op == "call" else args:
                uses[arg] += 1
    return uses


def _written(
    op: str, args: tuple[Any, ...], names: list[str], language: Language
) -> tuple[str, bool]:
    """The code of a step, and whether it is an atom."""
    if op == "x":
        return "x", True
    if op == "name":
        return language.name(args[0]), True
    if op in NUMBERS:
        return language.number(args[0]), True
    if op == "call":
        listed = ", ".join(_bare(names[arg]) for arg in args[1:])
        return f"{language.called(_primitive(args))}({listed})", False
    given = [_bare(names[arg]) if _calls(op, language) else names[arg] for arg in args]
    for place in _UNBRACKETED.get(op, ()):
        if _NEGATIVE.fullmatch(given[place]):
            given[place] = given[place][1:-1]
    if op == "**" and given[0].isidentifier() and given[1] == language.number(2):
        return language.operations["*"].format(given[0], given[0]), False
    return language.operations[op].format(*given), False
