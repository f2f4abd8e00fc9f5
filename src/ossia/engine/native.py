"""NativeEngine: the server's side of a model that our own engine runs in a child process.

render -> ids -> child -> ids -> parser -> events. Text stays on this side, computing on the other. When the child
dies, every open answer ends with an error and the engine is no longer alive; whoever holds it loads a new one.
"""

import asyncio
import contextlib
import itertools
import secrets
import socket
import sys
import time
from collections.abc import AsyncGenerator, Sequence

import numpy as np

from ossia import chat
from ossia.chat import ChatFormat, TurnGrammar
from ossia.config import Settings
from ossia.engine import Embedding, wire
from ossia.engine.answer import Answer
from ossia.engine.memory import resident_bytes
from ossia.engine.sequence import StepOutput
from ossia.errors import ContextLengthExceeded, InputTooLong, InvalidModelFile, InvalidRequest, ModelCrashed, OssiaError
from ossia.gguf import GGUF
from ossia.tokenizer import Tokenizer
from ossia.types import Event, Finished, GenerateRequest, Timings


class Child:
    """The process of one model, and the ids that flow to and from it."""

    def __init__(self, process: asyncio.subprocess.Process, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self.process = process
        self._reader = reader
        self._writer = writer
        self._queues: dict[int, asyncio.Queue[StepOutput | OssiaError]] = {}
        self._embeddings: dict[int, asyncio.Future[bytes]] = {}
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
        """The mean of the ids' final states, as it is on the wire. To cancel this aborts it."""
        self._check_alive()
        id, future = self.next_id(), asyncio.get_running_loop().create_future()
        self._embeddings[id] = future
        try:
            self._send(wire.Embed(id, token_ids))
            return await future
        finally:
            del self._embeddings[id]
            if future.cancelled() and self.alive:
                self._send(wire.Abort(id))

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
                    case wire.Step() | wire.Embedded() as outputs:
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

    def _hand_out(self, message: wire.Step | wire.Embedded) -> None:
        match message:
            case wire.Step(outputs=outputs):
                for output in outputs:
                    if queue := self._queues.get(output.id):
                        queue.put_nowait(output)
            case wire.Embedded(id=id, vector=vector):
                if (future := self._embeddings.get(id)) and not future.done():
                    future.set_result(vector)

    def _tell_all(self, error: OssiaError) -> None:
        for queue in self._queues.values():
            queue.put_nowait(error)
        for future in self._embeddings.values():
            if not future.done():
                future.set_exception(error)

    async def _obituary(self) -> ModelCrashed:
        code = await self.process.wait()
        if self._closed:
            return ModelCrashed("the model was unloaded before the answer was complete")
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        return ModelCrashed(f"the model's process {how}", hint="the next request loads the model again")


class NativeEngine:
    """gpt-oss on our own kernels. Many requests share one batch in the child."""

    def __init__(
        self, child: Child, ready: wire.Ready, tokenizer: Tokenizer, chat_format: ChatFormat, beginning: list[int]
    ) -> None:
        """`beginning` are the ids that every plain text begins with: none, or one."""
        self._child = child
        self._tokenizer = tokenizer
        self._format = chat_format
        self._beginning = beginning
        self._special_ids = list(tokenizer.special_tokens.values())
        self.context_length = ready.context_length
        self.memory_bytes = ready.memory_bytes
        self.embedding_length = ready.embedding_length
        self.supports_tools = chat_format.supports_tools
        self.supports_thinking = chat_format.supports_thinking

    @classmethod
    async def load(cls, gguf: GGUF, settings: Settings, memory_bytes: int | None = None) -> "NativeEngine":
        """Start the model's process; read the vocabulary while it loads."""
        load = wire.Load(
            path=str(gguf.path),
            context_length=settings.context_length,
            max_sequences=settings.num_parallel,
            threads=settings.threads,
            exact=settings.precision == "fp32",
            kv_cache_bytes=settings.kv_cache_bytes,
            memory_bytes=memory_bytes,
        )
        reading = asyncio.create_task(asyncio.to_thread(_read_vocabulary, gguf))
        try:
            child, ready = await Child.start(load)
        except BaseException:
            reading.cancel()
            raise
        try:
            return cls(child, ready, *await reading)
        except BaseException:
            await child.close()
            raise

    @property
    def resident_bytes(self) -> int:
        return resident_bytes(self._child.process.pid)

    @property
    def alive(self) -> bool:
        return self._child.alive

    async def close(self) -> None:
        await self._child.close()

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Event]:
        started = time.monotonic()
        self._checked(request.context)
        ids = self._format.render(request)
        grammar = self._format.grammar(request)
        room = self._room(request, len(ids))
        answer = Answer(
            request, self._format.parser(request), self._tokenizer, self._format.stop_token_ids, prompt_tokens=len(ids)
        )
        if room == 0:
            yield Finished("length", answer.usage, token_ids=tuple(ids))
            return
        first = 0.0
        sampled: list[int] = []
        async with contextlib.aclosing(self._child.outputs(self._add(request, ids, room, grammar))) as outputs:
            async for output in outputs:
                if isinstance(output, InvalidRequest):
                    raise output
                if isinstance(output, OssiaError):
                    yield Finished("error", answer.usage, error=output)
                    return
                first = first or time.monotonic()
                sampled.append(output.sampled.token)
                for event in answer.feed(output):
                    yield event
                if answer.reason:
                    break
        assert answer.reason, "a sequence ends with a reason"
        timings = Timings(first - started, time.monotonic() - first)
        yield Finished(answer.reason, answer.usage, timings, stop_string=answer.stop_string, token_ids=(*ids, *sampled))

    def count_tokens(self, request: GenerateRequest) -> int:
        return len(self._format.render(request))

    async def embed(
        self, text: str | Sequence[int], *, truncate: bool = True, context_length: int | None = None
    ) -> Embedding:
        ids = [*self._beginning, *self._tokenizer.encode(text)] if isinstance(text, str) else self._checked(text)
        if not ids:
            raise InvalidRequest("the input is empty", hint="an embedding is made of at least one token")
        limit = min(self.context_length, context_length or self.context_length)
        if len(ids) > limit and not truncate:
            raise InputTooLong(len(ids), limit)
        ids = ids[:limit]
        vector = np.frombuffer(await self._child.embedding(ids), "<f4").astype(np.float32)
        return Embedding(vector, len(ids))

    def _checked(self, ids: Sequence[int]) -> list[int]:
        """The ids, which came from outside: one that is no token would end the process, and everybody's answers."""
        for id in ids:
            if not 0 <= id < self._tokenizer.vocab_size:
                raise InvalidRequest(f"there is no token {id}: the model has {self._tokenizer.vocab_size} tokens")
        return list(ids)

    def _room(self, request: GenerateRequest, prompt_tokens: int) -> int:
        """How many tokens the answer may have. Raises InvalidRequest, ContextLengthExceeded when there is no room."""
        if prompt_tokens == 0:
            raise InvalidRequest("the prompt is empty", hint="a model needs at least one token to go on from")
        limit = min(self.context_length, request.context_length or self.context_length)
        if prompt_tokens >= limit:
            raise ContextLengthExceeded(prompt_tokens, limit)
        wanted = request.sampling.max_tokens
        return limit - prompt_tokens if wanted is None else min(max(wanted, 0), limit - prompt_tokens)

    def _add(self, request: GenerateRequest, ids: list[int], max_tokens: int, grammar: TurnGrammar | None) -> wire.Add:
        sampling = request.sampling
        seed = secrets.randbits(63) if sampling.seed is None else sampling.seed
        return wire.Add(
            id=self._child.next_id(),
            token_ids=ids,
            sampling=sampling,
            stop_token_ids=[*self._format.stop_token_ids, *sampling.stop_token_ids],
            unpenalised_ids=self._special_ids,
            max_tokens=max_tokens,
            seed=seed,
            grammar=grammar,
        )


def _read_vocabulary(gguf: GGUF) -> tuple[Tokenizer, ChatFormat, list[int]]:
    tokenizer = Tokenizer.from_gguf(gguf.metadata)
    bos = tokenizer.bos_id if gguf.metadata.get("tokenizer.ggml.add_bos_token") else None
    return tokenizer, chat.choose(tokenizer, gguf.metadata), [] if bos is None else [bos]
