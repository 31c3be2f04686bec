"""Types of numbers and arrays, for annotations."""

from typing import TYPE_CHECKING, Any

Number = Any  # whatever a formula is read with: array, jet, enclosure, node of a formula, float
Array = Any  # a numpy array of any kind of float

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    NumpyArray = NDArray[Any]
else:
    Floats = NumpyArray = Any
