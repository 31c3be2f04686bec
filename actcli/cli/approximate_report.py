"""What approximate prints: a record, or the formula and what is proved of it in sentences."""

from collections.abc import Iterator
from math import inf
from typing import TextIO

from ..design.design import COLUMNS, PARTS, Design
from ..tables import write
from ..wording import between, count_of, wrapped

FEW = 8  # touching points that are listed


def write_design(form: str, design: Design, stream: TextIO, parts: bool) -> None:
    """Writes the record, for people the formula and sentences, and rows of the parts if asked for."""
    if form != "table":
        write(form, COLUMNS, [design.record()], stream)
    else:
        if design.formula:
            stream.write(design.formula + "\n\n")
        stream.write("\n".join(wrapped(line) for line in sentences(design)) + "\n")
    if parts:
        if form == "table":
            stream.write("\n")
        write(form, PARTS, design.part_records(), stream)


def sentences(design: Design) -> Iterator[str]:
    """What the approximation is, how far it is off, and how good that is."""
    what = {"polynomial": "polynomial", "rational": "rational function"}.get(
        design.kind, design.kind
    )
    degree = design.degree
    of = "" if degree is None else f" of degree {degree}"
    where = "the whole line" if design.low == -inf else between(design.low, design.high)
    yield f"{design.function} on {where} by a {what}{of}, {design.format}."
    if design.tails and design.breakpoints:
        left, right = design.breakpoints
        yield f"Left of {left:.6g} it is {design.tails[0]}, right of {right:.6g} it is {design.tails[1]}."
    kind = "relative error" if design.relative else "error"
    if design.verdict != "proved":
        yield f"The {kind} is undecided; it is {design.error_low:.6g} at least."
        return
    if design.error_high == 0:
        yield f"The {kind} is 0: proved, they are the same."
        return
    touching = ""
    if design.attained_at:
        shown = [f"{x:.6g}" for x in design.attained_at]
        listed = shown if len(shown) <= FEW else [*shown[:3], "...", *shown[-2:]]
        touching = f", attained at {count_of(len(shown), 'place')}: {', '.join(listed)}"
    yield f"The {kind} is {design.error_high:.6g} at most, proved in reals{touching}."
    if design.optimum_low and design.ratio:
        over = design.ratio - 1
        factor = f"1 + {over:.1e}" if over < 1e-3 else f"{design.ratio:.4g}"
        yield f"None of its kind is below {design.optimum_low:.6g}; the factor between both is {factor}."
