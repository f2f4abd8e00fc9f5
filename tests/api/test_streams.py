"""Every API's stream, event by event, for the same answers: types, order and indices as its vendor documents them.

A line stands for an event: what it is, and where it belongs. The details of an event have their tests elsewhere.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest

from ossia.errors import ModelCrashed
from ossia.types import Event, Finished, ReasoningDelta, TextDelta, ToolCallDelta, Usage
from tests.api.conftest import Answer, Api

USAGE = Usage(11, 7, 3, 2)
ANSWERS: dict[str, tuple[Event, ...]] = {
    "text": (TextDelta("Hi"), TextDelta("."), Finished("stop", USAGE)),
    "reasoning": (ReasoningDelta("Hm"), ReasoningDelta("m"), TextDelta("Hi"), Finished("stop", USAGE)),
    "tool calls": (
        TextDelta("I look."),
        ToolCallDelta(0, "call_a", "f"),
        ToolCallDelta(0, "call_a", "f", '{"x"'),
        ToolCallDelta(0, "call_a", "f", ":1}"),
        ToolCallDelta(1, "call_b", "g", "{}"),
        Finished("tool_calls", USAGE),
    ),
    "error": (TextDelta("Hi"), Finished("error", error=ModelCrashed("the model died"))),
    "length limit": (TextDelta("Hi"), Finished("length", USAGE)),
}
HELLO = [{"role": "user", "content": "Hello"}]
TOOLS = [{"type": "function", "function": {"name": name}} for name in "fg"]


def named(answer: Answer) -> list[Any]:
    """Server-sent events that have a name, which is also the type of their data."""
    found: list[Any] = []
    for block in answer.body.decode().removesuffix("\n\n").split("\n\n"):
        name, data = block.split("\n")
        found.append(json.loads(data.removeprefix("data: ")))
        assert name == f"event: {found[-1]['type']}"
    return found


# ---- /v1/chat/completions


def chat_completions(api: Api) -> list[str]:
    answer = api.post(
        "/v1/chat/completions", messages=HELLO, tools=TOOLS, stream=True, stream_options={"include_usage": True}
    )
    assert answer.headers["content-type"] == "text/event-stream"
    return [_chunk(event) for event in answer.events]


def _chunk(event: Any) -> str:
    if not isinstance(event, dict):
        return event
    if "error" in event:
        return "error"
    if not event["choices"]:
        return "usage"
    (choice,) = event["choices"]
    calls = [_call(call) for call in choice["delta"].get("tool_calls", ())]
    words = [name for name, value in choice["delta"].items() if name != "tool_calls" and value] + calls
    return " ".join([*words, *([f"finish {choice['finish_reason']}"] if choice["finish_reason"] else [])])


def _call(call: Any) -> str:
    return f"call {call['index']}" + (f" {call['id']} {call['type']}" if "id" in call else "")


# ---- /v1/responses


def responses(api: Api) -> list[str]:
    tools = [{"type": "function", "name": name} for name in "fg"]
    answer = api.post("/v1/responses", input="Hello", tools=tools, reasoning={"summary": "auto"}, stream=True)
    events = named(answer)
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    return [_response_event(event) for event in events]


def _response_event(event: Any) -> str:
    places = [str(event[name]) for name in ("output_index", "content_index", "summary_index") if name in event]
    kind = [event["item"]["type"]] if "item" in event else []
    return " ".join([event["type"].removeprefix("response."), *places, *kind])


# ---- /v1/messages


def messages(api: Api) -> list[str]:
    tools = [{"name": name, "input_schema": {"type": "object"}} for name in "fg"]
    answer = api.post("/v1/messages", messages=HELLO, max_tokens=99, tools=tools, stream=True)
    return [_message_event(event) for event in named(answer)]


def _message_event(event: Any) -> str:
    inner = event.get("content_block", event.get("delta", {}))
    words = [event["type"], str(event.get("index", "")), inner.get("type", ""), inner.get("stop_reason") or ""]
    return " ".join(word for word in words if word)


# ---- /api/chat


def ollama_chat(api: Api) -> list[str]:
    answer = api.post("/api/chat", messages=HELLO, tools=TOOLS)
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [_line(line) for line in answer.lines]


def _line(line: Any) -> str:
    if "error" in line:
        return "error"
    message = line["message"]
    assert (message["role"], type(message["content"])) == ("assistant", str)
    calls = [f"call {call['function']['index']} {call['id']}" for call in message.get("tool_calls", ())]
    words = [name for name in ("thinking", "content") if message.get(name)] + calls
    return " ".join(words + ([f"done {line['done_reason']}"] if line["done"] else []))


Read = Callable[[Api], list[str]]
SHAPES: dict[tuple[Read, str], list[str]] = {
    (chat_completions, "text"): ["role content", "content", "finish stop", "usage", "[DONE]"],
    (chat_completions, "reasoning"): [
        "role reasoning reasoning_content", "reasoning reasoning_content", "content", "finish stop", "usage", "[DONE]",
    ],
    (chat_completions, "tool calls"): [
        "role content", "call 0 call_a function", "call 0", "call 0", "call 1 call_b function",
        "finish tool_calls", "usage", "[DONE]",
    ],
    (chat_completions, "error"): ["role content", "error", "[DONE]"],
    (chat_completions, "length limit"): ["role content", "finish length", "usage", "[DONE]"],
    (responses, "text"): [
        "created", "in_progress", "output_item.added 0 message", "content_part.added 0 0",
        "output_text.delta 0 0", "output_text.delta 0 0", "output_text.done 0 0", "content_part.done 0 0",
        "output_item.done 0 message", "completed",
    ],
    (responses, "reasoning"): [
        "created", "in_progress", "output_item.added 0 reasoning", "reasoning_summary_part.added 0 0",
        "reasoning_summary_text.delta 0 0", "reasoning_summary_text.delta 0 0", "reasoning_summary_text.done 0 0",
        "reasoning_summary_part.done 0 0", "output_item.done 0 reasoning", "output_item.added 1 message",
        "content_part.added 1 0", "output_text.delta 1 0", "output_text.done 1 0", "content_part.done 1 0",
        "output_item.done 1 message", "completed",
    ],
    (responses, "tool calls"): [
        "created", "in_progress", "output_item.added 0 message", "content_part.added 0 0", "output_text.delta 0 0",
        "output_text.done 0 0", "content_part.done 0 0", "output_item.done 0 message",
        "output_item.added 1 function_call", "function_call_arguments.delta 1", "function_call_arguments.delta 1",
        "function_call_arguments.done 1", "output_item.done 1 function_call",
        "output_item.added 2 function_call", "function_call_arguments.delta 2",
        "function_call_arguments.done 2", "output_item.done 2 function_call", "completed",
    ],
    (responses, "error"): [
        "created", "in_progress", "output_item.added 0 message", "content_part.added 0 0", "output_text.delta 0 0",
        "output_text.done 0 0", "content_part.done 0 0", "output_item.done 0 message", "failed",
    ],
    (responses, "length limit"): [
        "created", "in_progress", "output_item.added 0 message", "content_part.added 0 0", "output_text.delta 0 0",
        "output_text.done 0 0", "content_part.done 0 0", "output_item.done 0 message", "incomplete",
    ],
    (messages, "text"): [
        "message_start", "ping", "content_block_start 0 text", "content_block_delta 0 text_delta",
        "content_block_delta 0 text_delta", "content_block_stop 0", "message_delta end_turn", "message_stop",
    ],
    (messages, "reasoning"): [
        "message_start", "ping", "content_block_start 0 thinking", "content_block_delta 0 thinking_delta",
        "content_block_delta 0 thinking_delta", "content_block_delta 0 signature_delta", "content_block_stop 0",
        "content_block_start 1 text", "content_block_delta 1 text_delta", "content_block_stop 1",
        "message_delta end_turn", "message_stop",
    ],
    (messages, "tool calls"): [
        "message_start", "ping", "content_block_start 0 text", "content_block_delta 0 text_delta",
        "content_block_stop 0", "content_block_start 1 tool_use", "content_block_delta 1 input_json_delta",
        "content_block_delta 1 input_json_delta", "content_block_stop 1", "content_block_start 2 tool_use",
        "content_block_delta 2 input_json_delta", "content_block_stop 2", "message_delta tool_use", "message_stop",
    ],
    (messages, "error"): [
        "message_start", "ping", "content_block_start 0 text", "content_block_delta 0 text_delta", "error",
    ],
    (messages, "length limit"): [
        "message_start", "ping", "content_block_start 0 text", "content_block_delta 0 text_delta",
        "content_block_stop 0", "message_delta max_tokens", "message_stop",
    ],
    (ollama_chat, "text"): ["content", "content", "done stop"],
    (ollama_chat, "reasoning"): ["thinking", "thinking", "content", "done stop"],
    (ollama_chat, "tool calls"): ["content", "call 0 call_a", "call 1 call_b", "done stop"],
    (ollama_chat, "error"): ["content", "error"],
    (ollama_chat, "length limit"): ["content", "done length"],
}  # fmt: skip


@pytest.mark.parametrize(("read", "name"), SHAPES, ids=[f"{read.__name__} {name}" for read, name in SHAPES])
def test_a_stream(api: Api, read: Read, name: str) -> None:
    api.say(*ANSWERS[name])
    assert read(api) == SHAPES[read, name]
