"""FUNCTION, as the command line takes it -> an Activation."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from ..expressions.parser import parse
from ..functions.registry import Function, find, named
from .activation import Activation

_CALLABLE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*\Z")


def resolve(function: str, given: Mapping[str, Any] | None = None) -> Activation:
    """The activation that `function` means, with the parameters in `given` set on top.

    Accepted are a registered name or alias, `name:parameter=value,...`, the label
    `name(parameter=value,...)`, a formula in x, and `package.module:attribute`. Anything else, and
    parameters that the function does not have, raise ValueError.
    """
    text = str(function).strip()
    found = named(text)
    if found is not None:
        registered, settings = found
        alias = re.split(r"[:(]", text, maxsplit=1)[0]
        return bind(registered, {**settings, **(given or {})}, alias)
    if given:
        raise ValueError(
            f"{text!r} has no parameter {next(iter(given))!r}; only registered names do"
        )
    if _CALLABLE.match(text):
        from .python_callable import load

        return load(text)
    tree = parse(text)
    shown = " ".join(text.split())
    return Activation(shown, shown, tree.read, {}, typed=True)


def stored(label: str, allowed: Collection[str] = ()) -> Activation:
    """The activation that a label in a file means; only Python callables in `allowed` are imported."""
    text = label.strip()
    if _CALLABLE.match(text) and named(text) is None and text not in allowed:
        raise ValueError(
            f"the Python callable {text!r} is imported only if you name it too; "
            f"type {text} before --load if you trust it"
        )
    return resolve(text)


def bind(function: Function, given: Mapping[str, Any], alias: str = "") -> Activation:
    """A registered function with parameters; ValueError as the command line words it."""
    values = function.bind(given)
    approximates = function.approximates
    plain: Mapping[str, Any] = {}
    if values.get("approx", "none") != "none":
        approximates, plain = function.name, {**given, "approx": "none"}
    return Activation(
        function.label(values, alias),
        function.name,
        function.formula,
        values,
        function=function,
        approximates=bind(find(approximates), plain) if approximates else None,
    )
