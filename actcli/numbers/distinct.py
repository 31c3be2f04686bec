"""Sets of numbers as arrays, in rising order.

They do what numpy's functions of sets do: these import numpy.ma, a sixth of numpy's own time.
"""

import numpy as np
from numpy.typing import ArrayLike

from .types import NumpyArray


def distinct(numbers: ArrayLike) -> NumpyArray:
    """The numbers of an array that differ (numpy.unique)."""
    found, _ = np.unique(numbers, return_counts=True)  # without counts it imports numpy.ma
    return found


def union(numbers: ArrayLike, others: ArrayLike) -> NumpyArray:
    """The numbers that are in either array (numpy.union1d)."""
    return distinct(np.concatenate([numbers, others], axis=None))


def without(numbers: ArrayLike, others: ArrayLike) -> NumpyArray:
    """The numbers of the first array that are not in the second (numpy.setdiff1d)."""
    found, left_out = distinct(numbers), np.sort(others)
    if not left_out.size:
        return found
    nearest = np.searchsorted(left_out, found).clip(max=left_out.size - 1)
    return np.asarray(found[left_out[nearest] != found])
