"""The picture that a page shows where no script runs: value, gradient and curvature as SVG."""

from collections.abc import Sequence
from html import escape

from ..figures.data import Curve, Panel, Picture
from ..figures.ticks import ticks
from ..numbers.types import Floats

WIDTH, HEIGHT = 440.0, 250.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 8.0, 8.0, 22.0
QUANTITIES = ("value", "gradient", "curvature")


def still(picture: Picture) -> str:
    """The panels of a picture as figures, with the elements that the page's script draws into."""
    return "".join(
        _panel(picture.curves, panel, order, picture.xlim)
        for order, panel in enumerate(picture.panels)
    )


def _panel(curves: Sequence[Curve], panel: Panel, order: int, xlim: tuple[float, float]) -> str:
    low, high = xlim
    bottom, top = panel.ylim
    unit = 10.0**panel.unit

    def px(x: float) -> float:
        return LEFT + (x - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def py(y: float) -> float:
        place = TOP + (top - y / unit) / (top - bottom) * (HEIGHT - TOP - BOTTOM)
        return min(max(place, -1000.0), 2000.0)

    quantity = QUANTITIES[order]
    parts = []
    for x in ticks(low, high, 8).at:
        parts.append(_line(px(x), px(x), TOP, HEIGHT - BOTTOM, zero=x == 0))
        parts.append(_text(px(x), HEIGHT - 6, f"{x:.6g}", "middle"))
    for y in ticks(bottom, top, 6).at:
        parts.append(_line(LEFT, WIDTH - RIGHT, py(y * unit), py(y * unit), zero=y == 0))
        parts.append(_text(LEFT - 5, py(y * unit) + 4, f"{y * unit:.6g}", "end"))
    parts.append('<g class="plot">')
    for k, curve in enumerate(curves):
        trace = curve.traces[order]
        path = "".join(
            "".join(
                f"{'L' if n else 'M'}{px(float(x)):.1f} {py(float(y)):.1f}"
                for n, (x, y) in enumerate(zip(*piece, strict=True))
            )
            for piece in (_thin(*piece) for piece in trace.pieces)
        )
        label = escape(curve.label, quote=True)
        parts.append(f'<path class="curve c{k}" data-function="{label}" d="{path}"/>')
    parts.append("</g>")
    names = escape(", ".join(curve.label for curve in curves), quote=True)
    return (
        f"<figure><figcaption>{quantity}</figcaption>"
        f'<svg data-quantity="{quantity}" data-low="{low!r}" data-high="{high!r}" role="img" '
        f'aria-label="{quantity} of {names}" viewBox="0 0 {WIDTH:g} {HEIGHT:g}">'
        f'<g class="grid">{"".join(parts)}</g></svg></figure>'
    )


def _thin(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """About a hundred points of a piece, with both ends."""
    every = max(1, len(x) // 100)
    if every == 1:
        return x, y
    kept = [*range(0, len(x) - 1, every), len(x) - 1]
    return x[kept], y[kept]


def _line(x1: float, x2: float, y1: float, y2: float, zero: bool) -> str:
    kind = ' class="zero"' if zero else ""
    return f'<line x1="{x1:.1f}" x2="{x2:.1f}" y1="{y1:.1f}" y2="{y2:.1f}"{kind}/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'
