"""Chat templates of other models, which come with the model as Jinja source.

A template renders the whole conversation into one string, control tokens and users' words alike, so a user could write
the literal of a control token. To prevent that, an unguessable marker is inserted into every such literal in a message
before the template sees it. In the template's output, intact literals are then the template's own; the markers are
removed from the text between them, which is encoded as plain text. Messages without such literals are passed unchanged,
so templates may trim, inspect or cut them, and the ids equal those of encoding the whole string.

A template is a stranger's program, so it runs in a sandbox: this module writes its jobs and reads its answers.
"""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Protocol

import msgspec

from ossia.aside import aside
from ossia.chat import Parser, Problem, TurnGrammar
from ossia.chat.grammar.rules import json_answer
from ossia.chat.length import length_of, with_room
from ossia.chat.text import TextParser
from ossia.errors import ContextLengthExceeded, InvalidRequest, NotSupported
from ossia.sandbox import templates
from ossia.sandbox.sandbox import Exhausted
from ossia.tokenizer import Tokenizer, literal_pattern
from ossia.types import GenerateRequest, Message

_ENDS = ("<|im_end|>", "<|eot_id|>", "<|endoftext|>")
_HINT = "without a chat template a model can only continue a text: /api/generate or /v1/completions with raw: true"
_LONGEST = 256 << 10  # characters of a template, which is sent to the sandbox for each conversation
_DROPPED = 4
"""Conversations longer than so many contexts are not rendered, although a template may drop most of what is said."""
_REMEMBERED = 60.0  # seconds
_COSTLY = "send less; if a short message fails too, the template is broken"


@dataclass(frozen=True, slots=True)
class _Failure:
    """A job that was too costly lately. One at least as long gets little time to show that it is not."""

    length: int
    message: str
    until: float

    def foretells(self, job: bytes) -> bool:
        return len(job) >= self.length and time.monotonic() < self.until


class Renderer(Protocol):
    """Place where templates are rendered."""

    async def run(self, job: bytes, client: str = "", *, quick: bool = False) -> bytes:
        """Return the answer to a client's job of `sandbox.templates`. Raises Exhausted, for a `quick` one soon."""
        ...


class JinjaTemplate:
    """The ChatFormat of a model with its own template. Tool calls and reasoning are not parsed from its answers."""

    def __init__(
        self,
        tokenizer: Tokenizer,
        metadata: Mapping[str, Any],
        renderer: Renderer,
        *,
        now: Callable[[], datetime] = datetime.now,
    ) -> None:
        source = metadata.get("tokenizer.chat_template")
        self._tokenizer = tokenizer
        self._renderer = renderer
        self._source = source if isinstance(source, str) and source.strip() else None
        self._now = now
        self._failure: _Failure | None = None
        special = tokenizer.special_tokens.items()
        self._control = {literal: id for literal, id in special if tokenizer.is_special(id) and len(literal) > 1}
        self._literal = literal_pattern(self._control)
        self._beginnings = {literal[:length] for literal in self._control for length in range(1, len(literal))}
        self._adds_bos = bool(metadata.get("tokenizer.ggml.add_bos_token"))
        self._variables = {
            "bos_token": _literal(tokenizer, tokenizer.bos_id),
            "eos_token": _literal(tokenizer, metadata.get("tokenizer.ggml.eos_token_id")),
        }
        ends = (tokenizer.special_tokens.get(literal) for literal in _ENDS)
        self.stop_token_ids = tokenizer.eos_ids | {id for id in ends if id is not None}

    async def render(self, request: GenerateRequest, limit: int) -> list[int]:
        """Return the ids of the prompt. Raises NotSupported without a template, InvalidRequest if it refuses."""
        if isinstance(request.prompt, str):
            return await aside(len(request.prompt), self._raw, request, request.prompt, limit)
        length = length_of(request)
        if length > _DROPPED * with_room(limit) * self._tokenizer.longest_token:
            raise ContextLengthExceeded(length // self._tokenizer.longest_token, limit, exact=False)
        marker = f"\ue000{secrets.token_hex(16)}\ue001"
        job = await aside(length, self._job, request.prompt, marker, limit)
        text = await self._rendered(job, request.client, limit)
        return await aside(len(text), self._ids, request, text, marker, limit)

    def parser(self, request: GenerateRequest) -> Parser:
        if isinstance(request.prompt, str):
            return TextParser(self._tokenizer, hidden=self.stop_token_ids)
        return TextParser(self._tokenizer, hidden=self.stop_token_ids | set(self._control.values()))

    def grammar(self, request: GenerateRequest, problem: Problem) -> TurnGrammar | None:
        return json_answer(request, self.stop_token_ids, problem)

    def _raw(self, request: GenerateRequest, prompt: str, limit: int) -> list[int]:
        ids = [*request.context, *self._tokenizer.encode(prompt, special=True, most=with_room(limit))]
        return self._with_bos(ids) if ids else ids

    def _job(self, messages: Sequence[Message], marker: str, limit: int) -> bytes:
        """Return the job to render the messages. A final assistant message is left open, to be continued."""
        if self._source is None:
            raise NotSupported("the model has no chat template", hint=_HINT)
        if len(self._source) > _LONGEST:
            raise NotSupported(f"the model's chat template has more than {_LONGEST} characters", hint=_HINT)
        said = [{"role": _role(message), "content": self._broken(message.content, marker)} for message in messages]
        if continued := _is_continued(messages):
            said[-1]["content"] += marker * 2
        variables = {"messages": said, "add_generation_prompt": not continued, "tools": None, **self._variables}
        most = with_room(limit) * self._tokenizer.longest_token  # more characters are more ids than that
        job = {"source": self._source, "variables": variables, "now": self._now(), "marker": marker, "most": most}
        try:
            return msgspec.json.encode(job)
        except UnicodeEncodeError:
            raise InvalidRequest("a message has half a surrogate pair, which is no character") from None

    async def _rendered(self, job: bytes, client: str, limit: int) -> str:
        """Return the text that the template makes. Raises NotSupported, InvalidRequest or ContextLengthExceeded."""
        failure = self._failure if self._failure and self._failure.foretells(job) else None
        try:
            answer = await self._renderer.run(job, client, quick=failure is not None)
        except Exhausted as error:
            failure = failure or _Failure(len(job), str(error), time.monotonic() + _REMEMBERED)
            self._failure = failure
            message = f"the model's chat template cannot be rendered: {failure.message}"
            raise InvalidRequest(message, hint=_COSTLY) from None
        kind, text = answer[:1], answer[1:].decode()
        match kind:
            case templates.RENDERED:
                return text
            case templates.TOO_LONG:
                raise ContextLengthExceeded(int(text) // self._tokenizer.longest_token, limit, exact=False)
            case templates.INVALID:
                raise NotSupported(f"the model's chat template cannot be read: {text}", hint=_HINT)
            case _:
                raise InvalidRequest(f"the model's chat template refuses the conversation: {text}")

    def _ids(self, request: GenerateRequest, text: str, marker: str, limit: int) -> list[int]:
        """Return the ids of the template's text, without the markers."""
        if _is_continued(request.prompt) and marker * 2 in text:
            text = text[: text.rindex(marker * 2)]
        most = with_room(limit)
        ids: list[int] = []
        for i, part in enumerate(self._literal.split(text)):
            if len(ids) > most:
                break
            ids += [self._control[part]] if i % 2 else self._tokenizer.encode(part.replace(marker, ""), most=most)
        return [*request.context, *ids] if request.context else self._with_bos(ids)

    def _broken(self, text: str, marker: str) -> str:
        """Insert the marker into all literals of control tokens, and into the beginning of one that ends the text."""
        starts = [*self._starts(text)]
        end = len(text.rstrip())
        longest = max(map(len, self._beginnings), default=0)
        starts += [start for start in range(max(0, end - longest), end) if text[start:end] in self._beginnings]
        cuts = [0, *(start + 1 for start in sorted(set(starts))), len(text)]
        return marker.join(text[start:stop] for start, stop in pairwise(cuts))

    def _starts(self, text: str) -> Iterator[int]:
        """Yield the positions of all literals, also of those that overlap."""
        start = -1
        while found := self._literal.search(text, start + 1):
            yield (start := found.start())

    def _with_bos(self, ids: list[int]) -> list[int]:
        bos = self._tokenizer.bos_id
        return [bos, *ids] if self._adds_bos and bos is not None and ids[:1] != [bos] else ids


def _is_continued(prompt: str | Sequence[Message]) -> bool:
    """True if the last message is an assistant's, which is to be continued."""
    return bool(prompt) and not isinstance(prompt[-1], str) and prompt[-1].role == "assistant"


def _role(message: Message) -> str:
    return "system" if message.role == "developer" else message.role


def _literal(tokenizer: Tokenizer, id: int | None) -> str:
    return "" if id is None else tokenizer.token_bytes(id).decode("utf-8", "replace")
