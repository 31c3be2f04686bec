"""Values of typed formulas from outside the package: Python's own parser, mpmath's functions.

Decimals mean what is written, and a formula has a value only where every step has a real one.
"""

import ast
import csv
import operator
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from mpmath import mp, mpf

_CSV = Path(__file__).parent / "data" / "functions.csv"
_OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip


class Undefined(ArithmeticError):
    """The formula has no value at this x."""


def _positive(function: Callable[[Any], Any], lowest: float, closed: bool = False) -> Any:
    def call(u: Any) -> Any:
        if u < lowest or (u == lowest and not closed):
            raise Undefined
        return function(u)

    return call


def _softplus(u: Any) -> Any:
    return mp.log1p(mp.exp(u)) if u < 0 else u + mp.log1p(mp.exp(-u))


_CALLS: dict[str, Callable[..., Any]] = {
    "exp": mp.exp, "expm1": mp.expm1, "log": _positive(mp.log, 0), "ln": _positive(mp.log, 0),
    "log1p": _positive(mp.log1p, -1), "sqrt": _positive(mp.sqrt, 0, closed=True),
    "sin": mp.sin, "cos": mp.cos, "tan": mp.tan, "sinh": mp.sinh, "cosh": mp.cosh,
    "tanh": mp.tanh, "asinh": mp.asinh, "arctan": mp.atan, "atan": mp.atan, "erf": mp.erf,
    "erfc": mp.erfc, "abs": abs, "sign": mp.sign, "max": max, "min": min,
    "normal_cdf": lambda u: mp.erfc(-u / mp.sqrt(2)) / 2, "softplus": _softplus,
    "clip": lambda u, low, high: min(max(u, low), high), "sech": mp.sech,
}  # fmt: skip


def _atanh(u: Any) -> Any:
    if not -1 < u < 1:
        raise Undefined
    return mp.atanh(u)


@cache
def _registered() -> dict[str, tuple[str, dict[str, str]]]:
    """Name or alias -> formula and defaults, as the table of functions has them."""
    found = {}
    with _CSV.open(newline="") as lines:
        for row in csv.DictReader(lines):
            defaults = dict(p.split("=", 1) for p in row["parameters"].split())
            for name in (row["name"], *row["aliases"].split()):
                found[name] = row["formula"], defaults
    return found


@cache
def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def value(text: str, x: Any, **names: Any) -> Any:
    """The formula at x, in mpmath's working precision; Undefined where it has no value."""
    return _at(_parsed(text.strip()), {"x": mpf(x), "pi": +mp.pi, "e": +mp.e, **names})


def _at(part: ast.AST, names: dict[str, Any]) -> Any:
    match part:
        case ast.Constant():
            exact = Fraction(ast.unparse(part)) if isinstance(part.value, float) else part.value
            return mpf(exact.numerator) / exact.denominator
        case ast.Name():
            return names[part.id]
        case ast.UnaryOp(op=ast.Not()):
            return not _at(part.operand, names)
        case ast.UnaryOp(op=ast.USub()):
            return -_at(part.operand, names)
        case ast.BoolOp():
            several = [_at(v, names) for v in part.values]
            return all(several) if isinstance(part.op, ast.And) else any(several)
        case ast.IfExp():
            return _at(part.body if _at(part.test, names) else part.orelse, names)
        case ast.Compare():
            sides = [_at(s, names) for s in (part.left, *part.comparators)]
            return all(_OPERATORS[type(op)](a, b)
                       for op, a, b in zip(part.ops, sides, sides[1:], strict=False))  # fmt: skip
        case ast.BinOp(op=ast.Div()):
            a, b = _at(part.left, names), _at(part.right, names)
            if b == 0:
                raise Undefined
            return a / b
        case ast.BinOp(op=ast.Pow()):
            return _power(_at(part.left, names), _at(part.right, names))
        case ast.BinOp():
            return _OPERATORS[type(part.op)](_at(part.left, names), _at(part.right, names))
        case ast.Call(func=ast.Name(id=name)):
            return _call(name, part, names)
    raise ValueError(ast.unparse(part))


def _power(a: Any, b: Any) -> Any:
    if (a == 0 and b < 0) or (a < 0 and b != int(b)):
        raise Undefined
    return a**b


def _call(name: str, part: ast.Call, names: dict[str, Any]) -> Any:
    if name == "where":
        test, chosen, otherwise = part.args
        return _at(chosen if _at(test, names) else otherwise, names)
    args = [_at(a, names) for a in part.args]
    if name in _CALLS:
        return _CALLS[name](*args)
    if name == "atanh":
        return _atanh(*args)
    if name == "gelu_tanh":
        args = args[:1]
    formula, defaults = _registered()[name]
    inner = {"pi": +mp.pi, "e": +mp.e, "x": args[0]}
    for key, text in defaults.items():
        if "|" not in text:
            inner[key] = _at(_parsed(text), inner)
    for keyword in part.keywords:
        inner[keyword.arg or ""] = _at(keyword.value, names)
    return _at(_parsed(formula), inner)
