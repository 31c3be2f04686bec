"""The options of pictures, passed on as one `Look`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from ..evaluation.dtypes import dtype_named
from ..figures.choices import CONTEXTS, MARKS, SCALES, STYLES, Context, Scale, Style
from ..wording import printable
from .completion import complete_from
from .input_options import InputOptions
from .options import Count, bundled

if TYPE_CHECKING:
    from ..pictures.function import PictureRequest


DESIGN = ("size", "dpi", "style", "context", "title", "no_legend")
LOOKS = (*DESIGN, "ylim", "xscale", "yscale", "marks")
NO_PICTURE = "no effect without a picture; add -o FILE.png"
IN_TERMINAL = "no effect in the terminal; leave out --terminal, and add -o FILE.png"
LEFT_OUT = "--yscale log leaves out values of 0 and less; --yscale symlog shows them"


class Look(NamedTuple):
    """The options of pictures as typed."""

    size: str | None
    dpi: int
    style: Style
    context: Context
    title: str
    no_legend: bool
    ylim: str | None = None
    terminal: bool = False
    xscale: Scale = "linear"
    yscale: Scale = "linear"
    marks: str | None = None

    @property
    def inches(self) -> tuple[float, float] | None:
        """Width and height; ValueError says what is accepted."""
        from ..pictures.picture_files import parse_size

        return parse_size(self.size) if self.size else None

    @property
    def design(self) -> dict[str, Any]:
        """What these ask of any picture: the fields of a Design by name."""
        return {
            "style": self.style, "size": self.inches, "dpi": self.dpi, "context": self.context,
            "heading": printable(self.title), "legend": not self.no_legend,
        }  # fmt: skip

    @property
    def limits(self) -> "list[tuple[float, float] | None]":
        """The ends of --ylim, one for each panel; ValueError says what is accepted."""
        from ..inputs.numbers import parse_ranges

        return parse_ranges(self.ylim, "--ylim") if self.ylim else []

    @property
    def marked(self) -> Sequence[str]:
        """The kinds of --marks; ValueError says which there are."""
        if self.marks is None:
            return MARKS
        kinds = [kind.strip().lower() for kind in self.marks.split(",")]
        for kind in kinds:
            if kind not in MARKS and kinds != ["none"]:
                raise ValueError(
                    f"--marks {self.marks!r}: {kind!r} is no kind of mark; give none, or some of "
                    f"{', '.join(MARKS)}, with commas"
                )
        return [] if kinds == ["none"] else kinds


_DESIGN = (
    click.option("--size", metavar="WIDTHxHEIGHT",
                 help="Size in inches, or as in 89mmx60mm, 8.9cmx6cm."),
    click.option("--dpi", type=Count(10, 1200), metavar="N", default=150, show_default=True,
                 help="Dots per inch of a PNG."),
    click.option("--style", type=click.Choice(STYLES), default="light",
                 show_default=True, help="Colours."),
    click.option("--context", type=click.Choice(CONTEXTS), default="notebook", show_default=True,
                 help="What the picture is for; scales type and lines to its size."),
    click.option("--title", metavar="TEXT", default="", help="A line above the picture."),
    click.option("--no-legend", is_flag=True,
                 help="No names and formulas above, and no meaning of marks below."),
)  # fmt: skip
_YLIM = click.option("--ylim", metavar="LOW:HIGH[,LOW:HIGH...]",
                     help="Ranges of the panels' vertical axes; an empty one is chosen.")  # fmt: skip
_TERMINAL = click.option("--terminal", is_flag=True, help="Draw in the terminal.")


_SCALES = click.Choice(SCALES)
size_options = bundled("look", Look, *_DESIGN, _TERMINAL)
design_options = bundled("look", Look, *_DESIGN)
picture_options = bundled(
    "look", Look, *_DESIGN,
    _YLIM, _TERMINAL,
)  # fmt: skip
curve_options = bundled(
    "look", Look, *_DESIGN, _YLIM,
    click.option("--xscale", type=_SCALES, default="linear", show_default=True,
                 help="Scale of the inputs; symlog is linear between -1 and 1."),
    click.option("--yscale", type=_SCALES, default="linear", show_default=True,
                 help="Scale of values and gradients."),
    click.option("--marks", metavar="none|KIND[,KIND...]",
                 shell_complete=complete_from(lambda: ("none", *MARKS), listed=True),
                 help="Draw no other marks than these: extrema, kinks, asymptotes, saturation "
                 "(default all). The ends of jumps are always drawn."),
    _TERMINAL,
)  # fmt: skip


def wanted(inputs: InputOptions, look: Look) -> "PictureRequest":
    """Reads what these options ask of a picture, but for --input; may raise ValueError."""
    for name, scale in (("xscale", look.xscale), ("yscale", look.yscale)):
        if look.terminal and scale != "linear":
            raise ValueError(
                f"--{name} {scale} needs a picture; leave out --terminal, and add -o FILE.png"
            )
    from ..inputs.numbers import MOST_POINTS, parse_numbers
    from ..pictures.function import PictureRequest

    return PictureRequest(
        range_=inputs.limits,
        ylim=look.limits,
        xscale=look.xscale,
        yscale=look.yscale,
        marks=look.marked,
        in_text=look.terminal,
        points=min(max(inputs.points, 2), MOST_POINTS) if inputs.points else 800,
        dtype=None if inputs.dtype == "float64" else dtype_named(inputs.dtype),
        at=[] if inputs.at is None else list(parse_numbers(inputs.at)),
        **look.design,
    )
