"""Engine double that behaves like a model: it thinks, calls the given tools and answers in the required format.

It replaces only the engine, so real clients can hold whole conversations with the real server, fast and reproducibly.
It uses nothing that a model could not know: arguments and formatted answers are instances of the schemas in the
request, and tool results are quoted from the conversation. Like a real engine it restores the reasoning that clients
drop.
"""

import ast
import itertools
import json
import re
from collections.abc import AsyncGenerator, Iterator
from typing import Any

from ossia.engine.recall import Recall
from ossia.types import (
    Event,
    Finished,
    GenerateRequest,
    Message,
    ReasoningDelta,
    TextDelta,
    Timings,
    Tool,
    ToolCallDelta,
    Usage,
    fold,
)
from tests.doubles.scripted_engine import ScriptedEngine
from tests.vocabulary import harmony_encoding

THOUGHT = "The user wants an answer."
ANSWER = "It is a fine day."


class ModelDouble(ScriptedEngine):
    """Engine with the abilities of gpt-oss. Each event counts as one output token, each word as one of the prompt."""

    def __init__(self) -> None:
        super().__init__()
        self.context_length = 131072
        self._recall = Recall()

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Event]:
        request = self._recall.completed(request)
        self.requests.append(request)
        events = list(answer(request))
        limit = request.sampling.max_tokens or len(events)
        for event in events[:limit]:
            yield event
        calls = any(isinstance(event, ToolCallDelta) for event in events)
        reason = "length" if limit < len(events) else "tool_calls" if calls else "stop"
        finished = Finished(reason, self._usage(request, events[:limit]), Timings(0.25, 0.125))
        if reason == "tool_calls":
            self._recall.remember(fold([*events, finished]))
        yield finished

    def _usage(self, request: GenerateRequest, events: list[Event]) -> Usage:
        thoughts = sum(isinstance(event, ReasoningDelta) for event in events)
        return Usage(_words(request), len(events), reasoning_tokens=thoughts)

    async def count_tokens(self, request: GenerateRequest) -> int:
        return _words(request)


def _words(request: GenerateRequest) -> int:
    return len(text_of(request).split())


def text_of(request: GenerateRequest) -> str:
    """Text of all messages, or of the raw prompt."""
    if isinstance(request.prompt, str):
        return request.prompt
    return "\n".join(message.content for message in request.prompt)


def answer(request: GenerateRequest) -> Iterator[Event]:
    """Events of the whole answer, in the order of harmony's channels: reasoning, then calls or text."""
    if isinstance(request.prompt, str):
        yield from map(TextDelta, tokens(harmony(request.prompt)))
        return
    if request.reasoning_effort != "none":
        yield ReasoningDelta(THOUGHT)
    turn = current_turn(request)
    if tool := next_tool(request, turn):
        yield from call(tool, f"call_{len(request.prompt)}")
        return
    for piece in re.findall(r"\S+\s*|\s+", text(request, turn)):
        yield TextDelta(piece)


def current_turn(request: GenerateRequest) -> list[Message]:
    """Messages after the last user message."""
    assert not isinstance(request.prompt, str)
    backwards = itertools.takewhile(lambda message: message.role != "user", reversed(request.prompt))
    return list(backwards)[::-1]


def next_tool(request: GenerateRequest, turn: list[Message]) -> Tool | None:
    """The tool to call next: the first one; after a result, one not yet called, and only if a call is required."""
    choice = request.tool_choice
    tools = [tool for tool in request.tools if choice.allowed is None or tool.name in choice.allowed]
    if not any(message.role == "tool" for message in turn):
        return next(iter(tools), None)
    called = {made.name for message in turn for made in message.tool_calls}
    return next((tool for tool in tools if tool.name not in called), tools[-1]) if choice.required else None


def call(tool: Tool, id: str) -> Iterator[Event]:
    """A tool call whose arguments arrive in three fragments."""
    arguments = json.dumps(instance(tool.parameters or {"type": "object"}))
    half = len(arguments) // 2
    for fragment in ("", arguments[:half], arguments[half:]):
        yield ToolCallDelta(0, id, tool.name, fragment)


def harmony(prompt: str) -> str:
    """Harmony text of the answer to a raw harmony prompt, in which tools are declared in TypeScript."""
    thought = f"<|channel|>analysis<|message|>{THOUGHT}<|end|><|start|>assistant"
    declared = re.search(r"type (\w+) = \(_: \{(.*?)\}\)", prompt, re.DOTALL)
    results = re.findall(r"to=assistant<\|channel\|>commentary<\|message\|>(.*?)<\|end\|>", prompt, re.DOTALL)
    if declared and not results:
        arguments = json.dumps(dict.fromkeys(re.findall(r"(\w+): string", declared[2]), "Oslo"))
        channel = f"commentary to=functions.{declared[1]} <|constrain|>json"
        return f"{thought}<|channel|>{channel}<|message|>{arguments}<|call|>"
    said = f"The tool says: {results[-1]}" if results else ANSWER
    return f"{thought}<|channel|>final<|message|>{said}<|return|>"


def tokens(text: str) -> Iterator[str]:
    """Text of each harmony token, in order."""
    encoding = harmony_encoding()
    return (encoding.decode([id]) for id in encoding.encode(text, allowed_special="all"))


def text(request: GenerateRequest, turn: list[Message]) -> str:
    """Final answer: an instance of the response format, the last tool result, or ANSWER."""
    if request.response_format is not None:
        told = tool_in_prompt(text_of(request))
        return json.dumps(told or instance(request.response_format.schema))
    results = [message.content for message in turn if message.role == "tool"]
    return f"The tool says: {results[-1]}" if results else ANSWER


def tool_in_prompt(prompt: str) -> dict[str, Any] | None:
    """Call of a tool that the prompt describes in words, as litellm writes it for models that seem to lack tools."""
    described = re.search(r"functions are available to you:\n(\{.*\})", prompt)
    if described is None or "### Assistant:" in prompt:
        return None
    function = ast.literal_eval(described[1])["function"]
    return {"name": function["name"], "arguments": instance(function["parameters"])}


def instance(schema: dict[str, Any] | bool, root: dict[str, Any] | None = None) -> Any:
    """A small instance of a schema: required properties only, and the first of any alternatives."""
    if isinstance(schema, bool):
        return {}
    root = root or schema
    if "$ref" in schema:
        return instance(referred(schema["$ref"], root), root)
    for name in ("anyOf", "oneOf", "allOf"):
        if schema.get(name):
            return instance(schema[name][0], root)
    if "const" in schema:
        return schema["const"]
    return schema["enum"][0] if "enum" in schema else instance_of_type(schema, root)


def instance_of_type(schema: dict[str, Any], root: dict[str, Any]) -> Any:
    """A small instance of a schema that has a plain `type`."""
    kind = schema.get("type", "object")
    match kind[0] if isinstance(kind, list) else kind:
        case "string":
            return "Oslo".ljust(schema.get("minLength", 0), "o")
        case "integer" | "number":
            return max(schema.get("minimum", 1), 1)
        case "boolean":
            return True
        case "null":
            return None
        case "array":
            return [instance(schema.get("items", True), root)] * max(schema.get("minItems", 1), 1)
        case _:
            properties = schema.get("properties", {})
            return {name: instance(properties.get(name, True), root) for name in schema.get("required", [])}


def referred(reference: str, root: dict[str, Any]) -> dict[str, Any]:
    """Schema that a local `$ref` names."""
    found: Any = root
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found
