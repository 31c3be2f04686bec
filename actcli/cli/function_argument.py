"""FUNCTION arguments: names, settings, sweeps and formulas as activations."""

from collections.abc import Sequence
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from .options import Param

if TYPE_CHECKING:
    from ..evaluation.activation import Activation

MOST_CURVES = 20_000  # of one command, over all values of -p
MOST_COMPARED = 4950  # pairs; those of 100 functions


def resolve_functions(
    functions: Sequence[str], param: Sequence[str] = (), approx: str | None = None
) -> list["Activation"]:
    """Resolves FUNCTIONs, one activation per combination of `-p` values; may raise ValueError."""
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


def resolve_compared(functions: Sequence[str], param: Param) -> list["Activation"]:
    """Resolves FUNCTIONs to be compared, two at least; raises ValueError for too few or many."""
    import shlex

    found = resolve_functions(functions, *param)
    if len(found) < 2:
        raise ValueError(
            "compare takes two FUNCTIONs or more, or one with several values of a parameter, "
            f"as in 'actcli compare {shlex.quote(functions[0])} "
            f"{'gelu' if found[0].label == 'relu' else 'relu'}'"
        )
    count = len(found) * (len(found) - 1) // 2
    if count > MOST_COMPARED:
        raise ValueError(
            f"{len(found)} FUNCTIONs are {count} pairs, which takes hours; give 100 at most"
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
