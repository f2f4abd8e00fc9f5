"""The C library's heap, which keeps freed memory for later use. Knows nothing of who frees it."""

import ctypes
from contextlib import suppress


def give_back() -> None:
    """Return freed memory to the system. Takes some milliseconds, in which others may have to wait for new memory.

    Without it glibc keeps the pages between what is still in use: 34 MB after a model's vocabulary.
    """
    with suppress(AttributeError, OSError):  # another C library, which keeps less
        ctypes.CDLL(None).malloc_trim(0)
