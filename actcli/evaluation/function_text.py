"""FUNCTION, as the command line takes it -> an Activation."""

import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from ..expressions.parser import parse
from ..functions.catalogue import find, knows
from ..functions.parameters import Parameter, text
from ..functions.registry import Function

if TYPE_CHECKING:
    from .activation import Activation

_CALLABLE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*\Z")


def resolve(function: str, given: Mapping[str, Any] | None = None) -> "Activation":
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
    from .activation import Activation

    tree = parse(text)
    shown = " ".join(text.split())
    return Activation(shown, shown, tree.read, {}, typed=True)


def stored(label: str, allowed: Collection[str] = ()) -> "Activation":
    """The activation that a label in a file means; only Python callables in `allowed` are imported."""
    text = label.strip()
    if _CALLABLE.match(text) and named(text) is None and text not in allowed:
        raise ValueError(
            f"the Python callable {text!r} is imported only if you name it too; "
            f"type {text} before --load if you trust it"
        )
    return resolve(text)


def bind(function: Function, given: Mapping[str, Any], alias: str = "") -> "Activation":
    """A registered function with parameters; ValueError as the command line words it."""
    from .activation import Activation

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


_NAME = re.compile(r"[A-Za-z_][\w-]*\Z")
_SET = re.compile(r"([A-Za-z_][\w-]*)\s*:\s*(.*=.*)\Z", re.DOTALL)
_LABEL = re.compile(r"([A-Za-z_][\w-]*)\(\s*([A-Za-z_]\w*\s*=[^()]*)\)\Z")


def named(text: str) -> tuple[Function, dict[str, str]] | None:
    """The function and the settings of `name`, `name:p=v,...` or `name(p=v,...)`.

    None if the text is of another form (a formula, a Python callable); ValueError if the name or a
    setting is wrong.
    """
    given = _SET.match(text) or _LABEL.match(text)
    if given and (given.re is _SET or knows(given[1])):
        return find(given[1]), _settings(text, given[2])
    if _NAME.match(text) and (knows(text) or "x" not in text.split("-")):  # x-1 is a formula
        return find(text), {}
    name, colon, rest = text.partition(":")
    if colon and knows(name):
        has = [f"{p.name}={_default(p)}" for p in find(name).parameters]
        advice = f"type {name}:{has[0]}" if has else f"{name} has no parameters"
        raise ValueError(
            f"{text[:60]!r}: {rest[:60]!r} is not of the form parameter=value; {advice}"
        )
    return None


def _default(parameter: Parameter) -> str:
    return text(parameter.default)


def _settings(text: str, listed: str) -> dict[str, str]:
    text = text if len(text) <= 60 else text[:57] + "..."
    settings = {}
    for item in listed.split(","):
        name, equals, value = item.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise ValueError(f"{text!r}: {item.strip()[:60]!r} is not of the form parameter=value")
        if name.strip() in settings:
            raise ValueError(f"{text!r}: {name.strip()} is given twice")
        settings[name.strip()] = value.strip()
    return settings
