"""A formula in x, as text -> a recorded formula over primitives and registered functions.

The text is parsed by `ast` and walked over a closed list of node types; nothing in it is executed.
Every refusal is a ValueError of one line that points at the place.
"""

import ast
import re
import warnings
from collections.abc import Iterator, Mapping
from keyword import kwlist
from math import isfinite
from typing import Any

from ..functions.catalogue import all_names, find, knows
from ..functions.parameters import Choices, text
from ..functions.registry import Function
from ..numbers.exact import rational
from ..primitives import CONSTANTS, PRIMITIVES, SPELLED, maximum, minimum, where
from ..wording import suggest
from .differentiate import derivative
from .node import BINARY, Node, compare, node

MAX_LENGTH = 1_000_000  # approximate prints 4,096 lines with all digits in less
MAX_DEPTH = 100
MAX_GRADS = 6  # each doubles the work
MAX_PARTS = 5000  # of a derivative
LONGEST_NAME = 60  # of a parameter
_SPOKEN = {"and", "or", "not", "if", "else"}  # words of Python that formulas use

_OPERATORS: dict[type, str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.And: "and", ast.Or: "or",
}  # fmt: skip
_CONSTANTS = {name: c for name, c in CONSTANTS.items() if name.isidentifier()}
_SPECIAL = {
    "where": ("where(condition, a, b)", "a where the condition holds, else b"),
    "min": ("min(a, b, ...)", "the smallest"),
    "max": ("max(a, b, ...)", "the largest"),
    "grad": ("grad(f)", "the derivative of f with respect to x"),
}
_SPELLED = {text.partition("(")[0]: text for text in SPELLED}
_ENDLESS = "it jumps endlessly often; write the jumps that you need, such as step(x) + step(x - 1)"
_SPECIAL_FUNCTION = (
    "its derivatives are not in the vocabulary that 'actcli list --primitives' shows"
)
_REFUSED = {
    **dict.fromkeys(("round", "rint", "floor", "ceil", "trunc", "fix", "int"), _ENDLESS),
    **dict.fromkeys(
        ("mod", "fmod", "remainder", "frac"),
        "it jumps endlessly often; write the branches that you need with where(condition, a, b)",
    ),
    **dict.fromkeys(
        ("gamma", "lgamma", "gammaln", "digamma", "beta", "zeta", "erfinv", "ndtri"),
        _SPECIAL_FUNCTION,
    ),
    "hypot": "write sqrt(a**2 + b**2)",
    "atan2": "write arctan(a/b), and where(b > 0, ...) for the other quadrants",
    "exp2": "write exp(x*log(2))",
    "acosh": "write log(x + sqrt(x**2 - 1))",
    "arccosh": "write log(x + sqrt(x**2 - 1))",
    "logit": "write log(x/(1 - x))",
}


class FormulaError(ValueError):
    """A formula that cannot be read; the message says where and what is accepted."""


def parse(text: str, values: Mapping[str, Any] | None = None) -> Node:
    """The recorded formula that `text` says; FormulaError if it is none.

    `values` are those of its own parameters: exact numbers, or nodes that stand for them.
    """
    return _Parser(text, values or {}).formula()


def parameter_names(text: str) -> list[str]:
    """The names of a formula's own parameters, in order; FormulaError if it cannot be read."""
    found = _Names()
    found.visit(_Parser(text, {}).syntax())
    return list(dict.fromkeys(found.names))


def vocabulary() -> Iterator[tuple[str, str, str, str]]:
    """What a formula may use besides x, numbers and registered functions.

    Rows of a name, how it is typed, what it means, and its derivative; "" if it has none of its own.
    """
    for name, row in PRIMITIVES.items():
        slope = str(node(row.derivative(Node("x"))))
        yield name, f"{name}(x)", row.about, slope
    for name, (typed, meaning) in _SPECIAL.items():
        yield name, typed, meaning, ""
    for name, typed in _SPELLED.items():
        yield name, typed, SPELLED[typed], ""
    for name, constant in _CONSTANTS.items():
        yield name, name, constant.digits[:17], ""


class _Names(ast.NodeVisitor):
    """Collects the names that stand for numbers and are none of the vocabulary."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def visit_Name(self, part: ast.Name) -> None:
        known = {"x", "nan", *_CONSTANTS, *PRIMITIVES, *_SPECIAL, *_SPELLED}
        if part.id not in known and not knows(part.id):
            self.names.append(part.id)

    def visit_Call(self, part: ast.Call) -> None:
        words: set[str] = set()
        if isinstance(part.func, ast.Name) and knows(part.func.id):
            words = _chosen(find(part.func.id))
        for arg in part.args:
            self.visit(arg)
        for keyword in part.keywords:
            if keyword.arg not in words:
                self.visit(keyword.value)


def _chosen(function: Function) -> set[str]:
    """The parameters of a function that take a word."""
    return {p.name for p in function.parameters if isinstance(p.domain, Choices)}


class _Parser:
    def __init__(self, text: str, values: Mapping[str, Any]) -> None:
        self.text = text
        self.values = values
        self.symbolic = any(isinstance(value, Node) for value in values.values())
        self.nested = 0  # grads so far

    def syntax(self) -> ast.expr:
        """The text as Python reads it."""
        text = self.text.strip()
        if not text:
            raise FormulaError(
                "cannot read the formula: it is empty; "
                "type it like 'x*tanh(softplus(x))', or a name such as gelu"
            )
        if len(text) > MAX_LENGTH:
            raise FormulaError(
                f"the formula has {len(text)} characters; at most {MAX_LENGTH} are accepted"
            )
        if _bracket_depth(text) > MAX_DEPTH:
            raise FormulaError(f"the formula is nested deeper than {MAX_DEPTH}; write it flatter")
        shown = " ".join(text.split())
        if not shown.isprintable():
            raise FormulaError(
                f"cannot read the formula {_clip(shown)!r}: it has a character that cannot be "
                "printed; leave it out"
            )
        self.lines = re.split(r"\r\n|\r|\n", text)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # such as: "is" with a literal
                return ast.parse(text, mode="eval").body
        except SyntaxError as error:
            where = f"{error.msg} at column {error.offset}"
            reserved = set(re.findall(r"\w+", text)) & (set(kwlist) - _SPOKEN)
            if reserved:
                where = f"{min(reserved)} is a word of Python, and no name for a parameter"
            if not error.offset:  # Python names no column for what is missing at the end
                where = f"something is missing at its end (column {len(self.lines[-1]) + 1})"
            advice = "type it like 'x*tanh(softplus(x))'"
            if error.msg == "invalid decimal literal":
                advice = "a product is typed with *, like 2*x"
            elif "|" in text:
                advice = "an absolute value is typed like abs(x)"
            raise FormulaError(
                f"cannot read the formula {_clip(shown)!r}: {where}; {advice}"
            ) from None
        except (ValueError, RecursionError, MemoryError, OverflowError):
            raise FormulaError(
                f"cannot read the formula {_clip(shown)!r}; type it like 'x*tanh(softplus(x))'"
            ) from None

    def formula(self) -> Node:
        body = self.syntax()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of constants such as (-2)**0.5, which are refused
            tree = self.number(body, 0)
        if not any(isinstance(part, ast.Name) and part.id == "x" for part in ast.walk(body)):
            shown = _clip(" ".join(self.text.split()))
            if isinstance(getattr(body, "operand", body), ast.Constant):
                raise FormulaError(
                    f"{shown!r} is a number, not a FUNCTION; several numbers of an option are typed "
                    "without blanks, as in --at 1,2 or --range 0:5"
                )
            raise FormulaError(
                f"the formula {shown!r} has no x in it; type it like 'x*tanh(softplus(x))'"
            )
        return tree

    def refuse(self, part: Any, why: str) -> FormulaError:
        column = len(self.line(part)[: part.col_offset].decode(errors="replace")) + 1
        piece = _clip(self.piece(part))
        return FormulaError(f"in the formula, at {piece!r} (column {column}): {why}")

    def line(self, part: Any) -> bytes:
        number = part.lineno - 1
        return (self.lines[number] if number < len(self.lines) else "").encode()

    def piece(self, part: Any) -> str:
        """The text of a part, as far as it stands in one line."""
        end = part.end_col_offset if part.end_lineno == part.lineno else None
        return self.line(part)[part.col_offset : end].decode(errors="replace")

    def number(self, part: ast.AST, depth: int) -> Node:
        """A numeric expression; its constant value, if it has one, is finite."""
        if depth > MAX_DEPTH:
            raise self.refuse(part, f"nested deeper than {MAX_DEPTH}; write it flatter")
        result = self._number(part, depth + 1)
        if result.op != "number" and not result.has_x and not self.symbolic:
            try:
                value = float(result.read(0.0))
            except (ArithmeticError, ValueError, TypeError):
                value = float("nan")
            if not isfinite(value):
                raise self.refuse(part, "the constant is no finite number")
        return result

    def _number(self, part: ast.AST, depth: int) -> Node:
        match part:
            case ast.Constant():
                if isinstance(part.value, bool) or not isinstance(part.value, int | float):
                    raise self.refuse(part, "only numbers, x and calls of functions are accepted")
                whole = isinstance(part.value, int)  # 0x10 too
                try:
                    value = part.value if whole else rational(self.piece(part).replace("_", ""))
                    finite = isfinite(float(value))
                except OverflowError:
                    finite = False
                if not finite:
                    raise self.refuse(part, "the constant is no finite number")
                return node(value)
            case ast.Name(id="x"):
                return Node("x")
            case ast.Name():
                if part.id in _CONSTANTS:
                    return node(_CONSTANTS[part.id])
                if part.id in self.values:
                    return node(self.values[part.id])
                if part.id in {*PRIMITIVES, *_SPECIAL, *_SPELLED} or knows(part.id):
                    raise self.refuse(part, f"a function needs its argument: {part.id}(x)")
                if part.id == "nan":
                    raise self.refuse(part, "nan is accepted as a branch of where only")
                raise self.refuse(
                    part,
                    f"{_clip(part.id)!r} is x, pi, e or a parameter without a value; "
                    f"give it one with -p {_clip(part.id)}=1",
                )
            case ast.UnaryOp(op=ast.USub()):
                return -self.number(part.operand, depth)
            case ast.UnaryOp(op=ast.UAdd()):
                return self.number(part.operand, depth)
            case ast.BinOp() if type(part.op) in _OPERATORS:
                return self.binary(part, depth)
            case ast.BinOp(op=ast.BitXor()):
                raise self.refuse(part, "^ is no power in Python's notation; type **")
            case ast.BinOp(op=ast.Mod()):
                raise self.refuse(part, f"there is no % here: {_REFUSED['mod']}")
            case ast.BinOp(op=ast.FloorDiv()):
                raise self.refuse(part, f"there is no // here: {_ENDLESS}")
            case ast.IfExp():
                return self.choice(part.test, part.body, part.orelse, depth)
            case ast.Call():
                return self.call(part, depth)
            case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
                raise self.refuse(part, "a condition is no number; use where(condition, a, b)")
        raise self.refuse(
            part, "not accepted; a formula has numbers, x, + - * / **, calls, and 'a if c else b'"
        )

    def binary(self, part: ast.BinOp, depth: int) -> Node:
        op = _OPERATORS[type(part.op)]
        left, right = self.number(part.left, depth), self.number(part.right, depth)
        if op == "/" and left.has_x and not right.has_x:
            divisor = right.args[0] if right.op == "number" or self.symbolic else float(right)
            if divisor == 0:
                raise self.refuse(part.right, "nothing can be divided by 0")
        if op != "**":
            return node(BINARY[op](left, right))
        if right.has_x:
            raise self.refuse(
                part.right, "the exponent must be a constant; use exp(... * log(...))"
            )
        return node(left**right)

    def choice(self, test: ast.AST, chosen: ast.AST, otherwise: ast.AST, depth: int) -> Node:
        return node(
            where(
                self.condition(test, depth),
                self.branch(chosen, depth),
                self.branch(otherwise, depth),
            )
        )

    def branch(self, part: ast.AST, depth: int) -> Node:
        """A number, or nan: where a function is not defined."""
        if isinstance(part, ast.Name) and part.id == "nan":
            return node(float("nan"))
        return self.number(part, depth)

    def condition(self, part: ast.AST, depth: int) -> Any:
        """A comparison, or several joined by and, or, not: a node, or a bool if it is constant."""
        if depth > MAX_DEPTH:
            raise self.refuse(part, f"nested deeper than {MAX_DEPTH}; write it flatter")
        match part:
            case ast.Compare():
                sides = [self.number(p, depth) for p in (part.left, *part.comparators)]
                result: Any = True
                for op, left, right in zip(part.ops, sides, sides[1:], strict=False):
                    if type(op) not in _OPERATORS:
                        raise self.refuse(part, "accepted comparisons are < <= > >= == !=")
                    result = _both("and", result, compare(_OPERATORS[type(op)], left, right))
                return result
            case ast.BoolOp():
                parts = [self.condition(p, depth + 1) for p in part.values]
                result = parts[0]
                for other in parts[1:]:
                    result = _both(_OPERATORS[type(part.op)], result, other)
                return result
            case ast.UnaryOp(op=ast.Not()):
                inner = self.condition(part.operand, depth + 1)
                return not inner if isinstance(inner, bool) else Node("not", (inner,))
        raise self.refuse(part, "a condition is a comparison such as x > 0")

    def call(self, part: ast.Call, depth: int) -> Node:
        if not isinstance(part.func, ast.Name):
            raise self.refuse(part.func, "only functions called by name are accepted")
        name = part.func.id
        for arg in (*part.args, *(k for k in part.keywords if k.arg is None)):
            if isinstance(arg, (ast.Starred, ast.keyword)):
                raise self.refuse(part, "* and ** do not unpack anything here")
        if name in _SPECIAL or (name in PRIMITIVES and not knows(name)):
            if part.keywords:
                raise self.refuse(part, f"{name} takes no named parameters")
            return self.special(part, name, depth)
        if not knows(name):
            if name == "x":
                raise self.refuse(part, "x is a number; type * to multiply")
            if name in _SPELLED:
                return self.number(self.spelled(part, name), depth)
            if name in _REFUSED:
                raise self.refuse(part.func, f"there is no {name} here: {_REFUSED[name]}")
            known = [*PRIMITIVES, *_SPECIAL, *_SPELLED, *all_names()]
            raise self.refuse(
                part.func, f"no function is called {_clip(name)!r}; {suggest(name, known)}"
            )
        return self.registered(part, name, depth)

    def special(self, part: ast.Call, name: str, depth: int) -> Node:
        count = len(part.args)
        if name == "where":
            if count != 3:
                raise self.refuse(part, f"where takes (condition, a, b), not {count} arguments")
            condition, chosen, otherwise = part.args
            return self.choice(condition, chosen, otherwise, depth)
        if name in ("min", "max"):
            if not 2 <= count <= MAX_DEPTH:
                limits = f"two or more arguments, {MAX_DEPTH} at most"
                raise self.refuse(part, f"{name} takes {limits}, not {count}")
            pick = maximum if name == "max" else minimum
            result = self.number(part.args[0], depth)
            for arg in part.args[1:]:
                result = node(pick(result, self.number(arg, depth)))
            return result
        if count != 1:
            raise self.refuse(part, f"{name} takes one argument, not {count}")
        if name == "grad":
            return self.gradient(part, depth)
        return node(PRIMITIVES[name](self.number(part.args[0], depth)))

    def gradient(self, part: ast.Call, depth: int) -> Node:
        self.nested += 1
        if self.nested > MAX_GRADS:
            raise self.refuse(part, f"there are more than {MAX_GRADS} grads in this formula")
        inner = self.number(part.args[0], depth)
        slope = derivative(inner)
        if sum(1 for _ in slope.walk()) > MAX_PARTS:
            raise self.refuse(part, f"this derivative has more than {MAX_PARTS} parts; too long")
        return Node("grad", (inner, slope))

    def spelled(self, part: ast.Call, name: str) -> ast.expr:
        """The formula that the call stands for, with its arguments in it."""
        signature: Any = ast.parse(_SPELLED[name], mode="eval").body
        parameters = [p.id for p in signature.args]
        given: dict[str, ast.expr] = dict(zip(parameters, part.args, strict=False))
        for keyword in part.keywords:
            if keyword.arg not in parameters or keyword.arg in given:
                raise self.refuse(part, f"type {_SPELLED[name]}")
            given[str(keyword.arg)] = keyword.value
        if len(part.args) > len(parameters) or len(given) < len(parameters):
            raise self.refuse(part, f"type {_SPELLED[name]}")

        class Filled(ast.NodeTransformer):
            def visit_Name(self, found: ast.Name) -> ast.expr:
                return given.get(found.id, found)

            def visit_Call(self, call: ast.Call) -> ast.AST:
                call.args = [self.visit(a) for a in call.args]
                return call

        body = ast.parse(SPELLED[_SPELLED[name]], mode="eval").body
        for inner in ast.walk(body):
            ast.copy_location(inner, part)
        filled: ast.expr = Filled().visit(body)
        return filled

    def registered(self, part: ast.Call, name: str, depth: int) -> Node:
        function = find(name)
        if len(part.args) != 1:
            known = ", ".join(f"{p.name}=..." for p in function.parameters)
            more = f" and the parameters {known} by name" if known else ""
            raise self.refuse(part, f"{name} takes one argument{more}, not {len(part.args)}")
        given: dict[str, Any] = {}
        choices = _chosen(function)
        for keyword in part.keywords:
            key = str(keyword.arg)
            if len(key) > LONGEST_NAME:
                raise self.refuse(part, f"{name} has no parameter {_clip(key)!r}")
            if key in given:
                raise self.refuse(part, f"{key} is given twice")
            if key in choices and isinstance(keyword.value, ast.Name):
                given[key] = keyword.value.id
                continue
            value = self.number(keyword.value, depth)
            if value.has_x:
                raise self.refuse(keyword.value, f"the parameter {key} must be a constant")
            given[key] = value.args[0] if value.op == "number" else value
        try:
            if self.symbolic:  # the values were accepted when they were numbers
                values = {p.name: given.get(p.name, p.default) for p in function.parameters}
            else:
                values = function.bind(given)
        except ValueError as error:
            raise self.refuse(part, str(error)) from None
        argument = self.number(part.args[0], depth)
        inner = node(
            function.formula(
                Node("x"), **{k: v if isinstance(v, str) else node(v) for k, v in values.items()}
            )
        )
        if argument.op == "x" and inner.op == "x":
            return argument
        if inner.op == "call" and inner.args[1].op == "x" and len(inner.args) == 2:
            return node(inner.args[0](argument))
        shown = [f", {p}={text(v)}" for p, v in given.items()]
        return Node("use", (function.name, "".join(shown), inner, argument))


def _both(op: str, a: Any, b: Any) -> Any:
    if isinstance(a, bool) or isinstance(b, bool):
        first, second = (a, b) if isinstance(a, bool) else (b, a)
        return (second if first else False) if op == "and" else (True if first else second)
    return Node(op, (a, b))


def _bracket_depth(text: str) -> int:
    depth = deepest = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        deepest = max(deepest, depth)
    return deepest


def _clip(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
