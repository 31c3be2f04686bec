"""actcli: the command-line explorer for neural-network activation functions.

`activation(name, **parameters)` gives a function for arrays, `names()` the canonical names.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .evaluation.activation import Activation

__version__ = "0.1.0"
__all__ = ["__version__", "activation", "names"]


def activation(function: str, **parameters: Any) -> "Activation":
    """The function meant by a FUNCTION of the command line: a name, a label or a formula in x.

    Unknown names, parameters and values raise ValueError with the command line's own sentence.
    """
    from .evaluation.function_text import resolve

    return resolve(function, parameters)


def names() -> list[str]:
    """Canonical names of the registered functions, in registry order."""
    from .functions.catalogue import names

    return names()
