"""actcli: the command-line explorer for neural-network activation functions.

`activation(name, **parameters)` gives a function for arrays, `names()` the canonical names.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .evaluation.activation import Activation
    from .properties import Verdict

__version__ = "0.1.0"
__all__ = ["__version__", "activation", "names"]


def activation(function: str, **parameters: Any) -> "Activation":
    """Resolves a FUNCTION of the command line: a name, a label or a formula in x.

    Unknown names, parameters and values raise ValueError with the command line's own sentence.
    """
    from .evaluation.activation import ASKED
    from .evaluation.function_text import resolve

    ASKED["check"] = _check
    return resolve(function, parameters)


def _check(
    f: "Activation", only: "Iterable[str] | None", low: float | None, high: float | None
) -> "Sequence[Verdict]":
    from .properties import check

    return check(f, only, low=low, high=high)


def names() -> list[str]:
    """Lists the canonical names of the registered functions, in registry order."""
    from .functions.catalogue import names

    return names()
