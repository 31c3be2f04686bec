"""Formulas in plain numpy: fast, rough; it proposes points, integrates and counts, and proves nothing."""

import ast
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from scipy import special

from .exact import _registered_tree, number_or_quotient

Array = Any

_FUNCTIONS: dict[str, Callable[..., Array]] = {
    "exp": np.exp, "expm1": np.expm1, "log": np.log, "ln": np.log, "log1p": np.log1p,
    "log2": np.log2, "log10": np.log10, "sqrt": np.sqrt, "cbrt": np.cbrt, "sin": np.sin,
    "cos": np.cos, "tan": np.tan, "sinh": np.sinh, "cosh": np.cosh,
    "sech": lambda u: 1 / np.cosh(u), "asinh": np.arcsinh, "atanh": np.arctanh,
    "arctan": np.arctan, "atan": np.arctan, "tanh": np.tanh, "erf": special.erf,
    "erfc": special.erfc, "logistic": special.expit, "sigmoid": special.expit,
    "softplus": lambda u: np.logaddexp(0, u), "normal_cdf": special.ndtr, "abs": np.abs,
    "sign": np.sign, "sinc": lambda u: np.sinc(u / np.pi),
}  # fmt: skip
_COMPARE: dict[type, Callable[..., Array]] = {
    ast.Lt: np.less, ast.LtE: np.less_equal, ast.Gt: np.greater, ast.GtE: np.greater_equal,
    ast.Eq: np.equal, ast.NotEq: np.not_equal,
}  # fmt: skip
_BINARY: dict[type, Callable[..., Array]] = {
    ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide,
    ast.Pow: lambda a, b: np.power(np.asarray(a, float), b),
}  # fmt: skip


class Rough:
    """A formula as a function of float64 arrays."""

    def __init__(self, text: str) -> None:
        self.body = ast.parse(text.strip(), mode="eval").body

    def __call__(self, x: Array) -> Array:
        with np.errstate(all="ignore"):
            return np.asarray(self._read(self.body, {"x": x}), float) + 0 * x

    def _read(self, part: ast.AST, env: dict[str, Array]) -> Array:
        match part:
            case ast.Constant(value=value):
                return float(value)  # type: ignore[arg-type]
            case ast.Name(id=name):
                return env.get(name, {"pi": np.pi, "e": np.e, "nan": np.nan}.get(name))
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return -self._read(inner, env)
            case ast.UnaryOp(op=ast.UAdd(), operand=inner):
                return self._read(inner, env)
            case ast.BinOp(left=left, op=op, right=right):
                return _BINARY[type(op)](self._read(left, env), self._read(right, env))
            case ast.IfExp(test=test, body=body, orelse=other):
                return np.where(
                    self._holds(test, env), self._read(body, env), self._read(other, env)
                )
            case ast.Call(func=ast.Name(id=name), args=args):
                return self._call(part, name.lower(), [args[0]] if name == "where" else args, env)
        raise ValueError(ast.dump(part))

    def _holds(self, part: ast.AST, env: dict[str, Array]) -> Array:
        match part:
            case ast.Compare(left=left, ops=ops, comparators=others):
                sides = [self._read(side, env) for side in (left, *others)]
                found: Array = True
                for op, a, b in zip(ops, sides, sides[1:], strict=False):
                    found = found & _COMPARE[type(op)](a, b)
                return found
            case ast.BoolOp(op=op, values=values):
                pick = np.logical_and if isinstance(op, ast.And) else np.logical_or
                found = self._holds(values[0], env)
                for value in values[1:]:
                    found = pick(found, self._holds(value, env))
                return found
            case ast.UnaryOp(operand=inner):
                return np.logical_not(self._holds(inner, env))
        raise ValueError(ast.dump(part))

    def _call(self, part: ast.Call, key: str, args: list[ast.expr], env: dict[str, Array]) -> Array:
        if key == "where":
            branches = (self._read(arg, env) for arg in part.args[1:])
            return np.where(self._holds(args[0], env), *branches)
        if key == "grad":
            h = 1e-6 * (1 + np.abs(env["x"]))
            up, down = ({**env, "x": env["x"] + s * h} for s in (1, -1))
            return (self._read(args[0], up) - self._read(args[0], down)) / (2 * h)
        values = [self._read(arg, env) for arg in args]
        if key == "pow":
            return np.power(np.asarray(values[0], float), values[1])
        if key in ("min", "max", "minimum", "maximum"):
            out = values[0]
            for value in values[1:]:
                out = (np.maximum if key.startswith("max") else np.minimum)(out, value)
            return out
        if key in ("clip", "clamp"):
            return np.minimum(np.maximum(values[0], values[1]), values[2])
        if not part.keywords and key in _FUNCTIONS:
            return _FUNCTIONS[key](values[0])
        given = {str(k.arg): self._read(k.value, env) for k in part.keywords if k.arg != "approx"}
        approx = next((k.value.id for k in part.keywords if k.arg == "approx"), "none")  # type: ignore[attr-defined]
        tree, settings, _ = _registered_tree(key, approx)
        defaults = {name: float(Fraction(number_or_quotient(v))) for name, v in settings.items()}
        return self._read(tree, {**defaults, **given, "x": values[0]})
