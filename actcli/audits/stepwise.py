"""Formulas computed step by step in a format: every operation is rounded.

+ - * / ** and each primitive are one correctly rounded operation, constants are rounded first, and a
registered name stands for its own formula unless it is a primitive.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from ..evaluation.activation import Activation
from ..expressions.node import COMPARISONS, Interpreter, Node, Uncached, inlined
from ..numbers.formats import FORMATS, Format
from ..numbers.types import Array, Floats
from ..primitives import PRIMITIVES


class StepwiseCaller:
    """A formula of ours as an implementation: its value, computed in the format of x."""

    def __init__(self, f: Activation) -> None:
        self._f = f
        self.facts: dict[str, Any] = {"framework": "", "version": "", "hash": "", "gradient": False}

    @np.errstate(all="ignore")
    def __call__(self, x: Array, quantity: str = "value", how: str = "array") -> Array:
        """The values at x (n,), in its dtype. NotAccepted for gradients."""
        if quantity != "value":
            from .calls import NotAccepted

            raise NotAccepted("a formula computed step by step has no gradient of its own")
        form = FORMATS[x.dtype.name]
        found = _Steps(form)(self._f.recorded, np.asarray(x).astype(np.float64))
        result = np.broadcast_to(np.asarray(found, np.float64), x.shape)
        return result.astype(x.dtype)


class _Steps(Uncached[Any]):
    """Reads a formula at float64 arrays whose numbers are of a format."""

    def __init__(self, form: Format) -> None:
        super().__init__(_RULES, _operation)
        self.form = form

    def rounded(self, value: Any) -> Any:
        if self.form.digits == 53:
            return value
        return self.form.nearest(np.asarray(value, np.float64))


_BASIC: dict[str, Callable[..., Any]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "neg": np.negative,
    "max": np.maximum, "min": np.minimum, "where": np.where, "<": np.less, "<=": np.less_equal,
    ">": np.greater, ">=": np.greater_equal, "==": np.equal, "!=": np.not_equal,
    "and": np.logical_and, "or": np.logical_or, "not": np.logical_not,
}  # fmt: skip


def _operation(at: Any, part: Node, x: Floats) -> Any:
    found = _BASIC[part.op](*[at(a, x) for a in part.args])
    exact = part.op in (*COMPARISONS, "and", "or", "not", "neg", "max", "min", "where")
    return found if exact else at.rounded(found)


def _number(at: Any, part: Node, x: Floats) -> Any:
    value = part.args[0]
    if value != value:
        return np.float64("nan")
    return np.float64(at.form.nearest_to(value.numerator, value.denominator))


def _constant(at: Any, part: Node, x: Floats) -> Any:
    from ..numbers.exact import rational

    value = rational(part.args[0].digits)
    return np.float64(at.form.nearest_to(value.numerator, value.denominator))


def _called(at: Any, part: Node, x: Floats) -> Any:
    primitive, argument, *constants = part.args
    given = at(argument, x)
    for constant in constants:
        given = at.rounded(at(constant, x) * given)
    return _correctly(primitive.name, np.asarray(given, np.float64), at.form)


def _power(at: Any, part: Node, x: Floats) -> Any:
    base, exponent = (np.asarray(at(a, x), np.float64) for a in part.args)
    if part.args[1].op == "number" and exponent.ndim == 0:
        power = part.args[1].args[0]
        return _correctly(f"x**({power})", base, at.form)
    return at.rounded(np.power(base, exponent))


_RULES: dict[str, Any] = {
    "x": lambda at, part, x: x, "number": _number, "constant": _constant, "call": _called,
    "**": _power, "use": inlined,
}  # fmt: skip


def _correctly(formula: str, x: Floats, form: Format) -> Floats:
    """A primitive, or a power of x, rounded once."""
    flat = x.reshape(-1)
    values, place = np.unique(flat.view(np.int64), return_inverse=True)
    found = _rounding(formula)(values.view(np.float64), form)
    result: Floats = np.asarray(found)[place].reshape(x.shape)
    return result


@cache
def _rounding(formula: str) -> Callable[[Floats, Format], Floats]:
    from ..evaluation.sixteen_bits import settled
    from ..expressions.parser import parse

    text = f"{formula}(x)" if formula in PRIMITIVES else formula
    f = Activation(text, text, parse(text).read, {}, typed=False)

    def rounded(x: Floats, form: Format) -> Floats:
        if form.digits == 53:
            return np.asarray(f(x))
        (found,) = settled(
            form, lambda v, orders: [np.asarray(f(v)) for _ in orders], f.tree, x, (0,)
        )
        return np.asarray(found, np.float64)

    return rounded


__all__ = ["Interpreter", "StepwiseCaller"]
