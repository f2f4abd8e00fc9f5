"""Conversations as certain clients send them: without thoughts, without the call, or as text with tools in Python.

LiteLLM's provider `ollama/` sends no tools but one text, in which functions are Python dicts and the answer is to be
JSON of a call; its provider `ollama_chat/` loses the call that a result belongs to. Most others drop the thoughts
before a call.
"""

import json
from dataclasses import replace
from random import Random
from typing import Any

from ossia.types import ANY_OBJECT, Message, Tool
from training.conversation import Conversation
from training.scenes import single
from training.stage import Stage


def without_thoughts(random: Random) -> Conversation:
    """Compose a result that follows a call without thoughts; only the answer is learnt."""
    made = single(Stage.draw(random))
    messages = tuple(replace(m, reasoning="") if m.tool_calls else m for m in made.messages)
    return replace(made, messages=messages, given=True)


def without_call(random: Random) -> Conversation:
    """Compose a result that directly follows the user's message; only the answer is learnt."""
    made = single(Stage.draw(random))
    last = max(i for i, message in enumerate(made.messages) if message.role == "user")
    messages = tuple(m for i, m in enumerate(made.messages) if i <= last or not m.tool_calls)
    return replace(made, messages=messages, given=True)


_PROMPT = (
    'Produce JSON OUTPUT ONLY! Adhere to this format {"name": "function_name", "arguments":{"argument_name": '
    '"argument_value"}} The following functions are available to you:'
)


def as_text(random: Random) -> Conversation:
    """Compose a request whose tools stand in its text, or the answer to the result of such a call."""
    stage = Stage.draw(random)
    made = single(stage, past=False)
    asked = next(message for message in made.messages if message.role == "user")
    system = next((message.content for message in made.messages if message.role == "system"), "")
    call = next(message.tool_calls[0] for message in made.messages if message.tool_calls)
    functions = "".join(f"\n{_declared(tool)}\n" for tool in made.tools)
    user = f"### User:\n{asked.content}\n\n"
    text = (
        f"### System:\n{system} {_PROMPT}{functions}\n\n{user}"
        if system
        else f"{user}### System:\n{_PROMPT}{functions}\n\n"
    )
    arguments: dict[str, Any] = json.loads(call.arguments)
    if random.random() < 0.55:
        thoughts = next(message.reasoning for message in made.messages if message.tool_calls)
        answer = json.dumps({"name": call.name, "arguments": arguments}, ensure_ascii=False)
    else:
        text += f"### Assistant:\nTool Calls: {_called(random, call.name, arguments)}\n\n"
        text += f"### User:\n{made.messages[-2].content}\n\n"
        thoughts = made.messages[-1].reasoning
        answer = json.dumps({"answer": made.messages[-1].content}, ensure_ascii=False)
    messages = Message("user", text), Message("assistant", answer, thoughts)
    return Conversation(messages, (), made.effort, made.date, ANY_OBJECT)


def _declared(tool: Tool) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters or {}}
    return {"type": "function", "function": function}


def _called(random: Random, name: str, arguments: dict[str, Any]) -> str:
    id = f"call_{random.getrandbits(32):08x}-{random.getrandbits(16):04x}-{random.getrandbits(16):04x}"
    calls = [{"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}]
    return json.dumps(calls, indent=2, ensure_ascii=False)


def draw(random: Random) -> Conversation:
    compose = random.choices((without_thoughts, without_call, as_text), (70, 10, 20))[0]
    return compose(random)
