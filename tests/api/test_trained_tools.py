"""Tools that gpt-oss was trained with, through the vendors' SDKs: a call, its result sent back, and what the model saw.

The model is a script of a turn's text; the rendering of prompts and the parser of the turn are the real ones.
"""

import json
from collections.abc import AsyncGenerator, Callable
from datetime import date
from typing import Any, NamedTuple

import anthropic
import ollama
import openai
import pytest

from ossia.chat.harmony.format import Harmony
from ossia.config import Settings
from ossia.engine.detokenizer import Detokenizer
from ossia.engine.sequence import Sampled, StepOutput
from ossia.types import Event, GenerateRequest, Timings
from tests.api.conftest import NAME, Api
from tests.doubles.scripted_engine import ScriptedEngine
from tests.vocabulary import harmony_tokenizer

TOKENIZER = harmony_tokenizer()
TODAY = date(2025, 6, 28)
CODE = 'print("ä")\n'
RESULT = "the result"
LINES: Any = {"type": "object", "properties": {"lines": {"type": "string"}}, "required": ["lines"]}
QUERY: Any = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}


class Called(NamedTuple):
    """A call as a client got it, and the conversation with the call and its result."""

    name: str
    arguments: str
    messages: list[Any]


class HarmonyEngine(ScriptedEngine):
    """Engine whose model writes `turn`; `prompts` are the texts that it was shown."""

    def __init__(self, *, trained_tools: bool = True) -> None:
        super().__init__()
        self.harmony = Harmony(TOKENIZER, today=lambda: TODAY, trained_tools=trained_tools)
        self.turn = ""
        self.prompts: list[str] = []

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Event]:
        rendering = await self.harmony.render(request, 1 << 17)
        self.prompts.append(TOKENIZER.decode(rendering))
        answer = Detokenizer(request, self.harmony.parser(request), TOKENIZER, self.harmony.stop_token_ids, rendering)
        for id in TOKENIZER.encode(self.turn, special=True):
            ending = "stop" if id in self.harmony.stop_token_ids else None
            for event in answer.feed(StepOutput(0, Sampled(id), ending, 0)):
                yield event
        yield answer.finished(Timings())


@pytest.fixture
def engine(api: Api, monkeypatch: pytest.MonkeyPatch) -> HarmonyEngine:
    engine = HarmonyEngine()
    monkeypatch.setattr(api.engine, "generate", engine.generate)
    return engine


# ---- each API: a tool's declaration, and a turn with one call


def chat_tool(name: str, schema: Any, strict: bool) -> Any:
    if schema is None:
        return {"type": "custom", "custom": {"name": name}}
    return {"type": "function", "function": {"name": name, "parameters": schema} | ({"strict": True} if strict else {})}


def chat(url: str, messages: list[Any], tool: Any, stream: bool) -> Called:
    with openai.OpenAI(base_url=f"{url}/v1", api_key="x", max_retries=0) as client:
        asked: dict[str, Any] = {"model": NAME, "messages": messages, "tools": [tool], "stream": stream}
        answer = client.chat.completions.create(**asked)
        if stream:
            deltas = [chunk.choices[0].delta for chunk in answer if chunk.choices]
            parts = [call.model_dump(exclude_none=True) for delta in deltas for call in delta.tool_calls or ()]
            call = parts[0]
            field, text = ("custom", "input") if "custom" in call else ("function", "arguments")
            call[field][text] = "".join(part[field].get(text, "") for part in parts)
        else:
            call = answer.choices[0].message.tool_calls[0].model_dump(exclude_none=True)
    call.pop("index", None)
    said = call.get("function") or call["custom"]
    result = {"role": "tool", "tool_call_id": call["id"], "content": RESULT}
    history = [*messages, {"role": "assistant", "content": None, "tool_calls": [call]}, result]
    return Called(said["name"], said.get("arguments", said.get("input")), history)


def responses_tool(name: str, schema: Any, strict: bool) -> Any:
    if schema is None:
        return {"type": "custom", "name": name}
    return {"type": "function", "name": name, "parameters": schema, "strict": strict}


def responses(url: str, messages: list[Any], tool: Any, stream: bool) -> Called:
    with openai.OpenAI(base_url=f"{url}/v1", api_key="x", max_retries=0) as client:
        asked: dict[str, Any] = {"model": NAME, "input": messages, "tools": [tool], "stream": stream}
        answer = client.responses.create(**asked)
        deltas = ""
        if stream:
            events = list(answer)
            deltas = "".join(event.delta for event in events if event.type.endswith(("arguments.delta", "input.delta")))
            answer = events[-1].response
    [call] = [item for item in answer.output if item.type in ("function_call", "custom_tool_call")]
    arguments = call.arguments if call.type == "function_call" else call.input
    assert not stream or deltas == arguments
    result = {"type": f"{call.type}_output", "call_id": call.call_id, "output": RESULT}
    return Called(call.name, arguments, [*messages, call.model_dump(exclude_none=True), result])


def messages_tool(name: str, schema: Any, strict: bool) -> Any:
    return {"name": name, "input_schema": schema} | ({"strict": True} if strict else {})


def messages_api(url: str, messages: list[Any], tool: Any, stream: bool) -> Called:
    with anthropic.Anthropic(base_url=url, api_key="x", max_retries=0) as client:
        asked: dict[str, Any] = {"model": NAME, "max_tokens": 500, "messages": messages, "tools": [tool]}
        if stream:
            with client.messages.stream(**asked) as streamed:
                answer = streamed.get_final_message()
        else:
            answer = client.messages.create(**asked)
    [call] = [block for block in answer.content if block.type == "tool_use"]
    result = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": RESULT}]}
    use = {"type": "tool_use", "id": call.id, "name": call.name, "input": call.input}
    return Called(
        call.name,
        json.dumps(call.input, ensure_ascii=False),
        [*messages, {"role": "assistant", "content": [use]}, result],
    )


def ollama_tool(name: str, schema: Any, strict: bool) -> Any:
    return {"type": "function", "function": {"name": name, "parameters": schema} | ({"strict": True} if strict else {})}


def ollama_api(url: str, messages: list[Any], tool: Any, stream: bool) -> Called:
    with ollama.Client(url) as client:
        asked: dict[str, Any] = {"model": NAME, "messages": messages, "tools": [tool], "stream": stream}
        answer = client.chat(**asked)
        parts = list(answer) if stream else [answer]
    [call] = [call for part in parts for call in part.message.tool_calls or ()]
    said = {"function": {"name": call.function.name, "arguments": dict(call.function.arguments)}}
    history = [{"role": "assistant", "tool_calls": [said]}, {"role": "tool", "tool_name": call.function.name}]
    history[1]["content"] = RESULT
    arguments = json.dumps(said["function"]["arguments"], ensure_ascii=False)
    return Called(call.function.name, arguments, [*messages, *history])


Turn = Callable[[str, list[Any], Any, bool], Called]
APIS: dict[str, tuple[Turn, Callable[[str, Any, bool], Any]]] = {
    "chat": (chat, chat_tool),
    "responses": (responses, responses_tool),
    "messages": (messages_api, messages_tool),
    "ollama": (ollama_api, ollama_tool),
}


# ---- what each must do


class Case(NamedTuple):
    """A client's tool (without a schema it takes text), the model's text of a call, and what the client gets."""

    name: str
    schema: Any
    written: str
    arguments: str


PYTHON = "<|channel|>analysis to=python code<|message|>" + CODE
SEARCH = '<|channel|>analysis to=browser.search code<|message|>{"query":"ä"}'
OPEN = '<|channel|>analysis to=browser.open code<|message|>{"id":3}'
FIND = '<|channel|>analysis to=browser.find code<|message|>{"pattern":"x"}'
ANY: Any = {"type": "object", "properties": {}}
CASES = [
    Case("python", None, PYTHON, CODE),
    Case("python", LINES, PYTHON, json.dumps({"lines": CODE}, ensure_ascii=False)),
    Case("browser.search", QUERY, SEARCH, '{"query":"ä"}'),
    Case("browser_search", QUERY, SEARCH, '{"query":"ä"}'),
    Case("browser.open", ANY | {"properties": {"id": {"type": "number"}}}, OPEN, '{"id":3}'),
    Case("browser.find", ANY | {"properties": {"pattern": {"type": "string"}}}, FIND, '{"pattern":"x"}'),
]


QUESTION: Any = {"role": "user", "content": "?"}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("name", APIS)
def test_a_call_and_its_result(api: Api, engine: HarmonyEngine, name: str, stream: bool) -> None:
    turn, declare = APIS[name]
    has_text = name in ("chat", "responses")  # others have no tools that take text
    for case in CASES if has_text else CASES[1:]:
        engine.turn = case.written + "<|call|>"
        tool = declare(case.name, case.schema, False)
        called = turn(api.url, [QUESTION], tool, stream)
        assert called.name == case.name
        if case.schema:
            assert json.loads(called.arguments) == json.loads(case.arguments)
        else:
            assert called.arguments == case.arguments
        turn(api.url, called.messages, tool, stream)
        first, second = engine.prompts[-2:]
        assert ("## python\n\nUse this tool" if case.name == "python" else "namespace browser {") in first
        assert "namespace functions" not in first
        recipient = case.written.split("to=")[1].split(" ")[0]
        assert second.endswith(
            f"<|start|>assistant{case.written}<|call|>"
            f"<|start|>{recipient} to=assistant<|channel|>analysis<|message|>{RESULT}<|end|><|start|>assistant"
        )


AS_FUNCTION = '<|channel|>commentary to=functions.python <|constrain|>json<|message|>{"lines": "1"}<|call|>'


@pytest.mark.parametrize("name", APIS)
def test_a_function_of_that_name(api: Api, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """It stays one if it is strict, if its schema says more, or if the setting says so."""
    turn, declare = APIS[name]
    more = LINES | {"properties": LINES["properties"] | {"n": {"type": "integer"}}, "required": ["lines", "n"]}
    strict = (LINES | {"additionalProperties": False}, True)
    for setting, (schema, is_strict) in [("", strict), ("1", (more, False)), ("0", (LINES, False))]:
        if is_strict and name == "ollama":
            continue  # its SDK drops the word
        monkeypatch.setenv("OSSIA_TRAINED_TOOLS", setting)
        engine = HarmonyEngine(trained_tools=Settings.from_env().engine.trained_tools)
        engine.turn = AS_FUNCTION
        monkeypatch.setattr(api.engine, "generate", engine.generate)
        called = turn(api.url, [QUESTION], declare("python", schema, is_strict), False)
        assert (called.name, json.loads(called.arguments)) == ("python", {"lines": "1"})
        assert "## python" not in engine.prompts[0]
        assert "type python = (_: {" in engine.prompts[0]
