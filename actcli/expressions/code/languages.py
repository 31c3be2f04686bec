"""What formulas look like in each language: a table for the printer."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import inf
from typing import Any

from ...numbers.exact import as_float
from .printer import Language
from .stable import BASIC

_COMPARED = {op: f"{{0}} {op} {{1}}" for op in ("<", "<=", ">", ">=", "==", "!=")}
_ARITHMETIC = {op: f"{{0}} {op} {{1}}" for op in "+-*/"} | {"neg": "-{0}"}


def nearest_double(value: Any) -> float:
    """An exact number, or named constant, as the nearest double."""
    return float(value.digits) if hasattr(value, "digits") else as_float(value)


def _numbers(nan: str, infinity: str, shown: Callable[[float], str]) -> Callable[[Any], str]:
    """What writes numbers, negative ones in brackets."""

    def write(value: Any) -> str:
        near = nearest_double(value)
        if near != near:
            return nan
        if abs(near) == inf:
            return infinity if near > 0 else f"(-{infinity})"
        text = shown(near)
        return f"({text})" if text.startswith("-") else text

    return write


def _short(value: float) -> str:
    return repr(value).removesuffix(".0")


def _indented(lines: Sequence[str]) -> str:
    return "".join(f"    {line}\n" for line in lines)


# -- JavaScript -----------------------------------------------------------------------------------
def _javascript(name: str, given: Sequence[str], steps: Sequence[str], result: str) -> str:
    body = f"const {','.join(steps)};" if steps else ""
    return f"function {name}({','.join(given)}){{{body}return {result};}}"


JAVASCRIPT = Language(
    operations={
        **{op: f"{{0}}{op}{{1}}" for op in ("+", "-", "*", "/", "<", "<=", ">", ">=")},
        "==": "{0}==={1}", "!=": "{0}!=={1}", "and": "{0}&&{1}", "or": "{0}||{1}", "not": "!{0}",
        "neg": "-{0}", "**": "Math.pow({0},{1})", "where": "{0}?{1}:{2}",
        "max": "Math.max({0},{1})", "min": "Math.min({0},{1})",
    },
    number=_numbers("NaN", "Infinity", _short),
    statement="{name}={code}",
    condition="{name}={code}",
    calls={name: f"Math.{name}" for name in (*BASIC, "sign")}
    | {"arctan": "Math.atan", "rint": "Math.round"},
    define=_javascript,
)  # fmt: skip


def _javascript_lines(name: str, given: Sequence[str], steps: Sequence[str], result: str) -> str:
    body = "".join(f"  const {step};\n" for step in steps)
    return f"function {name}({', '.join(given)}) {{\n{body}  return {result};\n}}\n"


JAVASCRIPT_MODULE = replace(  # the same, to be read
    JAVASCRIPT,
    operations=_ARITHMETIC | _COMPARED | {
        "==": "{0} === {1}", "!=": "{0} !== {1}", "and": "{0} && {1}", "or": "{0} || {1}",
        "not": "!{0}", "**": "Math.pow({0}, {1})", "where": "{0} ? {1} : {2}",
        "max": "Math.max({0}, {1})", "min": "Math.min({0}, {1})",
    },
    statement="{name} = {code}",
    condition="{name} = {code}",
    define=_javascript_lines,
)  # fmt: skip


# -- C ------------------------------------------------------------------------------------------
def _c(name: str, given: Sequence[str], steps: Sequence[str], result: str) -> str:
    listed = ", ".join(f"double {each}" for each in given)
    return f"static double {name}({listed}) {{\n{_indented([*steps, f'return {result};'])}}}\n"


C = Language(
    operations=_ARITHMETIC | _COMPARED | {
        "and": "{0} && {1}", "or": "{0} || {1}", "not": "!{0}", "**": "pow({0}, {1})",
        "where": "{0} ? {1} : {2}", "max": "fmax({0}, {1})", "min": "fmin({0}, {1})",
    },
    number=_numbers("NAN", "INFINITY", repr),
    statement="const double {name} = {code};",
    condition="const int {name} = {code};",
    calls={name: name for name in BASIC} | {"abs": "fabs", "arctan": "atan"},
    define=_c,
)  # fmt: skip


# -- Python over arrays ---------------------------------------------------------------------------
def _python(name: str, given: Sequence[str], steps: Sequence[str], result: str) -> str:
    return f"def {name}({', '.join(given)}):\n{_indented([*steps, f'return {result}'])}"


def _arrays(module: str, calls: dict[str, str], **operations: str) -> Language:
    """A language of arrays: both branches are computed, and chosen from."""
    return Language(
        operations=_ARITHMETIC | _COMPARED | {
            "and": "{0} & {1}", "or": "{0} | {1}", "not": "~{0}", "**": "{0} ** {1}",
            "where": module + ".where({0}, {1}, {2})", "max": module + ".maximum({0}, {1})",
            "min": module + ".minimum({0}, {1})",
        } | operations,
        number=_numbers(f"{module}.nan", f"{module}.inf", repr),
        statement="{name} = {code}",
        condition="{name} = {code}",
        calls={name: f"{module}.{calls.get(name, name)}" for name in BASIC},
        define=_python,
    )  # fmt: skip


_INVERSE = {"asinh": "arcsinh", "atanh": "arctanh"}
NUMPY = _arrays("np", _INVERSE)
JAX = _arrays("jnp", _INVERSE)
JAX = replace(JAX, calls={name: code for name, code in JAX.calls.items() if name != "tanh"},
              kept="jax.lax.optimization_barrier({0})")  # fmt: skip
# as XLA's is 7 ulps off near 19
TORCH = replace(_arrays("torch", {"arctan": "atan", "rint": "round"}), scalar="x.new_full((), {0})",
                typed=("call", "max", "min"))  # fmt: skip


def _triton(name: str) -> str:
    known = {"exp", "log", "sqrt", "abs", "sin", "cos"}
    own = {"abs": "tl.abs", "arctan": "libdevice.atan"}
    return own.get(name, f"tl.{name}" if name in known else f"libdevice.{name}")


TRITON = Language(
    operations=_ARITHMETIC | _COMPARED | {
        "and": "{0} & {1}", "or": "{0} | {1}", "not": "{0} == 0", "**": "libdevice.pow({0}, {1})",
        "where": "tl.where({0}, {1}, {2})", "max": "tl.maximum({0}, {1})",
        "min": "tl.minimum({0}, {1})",
    },
    number=_numbers("float('nan')", "float('inf')", repr),
    statement="{name} = {code}",
    condition="{name} = {code}",
    calls={name: _triton(name) for name in BASIC},
    define=_python,
    scalar="tl.full((), {0}, tl.float64)",  # a bare number is of float32
)  # fmt: skip
