"""Answers of models of several families, as their own templates make llama.cpp read them, and what they become here.

A model of a hundred kilobytes says what such a model would. The templates are as short as llama.cpp knows them by.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest

from ossia.config import EngineOptions
from ossia.engine import load
from ossia.engine.facts import ModelFacts
from ossia.gguf import GGUF
from ossia.types import Collected, GenerateRequest, Message, ReasoningEffort, SamplingParams, Tool, collect
from tests.model import scripted_gguf

pytestmark = pytest.mark.slow

WEATHER = Tool("get_weather", "Weather", {"type": "object", "properties": {"city": {"type": "string"}}})
ARGUMENTS = '{"city": "Berlin"}'
CHATML = """
{%- if tools %}{{- '<tools>' }}{%- for tool in tools %}{{- tool | tojson }}{%- endfor %}{{- '</tools>' }}{%- endif %}
{%- for message in messages %}{{- '<|im_start|>' + message.role + '\\n' }}
{%- if message.reasoning_content %}{{- '<think>\\n' + message.reasoning_content + '\\n</think>\\n\\n' }}{%- endif %}
{{- message.content }}{%- for call in message.tool_calls or [] %}
{{- '\\n<tool_call>\\n{"name": "' + call.function.name + '", "arguments": ' }}
{{- call.function.arguments | tojson }}{{- '}\\n</tool_call>' }}{%- endfor %}{{- '<|im_end|>\\n' }}{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}THINKING{%- endif %}"""
SWITCH = "{%- if enable_thinking is defined and not enable_thinking %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}"
DEEPSEEK = """
{%- for message in messages %}{%- if message.role == 'user' %}{{- '<｜User｜>' + message.content }}{%- endif %}
{%- if message.role == 'assistant' and message.tool_calls %}{%- for call in message.tool_calls %}
{{- ('<｜Assistant｜><｜tool▁calls▁begin｜>' if loop.first else '\\n') + '<｜tool▁call▁begin｜>' + call.type }}
{{- '<｜tool▁sep｜>' + call.function.name + '\\n```json\\n' + (call.function.arguments | tojson) }}
{{- '\\n```<｜tool▁call▁end｜>' }}{%- endfor %}{{- '<｜tool▁calls▁end｜><｜end▁of▁sentence｜>' }}{%- endif %}
{%- if message.role == 'assistant' and message.content is not none %}
{{- '<｜Assistant｜>' + message.content.split('</think>')[-1] + '<｜end▁of▁sentence｜>' }}{%- endif %}{%- endfor %}
{%- if add_generation_prompt %}{{- '<｜Assistant｜><think>\\n' }}{%- endif %}"""
MISTRAL = """{%- if tools %}{{- '[AVAILABLE_TOOLS]' + (tools | tojson) + '[/AVAILABLE_TOOLS]' }}{%- endif %}
{%- for message in messages %}{%- if message.role == 'user' %}{{- '[INST]' + message.content + '[/INST]' }}
{%- elif message.tool_calls %}{{- '[TOOL_CALLS][' }}{%- for call in message.tool_calls %}
{{- '{"name": "' + call.function.name + '", "arguments": ' + (call.function.arguments | tojson) }}
{{- ', "id": "' + call.id + '"}' }}{%- if not loop.last %}{{- ', ' }}{%- endif %}{%- endfor %}{{- ']</s>' }}
{%- else %}{{- message.content + '</s>' }}{%- endif %}{%- endfor %}"""
CALL = f'{{"name": "get_weather", "arguments": {ARGUMENTS}}}'


@dataclass(frozen=True)
class Family:
    template: str
    end: str
    control: tuple[str, ...]
    thought: str = ""
    call: str = ""


FAMILIES = {
    "qwen": Family(
        CHATML.replace("THINKING", SWITCH),
        *("<|im_end|>", ("<|im_start|>",), "<think>\nHm.\n</think>\n\n", f"<tool_call>\n{CALL}\n</tool_call>"),
    ),
    "always": Family(
        CHATML.replace("THINKING", "{{- '<think>\\n' }}"),
        *("<|im_end|>", ("<|im_start|>",), "Hm.\n</think>\n\n", f"<tool_call>\n{CALL}\n</tool_call>"),
    ),
    "deepseek": Family(DEEPSEEK, "<｜end▁of▁sentence｜>", ("<｜User｜>", "<｜Assistant｜>"), "Hm.\n</think>\n\n"),
    "mistral": Family(
        MISTRAL, "</s>", ("[INST]", "[/INST]", "[TOOL_CALLS]"), call=f'[TOOL_CALLS][{CALL[:-1]}, "id": "123456789"}}]'
    ),
}


async def said(path: Path, name: str, text: str, effort: ReasoningEffort = "medium", *tools: Tool) -> Collected:
    family = FAMILIES[name]
    scripted_gguf.write(path / "m.gguf", family.template, text, end=family.end, control=family.control)
    engine = await load((path / "m.gguf",), EngineOptions(device="cpu", threads=1, num_parallel=1, context_length=4096))
    sampling = SamplingParams(temperature=0, max_tokens=200)
    request = GenerateRequest((Message("user", "Hi"),), tools, reasoning_effort=effort, sampling=sampling)
    answer = await collect(engine.generate(request))
    await engine.close()
    return answer


@pytest.mark.parametrize("name", FAMILIES)
async def test_an_answer(tmp_path: Path, name: str) -> None:
    answer = await said(tmp_path, name, FAMILIES[name].thought + "Hello there.")
    assert answer.message.content == "Hello there."
    assert answer.message.reasoning.strip() == ("Hm." if FAMILIES[name].thought else "")


@pytest.mark.parametrize("name", ["always", "deepseek"])
async def test_thoughts_that_cannot_be_switched_off_are_no_part_of_the_answer(tmp_path: Path, name: str) -> None:
    answer = await said(tmp_path, name, FAMILIES[name].thought + "Hello there.", "none")
    assert answer.message.content == "Hello there."


async def test_a_model_that_is_told_not_to_think(tmp_path: Path) -> None:
    answer = await said(tmp_path, "qwen", "Hello there.", "none")
    assert (answer.message.reasoning, answer.message.content) == ("", "Hello there.")


@pytest.mark.parametrize("name", [name for name in FAMILIES if FAMILIES[name].call])
async def test_a_call(tmp_path: Path, name: str) -> None:
    answer = await said(tmp_path, name, FAMILIES[name].thought + FAMILIES[name].call, "medium", WEATHER)
    assert [(call.name, call.arguments) for call in answer.message.tool_calls] == [("get_weather", ARGUMENTS)]
    assert (answer.message.reasoning.strip(), answer.message.content) == ("Hm." if FAMILIES[name].thought else "", "")
    assert answer.finished.reason == "tool_calls"


def test_abilities(tmp_path: Path) -> None:
    def facts(name: str) -> tuple[bool, bool, bool]:
        family = FAMILIES[name]
        path = scripted_gguf.write(tmp_path / name, family.template, "x", end=family.end)
        facts = ModelFacts.of(GGUF.open(path))
        return facts.supports_tools, facts.supports_thinking, facts.always_thinks

    assert facts("qwen") == (True, True, False)
    assert facts("always") == (True, True, True)
    assert facts("deepseek") == (False, True, True)
    assert facts("mistral") == (True, False, False)
