"""JavaScript: the language of pages."""

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

from ...numbers.exact import as_float
from ..node import Node
from .printer import Language, printed


def number(value: Any) -> str:
    """An exact number, or named constant, as the nearest double."""
    near = float(value.digits) if hasattr(value, "digits") else as_float(value)
    if near != near:
        return "NaN"
    if abs(near) == float("inf"):
        return "Infinity" if near > 0 else "(-Infinity)"
    text = repr(near).removesuffix(".0")
    return f"({text})" if text.startswith("-") else text


JAVASCRIPT = Language(
    operations={
        **{op: f"{{0}}{op}{{1}}" for op in ("+", "-", "*", "/", "<", "<=", ">", ">=")},
        "==": "{0}==={1}",
        "!=": "{0}!=={1}",
        "and": "{0}&&{1}",
        "or": "{0}||{1}",
        "not": "!{0}",
        "neg": "-{0}",
        "**": "power({0},{1})",
        "where": "{0}?{1}:{2}",
        "max": "Math.max({0},{1})",
        "min": "Math.min({0},{1})",
    },
    number=number,
    statement="{name}={code}",
    condition="{name}={code}",
    calls={},
)


def function(formulas: Iterable[Node], parameters: Iterable[str]) -> tuple[str, set[str]]:
    """A function of x and an object of parameters, and the primitives that it calls.

    It gives an array of what the formulas are, and of a number that tells which conditions hold.
    """
    code = printed(formulas, JAVASCRIPT)
    holding = "+".join(f"({name}&&{2**k})" for k, name in enumerate(code.conditions)) or "0"
    given = ",".join(f"{name}:{JAVASCRIPT.name(name)}" for name in parameters)
    steps = f"const {','.join(code.statements)};" if code.statements else ""
    text = f"(x,{{{given}}})=>{{{steps}return[{','.join(code.results)},{holding}]}}"
    called = {"power"} if "power(" in text else set()
    return text, code.primitives | called


@cache
def _library() -> dict[str, str]:
    """The functions of primitives.js by name."""
    source = files(__package__).joinpath("primitives.js").read_text(encoding="utf-8")
    parts = re.split(r"^(?=function )", source, flags=re.MULTILINE)[1:]
    return {part.split("(")[0].removeprefix("function ").strip(): part.strip() for part in parts}


def library(primitives: set[str]) -> str:
    """The source of these primitives and of what they call, in the order of primitives.js."""
    known = _library()
    wanted, stack = set(), list(primitives)
    while stack:
        name = stack.pop()
        if name in known and name not in wanted:
            wanted.add(name)
            stack += re.findall(r"(?<![.\w])([a-z]\w*)(?=\()", known[name])
    return "\n".join(text for name, text in known.items() if name in wanted)
