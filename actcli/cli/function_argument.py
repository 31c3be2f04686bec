"""FUNCTION arguments: names, settings, sweeps and formulas as activations."""

from collections.abc import Sequence
from itertools import product
from math import prod
from typing import TYPE_CHECKING
from unicodedata import normalize

from ..wording import count_of
from .subcommand import Param

if TYPE_CHECKING:
    from ..evaluation.activation import Activation

MOST_CURVES = 20_000  # of one command, over all values of -p
MOST_COMPARED = 4950  # pairs; those of 100 functions


def resolve_functions(
    functions: Sequence[str],
    param: Sequence[str] = (),
    approx: str | None = None,
    labels: Sequence[str] = (),
) -> list["Activation"]:
    """The activations meant, one per combination of `-p` values; wrong ones raise ValueError.

    `labels` name the FUNCTIONs in order, with the values of a sweep behind each, or one by one all
    that the sweeps make of them.
    """
    from ..evaluation.function_text import parameters_of, resolve
    from ..functions.registry import listed

    sweeps = _sweeps([*param, *([f"approx={approx}"] if approx is not None else [])])
    used: set[str] = set()
    found: list[Activation] = []
    counts: list[int] = []
    for function in functions:
        own = {p.name for p in parameters_of(function)} if sweeps else set()
        names = [name for name in sweeps if name in own]
        used.update(names)
        if len(found) + prod(len(sweeps[name]) for name in names) > MOST_CURVES:
            raise ValueError(f"-p asks for more than {MOST_CURVES} functions; give fewer values")
        for values in product(*(sweeps[name] for name in names)):
            given = dict(zip(names, values, strict=True))
            found.append(resolve(function, given))
        counts.append(prod(len(sweeps[name]) for name in names))
    for name in sweeps:
        if name not in used:
            has = {function: listed(parameters_of(function)) for function in functions}
            shown = "; ".join(f"{f} has {names}" for f, names in has.items() if names)
            none = "it has none" if len(functions) == 1 else "they have none"
            raise ValueError(f"no FUNCTION here has a parameter {name!r}; {shown or none}")
    return relabelled(found, labels, counts) if labels else found


def resolve_one(command: str, functions: Sequence[str], param: Param) -> "Activation":
    """The one activation that a command takes; ValueError for more."""
    found = resolve_functions(functions, *param)
    if len(found) != 1:
        raise ValueError(
            f"{command} takes one FUNCTION, not {len(found)}; call it once for each, "
            "with one value for each -p"
        )
    return found[0]


def relabelled(
    found: list["Activation"], labels: Sequence[str], counts: Sequence[int]
) -> list["Activation"]:
    """The activations under the labels given; `counts` are how many each FUNCTION stands for."""
    from ..evaluation.function_text import label_of
    from ..wording import MOST_LETTERS, may_be_label

    if len(labels) == len(counts) < len(found):
        each = [label for label, count in zip(labels, counts, strict=True) for _ in range(count)]
        labels = [label_of(f, name) for f, name in zip(found, each, strict=True)]
    if len(labels) != len(found):
        raise ValueError(
            f"--label is given {count_of(len(labels), 'time')} for "
            f"{count_of(len(found), 'function')}; give one for each, in their order"
        )
    for label in labels:
        if not may_be_label(label):
            raise ValueError(
                f"--label {label[:60]!r}: give 1 to {MOST_LETTERS} printable characters, as in "
                "--label 'our function'"
            )
    if len(set(labels)) < len(labels):
        raise ValueError("--label: two functions would have one label; give each its own")
    return [f.relabelled(label) for f, label in zip(found, labels, strict=True)]


def resolve_compared(functions: Sequence[str], param: Param, least: int = 2) -> list["Activation"]:
    """The activations meant, `least` or more and not too many; wrong ones raise ValueError."""
    import shlex

    found = resolve_functions(functions, *param)
    if len(found) < least:
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
        name = normalize("NFKC", name).strip()
        listed = [value.strip() for value in values.split(",")]
        if not equals or not name or not all(listed):
            raise ValueError(
                f"-p {item!r} is not of the form NAME=VALUE[,VALUE...]; type for example -p beta=1,2"
            )
        if name in sweeps:
            raise ValueError(f"the parameter {name!r} is set twice; give its values in one -p")
        sweeps[name] = listed
    return sweeps
