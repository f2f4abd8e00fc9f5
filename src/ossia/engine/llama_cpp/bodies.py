"""Bodies of questions to llama.cpp's HTTP API, made of neutral requests.

Its own chat handling renders conversations with the model's template, so messages are passed as messages. Pure; nothing
is known here of sockets and of answers.
"""

import json
import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final, TypeVar

from ossia.chat.grammar.rules import FREE_BLANKS
from ossia.errors import InvalidRequest, NotSupported
from ossia.gguf import GGUF
from ossia.tokenizer import literal_pattern
from ossia.types import GenerateRequest, Message, SamplingParams, Tool, ToolCall

Body = dict[str, object]
Schema = TypeVar("Schema", dict[str, Any], dict[str, Any] | bool, dict[str, Any] | None)

_UNKNOWN, _CONTROL = 2, 3
"""Types of tokens that llama.cpp finds in a rendered conversation only, never in plain text."""
_FIXED_BLANKS: Final = '"whitespace_flexible": false, "item_separator": ", ", "key_separator": ": "'
_BREAK: Final = "\u200b"
_SEEDS: Final = 2**32 - 1
"""Seeds of llama.cpp; the next number stands for none."""


class Literals:
    """Literals of a model's control tokens, which a user's text must not contain: llama.cpp would read them as such."""

    def __init__(self, gguf: GGUF) -> None:
        tokens, types = gguf.array("tokenizer.ggml.tokens"), gguf.array("tokenizer.ggml.token_type")
        control = {str(token) for token, kind in zip(tokens, types, strict=False) if kind in (_UNKNOWN, _CONTROL)}
        self._pattern = literal_pattern(each for each in control if len(each) > 1 and _BREAK not in each)

    def broken(self, text: str) -> str:
        """Return the text with a zero-width space inside of each literal."""
        while self._pattern.search(text):  # again, since they may overlap
            text = self._pattern.sub(_broken, text)
        return text


def _broken(found: re.Match[str]) -> str:
    return f"{found[0][0]}{_BREAK}{found[0][1:]}"


def conversation(request: GenerateRequest, messages: Sequence[Message], literals: Literals) -> Body:
    """Return what a prompt is rendered from. A final assistant message is left open, to be continued."""
    is_continued = bool(messages) and messages[-1].role == "assistant"
    effort = "none" if is_continued else request.reasoning_effort
    return {
        "messages": [_message(message, literals) for message in messages],
        "chat_template_kwargs": {"enable_thinking": effort != "none", "reasoning_effort": effort},
        **_tools(request),
    }


def _message(message: Message, literals: Literals) -> Body:
    fields = {
        "role": "system" if message.role == "developer" else message.role,
        "content": literals.broken(message.content),
        "reasoning_content": literals.broken(message.reasoning),
        "tool_calls": [_call(call, literals) for call in message.tool_calls],
        "tool_call_id": message.tool_call_id,
        "name": message.name,
    }
    return {name: value for name, value in fields.items() if value or name == "content"}


def _call(call: ToolCall, literals: Literals) -> Body:
    function = {"name": call.name, "arguments": literals.broken(call.arguments)}
    return {"id": call.id, "type": "function", "function": function}


def _tools(request: GenerateRequest) -> Body:
    """Return the tools that may be called; if none may, all are there to be read."""
    if not request.tools:
        return {}
    choice = request.tool_choice
    callable = [tool for tool in request.tools if choice.allowed is None or tool.name in choice.allowed]
    how = ("required" if choice.required else "auto") if callable else "none"
    return {
        "tools": [_tool(tool) for tool in callable or request.tools],
        "tool_choice": how,
        "parallel_tool_calls": choice.parallel,
    }


def _tool(tool: Tool) -> Body:
    parameters: dict[str, Any] = in_order({"type": "object"} | (tool.parameters or {}))
    parameters.setdefault("properties", {})
    return {
        "type": "function",
        "function": {"name": tool.name, "description": tool.description, "parameters": parameters},
    }


def in_order(schema: Schema) -> Schema:
    """Return a schema whose required properties come first, as llama.cpp writes them. Raises InvalidRequest."""
    try:
        return json.loads(json.dumps(schema), object_pairs_hook=_ordered)
    except RecursionError:
        raise InvalidRequest("the schema is nested too deeply") from None


def _ordered(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    with suppress(KeyError, AttributeError, TypeError):  # it has no such properties, or is no schema, as others tell
        required: list[str] = fields["required"]
        properties: dict[str, Any] = fields["properties"]
        fields["properties"] = dict(sorted(properties.items(), key=lambda each: each[0] not in required))
    return fields


def sampling(params: SamplingParams, max_tokens: int, context: int) -> Body:
    """Return the fields that chats and completions share. One answer is streamed, with its times in every chunk.

    llama.cpp allocates the window of penalties, and knows no -1: none is longer than the `context` in tokens.
    """
    window = params.repeat_last_n
    return {
        "temperature": params.temperature,
        "top_k": params.top_k,
        "top_p": params.top_p,
        "min_p": params.min_p,
        "typical_p": params.typical_p,
        "repeat_last_n": context if window < 0 else min(window, context),
        "repeat_penalty": params.repeat_penalty,
        "presence_penalty": params.presence_penalty,
        "frequency_penalty": params.frequency_penalty,
        "seed": (secrets.randbits(63) if params.seed is None else params.seed) % _SEEDS,
        "logit_bias": params.logit_bias,
        "n_predict": max_tokens,
        "stream": True,
        "timings_per_token": True,
        "return_tokens": True,
    }


def grammar(lark: str) -> str:
    """Return a grammar in the dialect of llguidance, as llama.cpp takes it.

    JSON has one blank after each separator and no other: llama.cpp's llguidance repeats blanks without an end.
    """
    return f"%llguidance {{}}\n{lark.replace(FREE_BLANKS, _FIXED_BLANKS)}"


def chat_logprobs(params: SamplingParams) -> Body:
    return {} if params.logprobs is None else {"logprobs": True, "top_logprobs": max(params.logprobs, 1)}


def completion_logprobs(params: SamplingParams) -> Body:
    return {} if params.logprobs is None else {"n_probs": max(params.logprobs, 1)}


def no_prompt_logprobs() -> NotSupported:
    return NotSupported("llama.cpp tells no log probabilities of a prompt", hint="leave out echo, or logprobs")
