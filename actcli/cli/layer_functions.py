"""The functions of a network's layers: FUNCTIONs, or several with slashes between, one for each layer."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .function_argument import relabelled, resolve_functions
from .subcommand import Param

if TYPE_CHECKING:
    from ..evaluation.activation import Activation

PROBE = "0.7390851"  # a value that hardly any formula refuses


def activations_of(
    functions: Sequence[str], param: Param
) -> "list[Activation | tuple[Activation, ...]]":
    """Resolves FUNCTIONs; a tuple for those of one function per layer, as tanh/relu is."""
    split = [_per_layer(text) for text in functions]
    flat = [part for parts in split for part in parts]
    if all(len(parts) == 1 for parts in split):
        return list(resolve_functions(flat, *param))
    found: list[Activation | tuple[Activation, ...]] = []
    if param._replace(labels=()) != Param():
        raise ValueError(
            "-p does not go with one function per layer; write it as leaky_relu:slope=0.2/tanh"
        )
    for parts in split:
        resolved = resolve_functions(parts)
        found.append(resolved[0] if len(resolved) == 1 else tuple(resolved))
    if not param.labels:
        return found
    first = [each[0] if isinstance(each, tuple) else each for each in found]
    names = [f.label for f in relabelled(first, param.labels, [1] * len(first))]
    return [
        tuple(f.relabelled(name) for f in each)
        if isinstance(each, tuple)
        else each.relabelled(name)
        for each, name in zip(found, names, strict=True)
    ]


def _per_layer(text: str) -> list[str]:
    """The parts between slashes if each is a FUNCTION and the whole is no formula."""
    from ..evaluation.function_text import named

    parts = re.split(r"/(?![^(]*\))", text)  # not within brackets
    if len(parts) == 1:
        return [text]
    try:
        if all(named(part.strip()) for part in parts):
            return parts
        _try(text)
    except ValueError as error:
        try:
            for part in parts:
                _try(part)
        except ValueError:
            raise error from None
        return parts
    return [text]


def _try(function: str) -> None:
    """Raises ValueError unless this is a FUNCTION, whatever its parameters without a value."""
    from ..evaluation.function_text import parameters_of, resolve, split_formula

    _, given = split_formula(function)
    open_ = {p.name for p in parameters_of(function) if p.default is None} - given.keys()
    resolve(function, dict.fromkeys(open_, PROBE))
