"""Tools that gpt-oss was trained with: declared as OpenAI's renderer does, and given back to clients as theirs."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai_harmony import Conversation, Role, SystemContent, ToolNamespaceConfig
from openai_harmony import Message as LibraryMessage

from ossia.chat.harmony.format import Harmony
from ossia.engine.detokenizer import Detokenizer
from ossia.engine.sequence import Sampled, StepOutput
from ossia.types import GenerateRequest, Grammar, Message, Tool, ToolCall, ToolCallDelta, ToolChoice
from tests.doubles.in_process import rendered as ids_of
from tests.unit.test_constraint import Spoken
from tests.vocabulary import harmony_encoding, harmony_tokenizer

TOKENIZER = harmony_tokenizer()
HARMONY = Harmony(TOKENIZER, today=lambda: date(2025, 6, 28))
PLAIN = Harmony(TOKENIZER, trained_tools=False)
QUESTION = (Message("user", "?"),)
CODE = {"type": "object", "properties": {"code": {"type": "string"}}, "required": ["code"]}
PYTHON, TEXT = Tool("python", parameters=CODE), Tool("python", takes_text=True)
F = Tool("f")
BROWSER = [Tool(f"browser.{name}") for name in ("search", "open", "find")]


def described(parameters: dict[str, Any]) -> list[Tool]:
    config = ToolNamespaceConfig.browser()
    return [Tool(f"browser.{tool.name}", tool.description, tool.parameters, **parameters) for tool in config.tools]


def text_of(*tools: Tool, messages: tuple[Message, ...] = QUESTION, harmony: Harmony = HARMONY) -> str:
    return TOKENIZER.decode(ids_of(harmony, GenerateRequest(messages, tools)))


def calls_of(raw: str, *tools: Tool) -> list[ToolCall]:
    """The calls of a turn as a client gets them."""
    request = GenerateRequest(QUESTION, tools)
    answer = Detokenizer(request, HARMONY.parser(request), TOKENIZER, HARMONY.stop_token_ids, [1])
    calls: dict[int, ToolCall] = {}
    for id in TOKENIZER.encode(raw, special=True):
        ending = "stop" if id in HARMONY.stop_token_ids else None
        for event in answer.feed(StepOutput(0, Sampled(id), ending, 0)):
            if isinstance(event, ToolCallDelta):
                call = calls.get(event.index) or ToolCall("", event.name, "")
                calls[event.index] = replace(call, arguments=call.arguments + event.arguments)
    return list(calls.values())


@pytest.mark.parametrize("browser", [BROWSER, described({}), described({"strict": True}), []])
@pytest.mark.parametrize("python", [PYTHON, TEXT, None])
def test_the_system_message_is_that_of_the_library(browser: list[Tool], python: Tool | None) -> None:
    system = SystemContent.new().with_conversation_start_date("2025-06-28")
    system = system.with_browser_tool() if browser else system
    system = system.with_python_tool() if python else system
    conversation = Conversation.from_messages(
        [
            LibraryMessage.from_role_and_content(Role.SYSTEM, system),
            LibraryMessage.from_role_and_content(Role.USER, "?"),
        ]
    )
    library = harmony_encoding().render_conversation_for_completion(conversation, Role.ASSISTANT)
    request = GenerateRequest(QUESTION, (*browser[::-1], *([python] if python else [])))
    assert ids_of(HARMONY, request) == library


def test_functions_stay_where_they_were() -> None:
    text = text_of(PYTHON, F)
    assert "## python\n\nUse this tool" in text
    assert "namespace functions {\n\ntype f = () => any;\n\n}" in text
    assert "commentary channel: 'functions'" in text


def test_what_the_client_says_is_told() -> None:
    text = text_of(replace(PYTHON, description="It has numpy."), Tool("browser.search", "Of the library."))
    assert "cluster.\n\nIt has numpy.\n\n# Valid channels" in text
    assert "// Of the library.\ntype search = (_: {\nquery: string," in text


@pytest.mark.parametrize(
    "tool",
    [
        replace(PYTHON, strict=True),
        Tool("python"),
        Tool("python", parameters=CODE | {"required": []}),
        Tool("python", parameters=CODE | {"required": ["code", "x"]}),
        Tool("python", parameters=CODE | {"minProperties": 2}),
        Tool("python", parameters=CODE | {"properties": {"code": {"type": "string", "maxLength": 5}}}),
        Tool("python", parameters=CODE | {"properties": {"code": {"type": "integer"}}}),
        Tool("python", takes_text=True, grammar=Grammar("regex", "x")),
        Tool("browser_open", parameters={"type": "object", "properties": {"url": {"type": "string"}}}),
        Tool("browser.click"),
    ],
)
def test_others_are_functions(tool: Tool) -> None:
    assert "namespace functions" in text_of(tool)
    assert "# Tools\n\n## functions" in text_of(tool)


def test_switched_off() -> None:
    text = text_of(PYTHON, *BROWSER, harmony=PLAIN)
    assert "type python = (_: {" in text
    assert "namespace browser" not in text


@pytest.mark.parametrize("name", ["browser.search", "browser_search", "browser__search", "browser-search"])
def test_calls_of_the_browser_come_back_under_the_clients_name(name: str) -> None:
    tool = Tool(name, parameters={"type": "object", "properties": {"query": {"type": "string"}}})
    raw = '<|channel|>analysis to=browser.search code<|message|>{"query": "x"}<|call|>'
    assert calls_of(raw, tool) == [ToolCall("", name, '{"query": "x"}')]


HEADERS = [
    "<|channel|>analysis to=python code<|message|>",
    " to=python<|channel|>analysis code<|message|>",
    " to=python<|channel|>analysis<|message|>",
    "<|channel|>commentary to=python <|constrain|>code<|message|>",
]
CODES = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('"\\\n\t\r\x00\u2028{}'))


@settings(max_examples=150)
@given(code=CODES, header=st.sampled_from(HEADERS))
def test_code_is_wrapped_and_unwrapped(code: str, header: str) -> None:
    """Whatever the code is, a client gets JSON of its schema, and the history the code."""
    [call] = calls_of(f"{header}", PYTHON) or [None]
    ids = TOKENIZER.encode(header, special=True) + TOKENIZER.encode(code) + TOKENIZER.encode("<|call|>", special=True)
    request = GenerateRequest(QUESTION, (PYTHON,))
    parser = HARMONY.parser(request)
    deltas = [event for id in ids for event in parser.feed(id) if isinstance(event, ToolCallDelta)]
    arguments = "".join(delta.arguments for delta in deltas)
    assert call
    assert json.loads(arguments) == {"code": code}
    jsonschema.validate(json.loads(arguments), CODE)
    said = (*QUESTION, Message("assistant", tool_calls=(ToolCall("1", "python", arguments),)), Message("tool", "r"))
    again = ids_of(HARMONY, GenerateRequest(said, (PYTHON,)))
    written = TOKENIZER.encode("<|start|>assistant<|channel|>analysis to=python code<|message|>", special=True)
    written += TOKENIZER.encode(code) + TOKENIZER.encode("<|call|>", special=True)
    result = TOKENIZER.encode(
        "<|start|>python to=assistant<|channel|>analysis<|message|>r<|end|><|start|>assistant", special=True
    )
    assert again[-len(written) - len(result) :] == written + result


def test_json_for_a_function_named_python_stays_as_it_is() -> None:
    raw = '<|channel|>commentary to=functions.python <|constrain|>json<|message|>{"code": "1"}<|call|>'
    assert calls_of(raw, PYTHON) == [ToolCall("", "python", '{"code": "1"}')]


def test_free_text_is_passed_on() -> None:
    assert (
        calls_of("<|channel|>analysis to=python code<|message|>print('x')<|call|>", TEXT)[0].arguments == "print('x')"
    )


def test_code_that_is_cut_is_not_closed() -> None:
    """A part of a program is no program: nobody is to run it."""
    assert calls_of("<|channel|>analysis to=python code<|message|>rm x", PYTHON)[0].arguments == '{"code": "rm x'


def test_calls_are_dropped_once_they_are_answered() -> None:
    loop = (*QUESTION, Message("assistant", tool_calls=(ToolCall("1", "python", '{"code": "1"}'),)))
    loop += (Message("tool", "2", tool_call_id="1"),)
    assert "to=python" in text_of(PYTHON, messages=(*loop, Message("user", "go on")))
    answered = text_of(PYTHON, messages=(*loop, Message("assistant", "3"), Message("user", "?")))
    assert "to=python" not in answered
    assert "python to=" not in answered


@pytest.mark.parametrize("tool", [PYTHON, TEXT, BROWSER[2]])
def test_the_grammar_allows_no_other_form(tool: Tool) -> None:
    for seed in range(6):
        request = GenerateRequest(QUESTION, (tool,), ToolChoice(required=True, parallel=False), reasoning_effort="none")
        spoken = Spoken(request, seed=seed)
        if not spoken.raw.endswith("<|call|>"):
            continue  # code has no end of its own
        assert [call.name for call in spoken.calls] == [tool.name]
        assert tool.takes_text or isinstance(json.loads(spoken.calls[0].arguments), dict)
        assert f"to={'python' if tool.name == 'python' else tool.name}" in spoken.raw
