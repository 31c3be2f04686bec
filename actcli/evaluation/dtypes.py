"""The dtypes that values are given in."""

from typing import Any

DTYPES = ("float64", "float32", "float16", "bfloat16")


def dtype_named(name: str) -> Any:
    """The numpy dtype of that name, bfloat16 included."""
    import numpy as np

    if name == "bfloat16":
        from ml_dtypes import bfloat16

        return np.dtype(bfloat16)
    return np.dtype(name)
