"""Chat templates of other models, which come with the model as Jinja source.

A template renders the whole conversation into one string, control tokens and users' words alike, so a user could write
the literal of a control token. To prevent that, an unguessable marker is inserted into every such literal in a message
before the template sees it. In the template's output, intact literals are then the template's own; the markers are
removed from the text between them, which is encoded as plain text. Messages without such literals are passed unchanged,
so templates may trim, inspect or cut them, and the ids equal those of encoding the whole string.
"""

import json
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, NoReturn

from jinja2 import Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ossia.chat import Parser, TurnGrammar
from ossia.chat.grammar.rules import json_answer
from ossia.chat.text import TextParser
from ossia.errors import InvalidRequest, NotSupported
from ossia.tokenizer import Tokenizer
from ossia.types import GenerateRequest, Message

_ENDS = ("<|im_end|>", "<|eot_id|>", "<|endoftext|>")
_HINT = "without a chat template a model can only continue a text: /api/generate or /v1/completions with raw: true"


class JinjaTemplate:
    """The ChatFormat of a model with its own template. Tool calls and reasoning are not parsed from its answers."""

    def __init__(
        self, tokenizer: Tokenizer, metadata: Mapping[str, Any], *, now: Callable[[], datetime] = datetime.now
    ) -> None:
        self._tokenizer = tokenizer
        self._template = _compile(metadata.get("tokenizer.chat_template"), now)
        special = tokenizer.special_tokens.items()
        self._control = {literal: id for literal, id in special if tokenizer.is_special(id) and len(literal) > 1}
        longest_first = sorted(self._control, key=len, reverse=True)
        any_literal = "|".join(map(re.escape, longest_first)) or "(?!)"
        self._literal = re.compile(f"({any_literal})")
        self._literal_ahead = re.compile(f"(?={any_literal})")
        self._beginnings = {literal[:length] for literal in self._control for length in range(1, len(literal))}
        self._adds_bos = bool(metadata.get("tokenizer.ggml.add_bos_token"))
        self._variables = {
            "bos_token": _literal(tokenizer, tokenizer.bos_id),
            "eos_token": _literal(tokenizer, metadata.get("tokenizer.ggml.eos_token_id")),
        }
        ends = (tokenizer.special_tokens.get(literal) for literal in _ENDS)
        self.stop_token_ids = tokenizer.eos_ids | {id for id in ends if id is not None}

    def render(self, request: GenerateRequest) -> list[int]:
        """Return the ids of the prompt. Raises NotSupported without a template, InvalidRequest if it refuses."""
        if isinstance(request.prompt, str):
            ids = [*request.context, *self._tokenizer.encode(request.prompt, special=True)]
            return self._with_bos(ids) if ids else ids
        marker = f"\ue000{secrets.token_hex(16)}\ue001"
        ids: list[int] = []
        for i, part in enumerate(self._literal.split(self._text(request.prompt, marker))):
            ids += [self._control[part]] if i % 2 else self._tokenizer.encode(part.replace(marker, ""))
        return [*request.context, *ids] if request.context else self._with_bos(ids)

    def parser(self, request: GenerateRequest) -> Parser:
        if isinstance(request.prompt, str):
            return TextParser(self._tokenizer, hidden=self.stop_token_ids)
        return TextParser(self._tokenizer, hidden=self.stop_token_ids | set(self._control.values()))

    def grammar(self, request: GenerateRequest) -> TurnGrammar | None:
        return json_answer(request, self.stop_token_ids)

    def _text(self, messages: Sequence[Message], marker: str) -> str:
        """Render the messages with the template. A final assistant message is left open, to be continued."""
        if self._template is None:
            raise NotSupported("the model has no chat template", hint=_HINT)
        said = [{"role": _role(message), "content": self._broken(message.content, marker)} for message in messages]
        continued = bool(messages) and messages[-1].role == "assistant"
        if continued:
            said[-1]["content"] += marker * 2
        try:
            text = self._template.render(
                messages=said, add_generation_prompt=not continued, tools=None, **self._variables
            )
        except (TemplateError, ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
            raise InvalidRequest(f"the model's chat template refuses the conversation: {error}") from error
        return text[: text.rindex(marker * 2)] if continued and marker * 2 in text else text

    def _broken(self, text: str, marker: str) -> str:
        """Insert the marker into all literals of control tokens, and into the beginning of one that ends the text."""
        starts = [match.start() for match in self._literal_ahead.finditer(text)]
        end = len(text.rstrip())
        longest = max(map(len, self._beginnings), default=0)
        starts += [start for start in range(max(0, end - longest), end) if text[start:end] in self._beginnings]
        cuts = [0, *(start + 1 for start in sorted(set(starts))), len(text)]
        return marker.join(text[start:stop] for start, stop in pairwise(cuts))

    def _with_bos(self, ids: list[int]) -> list[int]:
        bos = self._tokenizer.bos_id
        return [bos, *ids] if self._adds_bos and bos is not None and ids[:1] != [bos] else ids


def _compile(source: object, now: Callable[[], datetime]) -> Template | None:
    """Compile the template, with the filters and functions that templates for Hugging Face's tokenizers expect."""
    if not isinstance(source, str) or not source.strip():
        return None

    def strftime_now(style: str) -> str:
        return now().strftime(style)

    environment: Any = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = _raise
    environment.globals["strftime_now"] = strftime_now
    try:
        return environment.from_string(source)
    except TemplateError as error:
        raise NotSupported(f"the model's chat template cannot be read: {error}", hint=_HINT) from error


def _to_json(value: object, indent: int | None = None) -> str:
    """Write JSON as models were trained on: unlike Jinja's own filter, without HTML escapes."""
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _raise(message: str) -> NoReturn:
    raise TemplateError(message)


def _role(message: Message) -> str:
    return "system" if message.role == "developer" else message.role


def _literal(tokenizer: Tokenizer, id: int | None) -> str:
    return "" if id is None else tokenizer.token_bytes(id).decode("utf-8", "replace")
