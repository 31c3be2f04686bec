"""Where steps of a formula have no value, as arrays of floats show it: nan, unless a choice hides it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .where import where

if TYPE_CHECKING:
    from .recorder import Node

Number = Any

COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
PARTIAL = ("log", "log1p", "sqrt", "atanh", "tan")  # primitives without a value somewhere


def defined(result: Number, x: Number, step: "Node", value: Number = None) -> Number:
    """A result of arrays, nan where a step that it does not show has no value: x > log(x) at -1."""
    flat = innermost(x)
    if not hasattr(flat, "dtype") or not step.has_x or not any(map(_is_partial, step.walk())):
        return result
    value = innermost(step.read(flat) if value is None else value)
    return where(value != value, result * float("nan"), result)


def compared(condition: "Node") -> "Iterator[Node]":
    """What the comparisons of a condition compare."""
    for part in condition.args:
        if condition.op in COMPARISONS:
            yield part
        else:
            yield from compared(part)


def _is_partial(step: "Node") -> bool:
    """Whether a step has no value at some of its arguments."""
    op, args = step.op, step.args
    if op == "call":
        return args[0].name in PARTIAL
    if op == "**" and args[1].op == "number":
        return bool(args[1].args[0] < 0 or args[1].args[0].denominator != 1)
    return op in ("/", "**")


def innermost(x: Number) -> Number:
    while hasattr(x, "slope"):
        x = x.value
    return x
