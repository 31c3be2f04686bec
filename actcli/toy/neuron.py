"""One artificial neuron: z = w.x + b, a = f(z), its gradients, and how it is fitted to data."""

from typing import NamedTuple

import numpy as np

from ..evaluation.activation import Activation
from ..numbers.types import Array
from ..numbers.wide import widened


class Pass(NamedTuple):
    """What the neuron makes of n rows with d inputs: shapes (n,), and (n, d) for dw and dx."""

    z: Array
    a: Array
    db: Array
    dw: Array
    dx: Array


def forward(f: Activation, rows: Array, weights: Array, bias: float | np.floating) -> Pass:
    """z and a of each row, and the gradients of a with respect to b, w and x.

    `rows` (n, d) and `weights` (d,) have one float dtype, which the results keep.
    """
    rows, weights = np.asarray(rows), np.asarray(weights)
    with np.errstate(all="ignore"):
        z = ((widened(rows) * widened(weights)).sum(axis=1) + widened(bias)).astype(rows.dtype)
        a, db = f.value_and_gradient(z)
        dw, dx = db[:, None] * rows + 0, db[:, None] * weights + 0  # no -0
    return Pass(z, a, db, dw, dx)
