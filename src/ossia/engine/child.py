"""The server's end of a model's process: ids go there, and what it makes of them comes back to whoever waits.

Knows no text and no request. When the process dies, all who wait are told, and it is not alive any more.
"""

import asyncio
import contextlib
import itertools
import socket
import sys
from collections.abc import AsyncGenerator
from typing import Any

from ossia.engine import wire
from ossia.engine.sequence import Sampled, StepOutput
from ossia.errors import InvalidModelFile, InvalidRequest, ModelCrashed, OssiaError


class Child:
    """The process of one model, and the ids that flow to and from it."""

    def __init__(self, process: asyncio.subprocess.Process, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self.process = process
        self._reader = reader
        self._writer = writer
        self._queues: dict[int, asyncio.Queue[StepOutput | OssiaError]] = {}
        self._readings: dict[int, asyncio.Future[Any]] = {}
        self._ids = itertools.count()
        self.alive = True
        self._closed = False
        self._delivering: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, load: wire.Load) -> "tuple[Child, wire.Ready]":
        """Start a process and wait until its model is loaded. Raises what the process says of a bad model file."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "ossia.engine.worker", str(theirs.fileno())),
                pass_fds=[theirs.fileno()],
                stdin=asyncio.subprocess.DEVNULL,
            )
        reader, writer = await asyncio.open_connection(sock=ours)
        child = cls(process, reader, writer)
        try:
            child._send(load)
            ready = await child._ready()
        except BaseException:  # cancelled too: nobody else knows of this process
            await child.close()
            raise
        child._delivering = asyncio.create_task(child._deliver())
        return child, ready

    async def outputs(self, add: wire.Add) -> AsyncGenerator[StepOutput | OssiaError]:
        """One sequence's outputs; an error is the last of them. Leaving early aborts the sequence."""
        self._check_alive()
        queue: asyncio.Queue[StepOutput | OssiaError] = asyncio.Queue()
        self._queues[add.id] = queue
        finished = False
        try:
            self._send(add)
            while not finished:
                output = await queue.get()
                finished = isinstance(output, OssiaError) or output.finished is not None
                yield output
        finally:  # runs when the client has left, too: nothing here may wait
            del self._queues[add.id]
            if not finished and self.alive:
                self._send(wire.Abort(add.id))

    async def embedding(self, token_ids: list[int]) -> bytes:
        """The mean of the ids' final states, as it is on the wire."""
        return await self._reading(wire.Embed(self.next_id(), token_ids))

    async def scores(self, token_ids: list[int], top: int) -> list[Sampled]:
        """How likely each id is after those before it, from the second one on."""
        return await self._reading(wire.Score(self.next_id(), token_ids, top))

    async def _reading(self, asked: wire.Embed | wire.Score) -> Any:
        """What comes of it. To cancel this aborts it."""
        self._check_alive()
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._readings[asked.id] = future
        try:
            self._send(asked)
            return await future
        finally:
            del self._readings[asked.id]
            if future.cancelled() and self.alive:
                self._send(wire.Abort(asked.id))

    def _check_alive(self) -> None:
        if not self.alive:
            raise ModelCrashed("the model's process has ended", "try again: the next request loads the model")

    def next_id(self) -> int:
        return next(self._ids)

    async def close(self) -> None:
        self.alive = False
        self._closed = True
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()  # it owns nothing that a gentler end would save
        await self.process.wait()
        if self._delivering:
            await self._delivering
        self._writer.close()

    def _send(self, message: wire.ToChild) -> None:
        self._writer.write(wire.frame(message))

    async def _receive(self) -> wire.ToParent:
        """The next message. Raises IncompleteReadError or ConnectionError when the process is gone."""
        header = await self._reader.readexactly(wire.LENGTH.size)
        return wire.decode_to_parent(await self._reader.readexactly(wire.LENGTH.unpack(header)[0]))

    async def _ready(self) -> wire.Ready:
        try:
            message = await self._receive()
        except (asyncio.IncompleteReadError, ConnectionError):
            raise await self._obituary() from None
        match message:
            case wire.Ready():
                return message
            case wire.Failed():
                raise (InvalidModelFile if message.bad_file else ModelCrashed)(message.message, message.hint)
            case _:
                raise AssertionError("an output before the model was ready")

    async def _deliver(self) -> None:
        """Hand every output to its request, until the process ends; then tell those who still wait."""
        error: OssiaError | None = None
        try:
            while error is None:
                match await self._receive():
                    case wire.Step() | wire.Embedded() | wire.Scored() as outputs:
                        self._hand_out(outputs)
                    case wire.Refused(id=id, message=message):
                        if queue := self._queues.get(id):
                            queue.put_nowait(InvalidRequest(message))
                    case wire.Failed(message=message, hint=hint):
                        error = ModelCrashed(f"the model's process failed: {message}", hint)
                    case wire.Ready():
                        raise AssertionError("ready twice")
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        self.alive = False
        self._tell_all(error or await self._obituary())

    def _hand_out(self, message: wire.Step | wire.Embedded | wire.Scored) -> None:
        match message:
            case wire.Step(outputs=outputs):
                for output in outputs:
                    if queue := self._queues.get(output.id):
                        queue.put_nowait(output)
            case wire.Embedded(id=id, vector=made) | wire.Scored(id=id, tokens=made):
                if (future := self._readings.get(id)) and not future.done():
                    future.set_result(made)

    def _tell_all(self, error: OssiaError) -> None:
        for queue in self._queues.values():
            queue.put_nowait(error)
        for future in self._readings.values():
            if not future.done():
                future.set_exception(error)

    async def _obituary(self) -> ModelCrashed:
        code = await self.process.wait()
        if self._closed:
            return ModelCrashed("the model was unloaded before the answer was complete")
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        return ModelCrashed(f"the model's process {how}", hint="the next request loads the model again")
