"""The dtypes that values are given in."""

from typing import Any

DTYPES = ("float64", "float32", "float16", "bfloat16")


def cast(numbers: Any, dtype: Any) -> Any:
    """Returns the array in another dtype; what is too large for that becomes infinite."""
    import numpy as np

    with np.errstate(over="ignore", invalid="ignore"):  # a signalling nan is invalid
        return numbers.astype(dtype, copy=False)


def dtype_named(name: str) -> Any:
    """The numpy dtype of that name, bfloat16 included."""
    import numpy as np

    if name == "bfloat16":
        from ml_dtypes import bfloat16

        return np.dtype(bfloat16)
    return np.dtype(name)
