"""FUNCTION, as the command line takes it -> an Activation."""

import os
import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from ..expressions.parser import parameter_names, parse
from ..functions.catalogue import find, knows
from ..functions.parameters import ANY_NUMBER, Parameter, text
from ..functions.registry import Function, bound, labelled

if TYPE_CHECKING:
    from .activation import Activation

_CALLABLE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*\Z")


def resolve(function: str, given: Mapping[str, Any] | None = None) -> "Activation":
    """The activation that `function` means, with the parameters in `given` set on top.

    Accepted are a registered name or alias, a formula in x, each alone, as `f:parameter=value,...`
    or as the label `f(parameter=value,...)`, and `package.module:attribute`. Anything else,
    parameters that the function does not have, and those of a formula that have no value raise
    ValueError.
    """
    from .activation import ASKED

    ASKED.setdefault("restored", restored)
    text = _normal(function)
    given = {_normal(name): value for name, value in (given or {}).items()}
    found = named(text)
    if found is not None:
        registered, settings = found
        alias = re.split(r"[:(]", text, maxsplit=1)[0]
        return bind(registered, {**settings, **given}, alias)
    if _CALLABLE.match(text):
        if given:
            raise ValueError(f"{text!r} has no parameter {next(iter(given))!r}; it is Python")
        from .python_callable import load

        return load(text)
    formula, settings = split_formula(text)
    return _typed(formula, {**settings, **given})


def _normal(text: str) -> str:
    """The text with one spelling for letters of many, as Python has it for names (NFKC)."""
    return normalize("NFKC", str(text)).strip()


def parameters_of(function: str) -> tuple[Parameter, ...]:
    """The parameters of what `function` means; ValueError if it means nothing."""
    text = _normal(function)
    found = named(text)
    if found is not None:
        return found[0].parameters
    return () if _CALLABLE.match(text) else _own(split_formula(text)[0])


class TypedFormula(Function):
    """A typed formula with the facts that a registered function has."""

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Those of its own."""
        return _own(self.name)

    @property
    def about(self) -> str:
        """What to type to learn more."""
        return "A typed formula; 'actcli check-properties' tells what holds of it."


def described(function: str) -> tuple[Function, dict[str, Any]]:
    """The facts about what `function` means, a name or a formula, and the values of its parameters.

    ValueError says what is wrong, for a Python callable too, of which no facts are known.
    """
    text = str(function).strip()
    found = named(text)
    if found is not None:
        return found[0], found[0].bind(found[1])
    if _CALLABLE.match(text):
        raise ValueError(
            f"{text!r} is Python, of which only values are known; 'actcli table {text}' shows them"
        )
    formula, given = split_formula(text)
    facts = TypedFormula(
        " ".join(formula.split()), "formula", lambda x, **own: parse(formula, own).read(x), (), ""
    )
    own = [p.name for p in facts.parameters]
    missing = [name for name in own if name not in given]
    if missing and given.keys() <= {*own}:
        typed = ",".join([f"{k}={v}" for k, v in given.items()] + [f"{name}=1" for name in missing])
        raise ValueError(
            f"{text!r}: the parameter {missing[0]} has no value; type {f'{formula}:{typed}'!r}"
        )
    return facts, facts.bind(given)


def split_formula(text: str) -> tuple[str, dict[str, str]]:
    """A formula and the settings behind it, of `formula:b=2` or `formula(b=2)`."""
    if found := _FORMULA_SET.match(text):
        return found[1].strip(), _settings(text, found[2])
    if found := _FORMULA_LABEL.match(text):  # unless a call ends so: x + pow(b=2, a=x)
        with suppress(ValueError):
            settings = _settings(text, found[2])
            if found[1].endswith(")") or settings.keys() <= set(parameter_names(found[1])):
                return found[1], settings
    return text, {}


def label_of(activation: "Activation", name: str = "", without: str = "") -> str:
    """The label under another name, or without one of the parameters."""
    function = activation.function
    own = function.parameters if function else _own(activation.name)
    shown = [p for p in own if p.name != without]
    return labelled(name or activation.name, shown, activation.settings)


def _own(formula: str) -> tuple[Parameter, ...]:
    return tuple(Parameter(name, None, ANY_NUMBER) for name in parameter_names(formula))


def _typed(formula: str, given: Mapping[str, Any]) -> "Activation":
    """A typed formula with values for its own parameters."""
    from .activation import Activation

    shown = " ".join(formula.split())
    try:
        own = _own(formula)
        values = bound(shown, own, given)
        tree = parse(formula, values)
    except ValueError:
        if re.fullmatch(r"[^\W\d]\w* *=[^=].*", shown):
            raise ValueError(f"{shown!r} sets a parameter; type -p {shown}") from None
        if "," in shown and all(knows(each.strip()) for each in shown.split(",")):
            raise ValueError(
                f"{shown!r}: type several functions apart, as in {shown.replace(',', ' ')}"
            ) from None
        if os.path.isfile(formula):
            raise ValueError(
                f"{shown!r} is a file, not a FUNCTION; type -i before its name (train-toy: --data)"
            ) from None
        raise
    label = labelled(shown, own, values)
    return Activation(label, shown, lambda x, **_: tree.read(x), values, typed=True)


def restored(written: str, label: str) -> "Activation":
    """The activation that was written so, under that label."""
    found = resolve(written)
    return found if label == found.label else found.relabelled(label)


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
_ONE = r"\s*[^\W\d]\w*\s*=[^()=,]*"  # no ==, no further argument
_FORMULA_LABEL = re.compile(rf"(.*\S)\s*\(({_ONE}(?:,{_ONE})*)\)\Z", re.DOTALL)
_FORMULA_SET = re.compile(r"([^:]*[^:\s])\s*:([^:]*=[^:]*)\Z", re.DOTALL)


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
