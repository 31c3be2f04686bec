"""Formulas whose parameters are numbers of any type: arrays, or jets in the parameter."""

from collections.abc import Mapping
from math import nan, prod
from typing import Any

from ..numbers.types import Number
from ..primitives import PRIMITIVES, where
from .node import RULES, Interpreter, Node, Uncached, operation


def read_with(formula: Node, x: Number, values: Mapping[str, Number]) -> Number:
    """A formula at x, with numbers in place of its named parameters.

    Derivatives in it are read as formulas, so that they depend on the parameters too, waves
    sin(w, x) as sin(w*x), and powers whose exponent holds a parameter as exp(p*log(u)): nan where u
    is negative.
    """

    def named(part: Node) -> bool:
        return any(each.op == "name" for each in part.walk())

    def raised(at: Interpreter[Any], part: Node, x: Number) -> Any:
        base, exponent = part.args
        if not named(exponent):
            return RULES["**"](at, part, x)
        u, p = at(base, x), at(exponent, x)
        positive = u > 0
        grown = PRIMITIVES["exp"](p * PRIMITIVES["log"](where(positive, u, 1 + 0 * u)))
        return where(
            positive, grown, where(u == 0, where(p > 0, 0.0, nan) + 0 * grown, nan * grown)
        )

    rules = RULES | {
        "name": lambda at, part, x: values[part.args[0]],
        "call": lambda at, part, x: part.args[0](prod(at(a, x) for a in part.args[1:])),
        "grad": lambda at, part, x: at(part.args[1], x),
        "**": raised,
    }
    return Uncached[Number](rules, operation)(formula, x)
