"""What compare prints: the facts of the functions side by side, and the distances of the pairs."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TextIO

from ..tables import write
from ..wording import wrapped
from .facts import facts_of, typeset
from .progress import tracked

if TYPE_CHECKING:
    from ..evaluation.activation import Activation
    from ..proofs.branch_and_bound import Distance

COLUMNS = (
    "a", "b", "max_difference", "max_difference_at", "max_gradient_difference",
    "max_gradient_difference_at",
)  # fmt: skip
INTERVALS = 6  # pairs whose certified intervals are spelt out

Pair = tuple["Activation", "Activation"]


def write_sheet(
    form: str, activations: "Sequence[Activation]", stream: TextIO, quiet: bool = True
) -> None:
    """Writes the facts of each function."""
    facts = [facts_of(f) for f in tracked(activations, lambda f: f.label, quiet)]
    if form == "latex":
        facts = [typeset(*both) for both in zip(activations, facts, strict=True)]
    if form != "markdown":
        by_label = {a.label: told for a, told in zip(activations, facts, strict=True)}
        rows = [name for name in facts[0] if name != "name"]
        records = [
            {"fact": name.replace("_", " "), **{k: told[name] for k, told in by_label.items()}}
            for name in rows
        ]
        write(form, ("fact", *by_label), records, stream)
    else:
        write(form, tuple(facts[0]), facts, stream)


def write_facts(
    form: str, activations: "Sequence[Activation]", stream: TextIO, quiet: bool = True
) -> None:
    """Writes one record per function and fact; for people the facts side by side."""
    if form in ("table", "latex"):
        write_sheet(form, activations, stream, quiet)
        return
    records = []
    for activation in tracked(activations, lambda f: f.label, quiet):
        facts = facts_of(activation, words=form == "markdown")
        records += [
            {"function": activation.label, "fact": fact, "value": value}
            for fact, value in facts.items()
            if fact != "name"
        ]
    write(form, ("function", "fact", "value"), records, stream)


def write_pairs(
    form: str,
    pairs: Sequence[Pair],
    found: "Sequence[tuple[Distance, Distance]]",
    limits: tuple[float, float] | None,
    relative: bool,
    stream: TextIO,
) -> None:
    """Writes one record per pair; for people also the intervals that are certified."""
    from ..proofs.distance import difference_record

    records = [
        difference_record(a.label, b.label, *distances)
        for (a, b), distances in zip(pairs, found, strict=True)
    ]
    if form != "table":
        write(form, COLUMNS, records, stream)
        return
    domain = "the whole line" if limits is None else f"[{limits[0]:g}, {limits[1]:g}]"
    kind = "relative differences, to the first," if relative else "differences"
    stream.write(f"Largest {kind} over {domain}:\n\n")
    columns = ("a", "b", "difference", "at", "gradient difference", "at ")
    shown = [dict(zip(columns, r.values(), strict=True)) for r in records]
    write("table", columns, shown, stream)
    many = len(pairs) > INTERVALS
    lines = []
    for (a, b), both in zip(pairs, found, strict=True):
        said = "largest difference "
        for name, distance in zip(("of values", "of gradients"), both, strict=True):
            if distance.value is None or (not many and 0 < distance.value < float("inf")):
                lines.append(f"{a.label}, {b.label}: {said}{name} {distance.detail}")
                said = ""
    if lines:
        stream.write("\n" + "\n".join(map(wrapped, lines)) + "\n")


def bound_of(text: str | None) -> float | None:
    """The number of --max-difference; ValueError says what is accepted."""
    from ..inputs.layout import parse_number

    try:
        bound = None if text is None else parse_number(text)
    except ValueError:
        bound = -1.0
    if bound is None or bound >= 0:
        return bound
    advice = "give a number that is not negative, as in --max-difference 1e-3"
    raise ValueError(f"--max-difference {text}: {advice}")


def beyond(
    bound: float, pairs: Sequence[Pair], found: "Sequence[tuple[Distance, Distance]]"
) -> Iterator[str]:
    """Yields a line for each pair whose values are not proved to differ by `bound` at most."""
    for (a, b), (distance, _) in zip(pairs, found, strict=True):
        if distance.value is None or distance.value > bound:
            said = "undecided" if distance.value is None else f"{distance.value:.6g}"
            yield f"{a.label} and {b.label}: max_difference is {said}, which is not within {bound:g}"
