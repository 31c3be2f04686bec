"""The recorder: reads a formula as a tree, which can be printed, searched and read again.

Leaves are `Node("x")`, `Node("number", (value,))` with an exact value, `Node("constant", (Constant,))`
and, for a parameter without a value, `Node("name", (name,))`. A formula without x takes the type of
the number that it meets.
"""

import operator
from collections.abc import Callable, Iterator
from math import isfinite, isqrt
from typing import Any

from ..numbers.exact import combined, lifted, number_text, quotient, rational, rational_of_double
from ..numbers.jet import Jet, slope_of, value_of
from ..numbers.types import Number
from ..numbers.where import Constant, maximum, minimum, where

BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "and": operator.and_,
    "or": operator.or_,
}
# every operation on what its arguments are read as
OPERATIONS: dict[str, Callable[..., Any]] = BINARY | {
    "neg": operator.neg,
    "where": where,
    "max": maximum,
    "min": minimum,
}
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
BROKEN_AT_0 = ("abs", "sign", "softsign", "softsign_cdf")  # primitives with a seam of their own
PARTIAL = ("log", "log1p", "sqrt", "atanh", "tan")  # primitives without a value somewhere
PRECEDENCE = {"or": 1, "and": 2, "not": 3, "<": 4, "<=": 4, ">": 4, ">=": 4, "==": 4, "!=": 4,
              "+": 5, "-": 5, "*": 6, "/": 6, "neg": 7, "**": 8}  # fmt: skip


class Node:
    """One step of a formula: an operation and what it works on."""

    __slots__ = ("args", "op")
    __array_ufunc__ = None

    def __init__(self, op: str, args: tuple[Any, ...] = ()) -> None:
        self.op = op
        self.args = args

    # -- what a number type owes -------------------------------------------------------------
    def apply(self, primitive: Any, *constants: Number) -> "Node":
        if primitive.name == "sqrt" and self.op == "number" and self.args[0] >= 0:
            over, under = (isqrt(n) for n in (self.args[0].numerator, self.args[0].denominator))
            if over**2 == self.args[0].numerator and under**2 == self.args[0].denominator:
                return node(quotient(over, under))
        given = [node(c) for c in constants]
        if given and given[0].op == "number" and given[0].args[0] == 1:
            given = []  # sin(x, 1) is sin(x)
        return Node("call", (primitive, self, *given))

    def lift(self, number: Number) -> "Node":
        return node(number)

    @staticmethod
    def select(condition: Number, chosen: Number, otherwise: Number) -> "Node":
        return Node("where", (condition, node(chosen), node(otherwise)))

    def maximum(self, other: Number) -> "Node":
        return Node("max", (self, node(other)))

    def minimum(self, other: Number) -> "Node":
        return Node("min", (self, node(other)))

    def __neg__(self) -> "Node":
        return node(-self.args[0]) if self.op == "number" else Node("neg", (self,))

    def __add__(self, other: Number) -> Any:
        return join("+", self, other)

    def __radd__(self, other: Number) -> Any:
        return join("+", other, self)

    def __sub__(self, other: Number) -> Any:
        return join("-", self, other)

    def __rsub__(self, other: Number) -> Any:
        return join("-", other, self)

    def __mul__(self, other: Number) -> Any:
        return join("*", self, other)

    def __rmul__(self, other: Number) -> Any:
        return join("*", other, self)

    def __truediv__(self, other: Number) -> Any:
        return join("/", self, other)

    def __rtruediv__(self, other: Number) -> Any:
        return join("/", other, self)

    def __pow__(self, other: Number) -> Any:
        return join("**", self, other)

    def __lt__(self, other: Number) -> Number:
        return compare("<", self, other)

    def __le__(self, other: Number) -> Number:
        return compare("<=", self, other)

    def __gt__(self, other: Number) -> Number:
        return compare(">", self, other)

    def __ge__(self, other: Number) -> Number:
        return compare(">=", self, other)

    def __abs__(self) -> "Node":
        return node(where(self < 0, -self, self))

    def __float__(self) -> float:
        return float(self.read(0.0))

    def __bool__(self) -> bool:
        raise TypeError("a recorded condition has no truth value; use where(condition, a, b)")

    # -- reading on ---------------------------------------------------------------------------
    def read(self, x: Number, memo: "dict[int, Number] | None" = None) -> Number:
        """This formula at `x`, a number of any type.

        Read as a formula again (x is a node or a jet of nodes), equal parts are read once: `memo`
        holds them, for derivatives share many.
        """
        if memo is None:
            if not _symbolic(x):
                return self._read(x, None)
            memo = {}
        if id(self) not in memo:
            memo[id(self)] = self._read(x, memo)
        return memo[id(self)]

    def _read(self, x: Number, memo: "dict[int, Number] | None") -> Number:
        op, args = self.op, self.args
        if isinstance(x, Node) and x.op == "x":
            return self
        if op == "x":
            return x
        if op == "number":
            return lifted(args[0], x)
        if op == "constant":
            return args[0].like(x)
        if op == "call":
            return args[0](*(a.read(x, memo) for a in args[1:]))
        if op == "use":
            return x if args[2] is None else args[2].read(args[3].read(x, memo))
        if op == "grad":
            return args[1].read(x, memo) if _symbolic(x) else slope_at(args[0], x)
        if op == "not":
            holds = args[0].read(x, memo)
            if isinstance(holds, Node):
                return Node("not", (holds,))
            return not holds if isinstance(holds, bool) else ~holds
        if op in _STRICT and hasattr(_innermost(x), "dtype"):  # numbers stay exact
            sides = (a if a.op == "number" else a.read(x, memo) for a in args)
            return BINARY[op](*sides)
        if op == "**" and args[1].op == "number":
            return args[0].read(x, memo) ** power(args[1].args[0], x)
        return OPERATIONS[op](*[a.read(x, memo) for a in args])

    def walk(self) -> "Iterator[Node]":
        """Every node once, this one first; of a registered function in use only its argument.

        Derivatives share parts: as a tree they may be millions of times as large.
        """
        seen: set[int] = set()
        stack = [self]
        while stack:
            part = stack.pop()
            if id(part) in seen:
                continue
            seen.add(id(part))
            yield part
            args = part.args if part.op != "use" else part.args[3:]
            stack += [arg for arg in reversed(args) if isinstance(arg, Node)]

    @property
    def has_x(self) -> bool:
        """Whether x is in it."""
        return any(part.op == "x" for part in self.walk())

    # -- text ----------------------------------------------------------------------------------
    def __str__(self) -> str:
        text = self._text()[0]
        return text[1:-1] if text.startswith("(") and _closes_last(text) else text

    __repr__ = __str__

    def _text(self) -> tuple[str, int]:
        op, args = self.op, self.args
        if op == "x":
            return "x", 9
        if op == "number":
            text = number_text(args[0])
            return text, 6 if "/" in text else 7 if text.startswith("-") else 9
        if op == "name":
            return args[0], 9
        if op == "constant":
            return args[0].text, 9 if args[0].text.isidentifier() else 6
        if op == "call":
            inner = [str(a) for a in args[1:]]
            return args[0].write(*inner), 9
        if op == "use":
            return f"{args[0]}({args[3]}{args[1]})", 9
        if op in ("where", "max", "min"):
            return f"{op}({', '.join(map(str, args))})", 9
        if op == "grad":
            return f"grad({args[0]})", 9
        level = PRECEDENCE[op]
        if op in ("neg", "not"):
            return ("-" if op == "neg" else "not ") + _wrap(args[0], level), level
        right = level if op in ("**", "and", "or") else level + (op not in "+*")
        left = level + (op == "**" or op in COMPARISONS)
        space = "" if op in ("*", "/", "**") else " "
        text = f"{_wrap(args[0], left)}{space}{op}{space}{_wrap(args[1], right)}"
        return text, level


def _symbolic(x: Number) -> bool:
    """Whether a formula read at x becomes a formula: x is a node, or a jet of nodes."""
    return isinstance(_innermost(x), Node)


def _innermost(x: Number) -> Number:
    while hasattr(x, "slope"):
        x = x.value
    return x


def power(exponent: Number, x: Number) -> Number:
    """An exact exponent for numbers of the type of x: floats take a float, all others keep it."""
    inner = _innermost(x)
    floating = isinstance(inner, float) or hasattr(inner, "dtype")
    return lifted(exponent, inner) if floating else exponent


def _closes_last(text: str) -> bool:
    """Whether the bracket that a text starts with is closed by its last character."""
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return place == len(text) - 1
    return False


def _wrap(part: Node, level: int) -> str:
    text, own = part._text()
    return text if own >= level else f"({text})"


def node(number: Number) -> Node:
    """A node for a number, a constant or a node."""
    if isinstance(number, Node):
        return number
    if isinstance(number, Constant):
        return Node("constant", (number,))
    if isinstance(number, float) and not isfinite(number):
        return Node("number", (float(number),))
    return Node("number", (rational(number),))


def decimal(text: str) -> Node:
    """A number as it is written, for formulas: a float in them would be rounded first."""
    return node(rational(text))


def join(op: str, left: Number, right: Number) -> Any:
    """`left op right`, with neutral numbers left out and exact results worked out."""
    if any(hasattr(side, "apply") and not isinstance(side, Node) for side in (left, right)):
        return NotImplemented  # a jet of nodes, say, knows what to do
    if _is_array(left) or _is_array(right):
        return BINARY[op](_beside(left, right), _beside(right, left))
    a, b = node(left), node(right)
    x, y = (n.args[0] if n.op == "number" else None for n in (a, b))
    if not (x is None or y is None or x != x or y != y):
        exact = combined(op, x, y)
        if exact is not None:
            return node(exact)
    if (op == "+" and x == 0) or (op == "*" and x == 1):
        return b
    if (op in "+-" and y == 0) or (op in ("*", "/", "**") and y == 1):
        return a
    if op == "*" and 0 in (x, y) and is_total(a) and is_total(b):
        return node(0)
    if op == "-" and x == 0:
        return -b
    if op in "+-" and y is not None and y < 0:
        return join("-" if op == "+" else "+", a, -y)
    return Node(op, (a, b))


def _is_array(number: Number) -> bool:
    return hasattr(number, "dtype") and not isinstance(number, float)


def _beside(number: Number, other: Number) -> Number:
    """A formula without x as a number of the type of an array; anything else as it is."""
    return number.read(other) if isinstance(number, Node) else number


def is_total(formula: Node) -> bool:
    """Whether every step of a formula visibly has a value for every real x."""
    for part in formula.walk():
        op, args = part.op, part.args
        if op == "number" and args[0] != args[0]:
            return False
        if op == "/" and not (args[1].op == "number" and args[1].args[0] != 0):
            return False
        if op == "**":
            power = args[1].args[0] if args[1].op == "number" else -1
            if power.denominator != 1 or power < 0:
                return False
        if op == "call" and args[0].name in PARTIAL:
            return False
        if op == "use" and (args[2] is None or not is_total(args[2])):
            return False
    return True


def compare(op: str, left: Number, right: Number) -> Number:
    """A comparison; of two numbers it is decided at once, and of an array and a number exactly."""
    right = _innermost(right)
    if _is_array(right):
        return _against(op, left, right)
    a, b = node(left), node(right)
    if a.op == b.op == "number":
        return bool(BINARY[op](a.args[0], b.args[0]))
    return Node(op, (a, b))


_STRICT = {"<=": "<", ">=": ">", "<": "<", ">": ">"}


def _against(op: str, number: Node, array: Number) -> Number:
    """`number op array` for float64 numbers in the array: 1/10 < 0.1, the double, is true."""
    near = float(number)
    if number.op == "number" and near - near == 0 and op in _STRICT:
        exact = rational_of_double(near)
        if exact != number.args[0]:
            below = number.args[0] < exact  # then number < near, and number <= near
            op = _STRICT[op] + ("=" if below == (op[0] == "<") else "")
    return BINARY[op](near, array)


def slope_at(formula: Node, x: Number) -> Number:
    """The slope of a formula at an array, or jet of arrays; nan where the formula is.

    It is read in longdouble, as registered formulas are, and rounded once.
    """
    from ..numbers.numpy_kernels import narrowed, widened

    found = formula.read(Jet(_each(widened, x), 1))
    value = value_of(found)
    slope = where(value == value, slope_of(found), float("nan"))
    return _each(narrowed, slope)


def _each(change: Callable[[Any], Any], number: Number) -> Number:
    """A jet of what a change makes of the arrays in it."""
    if isinstance(number, Jet):
        return Jet(_each(change, number.value), _each(change, number.slope))
    return change(number) if hasattr(number, "dtype") else number
