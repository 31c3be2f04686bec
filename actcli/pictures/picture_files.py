"""Picture files: their kinds, sizes and names."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ..evaluation.activation import Activation

KINDS: dict[str, Literal["png", "svg", "pdf"]] = {".png": "png", ".svg": "svg", ".pdf": "pdf"}

UNITS = {"": 1.0, "in": 1.0, "cm": 2.54, "mm": 25.4}
LEAST, MOST = (2.3, 1.7), 50.0  # inches


def kind_of(output: str | None) -> Literal["png", "svg", "pdf"]:
    """The format that the suffix of `output` chooses; PNG for standard output."""
    if output in (None, "-"):
        return "png"
    kind = pictured(output)
    if kind is None:
        raise ValueError(
            f"--output {output!r} does not end in .png, .svg or .pdf, which chooses the format"
        )
    return kind


def pictured(output: str | None) -> Literal["png", "svg", "pdf"] | None:
    """The format that the suffix of `output` chooses, if it chooses one."""
    suffix = re.search(r"\.[^./\\]*\Z", output or "")
    return KINDS.get(suffix.group().lower() if suffix else "")


def file_name(functions: Sequence["Activation"]) -> str:
    """FUNCTION.png, with what a shell or a file system could trip over replaced by '-'."""
    from .function import swept

    parameter = swept(functions)
    if parameter:
        names = [f"{functions[0].name}-{parameter}"]
    else:
        names = list(dict.fromkeys(f.written for f in functions))
    safe = [re.sub(r"[^\w.=+]+", "-", name, flags=re.ASCII).strip("-.") for name in names]
    return ("-".join(filter(None, safe))[:100].strip("-.") or "plot") + ".png"


def parse_size(text: str) -> tuple[float, float]:
    """Reads WIDTHxHEIGHT in inches, mm or cm as inches; ValueError says what is accepted."""
    length = r"\s*(\d+\.?\d*|\.\d+)\s*(in|mm|cm|)\s*"
    found = re.fullmatch(rf"{length}[x×]{length}", text.lower())
    if found:
        width, height = float(found[1]), float(found[3])
        size = width / UNITS[found[2] or found[4]], height / UNITS[found[4]]
        if all(least <= side <= MOST for least, side in zip(LEAST, size, strict=True)):
            return size
    raise ValueError(
        f"--size {text!r}: give WIDTHxHEIGHT in inches, mm or cm, from 2.3x1.7 to 50x50 inches, "
        "as in 10x4.4 or 89mmx60mm"
    )
