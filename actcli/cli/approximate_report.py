"""What approximate prints: a record, or the formula and what is proved of it in sentences."""

from collections.abc import Iterator, Sequence
from typing import TextIO

from ..design.design import COLUMNS, Design
from ..design.request import RUNAWAY
from ..tables import write, write_shapes
from ..wording import count_of, wrapped

LEVEL = 1e-12  # jumps that are roundings of coefficients
FEW = 8  # touching points that are listed


def write_design(form: str, design: Design, stream: TextIO, parts: bool) -> None:
    """Writes the record, for people the formula and sentences, and rows of the parts if asked for."""
    if parts and form in ("json", "jsonl"):
        shapes = ((COLUMNS, [design.record()]), (design.part_columns, design.part_records()))
        write_shapes(form, shapes, stream)
        return
    if form != "table":
        write(form, COLUMNS, [design.record()], stream)
    else:
        shown = "\n".join(_rows(design.coefficients)) if design.codes else design.formula
        stream.write(shown + "\n\n")
        stream.write("\n".join(wrapped(line) for line in sentences(design)) + "\n")
    if parts:
        if form == "table":
            stream.write("\n")
        write(form, design.part_columns, design.part_records(), stream)


def sentences(design: Design) -> Iterator[str]:
    """What the approximation is, how far it is off, and how good that is."""
    yield f"{design.what}."
    if design.tails and design.breakpoints and design.kind != "piecewise":
        left, right = design.breakpoints
        yield f"Left of {left:.6g} it is {design.tails[0]}, right of {right:.6g} it is {design.tails[1]}."
    if design.ties:
        yield f"Its tails are those of {design.function} with {' and '.join(design.ties)}."
    kind = "relative error" if design.relative else "error"
    if design.verdict != "proved":
        yield f"The {kind} is undecided; it is {design.error_low:.6g} at least."
        return
    if design.error_high == 0:
        same = "none is rounded" if design.codes else "they are the same"
        yield f"The {kind} is 0: proved, {same}."
        if design.codes:
            yield f"Codes have {design.codes}."
        return
    touching = ""
    if design.attained_at:
        shown = [f"{x:.6g}" for x in design.places]
        listed = shown if len(shown) <= FEW else [*shown[:3], "...", *shown[-2:]]
        attained = "attained, or 0," if design.one_sided else "attained"
        touching = f", {attained} at {count_of(len(shown), 'place')}: {', '.join(listed)}"
    yield f"The {kind} is {design.error_high:.6g} at most, proved in reals{touching}."
    if design.approached:
        yield "Larger constants come a little nearer still: the best seems to be approached only."
    if design.codes:
        yield f"Codes have {design.codes}. No table with these is nearer."
    elif design.optimum_low and design.ratio:
        factor = _factor(design.ratio - 1)
        kind = f"with constants up to {RUNAWAY:g}" if design.kind == "refit" else "of its kind"
        yield f"None {kind} is below {design.optimum_low:.6g}; the factor between both is {factor}."
        if design.grid_low:
            over = design.error_high / design.grid_low - 1
            kept = " and that 1 in the denominator" if design.kind == "rational" else ""
            what = "entries" if design.kind == "table" else "coefficients"
            yield (
                f"Of those with {what} of {design.format}{kept} none is "
                f"below {design.grid_low:.6g}; the factor is {_factor(over)}."
            )
        if design.kind == "table" and design.format == "float64" and not design.one_sided:
            yield f"Its entries are values of {design.function}; --by piecewise --uniform finds the best."
    elif design.kind == "piecewise":
        yield "That none of its kind is better is not proved."
    if design.kind == "piecewise" and (jump := design.largest_jump) > LEVEL:
        yield f"Where segments meet it jumps, by {jump:.2g} at most."


def _factor(over: float) -> str:
    return f"1 + {over:.1e}" if over < 1e-3 else f"{1 + over:.4g}"


def _rows(codes: Sequence[int]) -> Iterator[str]:
    """The entries of a table, 16 a line, the lowest code first."""
    for k in range(0, len(codes), 16):
        yield ",".join(f"{code:4d}" for code in codes[k : k + 16])
