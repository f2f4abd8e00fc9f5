"""Helper: one process of a sandbox, and the connection to it, as the server sees them.

It passes jobs and answers on, in order, and knows neither what they are nor how many processes there are.
"""

import asyncio
import contextlib
import os
import socket
from collections.abc import Iterable
from typing import Final

from ossia.python_command import python_command
from ossia.sandbox.process import ANSWER, LENGTH

_KEPT: Final = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "LC_ALL")
"""Environment variables that a process gets: none of the server's settings, which may be secrets."""
_STANDSTILL: Final = 60.0  # seconds after which a process without an answer is not only slow
_LONGEST_ANSWER: Final = 256 << 20  # bytes


class Helper:
    """A process that does jobs one after another."""

    def __init__(
        self, process: asyncio.subprocess.Process, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.fresh = True
        """False once a job has left too much memory behind for another."""
        self.has_answered = False
        self._process = process
        self._reader = reader
        self._writer = writer

    @classmethod
    async def start(cls, kind: str, seconds: float, num_bytes: int, niceness: int) -> "Helper":
        """Start a process with limits for each job. If this is cancelled, it finds its connection closed, and ends."""
        ours, theirs = socket.socketpair()
        with theirs, contextlib.ExitStack() as unless_connected:
            unless_connected.callback(ours.close)
            limits = map(str, (seconds, num_bytes, niceness))
            process = await asyncio.create_subprocess_exec(
                *python_command("ossia.sandbox.process", kind, str(theirs.fileno()), *limits),
                pass_fds=[theirs.fileno()],
                env={name: os.environ[name] for name in _KEPT if name in os.environ},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
            helper = cls(process, *await asyncio.open_connection(sock=ours))
            unless_connected.pop_all()
        return helper

    @property
    def alive(self) -> bool:
        return self._process.returncode is None and not self._reader.at_eof()

    def send(self, jobs: Iterable[bytes]) -> None:
        """Send jobs, each of which is answered in its turn."""
        self._writer.write(b"".join([part for job in jobs for part in (LENGTH.pack(len(job)), job)]))

    async def answer(self) -> bytes:
        """Return the next answer. Raises OSError, EOFError or TimeoutError if the process ends or stands still."""
        async with asyncio.timeout(_STANDSTILL):
            size, self.fresh = ANSWER.unpack(await self._reader.readexactly(ANSWER.size))
            if size > _LONGEST_ANSWER:
                raise EOFError
            answer = await self._reader.readexactly(size)
        self.has_answered = True
        return answer

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def end(self) -> None:
        """End the process, and wait until it is gone."""
        self._writer.close()
        self.kill()
        await self._process.wait()
