"""NativeEngine: the server's side of a model that our own engine runs in a child process.

It renders a request to ids, sends them to the child, and turns the ids that come back into events: text stays on this
side, computation on the other. When the child dies, every open answer ends with an error and the engine is no longer
alive; whoever holds it loads a new one.
"""

import secrets
import time
from collections.abc import AsyncGenerator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ossia.aside import aside
from ossia.chat.grammar.checks import checked_grammar
from ossia.chat.length import length_of, too_long, with_room
from ossia.config import EngineOptions
from ossia.engine import PLAIN, Embedding, Relevance, Start, no_ranking, wire
from ossia.engine.bounds import Bounds
from ossia.engine.child import Child
from ossia.engine.codec import Codec, Sandboxes
from ossia.engine.detokenizer import Detokenizer, token_logprob
from ossia.engine.facts import ModelFacts
from ossia.engine.figures import Figures
from ossia.engine.memory import resident_bytes
from ossia.engine.process import start_and_read
from ossia.engine.recall import Recall
from ossia.engine.sequence import Sampled
from ossia.errors import InputTooLong, InvalidRequest, OssiaError
from ossia.gguf import GGUF
from ossia.types import EmbedRequest, Event, Finished, GenerateRequest, Started, TextDelta, Timings, Usage, fold

if TYPE_CHECKING:
    from ossia.engine.llama_cpp.child import LlamaChild

_COUNTED = 8
"""Prompts are counted up to so many times the context length."""


class NativeEngine:
    """Engine that runs gpt-oss on our own kernels. Many requests share one batch in the child."""

    def __init__(
        self, child: "Child | LlamaChild", facts: ModelFacts, codec: Codec, allowed: int | None = None
    ) -> None:
        """Contexts are at most `allowed` tokens, or as long as the model's."""
        ready, tokenizer = child.ready, codec.tokenizer
        self._child = child
        self.sandboxes = codec.sandboxes
        self._tokenizer = tokenizer
        self._format = codec.format
        self._beginning = codec.beginning
        self._recall = Recall()
        self._special_ids = list(tokenizer.special_tokens.values())
        self.context_length = ready.capacity.context_length
        longest = min(filter(None, (facts.context_length, allowed)), default=self.context_length)
        self._bounds = Bounds(tokenizer.vocab_size, self.context_length, longest)
        self.memory = ready.capacity.memory
        self.device, self.gpus, self.gpu_bytes = ready.device, ready.gpus, ready.gpu_bytes
        self.places = ready.places
        self.embedding_length = facts.embedding_length or 0
        self.supports_tools = self.supports_thinking = facts.is_harmony

    @classmethod
    async def load(cls, gguf: GGUF, facts: ModelFacts, options: EngineOptions, start: Start = PLAIN) -> "NativeEngine":
        """Start the model's process; read the vocabulary while it loads."""
        load = wire.Load(
            files=[str(path) for path in gguf.paths],
            options=options,
            memory_bytes=start.memory_bytes,
            context_length=start.placement.context_length,
            alone=start.alone,
        )
        read = partial(Codec.of, gguf, facts, options, Sandboxes())
        child, codec = await start_and_read(Child.start(load, start.report), read)
        return cls(child, facts, codec, options.context_length)

    @property
    def resident_bytes(self) -> int:
        return self.memory.device or resident_bytes(self._child.process.pid)

    @property
    def alive(self) -> bool:
        return self._child.alive

    async def figures(self) -> Figures:
        return await self._child.figures()

    async def check(self) -> None:
        await self._child.check()

    async def close(self) -> None:
        await self.sandboxes.close()
        await self._child.close()

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Event]:
        began, first, turn = time.monotonic(), 0.0, list[Event]()
        length = length_of(request)
        in_turns = 0 if isinstance(request.prompt, str) else length  # characters that are looked through for turns
        self._bounds.checked(request.context)
        request = await aside(in_turns, self._recall.completed, request)
        add = await self._add(request, length)
        parser = await aside(in_turns, self._format.parser, request)
        detokenizer = Detokenizer(request, parser, self._tokenizer, self._format.stop_token_ids, add.token_ids)
        if request.echo:
            yield await self._echo(request, add.token_ids)
        if add.max_tokens == 0:
            yield Finished("length", detokenizer.usage, token_ids=tuple(add.token_ids))
            return
        with self._child.outputs(add) as mailbox:
            while not detokenizer.reason:
                if not mailbox.ready:
                    await mailbox.arrival()
                output = mailbox.ready.popleft()
                if isinstance(output, InvalidRequest) and not detokenizer.token_ids:
                    raise output
                if isinstance(output, OssiaError):
                    yield Finished("error", detokenizer.usage, error=output)
                    return
                if not detokenizer.token_ids:
                    first = time.monotonic()
                    yield Started(Usage(len(add.token_ids), cached_tokens=output.num_cached_tokens))
                events = detokenizer.feed(output)
                if request.tools:
                    turn += events
                for event in events:
                    yield event
        finished = detokenizer.finished(Timings(first - began, time.monotonic() - first))
        if finished.reason == "tool_calls":
            self._recall.remember(fold([*turn, finished]), request.space)
        yield finished

    async def _echo(self, request: GenerateRequest, ids: list[int]) -> TextDelta:
        """Return the prompt as it was given, with log probabilities if asked for. The first token has none."""
        begins = len(self._beginning) if ids[: len(self._beginning)] == self._beginning else 0
        text, wanted = self._tokenizer.decode(ids[begins:]), request.sampling.logprobs
        if wanted is None:
            return TextDelta(text)
        scores = [Sampled(ids[0]), *await self._child.scores(ids, wanted, request.space, request.client)]
        return TextDelta(text, tuple(token_logprob(self._tokenizer, score) for score in scores[begins:]))

    async def count_tokens(self, request: GenerateRequest) -> int:
        return len(await self._render(request, _COUNTED * self.context_length))

    async def _render(self, request: GenerateRequest, limit: int) -> list[int]:
        """Return the ids of the prompt. Raises ContextLengthExceeded for more than `limit`."""
        ids = await self._format.render(request, limit)
        if len(ids) > limit:
            text = await aside(len(ids), self._tokenizer.decode, ids)
            raise too_long(len(ids), text, request, limit)
        return ids

    async def embed(self, request: EmbedRequest) -> Embedding:
        limit = self._bounds.context(request.context_length)
        most = limit if request.truncate else with_room(limit)
        ids = await aside(len(request.text), self._read, request.text, most)
        if not ids:
            raise InvalidRequest("the input is empty", hint="an embedding is made of at least one token")
        if len(ids) > limit and not request.truncate:
            raise InputTooLong(len(ids), limit, exact=len(ids) <= most)
        ids = ids[:limit]
        vector = await self._child.embedding(ids, request.space, request.client)
        return Embedding(np.frombuffer(vector, "<f4").astype(np.float32), len(ids))

    async def rank(self, query: str, document: str, *, space: str = "") -> Relevance:
        raise no_ranking()

    def _read(self, text: str | Sequence[int], most: int) -> list[int]:
        """Return the ids of a text, or the beginning of more than `most`."""
        if isinstance(text, str):
            return [*self._beginning, *self._tokenizer.encode(text, most=most)]
        return self._bounds.checked(text)

    async def _add(self, request: GenerateRequest, length: int) -> wire.Add:
        """Return what the process is told of a request. Raises InvalidRequest or ContextLengthExceeded."""
        ids = await self._render(request, self._bounds.context(request.placement.context_length))
        grammar = await checked_grammar(self._format, request, length, self.sandboxes.grammars)
        sampling = request.sampling
        return wire.Add(
            id=self._child.next_id(),
            token_ids=ids,
            sampling=sampling,
            stop_token_ids=[*self._format.stop_token_ids, *sampling.stop_token_ids],
            unpenalised_ids=self._special_ids if sampling.penalises else [],
            max_tokens=self._bounds.max_tokens(request, len(ids)),
            seed=secrets.randbits(63) if sampling.seed is None else sampling.seed,
            grammar=grammar,
            space=request.space,
            client=request.client,
        )
