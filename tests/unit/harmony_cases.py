"""Random tools, texts and conversations, and what OpenAI's own renderer makes of them."""

import json
import random
from dataclasses import dataclass
from typing import Any

from openai_harmony import (
    Author,
    Conversation,
    DeveloperContent,
    HarmonyEncoding,
    ReasoningEffort,
    RenderConversationConfig,
    Role,
    SystemContent,
    ToolDescription,
)
from openai_harmony import Message as LibraryMessage

from ossia.chat.harmony.message import HarmonyMessage
from ossia.types import Tool

SPECIAL = [
    "<|start|>", "<|end|>", "<|message|>", "<|channel|>", "<|constrain|>", "<|return|>", "<|call|>",
    "<|startoftext|>", "<|endoftext|>", "<|endofprompt|>", "<|reserved_200000|>", "<|reserved_200013|>",
]  # fmt: skip
_PIECES = [
    *SPECIAL, "hello", " world", "\n", "\n\n", "  ", "\r\n", "\t", "it's", " don't", "12345", "0.1", "é", "naïve",
    "漢字",
    "🙂", "👩‍👩‍👧", "à", "{}", '{"a": [1, 2]}', "//", " // x", '"', "\\", "to=functions.f", "json", "final", "analysis",
    "assistant", ".", ",", "!?", "\x00", "\x7f", "\u2028", "\ufeff", "ẞ", "Ω", "ﬁ", "x" * 40, "     ",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    date: str
    effort: str
    instructions: str | None
    tools: tuple[Tool, ...]
    messages: tuple[HarmonyMessage, ...]


def text(rng: random.Random) -> str:
    return "".join(rng.choices(_PIECES, k=rng.randint(0, 8)))


def name(rng: random.Random) -> str:
    return rng.choice(["f", "get_weather", "search", "a1", "X_2", "lookup", "run_code", "π"])


def case(rng: random.Random) -> Case:
    date = f"{rng.randint(1990, 2100)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
    tools = tuple(tool(rng) for _ in range(rng.choice([0, 0, 1, 1, 2, 4])))
    messages = tuple(message(rng) for _ in range(rng.randint(0, 5)))
    return Case(date, rng.choice(["low", "medium", "high"]), rng.choice([None, text(rng)]), tools, messages)


def message(rng: random.Random) -> HarmonyMessage:
    match rng.randint(0, 4):
        case 0:
            return HarmonyMessage("user", text(rng))
        case 1:
            return HarmonyMessage(f"functions.{name(rng)}", text(rng), "commentary", "assistant")
        case _:
            return assistant_message(rng)


def assistant_message(rng: random.Random) -> HarmonyMessage:
    if rng.random() < 0.4:
        arguments = json.dumps({"a": text(rng)}, ensure_ascii=False)
        return HarmonyMessage("assistant", arguments, "commentary", f"functions.{name(rng)}", json=True)
    return HarmonyMessage("assistant", text(rng), rng.choice(["analysis", "commentary", "final"]))


def tool(rng: random.Random) -> Tool:
    parameters = rng.choice([None, {}, schema(rng, 3), schema(rng, 3), object_schema(rng, 3), object_schema(rng, 3)])
    return Tool(name(rng), text(rng), parameters)


def schema(rng: random.Random, depth: int) -> dict[str, Any]:
    """A JSON schema, sometimes a strange one: everything that its renderer looks at, and some that it must not."""
    kinds = [_string, _number, _other, _types]
    if depth:
        kinds += [object_schema, _array, _one_of]
    made = rng.choice(kinds)(rng, depth)
    for key, value in _annotations(rng).items():
        if rng.random() < 0.25:
            made[key] = value
    return made


def object_schema(rng: random.Random, depth: int) -> dict[str, Any]:
    if rng.random() < 0.1:
        return {"type": "object"}
    names = rng.sample(["a", "b", "location", "with space", "é", "x-y", "null"], k=rng.randint(0, 4))
    properties: dict[str, Any] = {key: schema(rng, depth - 1) if depth else _string(rng, 0) for key in names}
    if rng.random() < 0.05:
        properties["odd"] = rng.choice([True, False, None, 3, "string", []])
    made: dict[str, Any] = {"type": "object", "properties": properties}
    if rng.random() < 0.6:
        made["required"] = [*rng.sample(names, k=rng.randint(0, len(names))), *rng.choice([[], ["absent"], [1, None]])]
    return made


def _string(rng: random.Random, depth: int) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "string"}
    if rng.random() < 0.5:
        made["enum"] = rng.choice([["celsius", "kelvin"], ["x"], [], [1, "two", None], [1], ['qu"ote', "null"]])
    return made


def _number(rng: random.Random, depth: int) -> dict[str, Any]:
    return {"type": rng.choice(["number", "integer", "boolean"]), **rng.choice([{}, {"minimum": 1}, {"enum": [1, 2]}])}


def _other(rng: random.Random, depth: int) -> dict[str, Any]:
    choices: list[dict[str, Any]] = [
        {}, {"const": 1}, {"anyOf": [{"type": "string"}]}, {"allOf": []}, {"$ref": "#/x"}, {"type": "null"},
        {"type": "date"}, {"enum": ["a", "b"]}, {"format": "uri"}, {"type": 3}, {"additionalProperties": False},
    ]  # fmt: skip
    return rng.choice(choices)


def _types(rng: random.Random, depth: int) -> dict[str, Any]:
    names = ["string", "integer", "null", "object", "array", "number", 1]
    return {"type": rng.sample(names, k=rng.randint(0, 3)), "properties": {"a": {"type": "string"}}}


def _array(rng: random.Random, depth: int) -> dict[str, Any]:
    items: list[Any] = [{}, schema(rng, depth - 1), schema(rng, depth - 1), True]
    return {"type": "array", **rng.choice([{}, {"items": rng.choice(items)}, {"minItems": 1}])}


def _one_of(rng: random.Random, depth: int) -> dict[str, Any]:
    variants: list[Any] = [schema(rng, depth - 1) for _ in range(rng.randint(0, 3))]
    made: dict[str, Any] = {"oneOf": rng.choice([variants, variants, variants, [*variants, True], "wrong"])}
    if rng.random() < 0.3 and variants:
        made["description"] = variants[0]["description"] = "the same"
    return made


def _annotations(rng: random.Random) -> dict[str, Any]:
    return {
        "description": rng.choice(["short", "two\nlines", "", text(rng), 5]),
        "title": rng.choice(["Title", text(rng), None]),
        "default": rng.choice(["celsius", text(rng), 1, 1.0, -0.5, True, None, [], [1, "é"], {"x": {"y": 1}}]),
        "examples": rng.choice([["one", "two"], [], [1], [text(rng), None], "no list"]),
        "nullable": rng.choice([True, False, "yes"]),
        "pattern": "^a$",
    }


def library_ids(encoding: HarmonyEncoding, case: Case) -> list[int]:
    """The ids that openai-harmony renders, its own dropping of analysis switched off.

    A call's recipient is given to it as a part of the channel, for that is how the model samples it; all that is then
    to be corrected is the token that ends the message.
    """
    messages = [LibraryMessage.from_role_and_content(Role.SYSTEM, _system(case))]
    if case.instructions is not None or case.tools:
        messages.append(LibraryMessage.from_role_and_content(Role.DEVELOPER, _developer(case)))
    calls = [len(messages) + i for i, message in enumerate(case.messages) if message.is_call]
    messages += [library_message(message) for message in case.messages]
    conversation = Conversation.from_messages(messages)
    config = RenderConversationConfig(auto_drop_analysis=False)
    ids = encoding.render_conversation_for_completion(conversation, Role.ASSISTANT, config)
    starts = [i for i, id in enumerate(ids) if id == 200006]
    for call in calls:
        end = starts[call + 1] - 1
        assert ids[end] == 200007
        ids[end] = 200012
    return ids


def library_message(message: HarmonyMessage) -> LibraryMessage:
    if message.author in ("user", "assistant"):
        author = Author.new(Role(message.author), "")
        author.name = None
    else:
        author = Author.new(Role.TOOL, message.author)
    made = LibraryMessage.from_author_and_content(author, message.content)
    if message.is_call:
        made = made.with_channel(f"{message.channel} to={message.recipient}")
    else:
        made = made.with_channel(message.channel) if message.channel else made
        made = made.with_recipient(message.recipient) if message.recipient else made
    return made.with_content_type("<|constrain|>json") if message.json else made


def _system(case: Case) -> SystemContent:
    effort = ReasoningEffort(case.effort.capitalize())
    return SystemContent.new().with_conversation_start_date(case.date).with_reasoning_effort(effort)


def _developer(case: Case) -> DeveloperContent:
    content = DeveloperContent.new()
    if case.instructions is not None:
        content = content.with_instructions(case.instructions)
    if case.tools:
        descriptions = [ToolDescription.new(tool.name, tool.description, tool.parameters) for tool in case.tools]
        content = content.with_function_tools(descriptions)
    return content
