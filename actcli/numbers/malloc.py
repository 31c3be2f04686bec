"""Tells the C library's allocator to keep memory that was freed."""

KEPT_BYTES = 1 << 24


def keep_freed_memory() -> None:
    """Lets glibc's malloc keep pieces of up to KEPT_BYTES for later ones, as it does once one was freed.

    Otherwise each block of work gives its memory back and asks for it again, at a microsecond for
    every 4096 bytes.
    """
    import numpy as np

    np.empty(KEPT_BYTES, np.uint8)
