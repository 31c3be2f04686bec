"""What pictures may be told by name, typed once; imports nothing heavy, so that help is quick."""

from typing import Literal, get_args

Style = Literal["light", "dark"]
STYLES: tuple[Style, ...] = get_args(Style)
Context = Literal["notebook", "paper", "talk"]
CONTEXTS: tuple[Context, ...] = get_args(Context)
Scale = Literal["linear", "log", "symlog"]
SCALES: tuple[Scale, ...] = get_args(Scale)
MARKS = ("extrema", "kinks", "asymptotes", "saturation")
