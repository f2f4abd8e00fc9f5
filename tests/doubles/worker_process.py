"""Double of a model's process: the far end of the socket, in the same event loop, that samples a script's ids.

It loads nothing and computes nothing, but speaks the real messages. Everything on the server's side of the socket is
real: the child's reader, the detokenizer, the parser and all above them.
"""

import asyncio
import os
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from ossia.config import EngineOptions
from ossia.engine import process, wire
from ossia.engine.child import Child
from ossia.engine.codec import Codec
from ossia.engine.facts import ModelFacts
from ossia.engine.memory import Memory
from ossia.engine.native import NativeEngine
from ossia.engine.runner import Capacity
from ossia.engine.sequence import Sampled, StepOutput, StopReason

CAPACITY = Capacity(
    block_size=32, num_blocks=256, max_batched_tokens=512, context_length=8192, memory=Memory(host=1000)
)
FACTS = ModelFacts("gpt-oss", is_gpt_oss=True, is_harmony=True, context_length=8192, embedding_length=8)


async def started(codec: Codec, facts: ModelFacts = FACTS, allowed: int | None = None) -> NativeEngine:
    """Engine with a new process, which is the double where it stands in for one."""
    child = await Child.start(wire.Load([""], EngineOptions(), None))
    return NativeEngine(child, facts, codec, allowed)


def run_instead(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    """Let new processes run a module of the tests, which is not found by itself: they import nothing from here."""
    monkeypatch.setattr(process, "MODULE", module)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]), prepend=os.pathsep)


class WorkerProcess:
    """Stands in for `asyncio.create_subprocess_exec` and for the process it returns.

    An answer's ids are those of `beginning`, sent at once, and those of `rest`, one at each `step`: so a test decides
    when a token arrives. The log probability of a scored id is the id times -1. `added` has the sequences so far.
    """

    finish: StopReason = "stop"

    def __init__(self, beginning: Sequence[int], rest: Sequence[int] = ()) -> None:
        self._beginning = beginning
        self._rest = rest
        self.added: list[wire.Add] = []
        self.alive = True
        self._steps: Iterator[bytes] = iter(())
        self._ended = asyncio.Event()
        self.pid = os.getpid()

    async def start(
        self, *command: str, pass_fds: Sequence[int], **options: Any
    ) -> "WorkerProcess | asyncio.subprocess.Process":
        """Take over the socket, as a process that was given its descriptor does. Other processes are real."""
        if "ossia.engine.worker" not in command:
            return await asyncio.subprocess.create_subprocess_exec(*command, pass_fds=pass_fds, **options)
        sock = socket.socket(fileno=os.dup(pass_fds[0]))
        self._reader, self._writer = await asyncio.open_connection(sock=sock)
        self._serving = asyncio.create_task(self._serve())
        return self

    def step(self) -> None:
        """Send the next id, if any is left. Frames were made before, so this calls nothing of the package."""
        if frame := next(self._steps, None):
            self._writer.write(frame)

    def kill(self) -> None:
        self.alive = False
        self._serving.cancel()
        self._writer.close()
        self._ended.set()

    async def wait(self) -> int:
        await self._ended.wait()
        return -9

    async def _serve(self) -> None:
        while True:
            (size,) = wire.LENGTH.unpack(await self._reader.readexactly(wire.LENGTH.size))
            match wire.decode_to_child(await self._reader.readexactly(size)):
                case wire.Load():
                    self._writer.write(wire.frame(wire.Ready(CAPACITY, places=32)))
                case wire.Add() as add:
                    self.added.append(add)
                    self._steps = iter(list(self._frames(add.id)))
                    for _ in self._beginning:
                        self.step()
                case wire.Score(id=id, token_ids=ids):
                    self._writer.write(
                        wire.frame(wire.Scored(id, [Sampled(token, -float(token)) for token in ids[1:]]))
                    )
                case other:
                    raise AssertionError(f"the double cannot answer {other}")

    def _frames(self, id: int) -> Iterator[bytes]:
        ids = [*self._beginning, *self._rest]
        for index, token in enumerate(ids):
            output = StepOutput(id, Sampled(token), self.finish if index == len(ids) - 1 else None, num_cached_tokens=0)
            yield wire.frame(wire.Outputs([output]))
