"""Types of arrays."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = Any


Floats = NDArray[np.float64]
