"""Formulas as text, evaluated independently of actcli: exact fractions and balls of many bits.

The text is parsed by Python's `ast`. Rationals stay exact, all else is a ball of tests/truth.py
(mpmath at 50 digits and more), so a sign is certain or not known, never guessed. Derivatives are
the coefficients of a truncated Taylor series. Registered functions mean the formulas of
data/functions.csv. Constants mean the decimal written; a step without a real value is undefined.
"""

import ast
import time
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

import truth
from mpmath import libmp
from truth import ONE, ZERO, Number, Unresolved, rows

from .series import (
    FUNCTIONS,
    AtBreakpoint,
    Series,
    Undefined,
    Unknown,
    add,
    constant,
    div,
    log1p,
    mul,
    neg,
    number,
    power,
    scaled,
    sgn,
    sub,
)  # fmt: skip

FIRST_BITS, LAST_BITS = 190, 3040
SHARP = 80  # relative bits of a result,
DEEP = -1100  # or the size of its absolute error


class OutOfTime(Exception):
    """The time for one formula is over."""


_COMPARE: dict[type, Callable[[int], bool]] = truth.COMPARISONS


@cache
def registered() -> dict[str, dict[str, str]]:
    """functions.csv by name and alias."""
    found: dict[str, dict[str, str]] = {}
    for name, row in rows().items():
        for alias in (name, *row["aliases"].split()):
            found[alias.lower()] = row
    return found


@cache
def _registered_tree(name: str, approx: str) -> tuple[ast.expr, dict[str, str], str]:
    row = registered()[name]
    settings = dict(item.split("=") for item in row["parameters"].split())
    text = row["formula"]
    settings.pop("approx", None)
    if row["name"] == "gelu" and approx != "none":
        text = truth.GELU_APPROXIMATIONS[approx].replace("t+", "((x-mu)/sigma)+")
        text = text.replace("t**", "((x-mu)/sigma)**").replace("*t)", "*((x-mu)/sigma))")
    return ast.parse(text, mode="eval").body, settings, text


class Formula:
    """A formula as text; `f(x, order)` is [f, f', f'', ...] at a fraction x."""

    def __init__(self, text: str, deadline: float | None = None, **settings: str) -> None:
        self.text = text.strip()
        self.body = ast.parse(self.text, mode="eval").body
        self.settings = {name: number(value) for name, value in settings.items()}
        self.deadline = deadline
        self.first = FIRST_BITS
        self.trace: list[tuple[int, int]] = []
        self._texts: dict[int, Fraction] = {}

    def __call__(self, x: Fraction | float, order: int = 0) -> list[Number]:
        """Undefined, Unknown and AtBreakpoint are raised; derivatives, not coefficients."""
        x = Fraction(x)
        bits = self.first
        while True:
            if self.deadline is not None and time.process_time() > self.deadline:
                raise OutOfTime
            truth._bits = bits
            self.trace = []
            try:
                series = [x, ONE, *([ZERO] * order)][: order + 1]
                out = self._read(self.body, {"x": series}, self.text)
                factor = 1
                for k in range(2, order + 1):
                    factor *= k
                    out[k] = Fraction(factor) * out[k]
                if all(map(_sharp, out)):
                    return out
            except Unresolved:
                pass
            except (OverflowError, MemoryError):
                raise Unknown("too large") from None
            bits *= 2
            if bits > LAST_BITS:
                raise Unknown(f"{self.text} at {float(x)!r}")

    def _decide(self, part: ast.AST, u: Series, strict: bool = True) -> int:
        """The sign of a quantity that chooses a branch."""
        side = 0 if isinstance(u[0], Fraction) and u[0] == 0 else sgn(u[0])
        self.trace.append((id(part), side))
        if side == 0 and len(u) > 1 and strict and _has_x(part):
            raise AtBreakpoint("a derivative at a breakpoint")
        return side

    def _read(self, part: ast.AST, env: dict[str, Series], text: str) -> Series:
        like = env["x"]
        match part:
            case ast.Constant(value=int() | float()):
                return [self._literal(part, text)] + [ZERO] * (len(like) - 1)
            case ast.Name(id=name) if name in env:
                return env[name]
            case ast.Name(id=name) if name in self.settings:
                return [self.settings[name]] + [ZERO] * (len(like) - 1)
            case ast.Name(id="pi"):
                return [truth.pi()] + [ZERO] * (len(like) - 1)
            case ast.Name(id="e"):
                return [truth.exp(ONE)] + [ZERO] * (len(like) - 1)
            case ast.Name(id="nan"):
                raise Undefined("nan")
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return neg(self._read(inner, env, text))
            case ast.UnaryOp(op=ast.UAdd(), operand=inner):
                return self._read(inner, env, text)
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return self._power(part, left, right, env, text)
            case ast.BinOp(left=left, op=op, right=right):
                a, b = self._read(left, env, text), self._read(right, env, text)
                match op:
                    case ast.Add():
                        return add(a, b)
                    case ast.Sub():
                        return sub(a, b)
                    case ast.Mult():
                        return mul(a, b)
                    case ast.Div():
                        self._decide(part, b, False)
                        return div(a, b)
            case ast.IfExp(test=test, body=body, orelse=other):
                return self._read(body if self._holds(test, env, text) else other, env, text)
            case ast.Call(func=ast.Name(id=name)):
                return self._call(part, name, env, text)
        raise ValueError(f"not known: {ast.dump(part)}")

    def _literal(self, part: ast.Constant, text: str) -> Fraction:
        key = id(part)
        if key not in self._texts:
            segment = ast.get_source_segment(text, part) or repr(part.value)
            self._texts[key] = number(segment)
        return self._texts[key]

    def _power(self, part: ast.AST, left: ast.AST, right: ast.AST, env: Any, text: str) -> Series:
        base, exponent = self._read(left, env, text), self._read(right, env, text)
        if not constant(exponent):
            raise ValueError("an exponent with x in it")
        if not (isinstance(exponent[0], Fraction) and exponent[0].denominator == 1
                and exponent[0] >= 0):  # fmt: skip
            self._decide(part, base, False)
        return power(base, exponent[0])

    def _holds(self, part: ast.AST, env: dict[str, Series], text: str) -> bool:
        match part:
            case ast.Compare(left=left, ops=ops, comparators=others):
                sides = [self._read(side, env, text) for side in (left, *others)]
                signs = [self._decide(part, sub(a, b)) for a, b in pairwise(sides)]
                return all(_COMPARE[type(op)](s) for op, s in zip(ops, signs, strict=True))
            case ast.BoolOp(op=op, values=values):
                found = [self._holds(value, env, text) for value in values]
                return all(found) if isinstance(op, ast.And) else any(found)
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                return not self._holds(inner, env, text)
        raise ValueError(f"no condition: {ast.dump(part)}")

    def _call(self, part: ast.Call, name: str, env: dict[str, Series], text: str) -> Series:
        key = name.lower()
        args = part.args
        if key == "where":
            return self._read(args[1] if self._holds(args[0], env, text) else args[2], env, text)
        if key == "grad":
            longer = {k: [*v, ZERO] if constant(v) else None for k, v in env.items()}
            longer["x"] = [env["x"][0], ONE, *([ZERO] * (len(env["x"]) - 1))]
            if len(env["x"]) > 1 and env["x"][1] != ONE:
                raise Unknown("a gradient inside of a function")
            inner = self._read(args[0], {k: v for k, v in longer.items() if v}, text)
            return [Fraction(k) * c for k, c in enumerate(inner)][1:]
        if key == "pow":
            return self._power(part, args[0], args[1], env, text)
        values = [self._read(arg, env, text) for arg in args]
        u = values[0]
        if key == "abs" and len(args) == 1:
            return scaled(Fraction(self._decide(part, u)), u)
        if key == "sign":
            return [Fraction(self._decide(part, u)), *([ZERO] * (len(u) - 1))]
        if key in ("min", "max", "minimum", "maximum", "clip", "clamp"):
            steps = [(v, key.startswith("max")) for v in values[1:]]
            if key.startswith("cl"):
                steps = [(values[1], True), (values[2], False)]
            for other, highest in steps:
                side = self._decide(part, sub(u, other))
                u = u if (side >= 0) == highest or side == 0 else other
            return u
        if key in ("sinc",) and u[0] == ZERO:
            self.trace.append((id(part), 0))
        if key in ("log", "ln", "log2", "log10") and isinstance(args[0], ast.BinOp):
            inner = args[0]
            if isinstance(inner.op, ast.Add) and isinstance(inner.left, ast.Constant) and (
                inner.left.value == 1 and key in ("log", "ln")
            ):  # fmt: skip
                v = self._read(inner.right, env, text)
                self._sign_of(part, [1 + v[0]])
                return log1p(v)
        if key in ("log", "ln", "log2", "log10", "sqrt", "cbrt"):
            self._sign_of(part, u)
        if key == "tan":
            self._sign_of(part, FUNCTIONS["cos"](u[:1]))
        if key == "log1p":
            self._sign_of(part, [1 + u[0]])
        if key == "atanh":
            self._sign_of(part, [ONE - u[0]])
            self._sign_of(part, [ONE + u[0]])
        if not part.keywords and key in FUNCTIONS:
            return FUNCTIONS[key](u)
        return self._registered(part, key, u, env, text)

    def _sign_of(self, part: ast.AST, u: Series) -> None:
        self.trace.append((id(part), sgn(u[0])))

    def _registered(self, part: ast.Call, key: str, u: Series, env: Any, text: str) -> Series:
        given: dict[str, Any] = {}
        approx = "none"
        for keyword in part.keywords:
            if keyword.arg == "approx":
                approx = keyword.value.id  # type: ignore[attr-defined]
            else:
                given[str(keyword.arg)] = self._read(keyword.value, env, text)
        tree, settings, inner = _registered_tree(key, approx)
        flat = [ZERO] * (len(u) - 1)
        inside = {name: [number_or_quotient(value), *flat] for name, value in settings.items()}
        return self._read(tree, {**inside, **given, "x": u}, inner)


@cache
def _has_x(part: ast.AST) -> bool:
    return any(isinstance(n, ast.Name) and n.id == "x" for n in ast.walk(part))


def number_or_quotient(text: str) -> Fraction:
    over, _, under = text.partition("/")
    return number(over) / (number(under) if under else 1)


def _sharp(value: Number) -> bool:
    if isinstance(value, Fraction):
        return True
    size = value.size
    return value.err is None or value.err < DEEP or (
        size is not None and value.err <= size - SHARP
    )  # fmt: skip


def size_of(value: Number) -> float:
    """A float near it; inf where it is beyond."""
    if isinstance(value, Fraction):
        try:
            return value.numerator / value.denominator
        except OverflowError:
            return float("inf") if value > 0 else float("-inf")
    if value.size is not None and value.size > 1024:
        return float("-inf") if value.mid[0] else float("inf")
    if value.size is None or value.size < -1080:
        return 0.0
    return float(libmp.to_float(value.mid))


def order(a: Number, b: Number) -> int:
    """1 if a > b for certain, -1 if a < b, else 0."""
    try:
        return sgn(a - b)
    except Unresolved:
        return 0
