"""actcli: the command-line explorer for neural-network activation functions.

`activation(name, **parameters)` gives a function for arrays, `compare` and `plot` take several,
`names()` lists the canonical names.
"""

from typing import TYPE_CHECKING, Any, Literal

from .version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .evaluation.activation import Activation
    from .figures.output import ShownFigure
    from .pages.page import HtmlPage
    from .tables.records import Records

__all__ = ["__version__", "activation", "compare", "names", "plot"]


def activation(function: str, /, **parameters: Any) -> "Activation":
    """Resolves a FUNCTION of the command line: a name, a label or a formula in x.

    Unknown names, parameters and values raise ValueError with the command line's own sentence.
    """
    from .evaluation.function_text import resolve

    _answer()
    return resolve(function, parameters)


def compare(
    f: "Activation | str",
    g: "Activation | str",
    low: float | None = None,
    high: float | None = None,
) -> "Records":
    """Certifies how far two functions and their gradients get apart: the records of `actcli compare`.

    Over the whole line, or over [low, high] if both are given. ValueError for one end alone.
    """
    from .design.compared import distances
    from .proofs.distance import difference_record
    from .tables.records import Records

    a, b = _resolved(f), _resolved(g)
    if (low is None) != (high is None):
        raise ValueError("give both low and high, or neither for the whole line")
    limits = None if low is None or high is None else _limits(low, high)
    return Records([difference_record(a.label, b.label, *distances(a, b, limits))])


def plot(
    *functions: "Activation | str",
    low: float = -5,
    high: float = 5,
    order: Literal[0, 1, 2] = 1,
) -> "ShownFigure":
    """Draws functions in one picture, as `actcli plot` does: a matplotlib Figure.

    `order` 0 leaves the gradient out, 2 adds the curvature. ValueError for what cannot be drawn.
    """
    from .figures.function import compose
    from .figures.output import composed
    from .pictures.function import PictureRequest, picture

    if not functions:
        raise ValueError("plot takes one function or more, as in actcli.plot('gelu', 'relu')")
    if order not in (0, 1, 2):
        raise ValueError(f"order is 0, 1 or 2, not {order!r}")
    wanted = PictureRequest(range_=_limits(low, high), order=order)
    drawn = picture([_resolved(f) for f in functions], wanted)
    return composed(lambda: compose(drawn), drawn)


def _properties(
    f: "Activation", only: "Iterable[str] | None", low: float | None, high: float | None
) -> "Records":
    from .properties import check
    from .tables.records import Records

    only = [only] if isinstance(only, str) else only
    return Records({"function": f.label, **vars(v)} for v in check(f, only, low=low, high=high))


def _page(f: "Activation") -> "HtmlPage":
    from .pages.page import page, with_exact

    return page(with_exact([f]))


def _shown(f: "Activation") -> "dict[str, Any]":
    from .pages.notebook import bundle

    return bundle(f)


def _restored(written: str, label: str) -> "Activation":
    """The activation that was pickled so, in a process that may know of no other."""
    from .evaluation.function_text import restored

    _answer()
    return restored(written, label)


def _answer() -> None:
    """Tells activations who answers what is asked of them."""
    from .evaluation.activation import ASKED

    ASKED.update(properties=_properties, plot=plot, page=_page, shown=_shown, restored=_restored)


def _limits(low: float, high: float) -> tuple[float, float]:
    if not low < high:
        raise ValueError(f"low must be below high, not low={low!r}, high={high!r}")
    return float(low), float(high)


def _resolved(function: "Activation | str") -> "Activation":
    from .evaluation.activation import Activation

    if isinstance(function, Activation):
        return function
    if not isinstance(function, str):
        raise ValueError(
            f"{function!r} is no function; give a name, a formula, or what actcli.activation gives"
        )
    return activation(function)


def names() -> list[str]:
    """Lists the canonical names of the registered functions, in registry order."""
    from .functions.catalogue import names

    return names()
