"""The recorder: reads a formula as a tree, which can be printed, searched and read again.

Leaves are `Node("x")`, `Node("number", (value,))` with an exact value, `Node("constant", (Constant,))`
and, for a parameter without a value, `Node("name", (name,))`. A formula without x takes the type of
the number that it meets.
"""

import operator
from collections.abc import Callable, Iterator, Mapping
from math import isfinite, isqrt
from typing import Any, Generic, TypeVar

from ..numbers.exact import combined, lifted, number_text, quotient, rational, rational_of_double
from ..numbers.jet import Jet, slope_of, value_of
from ..numbers.types import Number
from ..numbers.where import Constant, different, equal, maximum, minimum, where

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
    "==": equal,
    "!=": different,
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
PRECEDENCE = {"or": 1, "and": 2, "not": 3, "<": 4, "<=": 4, ">": 4, ">=": 4, "==": 4, "!=": 4,
              "+": 5, "-": 5, "*": 6, "/": 6, "neg": 7, "**": 8}  # fmt: skip


T = TypeVar("T")
Rule = Callable[[Any, "Node", Any], Any]  # (interpreter, step, x) -> what the step is at x


class Node:
    """One step of a formula: an operation and what it works on."""

    __slots__ = ("_has_x", "args", "op")
    __array_ufunc__ = None

    def __init__(self, op: str, args: tuple[Any, ...] = ()) -> None:
        self.op = op
        self.args = args
        self._has_x: bool | None = None  # not looked at yet

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

    def equals(self, other: Number) -> Number:
        """The condition that both have the same value; == tells whether they are one object."""
        return compare("==", self, other)

    def differs(self, other: Number) -> Number:
        """The condition that both have different values."""
        return compare("!=", self, other)

    def __and__(self, other: Number) -> Number:
        return _both("and", self, other)

    def __rand__(self, other: Number) -> Number:
        return _both("and", other, self)

    def __or__(self, other: Number) -> Number:
        return _both("or", self, other)

    def __ror__(self, other: Number) -> Number:
        return _both("or", other, self)

    def __abs__(self) -> "Node":
        return node(where(self < 0, -self, self))

    def __float__(self) -> float:
        return float(self.read(0.0))

    def __bool__(self) -> bool:
        raise TypeError("a recorded condition has no truth value; use where(condition, a, b)")

    # -- reading on ---------------------------------------------------------------------------
    def read(self, x: Number) -> Number:
        """This formula at `x`, a number of any type."""
        return self.read_once(x) if _symbolic(x) else _READ(self, x)

    def read_once(self, x: Number) -> Number:
        """The same, each shared part once: derivatives share many."""
        if isinstance(x, Node) and x.op == "x":
            return self
        return Interpreter[Number](RULES, operation)(self, x)

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
    def for_floats(self) -> bool:
        """Whether it is recorded to be computed in floating point: its x is FLOAT_X."""
        return any(part.args for part in self.walk() if part.op == "x")

    @property
    def has_x(self) -> bool:
        """Whether x is in it."""
        if self._has_x is None:
            self._has_x = any(part.op == "x" or part._has_x for part in self.walk())
        return self._has_x

    def __str__(self) -> str:
        return _shown(Interpreter[tuple[str, int]](_TEXT, _infix)(self))

    __repr__ = __str__


FLOAT_X = Node("x", ("float",))  # formulas read at it, or at jets of it, take their stable forms


# -- the one walk over formulas ---------------------------------------------------------------
class Interpreter(Generic[T]):
    """Reads formulas by an algebra: `rules` by operation, and `otherwise` for those it does not list.

    A rule asks the interpreter for the arguments of its step that it needs. Every shared part is read
    once at each x.
    """

    def __init__(self, rules: Mapping[str, Rule], otherwise: Rule) -> None:
        self._rules = rules
        self._otherwise = otherwise
        self._known: dict[tuple[int, int], tuple[T, Node, Any]] = {}

    def __call__(self, part: Node, x: Any = None) -> T:
        """What a formula is at x."""
        key = id(part), id(x)
        if key not in self._known:  # parts and x are kept, so that no id is used twice
            found = self._rules.get(part.op, self._otherwise)(self, part, x)
            self._known[key] = found, part, x
        return self._known[key][0]


class Uncached(Interpreter[T]):
    """An interpreter that keeps nothing: of arrays no more are alive than the next step needs."""

    def __call__(self, part: Node, x: Any = None) -> T:
        """What a formula is at x."""
        found: T = self._rules.get(part.op, self._otherwise)(self, part, x)
        return found


# -- formulas at numbers -----------------------------------------------------------------------
def operation(at: Interpreter[Any], part: Node, x: Number) -> Any:
    """What an operation is on its arguments at x."""
    return OPERATIONS[part.op](*[at(a, x) for a in part.args])


def called(at: Interpreter[Any], part: Node, x: Number) -> Any:
    """What a primitive is at its arguments."""
    return part.args[0](*[at(a, x) for a in part.args[1:]])


def inlined(at: Interpreter[Any], part: Node, x: Number) -> Any:
    """A registered function at its argument; a Python callable, of which nothing is known, is x."""
    return x if part.args[2] is None else at(part.args[2], at(part.args[3], x))


def rebuilt(at: Interpreter[Any], part: Node, x: Number) -> Node:
    """The same step of what its arguments are."""
    return Node(part.op, tuple(at(a, x) if isinstance(a, Node) else a for a in part.args))


def _negated(at: Interpreter[Any], part: Node, x: Number) -> Any:
    holds = at(part.args[0], x)
    if isinstance(holds, Node):
        return Node("not", (holds,))
    return not holds if isinstance(holds, bool) else ~holds


def _compared(at: Interpreter[Any], part: Node, x: Number) -> Any:
    exact = hasattr(_innermost(x), "dtype")  # arrays are compared with numbers as they are
    sides = (a if exact and a.op == "number" else at(a, x) for a in part.args)
    return BINARY[part.op](*sides)


def _raised(at: Interpreter[Any], part: Node, x: Number) -> Any:
    base, exponent = part.args
    if exponent.op == "number":
        return at(base, x) ** power(exponent.args[0], x)
    return operation(at, part, x)


def _unbound(at: Interpreter[Any], part: Node, x: Number) -> Node:
    if not _symbolic(x):
        raise TypeError(f"the parameter {part.args[0]} has no value")
    return part


# what is no operation on its arguments alone
RULES: dict[str, Rule] = {
    "x": lambda at, part, x: x,
    "number": lambda at, part, x: lifted(part.args[0], x),
    "constant": lambda at, part, x: part.args[0].like(x),
    "call": called,
    "name": _unbound,
    "use": inlined,
    "grad": lambda at, part, x: at(part.args[1], x) if _symbolic(x) else slope_at(part.args[0], x),
    "not": _negated,
    "**": _raised,
    **dict.fromkeys(("<", "<=", ">", ">="), _compared),
}
_READ = Uncached[Number](RULES, operation)


# -- formulas as text: the text and how tightly it is bound -------------------------------------
def _infix(at: Interpreter[Any], part: Node, x: None) -> tuple[str, int]:
    op, args = part.op, part.args
    level = PRECEDENCE[op]
    right = level if op in ("**", "and", "or") else level + (op not in "+*")
    left = level + (op == "**" or op in COMPARISONS)
    space = "" if op in ("*", "/", "**") else " "
    return f"{_wrap(at(args[0]), left)}{space}{op}{space}{_wrap(at(args[1]), right)}", level


def _prefixed(sign: str) -> Rule:
    def write(at: Interpreter[Any], part: Node, x: None) -> tuple[str, int]:
        level = PRECEDENCE[part.op]
        return sign + _wrap(at(part.args[0]), level), level

    return write


def _number(at: Interpreter[Any], part: Node, x: None) -> tuple[str, int]:
    text = number_text(part.args[0])
    return text, 6 if "/" in text else 7 if text.startswith("-") else 9


def _listed(at: Interpreter[Any], part: Node, x: None) -> tuple[str, int]:
    shown = (_shown(at(a)) if isinstance(a, Node) else str(a) for a in part.args)
    return f"{part.op}({', '.join(shown)})", 9


_TEXT: dict[str, Rule] = {
    "x": lambda at, part, x: ("x", 9),
    "number": _number,
    "name": lambda at, part, x: (part.args[0], 9),
    "constant": lambda at, part, x: (
        part.args[0].text,
        9 if part.args[0].text.isidentifier() else 6,
    ),
    "call": lambda at, part, x: (part.args[0].write(*(_shown(at(a)) for a in part.args[1:])), 9),
    "use": lambda at, part, x: (f"{part.args[0]}({_shown(at(part.args[3]))}{part.args[1]})", 9),
    "grad": lambda at, part, x: (f"grad({_shown(at(part.args[0]))})", 9),
    **dict.fromkeys(("where", "max", "min"), _listed),
    "neg": _prefixed("-"),
    "not": _prefixed("not "),
}


def _shown(written: tuple[str, int]) -> str:
    """A text that stands alone."""
    text, _ = written
    return text[1:-1] if text.startswith("(") and _closes_last(text) else text


def _wrap(written: tuple[str, int], level: int) -> str:
    text, own = written
    return text if own >= level else f"({text})"


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
        if op == "call" and args[0].needs:
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


def _both(op: str, left: Number, right: Number) -> Number:
    """Two conditions joined by "and" or "or"; one that is known already decides or is left out."""
    for known, other in ((left, right), (right, left)):
        if isinstance(known, bool):
            return other if known == (op == "and") else known
    return Node(op, (left, right))


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

    It is read in wide numbers, as registered formulas are, and rounded once.
    """
    from ..numbers.wide import narrowed, widened

    found = formula.read(Jet(_each(widened, x), 1))
    value = value_of(found)
    slope = where(value == value, slope_of(found), float("nan"))
    return _each(narrowed, slope)


def _each(change: Callable[[Any], Any], number: Number) -> Number:
    """A jet of what a change makes of the arrays in it."""
    if isinstance(number, Jet):
        return Jet(_each(change, number.value), _each(change, number.slope))
    return change(number) if hasattr(number, "dtype") else number
