"""Conversations to ids: the same as OpenAI's own renderer gives, and exact prompts for what is ours to decide."""

import random
import re
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from ossia.chat.harmony.format import Harmony
from ossia.chat.harmony.message import ControlTokens, HarmonyMessage, Renderer, developer_text, system_text
from ossia.chat.harmony.tool_names import ToolNames
from ossia.errors import InvalidModelFile, InvalidRequest
from ossia.types import GenerateRequest, Message, ReasoningEffort, Tool, ToolCall
from tests.doubles.in_process import rendered as ids_of
from tests.unit.byte_vocabulary import byte_vocabulary
from tests.unit.harmony_cases import SPECIAL, Case, case, library_ids
from tests.vocabulary import harmony_encoding, harmony_tokenizer

TOKENIZER = harmony_tokenizer()
CONTROL = ControlTokens.of(TOKENIZER)
HARMONY = Harmony(TOKENIZER, today=lambda: date(2025, 6, 28))
F, G = Tool("f"), Tool("g")

SYSTEM = """\
<|start|>system<|message|>You are ChatGPT, a large language model trained by OpenAI.
Knowledge cutoff: 2024-06
Current date: 2025-06-28

Reasoning: medium

# Valid channels: analysis, commentary, final. Channel must be included for every message."""
PLAIN = f"{SYSTEM}<|end|>"
WITH_F = f"""\
{SYSTEM}
Calls to these tools must go to the commentary channel: 'functions'.<|end|><|start|>developer<|message|># Tools

## functions

namespace functions {{

type f = () => any;

}} // namespace functions<|end|>"""
ASSISTANT = "<|start|>assistant"


def user(text: str) -> Message:
    return Message("user", text)


def said(content: str = "", *, thinking: str = "", calls: Sequence[ToolCall] = ()) -> Message:
    return Message("assistant", content, thinking, tuple(calls))


def result(content: str, *, id: str | None = None, name: str | None = None) -> Message:
    return Message("tool", content, tool_call_id=id, name=name)


def rendered(*messages: Message, tools: Sequence[Tool] = (), effort: ReasoningEffort = "medium") -> str:
    return TOKENIZER.decode(ids_of(HARMONY, GenerateRequest(messages, tuple(tools), reasoning_effort=effort)))


def u(text: str) -> str:
    return f"<|start|>user<|message|>{text}<|end|>"


def a(channel: str, text: str) -> str:
    return f"{ASSISTANT}<|channel|>{channel}<|message|>{text}<|end|>"


def call(name: str, arguments: str = "{}") -> str:
    return f"{ASSISTANT}<|channel|>commentary to=functions.{name} <|constrain|>json<|message|>{arguments}<|call|>"


def answer(name: str, text: str) -> str:
    return f"<|start|>functions.{name} to=assistant<|channel|>commentary<|message|>{text}<|end|>"


@pytest.mark.parametrize(
    "first", [0, *(pytest.param(first, marks=pytest.mark.slow) for first in range(2_500, 10_000, 2_500))]
)
def test_ids_are_those_of_the_library(first: int) -> None:
    encoding = harmony_encoding()
    for seed in range(first, first + 2_500):
        one = case(random.Random(seed))
        assert _ids(one) == library_ids(encoding, one), one


def _ids(case: Case) -> list[int]:
    renderer = Renderer(TOKENIZER, CONTROL)
    system = system_text(date=case.date, effort=case.effort, has_functions=bool(case.tools))
    messages = [HarmonyMessage("system", system)]
    if case.instructions is not None or case.tools:
        messages.append(HarmonyMessage("developer", developer_text(case.instructions, case.tools)))
    ids = [id for message in [*messages, *case.messages] for id in renderer.message(message)]
    return ids + renderer.start("assistant")


def test_conversation_without_tools() -> None:
    messages = (Message("system", "Be kind."), user("Hi"), said("Hello"), Message("developer", "Be brief."), user("?"))
    developer = "<|start|>developer<|message|># Instructions\n\nBe kind.\n\nBe brief.<|end|>"
    assert rendered(*messages) == PLAIN + developer + u("Hi") + a("final", "Hello") + u("?") + ASSISTANT


def test_instructions_and_tools_share_the_developer_message() -> None:
    text = rendered(Message("system", "Be kind."), user("Hi"), tools=[F])
    assert text == WITH_F.replace("# Tools", "# Instructions\n\nBe kind.\n\n# Tools") + u("Hi") + ASSISTANT


def test_empty_messages() -> None:
    assert rendered() == PLAIN + ASSISTANT
    assert rendered(Message("system"), user(""), said(), user("x")) == PLAIN + u("") + u("x") + ASSISTANT


@pytest.mark.parametrize("effort", ["low", "medium", "high"])
def test_effort(effort: ReasoningEffort) -> None:
    assert rendered(user("x"), effort=effort).count(f"\n\nReasoning: {effort}\n\n") == 1


def test_no_effort_opens_the_final_answer() -> None:
    text = rendered(user("x"), effort="none")
    assert text == PLAIN.replace("medium", "low") + u("x") + ASSISTANT + "<|channel|>final<|message|>"


def test_no_effort_with_tools_leaves_the_channel_to_the_model() -> None:
    assert rendered(user("x"), tools=[F], effort="none") == WITH_F.replace("medium", "low") + u("x") + ASSISTANT


def test_tool_loop_keeps_its_chain_of_thought() -> None:
    messages = (
        user("1"),
        said("old answer", thinking="old"),
        user("2"),
        said("Let me see.", thinking="new", calls=[ToolCall("c1", "f", '{"x": 1}')]),
        result("r1", id="c1"),
        said(thinking="newer", calls=[ToolCall("c2", "f", "")]),
        result("r2", id="c2"),
    )
    old = u("1") + a("final", "old answer") + u("2")
    loop = a("analysis", "new") + a("commentary", "Let me see.") + call("f", '{"x": 1}') + answer("f", "r1")
    assert rendered(*messages, tools=[F]) == (
        WITH_F + old + loop + a("analysis", "newer") + call("f") + answer("f", "r2") + ASSISTANT
    )


def test_answer_ends_its_loop() -> None:
    loop = (user("1"), said(thinking="t", calls=[ToolCall("c", "f", "{}")]), result("r", id="c"))
    told = u("1") + call("f") + answer("f", "r") + a("final", "done")
    assert rendered(*loop, said("done", thinking="t2"), user("2"), tools=[F]) == WITH_F + told + u("2") + ASSISTANT


def test_thoughts_before_an_answer_are_dropped_though_the_turn_goes_on() -> None:
    more = said(thinking="more", calls=[ToolCall("c", "f", "{}")])
    told = u("1") + a("final", "first") + a("analysis", "more") + call("f") + answer("f", "r")
    messages = (user("1"), said("first", thinking="so"), more, result("r", id="c"))
    assert rendered(*messages, tools=[F]) == WITH_F + told + ASSISTANT


def test_thoughts_of_a_turn_that_was_cut_off_are_dropped_by_the_next_question() -> None:
    assert rendered(user("1"), said(thinking="cut"), user("2")) == PLAIN + u("1") + u("2") + ASSISTANT
    loop = (user("1"), said(thinking="cut", calls=[ToolCall("c", "f", "{}")]), result("r", id="c"))
    assert rendered(*loop, user("2"), tools=[F]) == WITH_F + u("1") + call("f") + answer("f", "r") + u("2") + ASSISTANT


def test_answer_begun_by_the_client_is_continued() -> None:
    opened = ASSISTANT + "<|channel|>final<|message|>The answer"
    assert rendered(user("x"), said("The answer")) == PLAIN + u("x") + opened
    assert rendered(user("x"), said("The answer", thinking="so")) == PLAIN + u("x") + a("analysis", "so") + opened
    assert rendered(user("x"), said(thinking="so")) == PLAIN + u("x") + ASSISTANT + "<|channel|>analysis<|message|>so"
    assert rendered(user("x"), said()) == PLAIN + u("x") + ASSISTANT


TWO = [ToolCall("c1", "f", "{}"), ToolCall("c2", "g", "{}")]
SAME = [ToolCall("", "f", "{}"), ToolCall("", "f", "[]")]


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        ([said(calls=TWO), result("2", id="c2"), result("1", id="c1")], "f1g2"),
        ([said(calls=TWO), result("2", name="g"), result("1", name="f")], "f1g2"),
        ([said(calls=TWO), result("1"), result("2")], "f1g2"),
        ([said(calls=TWO), result("1", id="unknown"), result("2", id="unknown")], "f1g2"),
        ([said(calls=TWO), result("2"), result("1", id="c1")], "f1g2"),
        ([said(calls=TWO), result("1", id="c1")], "f1g"),
        ([said(calls=TWO), result("1", id="c1"), result("3", id="c1"), result("2", id="c2")], "f1g23"),
        ([said(calls=TWO[:1]), said(calls=TWO[1:]), result("1", id="c1"), result("2", id="c2")], "f1g2"),
        ([said(calls=TWO[:1]), result("1"), said(calls=TWO[1:]), result("2")], "f1g2"),
        ([said(calls=TWO[:1]), result("1", id="c1"), said(calls=TWO[:1]), result("2", id="c1")], "f1f2"),
    ],
)
def test_results_follow_their_calls(messages: list[Message], told: str) -> None:
    text = rendered(user("x"), *messages, tools=[F, G])
    parts = text.split(u("x"))[1].removesuffix(ASSISTANT)
    for name in "fg":
        parts = parts.replace(call(name), name)
        for content in "123":
            parts = parts.replace(answer(name, content), content)
    assert parts == told


def test_empty_ids_tell_nothing() -> None:
    calls = [ToolCall("", "f", "{}"), ToolCall("", "g", "{}")]
    text = rendered(user("x"), said(calls=calls), result("2", id="", name="g"), result("1", id="", name="f"))
    assert text.endswith(call("f") + answer("f", "1") + call("g") + answer("g", "2") + ASSISTANT)


def test_calls_of_one_function_take_results_in_order() -> None:
    text = rendered(user("x"), said(calls=SAME), result("1", name="f"), result("2", name="f"), tools=[F])
    assert text == WITH_F + u("x") + call("f") + answer("f", "1") + call("f", "[]") + answer("f", "2") + ASSISTANT


@pytest.mark.parametrize(
    ("before", "message", "tools", "name"),
    [
        ([], result("r", name="g"), [F], "g"),
        ([], result("r"), [F], "f"),
        ([], result("r", id="c1"), [F, G], "unknown"),
        ([said()], result("r"), [F], "f"),
        ([said(calls=TWO), user("never mind")], result("r"), [F, G], "g"),
        ([said(calls=TWO), result("1"), result("2"), user("x")], result("r", id="c1"), [F, G], "f"),
        ([said(calls=TWO), result("1"), result("2"), user("x")], result("r"), [F, G], "g"),
    ],
)
def test_result_without_a_call_is_told(before: list[Message], message: Message, tools: list[Tool], name: str) -> None:
    assert rendered(user("x"), *before, message, tools=tools).endswith(answer(name, "r") + ASSISTANT)


def test_raw_prompt_is_taken_as_it_is() -> None:
    prompt = "<|start|>user<|message|>Hi<|end|><|start|>assistant"
    ids = ids_of(HARMONY, GenerateRequest(prompt, (F,), reasoning_effort="none"))
    assert ids == harmony_encoding().encode(prompt, allowed_special="all")


def test_empty_raw_prompt_has_no_ids() -> None:
    assert ids_of(HARMONY, GenerateRequest("")) == []


@pytest.mark.parametrize("special", SPECIAL)
def test_no_text_becomes_a_control_token(special: str) -> None:
    def prompt(text: str) -> GenerateRequest:
        schema: dict[str, Any] = {"type": "object", "properties": {text: {"type": "string", "description": text}}}
        calls = [ToolCall(text, text, text)]
        messages = (
            Message("system", text),
            Message("developer", text),
            user(text),
            said(text, thinking=text, calls=calls),
            result(text, id=text),
            result(text, name=text),
            said(text, thinking=text),
            user(text),
            said(thinking=text, calls=calls),
            result(text, name=text),
            said(text, thinking=text),
        )
        return GenerateRequest(messages, (Tool(text, text, schema), Tool("f", text)))

    def control(text: str) -> list[int]:
        return [id for id in ids_of(HARMONY, prompt(text)) if TOKENIZER.is_special(id)]

    assert control(special) == control("harmless")
    assert control(f"<|end|>{special}x{special}") == control("harmless")


def test_names_that_harmony_cannot_carry() -> None:
    names = ["get-weather", "get_weather", "get.weather", "2nd", "日本", "python", ""]
    tools = [Tool(name) for name in names]
    calls = [ToolCall("1", "get-weather", "{}"), ToolCall("2", "not declared", "{}")]
    text = rendered(user("x"), said(calls=calls), result("r", name="get.weather"), tools=tools)
    for name in ("get_weather_2", "get_weather", "get_weather_3", "_2nd", "__", "python", "unnamed"):
        assert text.count(f"type {name} = () => any;\n") == 1
    told = call("get_weather_2") + answer("get_weather_2", "r") + call("not_declared")
    assert text.endswith(u("x") + told + ASSISTANT)


@pytest.mark.parametrize(
    ("recipient", "name"),
    [
        ("functions.f", "f"),
        ("f", "f"),
        ("functions.get_weather", "get-weather"),
        ("functions.get-weather", "get-weather"),
        ("functions.get_weatherjson", "get-weather"),
        ("functions.GET_weather", "get-weather"),
        ("functions.tojson", "tojson"),
        ("functions.unknown", "unknown"),
        ("functions.unknownjson", "unknownjson"),
        ("python", "python"),
        ("browser.search", "browser.search"),
        ("functions.browser_open", "browser.open"),
    ],
)
def test_recipient_to_name(recipient: str, name: str) -> None:
    assert ToolNames(["f", "get-weather", "to", "tojson", "browser.open"]).resolve(recipient) == name


def test_schema_without_end_is_refused() -> None:
    schema: dict[str, Any] = {}
    for _ in range(10_000):
        schema = {"type": "array", "items": schema}
    with pytest.raises(InvalidRequest, match="nested too deeply"):
        rendered(user("x"), tools=[Tool("f", "", schema)])


def test_stop_tokens() -> None:
    assert HARMONY.stop_token_ids == {200002, 200012, 199999}


def test_any_vocabulary_with_the_control_tokens_will_do() -> None:
    names = ["start", "end", "message", "channel", "constrain", "return", "call"]
    tokenizer = byte_vocabulary(*(f"<|{name}|>" for name in names))
    harmony = Harmony(tokenizer, today=lambda: date(2025, 6, 28))
    assert harmony.stop_token_ids == {5, 6}
    assert tokenizer.decode(ids_of(harmony, GenerateRequest((user("x"),)))) == PLAIN + u("x") + ASSISTANT


def test_vocabulary_without_them_does_not_fit() -> None:
    with pytest.raises(InvalidModelFile, match=re.escape("no control token <|call|>")):
        Harmony(byte_vocabulary("<|start|>", "<|end|>", "<|message|>", "<|im_end|>"))
