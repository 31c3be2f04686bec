"""Bytes of figures: styles, metadata, colours."""

import io
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

STYLES = Path(__file__).parent.parent
# Dates and program versions out: two runs give identical bytes.
METADATA: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


def in_few_colours(png: bytes) -> bytes:
    """The picture with a palette of 256 colours, about a third as long; the resolution stays."""
    from PIL import Image

    with Image.open(io.BytesIO(png)) as opened:
        dpi = opened.info["dpi"]
        image = opened.convert("RGB")
    image = image.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", dpi=dpi, optimize=True)
    return buffer.getvalue()


def decimals_of(figure: Figure) -> None:
    """Makes the names of the artists unique: they become the ids of an SVG."""
    seen: dict[str, int] = {}
    for artist in figure.findobj(lambda artist: artist.get_gid() is not None):
        name = str(artist.get_gid())
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            artist.set_gid(f"{name}.{seen[name]}")
