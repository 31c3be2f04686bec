"""The compiled part, which is optional: kernel.cpp as a shared library, called by way of ctypes.

It is built at installation where a C++17 compiler is found (build.py). Without it numpy and Python
answer: texts are the same to the last digit, numbers may differ by a unit in the last place. The
environment variable ACTCLI_NATIVE=0 turns it off.
"""

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ctypes

INTERFACE = 5  # of kernel.cpp; a library with another number is not used
PATH = os.path.join(os.path.dirname(__file__), "kernel.so")  # pathlib takes 5 ms


def is_there() -> bool:
    """Whether the library was built and is not turned off; it is not loaded."""
    return os.environ.get("ACTCLI_NATIVE") != "0" and os.path.exists(PATH)


@cache
def library() -> "ctypes.CDLL | None":
    """The loaded library, whose calls let other threads run; None where there is none that works."""
    if not is_there():
        return None
    import ctypes

    try:
        loaded = ctypes.CDLL(PATH)
        return loaded if loaded.interface() == INTERFACE else None
    except (OSError, AttributeError):  # of another system, or cut short
        return None
