"""Memory for results, used again when they are gone.

The system clears new memory page by page, which takes longer than most functions do.
"""

from collections import deque
from contextlib import suppress
from typing import Any

import numpy as np

from ..numbers.types import NumpyArray

SIZES = range(
    1 << 19, 1 << 23
)  # bytes of what is kept: less costs little, more would be much to keep
MOST = 4  # of them


class _Memory(np.ndarray[Any, Any]):
    """Bytes that no result uses."""


_kept: deque[_Memory] = deque(maxlen=MOST)


class _Lent(np.ndarray[Any, Any]):
    """The same bytes while results refer to them; kept when the last of these is gone."""

    def __del__(self, give_back: Any = _kept.append) -> None:
        give_back(self.base)


def empty(size: int, dtype: Any) -> NumpyArray:
    """numpy.empty(size, dtype), in memory that was a result before if there is some of that size."""
    length = size * np.dtype(dtype).itemsize
    if length not in SIZES:
        return np.empty(size, dtype)
    memory = None
    with suppress(IndexError):  # another thread took the last
        for _ in range(len(_kept)):
            memory = _kept.popleft()
            if memory.size == length:
                break
            _kept.append(memory)
            memory = None
    lent = (_Memory(length, np.uint8) if memory is None else memory).view(_Lent)
    return np.ndarray(size, dtype, buffer=lent)
