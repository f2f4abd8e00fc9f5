"""LlamaCppEngine: the server's side of a model that llama.cpp runs in a process of its own.

It asks llama.cpp for tokens, chats and embeddings, and turns its answers into events. Conversations are rendered and
answers are parsed over there, by the model's own template; so ids of a chat are not known here. When the process dies,
every open answer ends with an error and the engine is no longer alive; whoever holds it loads a new one.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np

from ossia.chat.grammar.checks import checked_grammar
from ossia.chat.length import length_of, with_room
from ossia.config import EngineOptions
from ossia.engine import PLAIN, Embedding, Relevance, Start, no_ranking
from ossia.engine.bounds import Bounds
from ossia.engine.facts import ModelFacts, Purpose
from ossia.engine.figures import Activity, Figures
from ossia.engine.llama_cpp import bodies, wire
from ossia.engine.llama_cpp.answer import Answer
from ossia.engine.llama_cpp.bodies import Body, Literals
from ossia.engine.llama_cpp.demands import Demanding
from ossia.engine.llama_cpp.start import LoadedModel, load_model
from ossia.engine.memory import resident_bytes
from ossia.engine.process import start_and_read
from ossia.errors import ContextLengthExceeded, InputTooLong, InvalidRequest, ModelCrashed, NotSupported, OssiaError
from ossia.gguf import GGUF
from ossia.sandbox.sandbox import LLAMA_GRAMMARS, Sandbox
from ossia.types import EmbedRequest, Event, Finished, GenerateRequest, TextDelta, Timings

_CHAT: Final = "/v1/chat/completions"
_RENDERING: Final = 60.0
"""Seconds that a template may take, which is a stranger's program, until its process is ended."""
_USE_RERANK: Final = "use /v1/rerank"
_TEMPLATE: Final = "send less; if a short message fails too, the template is broken"
_DROPPED: Final = 4
"""Conversations longer than so many contexts are not rendered, although a template may drop most of what is said."""


@dataclass(frozen=True, slots=True)
class VocabularyFacts:
    """Facts of a model's vocabulary: its tokens, the longest in characters, and literals that stand for control.

    `ends` has the literal of the token that ends an answer, which llama.cpp takes for text after some templates.
    """

    size: int
    longest: int
    literals: Literals
    ends: tuple[str, ...] = ()

    @classmethod
    def of(cls, gguf: GGUF) -> "VocabularyFacts":
        tokens, end = gguf.array("tokenizer.ggml.tokens"), gguf.metadata.get("tokenizer.ggml.eos_token_id")
        literals = Literals(gguf)
        word = str(tokens[end]) if isinstance(end, int) and 0 <= end < len(tokens) else ""
        ends = (word,) if literals.broken(word) != word else ()  # a plain word may be in an answer
        return cls(len(tokens), max((len(token) for token in tokens), default=1), literals, ends)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt as llama.cpp is asked to continue it. `ids` are known for a raw completion only."""

    target: str
    body: Body
    tokens: int
    ids: tuple[int, ...] = ()


class LlamaCppEngine:
    """Engine that runs a GGUF file of any architecture that llama.cpp knows. Many requests share one batch there."""

    def __init__(self, model: LoadedModel, facts: ModelFacts, vocabulary: VocabularyFacts) -> None:
        sizes, ready = model.sizes, model.process.ready
        self._process = model.process
        self._sizes = sizes
        self._vocabulary = vocabulary
        self._facts = facts
        self._bounds = Bounds(vocabulary.size, sizes.context, facts.context_length or sizes.context)
        self._grammars = Sandbox("llama_grammars", LLAMA_GRAMMARS)
        self._demanding = Demanding(ready.has_grammars, facts.supports_thinking)
        self._activity = Activity()
        self._running = 0
        self.context_length = sizes.context
        self.places = sizes.places
        self.memory = model.memory
        self.device, self.gpus, self.gpu_bytes = ready.device, ready.gpus, ready.gpu_bytes
        self.embedding_length = facts.embedding_length or 0
        self.supports_tools, self.supports_thinking = facts.supports_tools, facts.supports_thinking

    @classmethod
    async def load(
        cls, gguf: GGUF, facts: ModelFacts, options: EngineOptions, start: Start = PLAIN
    ) -> "LlamaCppEngine":
        """Start the model's process, and read the vocabulary while it loads."""
        loading = load_model(gguf, facts, options, start)
        model, vocabulary = await start_and_read(loading, partial(VocabularyFacts.of, gguf))
        return cls(model, facts, vocabulary)

    @property
    def resident_bytes(self) -> int:
        return self.memory.device or resident_bytes(self._process.process.pid)

    @property
    def alive(self) -> bool:
        return self._process.alive

    async def figures(self) -> Figures:
        return self._activity.figures(self._running)

    async def check(self) -> None:
        await self._process.check()

    async def close(self) -> None:
        await self._grammars.close()
        await self._process.close()

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Event]:
        started = time.monotonic()
        _check_supported(request, self._facts.purpose)
        request = self._able(request)
        demands = await checked_grammar(self._demanding, request, length_of(request), self._grammars)
        prompt = await self._prompt(request)
        max_tokens = self._bounds.max_tokens(request, prompt.tokens)
        answer = Answer(request, prompt.tokens, prompt.ids)
        if request.echo:
            yield TextDelta(await self._text(request, prompt))
        if max_tokens == 0:
            yield Finished("length", answer.usage, token_ids=prompt.ids)
            return
        body = prompt.body | demands.fields | bodies.sampling(request.sampling, max_tokens, self.context_length)
        body["cache_prompt"] = self._process.may_share(request.space)
        try:
            async with aclosing(self._events(prompt.target, body, answer)) as events:
                async for event in events:
                    yield event
        except OssiaError as error:
            if not answer.began:
                raise
            yield Finished("error", answer.usage, error=error)
            return
        yield await demands.check(answer.finished(_timings(started, answer)), answer.text, [*answer.calls.values()])

    async def count_tokens(self, request: GenerateRequest) -> int:
        return (await self._prompt(self._able(request))).tokens

    async def embed(self, request: EmbedRequest) -> Embedding:
        if self._facts.purpose == "ranking":
            raise NotSupported("the model is for reranking, it embeds nothing", hint=_USE_RERANK)
        limit = min(self._bounds.context(request.context_length), self._sizes.embedding)
        ids = await self._read(request.text, limit, truncate=request.truncate)
        if not ids:
            raise InvalidRequest("the input is empty", hint="an embedding is made of at least one token")
        if len(ids) > limit and not request.truncate:
            raise InputTooLong(len(ids), limit)
        ids = await self._shortened(ids, limit)
        self._process.may_share(request.space)
        body = {"content": ids, "embd_normalize": -1}
        [answer] = await self._process.ask_whole("/embedding", body, list[wire.Vector])
        return Embedding(np.array(answer.embedding[0], np.float32), len(ids))

    async def rank(self, query: str, document: str, *, space: str = "") -> Relevance:
        if self._facts.purpose != "ranking":
            raise no_ranking()
        limit, length = self._sizes.embedding, len(query) + len(document)
        if length > with_room(limit) * self._vocabulary.longest:
            raise InputTooLong(length // self._vocabulary.longest, limit, exact=False)
        self._process.may_share(space)
        body = {"query": query, "documents": [document]}
        try:
            ranking = await self._process.ask_whole("/rerank", body, wire.Ranking)
        except ContextLengthExceeded as error:
            raise InputTooLong(error.prompt_tokens, error.limit) from None
        return Relevance(ranking.results[0].relevance_score, ranking.usage.prompt_tokens)

    def _able(self, request: GenerateRequest) -> GenerateRequest:
        """Return the request as the model can answer it: thoughts that it cannot do without are told from its words."""
        if self._facts.always_thinks and request.reasoning_effort == "none":
            return replace(request, reasoning_effort="medium")
        return request

    async def _events(self, target: str, body: Body, answer: Answer) -> AsyncGenerator[Event]:
        """Yield the events of one answer until it is complete. Closing this early aborts it."""
        self._running += 1
        try:
            async with aclosing(self._process.stream(target, body)) as chunks:
                async for chunk in chunks:
                    before = answer.usage.completion_tokens
                    for event in answer.feed(chunk):
                        yield event
                    self._activity.collected(answer.usage.completion_tokens - before)
                    if answer.reason:
                        return
        finally:
            self._running -= 1
        raise ModelCrashed("llama.cpp's answer ended before it was complete")

    async def _prompt(self, request: GenerateRequest) -> Prompt:
        """Return a prompt and its length. Raises ContextLengthExceeded for one that is far too long to be counted."""
        length, limit = length_of(request), self._bounds.context(request.placement.context_length)
        if length > _DROPPED * with_room(limit) * self._vocabulary.longest:
            raise ContextLengthExceeded(length // self._vocabulary.longest, limit, exact=False)
        if isinstance(request.prompt, str):
            ids = [
                *self._bounds.checked(request.context),
                *await self._tokens(request.prompt, first=not request.context),
            ]
            body = {"prompt": ids, **bodies.completion_logprobs(request.sampling)}
            return Prompt("/completion", body, len(ids), tuple(ids))
        body = bodies.conversation(request, request.prompt, self._vocabulary.literals)
        tokens = await self._rendered(body)
        body |= {"stop": self._vocabulary.ends, **bodies.chat_logprobs(request.sampling)}
        return Prompt(_CHAT, body, tokens)

    async def _rendered(self, body: Body) -> int:
        """Return the length of a conversation that the model's template has rendered."""
        try:
            async with asyncio.timeout(_RENDERING):
                count = await self._process.ask("POST", f"{_CHAT}/input_tokens", body, wire.Count)
        except TimeoutError:
            await self.close()
            raise ModelCrashed(
                "the model's chat template takes too long, so its process was ended", _TEMPLATE
            ) from None
        return count.input_tokens

    async def _tokens(self, text: str, *, first: bool = True, special: bool = True) -> list[int]:
        """Return the ids of a text. If it is the `first`, the ids around every text of this model are added.

        With `special` literals of control tokens stand for these.
        """
        body = {"content": text, "add_special": first, "parse_special": special}
        return (await self._process.ask("POST", "/tokenize", body, wire.Tokens)).tokens

    async def _text(self, request: GenerateRequest, prompt: Prompt) -> str:
        """Return the prompt as it was given."""
        if isinstance(request.prompt, str) and not request.context:
            return request.prompt
        return (await self._process.ask("POST", "/detokenize", {"tokens": prompt.ids}, wire.Text)).content

    async def _read(self, text: str | Sequence[int], limit: int, *, truncate: bool) -> list[int]:
        """Return the ids of a text to embed, or the beginning of one that is far too long."""
        if not isinstance(text, str):
            return self._bounds.checked(text)
        longest = with_room(limit) * self._vocabulary.longest
        if len(text) > longest and not truncate:
            raise InputTooLong(len(text) // self._vocabulary.longest, limit, exact=False)
        return await self._tokens(text[:longest], special=False)

    async def _shortened(self, ids: list[int], limit: int) -> list[int]:
        """Return the beginning of a text, with the id that ends every text of this model, if there is one."""
        if len(ids) <= limit:
            return ids
        end = [id for id in (await self._tokens(""))[-1:] if id == ids[-1]]
        return ids[: limit - len(end)] + end


def _check_supported(request: GenerateRequest, purpose: Purpose) -> None:
    """Refuse what the model is not for, and what llama.cpp has no way to do."""
    if purpose == "embedding":
        raise NotSupported("the model is for embeddings, it does not answer", hint="use /api/embed")
    if purpose == "ranking":
        raise NotSupported("the model is for reranking, it does not answer", hint=_USE_RERANK)
    if request.sampling.stop_token_ids:
        raise NotSupported("llama.cpp knows no stop_token_ids", hint="use stop strings")
    for tool in request.tools:
        if tool.takes_text:
            raise NotSupported(
                f"the tool {tool.name!r} takes text, which models that llama.cpp runs cannot be asked for",
                hint="declare it as a function with one parameter, a string",
            )
    if request.echo and request.sampling.logprobs is not None:
        raise bodies.no_prompt_logprobs()
    if request.context and not isinstance(request.prompt, str):
        raise NotSupported(
            "models that llama.cpp runs have no context to go on from in a chat",
            hint="send the conversation as messages (/api/chat), or a raw prompt (raw: true)",
        )


def _timings(started: float, answer: Answer) -> Timings:
    """Divide the time since the start: llama.cpp tells how much of it was the answer's."""
    whole = time.monotonic() - started
    completion = min(answer.seconds, whole)
    return Timings(whole - completion, completion)
