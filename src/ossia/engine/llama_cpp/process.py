"""LlamaProcess: the process that runs llama.cpp, as the server sees it, and questions to it.

Its end ends all that is asked, with ModelCrashed. A process that stands still is ended. What is asked is not known
here.
"""

import asyncio
import logging
import re
import tempfile
from collections.abc import AsyncGenerator
from contextlib import ExitStack, aclosing, asynccontextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

import msgspec
from msgspec.structs import replace

from ossia.durations import limit
from ossia.engine.choice import is_installed
from ossia.engine.heartbeat import ANSWER_SECONDS, QUESTIONS, STOOD_STILL
from ossia.engine.llama_cpp import wire
from ossia.engine.llama_cpp.http import answer, lines
from ossia.engine.memory import processor_seconds
from ossia.engine.process import crashed, end_of
from ossia.errors import (
    ContextLengthExceeded,
    InputTooLong,
    InvalidModelFile,
    InvalidRequest,
    ModelCrashed,
    NotSupported,
    OssiaError,
)
from ossia.printable import one_line
from ossia.python_command import python_command

logger = logging.getLogger(__name__)

MODULE: Final = "ossia.engine.llama_cpp.worker"
_SOCKET: Final = "model.sock"
"""Name of the socket; llama.cpp takes a host for one if it ends like this."""
_UNKNOWN: Final = "unknown model architecture"
_NEWER: Final = "a newer llama.cpp may know it: pip install -U xllamacpp, in ossia's environment"
_PIECE: Final = 1 << 14
_LONGEST_LINE: Final = 400
_WORKING: Final = 0.05
"""Share of a processor that a process takes at least while it computes, also beside many others."""
_NOTICED: Final = 5.0
"""Seconds between the end of a process's connections and its own, at most."""
_DATA: Final = b"data: "
_TOO_LARGE: Final = re.compile(r"input \((\d+) tokens\) is too large to process\..*current batch size: (\d+)")
"""A text of which llama.cpp makes one result, and so has to compute in one batch."""
T = TypeVar("T")


def require_package(architecture: str | None) -> None:
    """Raise NotSupported, with what to install, if llama.cpp is not there."""
    if not is_installed():
        raise NotSupported(
            f"this model, of architecture {architecture!r}, is run by llama.cpp, which is not installed",
            hint="pip install 'xllamacpp>=2026.10' in ossia's environment, and ask again",
        )


class LlamaProcess:
    """The process of one model. `alive` is False once it has ended."""

    ready: wire.Ready
    """Facts of the model that the process has loaded."""

    def __init__(
        self, process: asyncio.subprocess.Process, folder: "tempfile.TemporaryDirectory[str]", sequences: int = 1
    ) -> None:
        self.process = process
        self.alive = True
        self._folder = folder
        self._spaces: set[str] = set()
        self._whole = asyncio.Semaphore(sequences)
        self._asking: set[asyncio.Task[object]] = set()
        self._how_ended = ""
        """Words for its end, if it was ended here."""
        self._socket = str(Path(folder.name) / _SOCKET)
        self._mourning = asyncio.create_task(self._mourn())
        self._helpers = [asyncio.create_task(self._log())]

    @classmethod
    async def start(cls, load: wire.Load, stall_timeout: float) -> "LlamaProcess":
        """Start a process and wait until its model is loaded. Raises InvalidModelFile or ModelCrashed."""
        folder = tempfile.TemporaryDirectory(prefix="ossia-")  # for this user only
        with tempfile.TemporaryFile() as log, ExitStack() as unless_started:
            unless_started.callback(folder.cleanup)
            here = Path(folder.name)
            load = replace(load, files=_named(load.files, here), socket=str(here / _SOCKET), log=log.fileno())
            pipe = asyncio.subprocess.PIPE
            process = await asyncio.create_subprocess_exec(
                *python_command(MODULE), stdin=pipe, stdout=pipe, stderr=pipe, pass_fds=[load.log]
            )
            unless_started.pop_all()
            started = cls(process, folder, load.sizes.sequences)
            try:
                started.ready = await started._load(load, log)
            except BaseException:  # also if cancelled: nobody else knows of this process
                await started.close()
                raise
        if seconds := limit(stall_timeout):
            started._helpers.append(asyncio.create_task(started._watch(seconds)))
        return started

    async def ask(self, method: str, target: str, body: object, kind: type[T], *, lingers: bool = False) -> T:
        """Return the answer to a question. Raises what llama.cpp refuses, or ModelCrashed."""
        question = answer(self._socket, method, target, _encoded(body), lingers=lingers)
        async with self._failures(), question as (status, pieces):
            whole = b"".join([piece async for piece in pieces])
        if status != 200:
            raise refused(whole)
        return msgspec.json.decode(whole, type=kind)

    async def ask_whole(self, target: str, body: object, kind: type[T]) -> T:
        """Return the answer to a question about a whole text, as `ask` does.

        llama.cpp has no more of them than it runs sequences, those included whose askers have left and that it has not
        dropped yet: it would take up the others long after that. Who leaves while waiting here has cost nothing.
        """
        await self._whole.acquire()
        asking = asyncio.create_task(self.ask("POST", target, body, kind, lingers=True))
        self._asking.add(asking)
        asking.add_done_callback(self._answered)
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            asking.cancel()
            raise

    async def stream(self, target: str, body: object) -> AsyncGenerator[wire.Chunk]:
        """Yield the chunks of an answer. Closing this early aborts it. Raises as `ask` does."""
        async with self._failures(), answer(self._socket, "POST", target, _encoded(body)) as (status, pieces):
            if status != 200:
                raise refused(b"".join([piece async for piece in pieces]))
            async with aclosing(lines(pieces)) as arriving:
                async for line in arriving:
                    if line.startswith(_DATA) and line[len(_DATA) :].strip() != b"[DONE]":
                        yield wire.decode_chunk(line[len(_DATA) :])

    def may_share(self, space: str) -> bool:
        """True while all that is in llama.cpp's caches came from one space: it keeps no spaces apart."""
        self._spaces.add(space)
        return len(self._spaces) == 1

    async def check(self) -> None:
        """End the process if its queue leaves questions unanswered for as long as the heartbeat allows."""
        await self._end_if_still(ANSWER_SECONDS * QUESTIONS)

    async def close(self) -> None:
        self.alive = False
        self._how_ended = self._how_ended or "was ended, since the model was unloaded"
        for task in self._helpers:
            task.cancel()
        await self._end()

    def _answered(self, asking: "asyncio.Task[object]") -> None:
        self._asking.discard(asking)
        self._whole.release()
        if not asking.cancelled():
            asking.exception()  # which is told to who asked, if anybody still is there

    @asynccontextmanager
    async def _failures(self) -> AsyncGenerator[None]:
        """Turn the end of a connection, which is the first sign of the end of the process, into ModelCrashed."""
        try:
            yield
        except OSError:
            with suppress(TimeoutError):  # so that whoever is told finds it dead
                async with asyncio.timeout(_NOTICED):
                    await asyncio.shield(self._mourning)
            raise crashed(self._how()) from None

    async def _load(self, load: wire.Load, log: BinaryIO) -> wire.Ready:
        """Tell the process what to load, and return its answer. What it wrote before it ended is logged."""
        assert self.process.stdin, "it is a pipe"
        assert self.process.stdout, "it is a pipe"
        self.process.stdin.write(msgspec.json.encode(load) + b"\n")
        line = await self.process.stdout.readline()
        if not line:
            log.seek(0)
            _relay(log.read())
            raise ModelCrashed("llama.cpp ended while it loaded the model", "the server's log has what it wrote")
        reply = wire.decode_reply(line)
        if isinstance(reply, wire.Failed):
            reason = one_line(reply.message, _LONGEST_LINE)
            raise InvalidModelFile(
                f"llama.cpp cannot load the model: {reason}", hint=_NEWER if _UNKNOWN in reason else None
            )
        return reply

    async def _end_if_still(self, seconds: float) -> None:
        """End the process if it neither answers nor computes. One batch of a large model may take minutes."""
        before = processor_seconds(self.process.pid)
        try:
            async with asyncio.timeout(seconds):
                await self.ask("GET", "/slots", None, object)  # goes through the queue of the thread that computes
        except TimeoutError:
            if processor_seconds(self.process.pid) - before > seconds * _WORKING:
                return
            logger.error("the model's process %d stands still, and is killed", self.process.pid)
            self._how_ended = STOOD_STILL
            await self._end()
        except OssiaError:
            pass  # it has ended, which others are told

    def _how(self) -> str:
        """Return how the process has ended, in words."""
        code = self.process.returncode
        return self._how_ended or ("does not answer" if code is None else end_of(code))

    async def _end(self) -> None:
        with suppress(ProcessLookupError):
            self.process.kill()  # it owns nothing that a gentler end would save
        await asyncio.shield(self._mourning)

    async def _watch(self, seconds: float) -> None:
        while self.alive:
            await asyncio.sleep(seconds / QUESTIONS)
            await self._end_if_still(seconds)

    async def _log(self) -> None:
        assert self.process.stderr, "it is a pipe"
        while written := await self.process.stderr.read(_PIECE):
            _relay(written)

    async def _mourn(self) -> None:
        await self.process.wait()
        self.alive = False
        self._folder.cleanup()


def _relay(written: bytes) -> None:
    """Log what a process wrote: it may quote files and prompts, which must not forge a line of the log."""
    for line in written.decode("utf-8", "replace").splitlines():
        logger.warning("llama.cpp: %s", one_line(line, _LONGEST_LINE))


def _named(paths: list[str], folder: Path) -> list[str]:
    """Return the parts of a split model under names by which llama.cpp finds all of them."""
    if len(paths) == 1:
        return paths
    links = [folder / f"model-{number:05}-of-{len(paths):05}.gguf" for number in range(1, len(paths) + 1)]
    for link, path in zip(links, paths, strict=True):
        link.symlink_to(path)
    return [str(link) for link in links]


def _encoded(body: object) -> bytes:
    try:
        return msgspec.json.encode(body)
    except UnicodeEncodeError:
        raise InvalidRequest("a message has half a surrogate pair, which is no character") from None


def refused(body: bytes) -> OssiaError:
    """Return the error that llama.cpp answers with."""
    return error_of(msgspec.json.decode(body, type=wire.Refusal).error)


def error_of(problem: wire.Problem) -> OssiaError:
    match problem.type:
        case "exceed_context_size_error":
            return ContextLengthExceeded(problem.n_prompt_tokens, problem.n_ctx)
        case "invalid_request_error":
            return InvalidRequest(problem.message)
        case "not_supported_error":
            return NotSupported(problem.message)
        case _ if found := _TOO_LARGE.search(problem.message):
            return InputTooLong(int(found[1]), int(found[2]))
        case _:
            return OssiaError(f"llama.cpp failed: {problem.message}", "try again, or with a lower temperature")
