"""Shrinkage: they set small inputs to 0, for sparse codes."""

from ..numbers.types import Number
from ..primitives import abs_, kink, tanh_gap, where
from .parameters import NonNegative
from .registry import activation

FAMILY = "shrinkage"


@activation(
    family=FAMILY,
    aliases="hardshrink",
    source="PyTorch Keras ONNX",
    notes=(
        "0.5 by default in PyTorch and ONNX (lambd) and in Keras 3 (threshold).",
        "ONNX Shrink is this function while its bias is 0, and soft_shrink with bias = lambd.",
    ),
)
def hard_shrink(x: Number, lambd: NonNegative = 0.5) -> Number:
    """The input, but 0 where its size is at most lambd.

    By default 0.6 stays 0.6 and 0.5 becomes 0.
    At the jumps -lambd and lambd value and gradient count as 0.
    """
    return where(abs_(x) > lambd, x, 0)


@activation(
    family=FAMILY,
    aliases="softshrink",
    source="PyTorch Keras ONNX",
    notes=(
        "0.5 by default in PyTorch (lambd) and in Keras 3 (threshold).",
        "ONNX Shrink has a bias of 0 by default, and is this function with bias = lambd.",
    ),
)
def soft_shrink(x: Number, lambd: NonNegative = 0.5) -> Number:
    """The input moved towards 0 by lambd, and 0 where it is smaller than that.

    By default 2 becomes 1.5 and -2 becomes -1.5.
    At the kinks -lambd and lambd the gradient counts as 0.
    """
    return where(x > kink(lambd, x), x - lambd, where(x < kink(-lambd, x), x + lambd, 0))


@activation(family=FAMILY, aliases="tanhshrink", source="PyTorch Keras")
def tanh_shrink(x: Number) -> Number:
    """The input less its tanh: flat at 0, a line further out.

    It is 0.238406 at 1, and about x^3/3 near 0.
    Infinitely smooth.
    """
    return tanh_gap(x)
