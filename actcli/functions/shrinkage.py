"""Shrinkage: they set small inputs to 0, for sparse codes."""

from ..primitives import abs_, tanh_gap, where
from .registry import NonNegative, Number, activation

FAMILY = "shrinkage"


@activation(family=FAMILY, aliases="hardshrink", source="PyTorch Keras ONNX")
def hard_shrink(x: Number, lambd: NonNegative = 0.5) -> Number:
    """The input, but 0 where its size is at most lambd."""
    return where(abs_(x) > lambd, x, 0)


@activation(family=FAMILY, aliases="softshrink", source="PyTorch Keras ONNX")
def soft_shrink(x: Number, lambd: NonNegative = 0.5) -> Number:
    """The input moved towards 0 by lambd, and 0 where it is smaller than that."""
    return where(x > lambd, x - lambd, where(x < -lambd, x + lambd, 0))


@activation(family=FAMILY, aliases="tanhshrink", source="PyTorch Keras ONNX")
def tanh_shrink(x: Number) -> Number:
    """The input less its tanh: flat at 0, a line further out."""
    return tanh_gap(x)
