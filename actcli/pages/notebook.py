"""Functions as notebooks show them: a formula and a picture, without scripts and styles."""

from base64 import b64encode
from html import escape
from typing import Any

from ..evaluation.activation import Activation
from ..expressions.latex import latex
from .mathml import mathml


def bundle(f: Activation) -> dict[str, Any]:
    """What a notebook may show of a function, by media type.

    Text, LaTeX, the picture of `actcli plot` and HTML with both, which viewers that strip scripts
    and styles show too. Of a Python callable there is no formula; where nothing can be drawn
    between -5 and 5, no picture.
    """
    shown: dict[str, Any] = {"text/plain": repr(f)}
    said = f"<b>{escape(f.label)}</b>"
    if type(f) is Activation:
        formula = "f(x) = " + latex(f.recorded, cases=True)
        shown["text/latex"] = rf"$\displaystyle {formula}$"
        said += f" &nbsp; {mathml(formula)}"
    html = f"<p>{said}</p>"
    try:
        drawn = f.plot()._repr_png_()
    except ValueError:
        return shown | {"text/html": html}
    wide = int.from_bytes(drawn[16:20]) // 2  # the width that a PNG begins with; screens are fine
    label = escape(f"value and gradient of {f.label}", quote=True)
    source = f"data:image/png;base64,{b64encode(drawn).decode()}"
    html += f'<img alt="{label}" width="{wide}" src="{source}">'
    return shown | {"image/png": drawn, "text/html": html}
