"""Child: the server's end of a model's process, which takes token ids there and brings results to the requests.

Knows no text and no request's content. When the process ends, everybody who waits is told, and the child is no longer
alive. A process that stands still is ended.
"""

import asyncio
import contextlib
import itertools
import logging
from collections import deque
from collections.abc import Generator
from typing import Final

from ossia.durations import limit
from ossia.engine import NoRoom, wire
from ossia.engine.figures import Figures
from ossia.engine.heartbeat import ANSWER_SECONDS, QUESTIONS, STOOD_STILL, Watch
from ossia.engine.process import crashed, end_of, launch, reserve
from ossia.engine.sequence import Sampled, StepOutput
from ossia.engine.timeline import Report, Timeline, silent
from ossia.errors import InternalError, InvalidModelFile, InvalidRequest, ModelCrashed, OssiaError

logger = logging.getLogger(__name__)

_DAMAGED: Final = "its weights may be damaged: pull it again"


class Mailbox:
    """Outputs of one sequence that its request has not taken yet. An error is the last of them.

    Take them from `ready`; when that is empty, await `arrival()`.
    """

    def __init__(self) -> None:
        self.ready: deque[StepOutput | OssiaError] = deque()
        self.finished = False
        """True once the last output has arrived."""
        self._arrival: asyncio.Future[None] | None = None

    def put(self, output: StepOutput | OssiaError) -> None:
        self.ready.append(output)
        if isinstance(output, OssiaError) or output.finished:
            self.finished = True
        if self._arrival and not self._arrival.done():
            self._arrival.set_result(None)

    def arrival(self) -> "asyncio.Future[None]":
        self._arrival = asyncio.get_running_loop().create_future()
        return self._arrival


class Child(asyncio.Protocol):
    """The process of one model, and the connection to it."""

    ready: wire.Ready
    """Facts of the model that the process has loaded."""

    def __init__(self, process: asyncio.subprocess.Process, report: Report = silent) -> None:
        self.process = process
        self._timeline = Timeline(report)
        self.alive = True
        self._loaded: asyncio.Future[wire.Ready] = asyncio.get_running_loop().create_future()
        self._mailboxes: dict[int, Mailbox] = {}
        self._readings: dict[int, asyncio.Future[wire.Embedded | wire.Scored]] = {}
        self._measuring: asyncio.Future[Figures] | None = None
        self._ids = itertools.count()
        self._received = bytearray()
        self._transport: asyncio.Transport | None = None
        self._watch = Watch()
        self._watching: asyncio.Task[None] | None = None
        self._answered = asyncio.Event()
        self._mourning: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, load: wire.Load, report: Report = silent) -> "Child":
        """Start a process and wait until its model is loaded, of which `report` is told the parts.

        Raises NoRoom, or the process's error about a bad model file.
        """
        process, ours = await (launch() if load.options.device == "cpu" else reserve.take())
        child = cls(process, report)
        try:
            child._transport, _ = await asyncio.get_running_loop().create_connection(lambda: child, sock=ours)
            child._send(load)
            child.ready = await child._loaded
            if child.alive and (seconds := limit(load.options.stall_timeout)):
                child._watching = asyncio.create_task(child._watch_over(seconds))
        except BaseException:  # also if cancelled: nobody else knows of this process
            await child.close()
            raise
        return child

    @contextlib.contextmanager
    def outputs(self, add: wire.Add) -> Generator[Mailbox]:
        """Run a sequence as long as the `with` block lasts. Leaving the block early aborts it."""
        self._check_alive()
        mailbox = self._mailboxes[add.id] = Mailbox()
        try:
            self._send(add)
            yield mailbox
        finally:  # runs when the client has left, too: nothing here may wait
            del self._mailboxes[add.id]
            if not mailbox.finished and self.alive:
                self._send(wire.Abort(add.id))

    async def embedding(self, token_ids: list[int], space: str = "", client: str = "") -> bytes:
        """Return the mean of the ids' final states, as float32, little-endian."""
        embedded = await self._reading(wire.Embed(self.next_id(), token_ids, space, client))
        assert isinstance(embedded, wire.Embedded), "an Embed is answered by an Embedded"
        return embedded.vector

    async def scores(self, token_ids: list[int], top: int, space: str = "", client: str = "") -> list[Sampled]:
        """Return the log probability of each id from the second one on, with the `top` likeliest ids there."""
        scored = await self._reading(wire.Score(self.next_id(), token_ids, top, space, client))
        assert isinstance(scored, wire.Scored), "a Score is answered by a Scored"
        return scored.tokens

    async def figures(self) -> Figures:
        """Return the process's figures; those of nothing if it ends meanwhile. Who asks at once shares the answer."""
        if not self.alive:
            return Figures()
        if self._measuring is None:
            self._measuring = asyncio.get_running_loop().create_future()
            self._send(wire.Measure())
        return await asyncio.shield(self._measuring)

    def next_id(self) -> int:
        return next(self._ids)

    async def check(self) -> None:
        """End the process if it leaves as many questions unanswered as the heartbeat asks. Whatever it sends is a sign
        of life."""
        for _ in range(QUESTIONS):
            if not self.alive:
                return
            self._answered.clear()
            self._send(wire.Ping())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ANSWER_SECONDS):
                    await self._answered.wait()
                    return
        if self.alive:
            self._end_standing_still()
            await self.process.wait()

    async def close(self) -> None:
        """End the process, and with it every answer that is not complete."""
        self._end(ModelCrashed("the model was unloaded before the answer was complete"))
        self._kill()
        await self.process.wait()
        if self._mourning:
            await self._mourning
        if self._transport:
            self._transport.close()
        await reserve.refill()

    # ---- asyncio.Protocol

    def data_received(self, data: bytes) -> None:
        self._answered.set()
        self._received += data
        for message in wire.take_messages(self._received):
            if isinstance(message, wire.Outputs):  # as nearly always
                self._deliver(message.outputs)
            else:
                self._take(message)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_watching()
        if self.alive:
            self.alive = False
            self._mourning = asyncio.create_task(self._mourn())

    # ---- inside

    async def _watch_over(self, seconds: float) -> None:
        await self._watch.until_still(seconds, lambda: self._send(wire.Ping()))
        self._end_standing_still()

    def _stop_watching(self) -> None:
        if self._watching:
            self._watching.cancel()

    def _end_standing_still(self) -> None:
        logger.error("the model's process %d stands still, and is killed", self.process.pid)
        self._end(crashed(STOOD_STILL))
        self._kill()

    def _kill(self) -> None:
        self._stop_watching()
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()  # it owns nothing that a gentler end would save

    def _send(self, message: wire.ToChild) -> None:
        assert self._transport, "messages follow the connection"
        self._transport.write(wire.frame(message))

    def _check_alive(self) -> None:
        if not self.alive:
            raise ModelCrashed("the model's process has ended", "try again: the next request loads the model")

    async def _reading(self, asked: wire.Embed | wire.Score) -> wire.Embedded | wire.Scored:
        """Send a question and wait for its answer. Cancelling this aborts it."""
        self._check_alive()
        future = self._readings[asked.id] = asyncio.get_running_loop().create_future()
        try:
            self._send(asked)
            return await future
        finally:
            del self._readings[asked.id]
            if future.cancelled() and self.alive:
                self._send(wire.Abort(asked.id))

    def _deliver(self, outputs: list[StepOutput]) -> None:
        for output in outputs:
            if mailbox := self._mailboxes.get(output.id):
                mailbox.put(output)

    def _take(self, message: wire.Notice) -> None:
        match message:
            case wire.Pong(beats, is_working):
                self._watch.answered(beats, is_working)
            case wire.Measured(figures):
                self._measured(figures)
            case wire.Loading(part, done, total):
                self._timeline.note(part, done, total)
            case wire.Ready():
                self._timeline.end()
                logger.info("the model runs on %s", message.device)
                self._loaded.set_result(message)
            case wire.NoRoom(text, needed_bytes, usable_bytes):
                self._end(NoRoom(text, needed_bytes, usable_bytes))
            case wire.Embedded() | wire.Scored():
                if (future := self._readings.get(message.id)) and not future.done():
                    future.set_result(message)
            case wire.Refused() | wire.Broken() | wire.Unmasked():
                self._tell(message.id, _error_of(message))
            case wire.Failed():
                self._end(self._failure(message))

    def _measured(self, figures: Figures) -> None:
        if self._measuring:
            self._measuring.set_result(figures)
            self._measuring = None

    def _failure(self, failed: wire.Failed) -> OssiaError:
        if self._loaded.done():
            return ModelCrashed(f"the model's process failed: {failed.message}", failed.hint)
        return (InvalidModelFile if failed.bad_file else ModelCrashed)(failed.message, failed.hint)

    def _tell(self, id: int, error: OssiaError) -> None:
        """Tell whoever waits for this sequence that it has ended."""
        if mailbox := self._mailboxes.get(id):
            mailbox.put(error)
        if (future := self._readings.get(id)) and not future.done():
            future.set_exception(error)

    def _end(self, error: OssiaError) -> None:
        if self.alive:
            self.alive = False
            self._tell_all(error)

    async def _mourn(self) -> None:
        """Tell everybody how the process ended."""
        self._tell_all(crashed(end_of(await self.process.wait())))

    def _tell_all(self, error: OssiaError) -> None:
        self._measured(Figures())
        for mailbox in self._mailboxes.values():
            mailbox.put(error)
        for future in (self._loaded, *self._readings.values()):
            if not future.done():
                future.set_exception(error)


def _error_of(message: wire.Refused | wire.Broken | wire.Unmasked) -> OssiaError:
    """Return the error with which one sequence ends."""
    match message:
        case wire.Refused():
            return InvalidRequest(message.message)
        case wire.Broken():
            return ModelCrashed("the model's output is not a number", _DAMAGED)
        case wire.Unmasked():
            return InternalError()
