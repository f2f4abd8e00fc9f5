"""Process of a sandbox: takes jobs from a socket, one at a time, and sends the answers.

It ends when the server does, when a job takes more processor time than it may (by SIGPROF), or when one needs more
memory. The server sees only that no answer comes. It knows nothing of what a job means, and has none of the server's
settings, files and connections.
"""

import os
import resource
import signal
import socket
import struct
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Final

from ossia.framing import receive_frame

LENGTH: Final = struct.Struct("<I")
ANSWER: Final = struct.Struct("<I?")
"""Head of an answer: its length, and whether the process takes another job."""


def main() -> None:
    """Answer jobs: `python -m ossia.sandbox.process KIND FD SECONDS BYTES NICENESS`."""
    kind, fd, seconds, num_bytes, niceness = sys.argv[1:]
    answer: Callable[[bytes], bytes] = import_module(f"ossia.sandbox.{kind}").answer
    most = _memory() + int(num_bytes)
    _confine(most)
    os.nice(int(niceness))  # the server and the models go first
    fresh = True
    with socket.socket(fileno=int(fd)) as sock:
        while fresh and (job := receive_frame(sock, LENGTH)) is not None:
            signal.setitimer(signal.ITIMER_PROF, float(seconds))
            reply = answer(job)
            signal.setitimer(signal.ITIMER_PROF, 0)
            fresh = _memory() < most - int(num_bytes) // 2  # what one job leaves behind, the next one could not have
            sock.sendall(ANSWER.pack(len(reply), fresh) + reply)


def _memory() -> int:
    """Return the bytes of memory that are reserved, as RLIMIT_AS counts them; elsewhere, those that were ever used."""
    if sys.platform != "linux":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[0]) * resource.getpagesize()


def _confine(num_bytes: int) -> None:
    """Take no more memory than `num_bytes`, and write no file."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal reaches the server, which closes us
    limits = [(resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0)]
    if sys.platform == "linux":  # elsewhere a limit below what is reserved at the start is refused, and more is none
        limits.append((resource.RLIMIT_AS, num_bytes))
    for limit, value in limits:
        resource.setrlimit(limit, (value, value))


if __name__ == "__main__":
    main()
