"""What the picture of a neuron shows, as plain data: read by neuron.py and neuron_terminal.py."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..numbers.types import Floats
from .data import FigureOptions, Limits, Span, Trace


@dataclass(frozen=True)
class Neuron(FigureOptions):
    """One neuron, as it is drawn. With two inputs `curve` and `spans` are over z, with one over x.

    `rows` (n, d) with their `z` and `a` (n,); `classes` (n,) are 0 or 1, `wrong` (n,) marks the
    rows on the wrong side. `ends` are the outputs of the outermost colours. `decisions` are the z
    at which the class changes, where the output is `mid`.
    """

    label: str
    equation: str
    weights: Sequence[float]
    bias: float
    names: Sequence[str]
    xlim: Limits
    ylim: Limits
    curve: Trace
    gradient: Trace
    spans: Sequence[Span]
    zlim: Limits
    alim: Limits
    glim: Limits
    ends: Limits
    rows: Floats
    z: Floats
    a: Floats
    da: Floats
    classes: NDArray[np.int64] | None = None
    wrong: NDArray[np.bool_] | None = None
    class_names: tuple[str, str] = ("0", "1")
    decisions: Sequence[float] = ()
    mid: float = 0.0
