"""What keeps a worker from harming the machine, or outliving the service that started it."""

import contextlib
import ctypes
import os
import resource
import signal
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_MEBIBYTE: Final = 1024 * 1024
_WORDS_OF_WANT: Final = (
    "bad_alloc",
    "out of memory",
    "cannot allocate memory",
    "failed to map segment",
    "insufficient memory",
    "can't start new thread",
    "not enough memory",
)
"""What libraries say that know no MemoryError."""


def die_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process as soon as the service is gone (Linux).

    The service may have gone before the kernel was asked: then end here.
    """
    with contextlib.suppress(OSError, AttributeError):  # no Linux: the heartbeat's token remains
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def limit_memory(memory_mb: int | None) -> None:
    """Limit the address space; None takes the limit away again, so that a fault can be told."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = hard if memory_mb is None else memory_mb * _MEBIBYTE
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))


def be_nice(niceness: int) -> None:
    """Let pages be served before plans are calculated."""
    with contextlib.suppress(OSError):
        os.nice(niceness)


def wants_memory(fault: BaseException | None) -> bool:
    """Whether a fault, or one that it came from, is about memory."""
    while fault is not None:
        text = str(fault).lower()
        if isinstance(fault, MemoryError) or any(words in text for words in _WORDS_OF_WANT):
            return True
        fault = fault.__cause__ or fault.__context__
    return False
