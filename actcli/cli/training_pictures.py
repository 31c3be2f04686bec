"""The pictures of train-toy: as files, and as text in the terminal."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from .output_options import Output
from .picture_files import save, show_in_terminal

if TYPE_CHECKING:
    from ..toy.training import Run


def draw(runs: "Sequence[Run]", asked: dict[str, Any], gif: str | None, out: Output) -> None:
    """The picture and the animation that are asked for, as files; `asked` fills FigureOptions."""
    if not out.drawn and gif is None:
        return
    from ..figures import animation, training
    from ..figures.data import FigureOptions
    from ..pictures import training as pictures
    from ..pictures.picture_files import kind_of

    design = FigureOptions(**asked)
    if out.drawn:
        drawn = pictures.training_picture(runs, design)
        save(training.render(drawn, kind_of(out.output)), str(out.output))
    if gif is not None:
        save(animation.render(pictures.animation(runs, design)), gif)


def show_losses(runs: "Sequence[Run]") -> None:
    """Prints the loss curves."""
    from ..figures.training_terminal import training_in_terminal
    from ..pictures.training import losses_picture

    show_in_terminal(partial(training_in_terminal, losses_picture(runs)), None)
