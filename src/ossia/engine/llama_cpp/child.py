"""LlamaChild: a process of llama.cpp behind the interface of our own engine's Child, token ids in and out.

So gpt-oss on other devices has the same rendering, the same parsing and the same grammars as on ours. It asks for raw
completions of ids, and decides by ids when one is complete.
"""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Generator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import replace

import numpy as np

from ossia.engine.child import Mailbox
from ossia.engine.figures import Activity, Figures
from ossia.engine.llama_cpp import bodies, wire
from ossia.engine.llama_cpp.lost import LostIds
from ossia.engine.llama_cpp.process import error_of
from ossia.engine.llama_cpp.start import LoadedModel
from ossia.engine.runner import Capacity
from ossia.engine.sequence import Sampled, StepOutput
from ossia.engine.wire import Add, Ready
from ossia.errors import InvalidRequest, ModelCrashed, NotSupported, OssiaError


class LlamaChild:
    """The process of one model. Ids that llama.cpp does not tell are found by `lost`."""

    def __init__(self, model: LoadedModel, lost: LostIds) -> None:
        sizes, theirs = model.sizes, model.process.ready
        self._process = model.process
        self._sizes = sizes
        self._lost = lost
        self._ids = itertools.count()
        self._filling: set[asyncio.Task[None]] = set()
        self._activity = Activity()
        self.process = model.process.process
        capacity = Capacity(1, sizes.sequences * sizes.context, sizes.batch, sizes.context, model.memory)
        self.ready = Ready(capacity, sizes.places, theirs.device, theirs.gpus, theirs.gpu_bytes)

    @property
    def alive(self) -> bool:
        return self._process.alive

    @contextmanager
    def outputs(self, add: Add) -> Generator[Mailbox]:
        """Run a sequence as long as the `with` block lasts. Leaving the block early aborts it."""
        mailbox = Mailbox()
        task = asyncio.create_task(self._fill(mailbox, add))
        self._filling.add(task)
        task.add_done_callback(self._filling.discard)
        try:
            yield mailbox
        finally:  # runs when the client has left, too: nothing here may wait
            task.cancel()

    async def embedding(self, token_ids: list[int], space: str = "", client: str = "") -> bytes:
        """Return the mean of the ids' final states, as float32, little-endian."""
        if len(token_ids) > self._sizes.embedding:
            raise InvalidRequest(f"llama.cpp embeds at most {self._sizes.embedding} tokens of this model at a time")
        self._process.may_share(space)
        body = {"content": token_ids, "embd_normalize": -1}
        [answer] = await self._process.ask_whole("/embedding", body, list[wire.Vector])
        return np.array(answer.embedding[0], "<f4").tobytes()

    async def scores(self, token_ids: list[int], top: int, space: str = "", client: str = "") -> list[Sampled]:
        raise bodies.no_prompt_logprobs()

    async def figures(self) -> Figures:
        return self._activity.figures(len(self._filling))

    def next_id(self) -> int:
        return next(self._ids)

    async def check(self) -> None:
        await self._process.check()

    async def close(self) -> None:
        await self._process.close()

    async def _fill(self, mailbox: Mailbox, add: Add) -> None:
        """Put the outputs of a sequence into its mailbox, the last of which may be an error."""
        try:
            async with aclosing(self._outputs(add)) as outputs:
                async for output in outputs:
                    self._activity.collected(1)
                    mailbox.put(output)
                    if mailbox.finished:
                        return
            raise ModelCrashed("llama.cpp's answer ended before it was complete")
        except OssiaError as error:
            mailbox.put(error)

    async def _outputs(self, add: Add) -> AsyncGenerator[StepOutput]:
        count = 0
        async with aclosing(self._process.stream("/completion", self._body(add))) as chunks:
            async for chunk in chunks:
                for sampled in self._sampled(add, chunk, count):
                    count += 1
                    yield _output(add, sampled, count, chunk)

    def _body(self, add: Add) -> bodies.Body:
        body = bodies.sampling(replace(add.sampling, seed=add.seed), add.max_tokens, self._sizes.context)
        body |= bodies.completion_logprobs(add.sampling)
        body |= {"prompt": add.token_ids, "cache_prompt": self._process.may_share(add.space)}
        if add.grammar is None:
            return body
        if add.grammar.prefix:
            raise NotSupported("llama.cpp cannot go on with an answer that was begun and has a schema")
        return body | {"grammar": bodies.grammar(add.grammar.whole)}

    def _sampled(self, add: Add, chunk: wire.Chunk, count: int) -> Iterator[Sampled]:
        """Yield the ids of a chunk after the first `count`. At the end, whatever was begun is ended."""
        if chunk.error:
            raise error_of(chunk.error)
        for token in chunk.tokens:
            missing = (chunk.timings.predicted_n if chunk.timings else count + 1) - count - 1
            yield from map(Sampled, self._lost.before(token, chunk.content, missing) if missing > 0 else ())
            yield _scored(token, chunk, add.sampling.logprobs or 0)
        if chunk.stop and not chunk.tokens and (end := self._end(add, chunk)) is not None:
            yield Sampled(end)

    def _end(self, add: Add, chunk: wire.Chunk) -> int | None:
        """Return the last id of an answer that llama.cpp ended by itself: an end unknown to us, or half a character."""
        return next(iter(add.stop_token_ids), None) if chunk.stop_type == "eos" else self._lost.unfinished()


def _scored(token: int, chunk: wire.Chunk, top: int) -> Sampled:
    for each in chunk.completion_probabilities:
        return Sampled(token, each.logprob, tuple((other.id, other.logprob) for other in each.top_logprobs[:top]))
    return Sampled(token)


def _output(add: Add, sampled: Sampled, count: int, chunk: wire.Chunk) -> StepOutput:
    is_end = sampled.token in add.stop_token_ids
    is_last = count >= add.max_tokens or chunk.stop
    cached = chunk.timings.cache_n if chunk.timings else 0
    return StepOutput(add.id, sampled, "stop" if is_end else "length" if is_last else None, cached)
