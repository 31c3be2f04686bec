"""The facts that compare prints of each function, in words."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..wording import property_value, short, some
from .verdict_report import in_math

if TYPE_CHECKING:
    from ..evaluation.activation import Activation
    from ..properties import Verdict

Facts = Mapping[str, Any]


def _words(verdict: "Verdict") -> str:
    return property_value(verdict.property, verdict.value)


def facts_of(activation: "Activation", words: bool = True) -> Facts:
    """What a paper's table says of a function: in words and six digits, or as numbers and lists.

    Unknown numbers are None, or "undecided" in words.
    """
    from ..properties import check

    asked = [part for parts, *_ in _TOLD.values() for part in parts]
    verdicts = {v.property: v for v in check(activation, asked)}
    found = {"name": activation.label, "family": activation.family, "formula": activation.text}
    for name, (parts, tell, number) in _TOLD.items():
        of = [verdicts[part] for part in parts]
        found[name] = _said(tell, of) if words else number(*of)
    return found


def typeset(activation: "Activation", facts: Facts) -> Facts:
    """Sets the formulas, numbers, intervals and smoothness among the facts in LaTeX."""
    from ..evaluation.activation import Activation
    from ..expressions.latex import latex
    from ..tables.entries import Math

    found: dict[str, Any] = {name: in_math(text) for name, text in facts.items()}
    if type(activation) is Activation:
        found["formula"] = Math(latex(activation.recorded, cases=True))
    return found


def _said(tell: Callable[..., str], verdicts: "Sequence[Verdict]") -> str:
    if any(v.value is None and v.verdict == "undecided" for v in verdicts):
        return "undecided"
    return tell(*verdicts)


def _yes(verdict: "Verdict") -> str:
    return {"proved": "yes", "refuted": "no"}.get(verdict.verdict, "undecided")


def _saturation(left: "Verdict", right: "Verdict") -> str:
    ends = [
        f"{side} at {short(verdict.value['limit'])}"
        for side, verdict in (("left", left), ("right", right))
        if verdict.verdict == "proved"
    ]
    return ", ".join(ends) or ("none" if "undecided" not in (left.verdict, right.verdict) else "?")


def _value(verdict: "Verdict") -> Any:
    return verdict.value


def _ends(left: "Verdict", right: "Verdict") -> dict[str, Any]:
    """The limits at either side; None where it does not saturate, or where that is not known."""
    ends = {"left": left, "right": right}
    return {k: v.value["limit"] if v.verdict == "proved" else None for k, v in ends.items()}


def _gain(verdict: "Verdict") -> Any:
    return verdict.value and verdict.value.get("gain")


# which properties, in words, and as a number or list
_TOLD: dict[str, tuple[tuple[str, ...], Callable[..., str], Callable[..., Any]]] = {
    "range": (("range",), _words, _value),
    "gradient_range": (("gradient_range",), _words, _value),
    "monotonic": (("monotonic",), _yes, _yes),
    "smoothness": (("smoothness",), _words, _value),
    "mean": (("zero_centred",), _words, _value),
    "saturates": (("saturates_left", "saturates_right"), _saturation, _ends),
    "dead_zone": (("dead_zone",), _words, _value),
    "gain": (("gain",), lambda v: some(_gain(v), "unknown"), _gain),
    "cost": (("cost",), _words, _value),
}
