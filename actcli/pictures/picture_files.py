"""Picture files: their kinds, sizes and names."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ..evaluation.activation import Activation

KINDS: dict[str, Literal["png", "svg", "pdf"]] = {".png": "png", ".svg": "svg", ".pdf": "pdf"}


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
    """WIDTHxHEIGHT in inches; ValueError says what is accepted."""
    found = re.fullmatch(r"\s*([\d.]+)\s*[xX×]\s*([\d.]+)\s*", text)
    try:
        size = (float(found[1]), float(found[2])) if found else (0.0, 0.0)
    except ValueError:
        size = (0.0, 0.0)
    if not (3 <= size[0] <= 50 and 2 <= size[1] <= 50):
        raise ValueError(
            f"--size {text!r}: give WIDTHxHEIGHT in inches, from 3x2 to 50x50, as in 10x4.4"
        )
    return size
