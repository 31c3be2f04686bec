"""FUNCTION arguments: names, settings, sweeps and formulas as activations."""

from collections.abc import Sequence
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from .options import MOST_CURVES

if TYPE_CHECKING:
    from ..evaluation.activation import Activation



def resolve_functions(
    functions: Sequence[str], param: Sequence[str] = (), approx: str | None = None
) -> list["Activation"]:
    """The activations meant, one per combination of `-p` values; wrong ones raise ValueError."""
    from ..evaluation.function_text import resolve
    from ..functions.catalogue import find
    from ..functions.parameters import text

    sweeps = _sweeps([*param, *([f"approx={approx}"] if approx is not None else [])])
    used: set[str] = set()
    found: list[Activation] = []
    for function in functions:
        plain = resolve(function)
        names = [name for name in sweeps if name in plain.parameters]
        used.update(names)
        if len(found) + prod(len(sweeps[name]) for name in names) > MOST_CURVES:
            raise ValueError(f"-p asks for more than {MOST_CURVES} functions; give fewer values")
        for values in product(*(sweeps[name] for name in names)):
            given = dict(zip(names, values, strict=True))
            found.append(resolve(function, given) if given else plain)
    for name in sweeps:
        if name not in used:
            shown = "; ".join(
                f"{f.name} has " + ", ".join(
                    f"{p.name} (default {text(p.default)})" for p in find(f.name).parameters
                )
                for f in found
                if f.parameters
            )  # fmt: skip
            raise ValueError(
                f"no FUNCTION here has a parameter {name!r}; {shown or 'they have none'}"
            )
    return found


def _sweeps(param: Sequence[str]) -> dict[str, list[str]]:
    sweeps: dict[str, list[str]] = {}
    for item in param:
        name, equals, values = item.partition("=")
        name = name.strip()
        listed = [value.strip() for value in values.split(",")]
        if not equals or not name or not all(listed):
            raise ValueError(
                f"-p {item!r} is not of the form NAME=VALUE[,VALUE...]; type for example -p beta=1,2"
            )
        if name in sweeps:
            raise ValueError(f"the parameter {name!r} is set twice; give its values in one -p")
        sweeps[name] = listed
    return sweeps
