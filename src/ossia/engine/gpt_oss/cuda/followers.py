"""Followers: the processes of all ranks of a model but the leader's, as the leader sees them.

They are told what to load, and then all work. It knows how they are started, told and watched, and nothing of what they
compute.
"""

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Final

from ossia.config import EngineOptions
from ossia.engine.gpt_oss.cuda.memory import MemoryMap
from ossia.engine.gpt_oss.cuda.work import Work

MODULE: Final = "ossia.engine.gpt_oss.cuda.follower"


@dataclass(frozen=True, slots=True)
class Task:
    """The load of one rank: a model, on which device, as which of so many. `store` is a path where ranks meet."""

    files: tuple[str, ...]
    options: EngineOptions
    memory_map: MemoryMap
    device: int
    rank: int
    size: int
    store: str
    leader: int
    """The leader's process."""


class Followers:
    """Followers of this process, which end when it does. `lost` is called with the reason once one has ended.

    `arguments` start a follower; the number of its connection comes after them.
    """

    def __init__(self, lost: Callable[[str], None], arguments: Sequence[str] = ("-P", "-m", MODULE)) -> None:
        self._lost, self._arguments = lost, arguments
        self._meeting = os.memfd_create("ranks")  # in memory, so that nothing stays behind of whoever is killed
        self._followers: list[tuple[subprocess.Popen[bytes], Connection]] = []
        self._closed = False

    @property
    def store(self) -> str:
        """The path where ranks meet, in this process and in all followers."""
        return f"/proc/self/fd/{self._meeting}"

    def start(self, task: Task) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                [sys.executable, *self._arguments, str(theirs.fileno())],
                pass_fds=[theirs.fileno(), self._meeting],
                stdin=subprocess.DEVNULL,
            )
        connection = Connection(ours.detach())
        self._followers.append((process, connection))
        connection.send(task)
        threading.Thread(target=self._watch, args=(connection, task.rank), daemon=True).start()

    def tell(self, work: Work) -> None:
        """Tell all followers to run the work. They do it in the order in which they are told."""
        for _, connection in self._followers:
            with contextlib.suppress(OSError):  # whoever watches knows that it is lost
                connection.send(work)

    def close(self) -> None:
        """End all followers. None of them is lost then."""
        self._closed = True
        for process, _ in self._followers:
            process.kill()
            process.wait()

    def _watch(self, connection: Connection, rank: int) -> None:
        try:
            reason = str(connection.recv())
        except (EOFError, OSError):
            reason = "its process has ended"
        if not self._closed:
            self._lost(f"rank {rank} of the model is lost: {reason}")
