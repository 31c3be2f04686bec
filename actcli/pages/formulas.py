"""Functions as a page computes them: JavaScript and the facts beside it."""

import json
from collections.abc import Iterable, Sequence
from math import inf, isfinite, nan
from typing import Any

from ..evaluation.activation import Activation
from ..evaluation.domain import FormulaDomain
from ..expressions.code.javascript import function, library
from ..expressions.code.printer import derivative_formulas
from ..expressions.differentiate import expanded
from ..expressions.node import Node, node
from ..functions.parameters import ANY_NUMBER, Choices, ParameterDomain

ORDER = 2


def numeric(f: Activation) -> list[str]:
    """The names of the parameters that a slider moves."""
    return [name for name, value in f.settings.items() if not isinstance(value, str)]


def script(functions: Iterable[tuple[str, Activation]]) -> str:
    """The primitives needed, and `formulas`: functions of (x, parameters) by key."""
    used: set[str] = set()
    lines = []
    for key, f in functions:
        names = numeric(f)

        def read(x: Any, f: Activation = f, names: Sequence[str] = names) -> Any:
            return f.at(x, *names)

        value, *slopes = derivative_formulas(read, ORDER)
        for condition in _domain(f, names):
            value = Node("where", (condition, value, node(nan)))
        text, called = function([value, *slopes], names)
        used |= called
        lines.append(f"{json.dumps(key)}: {text}")
    return f"{library(used)}\nconst formulas = {{\n" + ",\n".join(lines) + "\n};\n"


def _domain(f: Activation, names: Sequence[str]) -> list[Node]:
    """What must hold for a typed formula to have a value, as far as floats go on without one.

    Powers with a parameter in the exponent are left to the powers of the browser.
    """
    if not f.typed:
        return []
    tree = expanded(f.symbolic(*names))
    exponents = [part.args[1] for part in tree.walk() if part.op == "**"]
    if any(part.op == "name" for exponent in exponents for part in exponent.walk()):
        return []
    return FormulaDomain(tree).conditions


def parameters(f: Activation) -> list[dict[str, Any]]:
    """The numeric parameters with their values and the ranges of their sliders.

    `least` is the smallest value that is accepted (None: any), `nonzero` that 0 is not.
    """
    domains: dict[str, Any] = {}
    if f.function is not None:
        domains = {p.name: p.domain for p in f.function.parameters}
    return [
        _slider(name, float(f.settings[name]), domains.get(name, ANY_NUMBER)) for name in numeric(f)
    ]


def _slider(name: str, value: float, domain: ParameterDomain | Choices) -> dict[str, Any]:
    assert isinstance(domain, ParameterDomain)
    least = domain.lowest if isfinite(domain.lowest) else None
    span = max(2 * abs(value), 2.0)
    low, high = value - span, value + span
    if least is not None:
        low = max(low, least)
    return {
        "name": name,
        "value": value,
        "low": _round(low),
        "high": _round(high),
        "least": least,
        "nonzero": not domain.accepts(0.0) and domain.accepts(-1.0),
    }


def _round(value: float) -> float:
    return float(f"{value:.3g}")


def requires(f: Activation) -> list[list[str]]:
    """Pairs of parameters, the first of which does not exceed the second."""
    return [list(pair) for pair in f.function.requires] if f.function is not None else []


def as_json(data: Any) -> str:
    """JSON that may stand in a script element: no text in it can close that."""
    text = json.dumps(_finite(data), ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _finite(data: Any) -> Any:
    """The same with infinities and nan as null, which JSON has no numbers for."""
    if isinstance(data, dict):
        return {key: _finite(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_finite(value) for value in data]
    return None if isinstance(data, float) and (data != data or abs(data) == inf) else data
