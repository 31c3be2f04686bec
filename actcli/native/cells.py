"""Polynomials of cells, looked up by the compiled part; see evaluation/lookup.py."""

import ctypes
from functools import cache
from typing import Any

from . import library


class CompiledCells(ctypes.Structure):
    """Of kernel.cpp: addresses of arrays that the caller keeps, and how cells are numbered."""

    _fields_ = [
        *((name, ctypes.c_void_p) for name in ("index", "table")),
        *((name, ctypes.c_int64) for name in ("shift", "half", "base", "side")),
    ]


@cache
def _function() -> Any:
    kernel: Any = library()
    call, pointer = kernel.look_up_cells, ctypes.c_void_p
    counted = ctypes.c_int, pointer, ctypes.c_int64
    call.argtypes = ctypes.POINTER(CompiledCells), *counted, pointer, pointer, pointer
    call.restype = ctypes.c_int64
    return call


def look_up(cells: CompiledCells, x: Any, value: Any, gradient: Any, left: Any) -> Any:
    """Fill value and gradient, or one of them, at contiguous float64 or float32 numbers of shape (n,).

    The places that have no polynomial, or where x is not finite; they stand in `left`, which is int64
    of shape (n,) or larger.
    """
    outs = (None if out is None else out.ctypes.data for out in (value, gradient))
    is_float32 = x.dtype.itemsize == 4
    count = _function()(cells, is_float32, x.ctypes.data, x.size, *outs, left.ctypes.data)
    return left[:count]


def fence() -> None:
    """What was stored before is seen by whoever sees what is stored after."""
    kernel = library()
    if kernel is not None:
        kernel.fence()
