"""Thoughts and calls by llama.cpp's parsers: SmolLM2 with a template of the kind that Qwen's and others' are."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import pytest_asyncio

from ossia.config import EngineOptions
from ossia.engine import Engine, load
from ossia.engine.facts import ModelFacts
from ossia.gguf import GGUF
from ossia.types import (
    GenerateRequest,
    Message,
    ReasoningEffort,
    ResponseFormat,
    SamplingParams,
    Tool,
    ToolCall,
    ToolChoice,
    collect,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

TEMPLATE = r"""
{%- if tools %}{{- '<|im_start|>system\n# Tools\n\n<tools>' }}
{%- for tool in tools %}{{- '\n' }}{{- tool | tojson }}{%- endfor %}
{{- '\n</tools>\n\nReturn a JSON object within <tool_call></tool_call> XML tags:\n<tool_call>\n' }}
{{- '{"name": <function-name>, "arguments": <args-json-object>}\n</tool_call><|im_end|>\n' }}{%- endif %}
{%- for message in messages %}
{%- if message.role == 'assistant' %}
{{- '<|im_start|>assistant\n' }}
{%- if message.reasoning_content %}{{- '<think>\n' + message.reasoning_content + '\n</think>\n\n' }}{%- endif %}
{{- message.content }}
{%- for tool_call in message.tool_calls or [] %}
{{- '\n<tool_call>\n{"name": "' + tool_call.function.name + '", "arguments": ' }}
{{- tool_call.function.arguments if tool_call.function.arguments is string else tool_call.function.arguments | tojson }}
{{- '}\n</tool_call>' }}{%- endfor %}
{{- '<|im_end|>\n' }}
{%- elif message.role == 'tool' %}
{{- '<|im_start|>user\n<tool_response>\n' + message.content + '\n</tool_response><|im_end|>\n' }}
{%- else %}
{{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
{{- '<|im_start|>assistant\n<think>\n' }}
{%- if enable_thinking is defined and enable_thinking is false %}{{- '\n</think>\n\n' }}{%- endif %}
{%- endif %}
"""
WEATHER: dict[str, Any] = {
    "type": "object",
    "properties": {"unit": {"enum": ["C", "F"]}, "city": {"type": "string", "maxLength": 20}},
    "required": ["city"],
    "additionalProperties": False,
}
ASKED = Message("user", "What is the weather in Berlin?")


def with_template(data: bytes, template: str) -> bytes:
    """Return a GGUF file with another chat template, made so long that the tensors stay aligned."""
    key = b"tokenizer.chat_template\x08\x00\x00\x00"
    start = data.index(key) + len(key)
    length = int.from_bytes(data[start : start + 8], "little")
    padding = "{#" + " " * ((length - len(template) - 4) % 32) + "#}"
    value = (template + padding).encode()
    return data[:start] + len(value).to_bytes(8, "little") + value + data[start + 8 + length :]


@pytest.fixture(scope="module")
def model(smollm2_gguf: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tools") / "model.gguf"
    path.write_bytes(with_template(smollm2_gguf.read_bytes(), TEMPLATE))
    return path


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine(model: Path) -> AsyncIterator[Engine]:
    engine = await load((model,), EngineOptions(device="cpu", threads=1, num_parallel=2, context_length=1024))
    yield engine
    await engine.close()


async def test_the_template_tells_the_abilities(model: Path, smollm2_gguf: Path) -> None:
    facts, plain = ModelFacts.of(GGUF.open(model)), ModelFacts.of(GGUF.open(smollm2_gguf))
    assert (facts.supports_tools, facts.supports_thinking) == (True, True)
    assert (plain.supports_tools, plain.supports_thinking) == (False, False)


async def test_a_strict_tool_is_called(engine: Engine) -> None:
    """The call is begun for the model, which does not know this format."""
    begun = Message("assistant", "<tool_call>\n")
    request = GenerateRequest(
        (ASKED, begun),
        tools=(Tool("get_weather", parameters=WEATHER, strict=True),),
        tool_choice=ToolChoice(required=True, parallel=False),
        sampling=SamplingParams(temperature=1, seed=1, max_tokens=200),
    )
    answer = await collect(engine.generate(request))
    assert answer.finished.reason == "tool_calls"
    [call] = answer.message.tool_calls
    assert call.name == "get_weather"
    assert call.id
    jsonschema.validate(json.loads(call.arguments), WEATHER)


async def test_a_call_and_its_result_are_rendered(engine: Engine) -> None:
    call = ToolCall("call_1", "get_weather", '{"city": "Berlin"}')
    turn = (ASKED, Message("assistant", "", "Hm.", tool_calls=(call,)), Message("tool", "sunny", tool_call_id="call_1"))
    tools = (Tool("get_weather", parameters=WEATHER),)
    assert await engine.count_tokens(GenerateRequest(turn, tools)) > await engine.count_tokens(
        GenerateRequest(turn[:1], tools)
    )
    sampling = SamplingParams(temperature=0, max_tokens=4)
    answer = await collect(engine.generate(GenerateRequest(turn, tools, sampling=sampling, reasoning_effort="none")))
    assert answer.finished.usage.completion_tokens == 4


@pytest.mark.parametrize(("effort", "thinks"), [("medium", True), ("none", False)])
async def test_thinking_on_and_off(engine: Engine, effort: ReasoningEffort, thinks: bool) -> None:
    sampling = SamplingParams(temperature=0, max_tokens=6, logprobs=0)
    answer = await collect(engine.generate(GenerateRequest((ASKED,), sampling=sampling, reasoning_effort=effort)))
    assert (bool(answer.message.reasoning), bool(answer.message.content)) == (thinks, not thinks)
    assert answer.finished.usage.reasoning_tokens == (6 if thinks else 0)
    assert len(answer.reasoning_logprobs if thinks else answer.logprobs) == 6


async def test_a_schema_without_thoughts(engine: Engine) -> None:
    request = GenerateRequest(
        (ASKED,),
        response_format=ResponseFormat(WEATHER),
        reasoning_effort="none",
        sampling=SamplingParams(temperature=1, seed=2, max_tokens=300),
    )
    jsonschema.validate(json.loads((await collect(engine.generate(request))).message.content), WEATHER)
