"""A model of random weights at temperature 2, behind a real server: it cannot say anything that is wrong.

Whatever it is asked for, over every API and by every vendor's own client, what comes out is JSON of the schema, or a
call of a tool that exists with arguments of its schema.
"""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import anthropic
import jsonschema
import ollama
import openai
import pytest

from ossia.store.models import ModelStore
from tests.clients.conftest import Server, running_server
from tests.model.tiny_gpt_oss import random_model, write_gguf
from tests.random_schemas import random_schema

HARMONY = ["<|start|>", "<|end|>", "<|message|>", "<|channel|>", "<|constrain|>", "<|return|>", "<|call|>"]
ASK: Any = [{"role": "user", "content": "?"}]
SEEDS = range(3)
MAX_TOKENS = 500
"""Thinking is ended so that a whole answer fits, whatever is sampled."""


@pytest.fixture(scope="module")
def senseless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("senseless")
    model = random_model(vocab_size=len(HARMONY) + 256, num_hidden_layers=1)
    ModelStore(home / "models").create("noise", files=[write_gguf(model, home / "noise.gguf", special=HARMONY)])
    with running_server(home) as server:
        yield server


@pytest.fixture
def chat(senseless: Server) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{senseless.url}/v1", api_key="x", max_retries=0) as client:
        yield client


def check(text: str | Any, schema: dict[str, Any]) -> None:
    value = json.loads(text) if isinstance(text, str) else text
    jsonschema.validate(value, schema, format_checker=jsonschema.FormatChecker())


def tools_of(seed: int) -> dict[str, dict[str, Any]]:
    return {f"tool-{i}": random_schema(100 + seed * 2 + i) for i in range(2)}


@pytest.mark.parametrize("seed", SEEDS)
def test_json_by_chat_completions(chat: openai.OpenAI, seed: int) -> None:
    schema = random_schema(seed)
    format: Any = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
    asked: Any = {"model": "noise", "messages": ASK, "temperature": 2, "seed": seed, "max_tokens": MAX_TOKENS}
    whole = chat.chat.completions.create(**asked, response_format=format).choices[0]
    assert whole.finish_reason == "stop"
    check(whole.message.content, schema)
    stream = chat.chat.completions.create(**asked, response_format=format, stream=True)
    check("".join(chunk.choices[0].delta.content or "" for chunk in stream), schema)


@pytest.mark.parametrize("seed", SEEDS)
def test_calls_by_chat_completions(chat: openai.OpenAI, seed: int) -> None:
    schemas = tools_of(seed)
    tools: Any = [{"type": "function", "function": {"name": n, "parameters": s}} for n, s in schemas.items()]
    asked: Any = {"model": "noise", "messages": ASK, "temperature": 2, "seed": seed, "max_tokens": MAX_TOKENS}
    whole = chat.chat.completions.create(**asked, tools=tools, tool_choice="required").choices[0]
    assert whole.finish_reason == "tool_calls"
    with chat.chat.completions.stream(**asked, tools=tools, tool_choice="required") as stream:
        streamed = stream.get_final_completion().choices[0]
    for message in (whole.message, streamed.message):
        assert message.tool_calls
        for call in message.tool_calls:
            assert call.type == "function"
            check(call.function.arguments, schemas[call.function.name])


@pytest.mark.parametrize("seed", SEEDS)
def test_json_and_calls_by_responses(chat: openai.OpenAI, seed: int) -> None:
    schema, schemas = random_schema(seed), tools_of(seed)
    format: Any = {"format": {"type": "json_schema", "name": "answer", "schema": schema}}
    asked: Any = {"model": "noise", "input": "?", "temperature": 2, "max_output_tokens": MAX_TOKENS}
    check(chat.responses.create(**asked, text=format).output_text, schema)
    with chat.responses.stream(**asked, text=format) as stream:
        check(stream.get_final_response().output_text, schema)
    tools: Any = [{"type": "function", "name": n, "parameters": s, "strict": False} for n, s in schemas.items()]
    answer = chat.responses.create(**asked, tools=tools, tool_choice="required")
    calls = [item for item in answer.output if item.type == "function_call"]
    assert calls
    for call in calls:
        check(call.arguments, schemas[call.name])


@pytest.mark.parametrize("seed", SEEDS)
def test_json_and_calls_by_messages(senseless: Server, seed: int) -> None:
    schema, schemas = random_schema(seed), tools_of(seed)
    client = anthropic.Anthropic(base_url=senseless.url, api_key="x", max_retries=0)
    asked: Any = {"model": "noise", "messages": ASK, "max_tokens": MAX_TOKENS}
    format = {"output_config": {"format": {"type": "json_schema", "schema": schema}}}
    answer = client.messages.create(**asked, extra_body=format)
    check("".join(block.text for block in answer.content if block.type == "text"), schema)
    tools: Any = [{"name": n, "input_schema": s} for n, s in schemas.items()]
    with client.messages.stream(**asked, tools=tools, tool_choice={"type": "any"}) as stream:
        calls = [block for block in stream.get_final_message().content if block.type == "tool_use"]
    assert calls
    for call in calls:
        check(call.input, schemas[call.name])
    client.close()


@pytest.mark.parametrize("seed", SEEDS)
def test_json_by_ollama(senseless: Server, seed: int) -> None:
    schema = random_schema(seed)
    asked: Any = {"model": "noise", "format": schema}
    asked["options"] = {"temperature": 2, "seed": seed, "num_predict": MAX_TOKENS}
    with ollama.Client(senseless.url) as client:
        check(client.chat(messages=ASK, **asked).message.content, schema)
        check(client.generate(prompt="?", **asked).response, schema)
        check("".join(chunk.message.content or "" for chunk in client.chat(messages=ASK, stream=True, **asked)), schema)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("first", range(1000, 1336, 84))
def test_a_thousand_schemas_over_all_apis(
    senseless: Server, chat: openai.OpenAI, first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In all 336 schemas of answers and 672 of tools, each in several forms: whole and as streams."""
    monkeypatch.setattr(f"{__name__}.MAX_TOKENS", 1000)
    for seed in range(first, first + 84):
        test_json_by_chat_completions(chat, seed)
        test_calls_by_chat_completions(chat, seed)
        test_json_and_calls_by_responses(chat, seed)
        test_json_and_calls_by_messages(senseless, seed)
        test_json_by_ollama(senseless, seed)


def test_no_thinking_means_none_also_with_tools(senseless: Server) -> None:
    tools: Any = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]
    with ollama.Client(senseless.url) as client:
        for seed in range(6):
            options = {"temperature": 2, "seed": seed, "num_predict": 60}
            message = client.chat(model="noise", messages=ASK, tools=tools, think=False, options=options).message
            assert not message.thinking


def test_a_schema_that_cannot_be_kept_is_refused_by_its_keyword(chat: openai.OpenAI) -> None:
    format: Any = {
        "type": "json_schema",
        "json_schema": {"name": "x", "schema": {"type": "array", "uniqueItems": True}},
    }
    with pytest.raises(openai.BadRequestError, match="uniqueItems"):
        chat.chat.completions.create(model="noise", messages=ASK, response_format=format)


def test_many_at_once_keep_their_own_schemas(senseless: Server) -> None:
    """The masks of one batch are not mixed up."""

    async def ask(client: openai.AsyncOpenAI, seed: int) -> None:
        schema = random_schema(seed)
        format: Any = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
        answer = await client.chat.completions.create(
            model="noise", messages=ASK, response_format=format, temperature=2, seed=seed, max_tokens=MAX_TOKENS
        )
        check(answer.choices[0].message.content, schema)

    async def ask_all() -> None:
        async with openai.AsyncOpenAI(base_url=f"{senseless.url}/v1", api_key="x", max_retries=0) as client:
            await asyncio.gather(*(ask(client, 200 + seed) for seed in range(8)))

    asyncio.run(ask_all())


def test_a_loop_of_responses_repeats_the_very_ids(chat: openai.OpenAI) -> None:
    """All of the first turn, as it was sampled, is found in the cache."""
    tools: Any = [{"type": "function", "name": "f", "parameters": {"type": "object"}, "strict": False}]
    asked: Any = {"model": "noise", "tools": tools, "max_output_tokens": 300, "parallel_tool_calls": False}
    first = chat.responses.create(**asked, input="?", tool_choice="required")
    call = next(item for item in first.output if item.type == "function_call")
    result: Any = [{"type": "function_call_output", "call_id": call.call_id, "output": "done"}]
    second = chat.responses.create(**asked, input=result, previous_response_id=first.id)
    assert first.usage is not None
    assert second.usage is not None
    held = first.usage.input_tokens + first.usage.output_tokens
    assert second.usage.input_tokens_details.cached_tokens >= held - 33  # but for the last block, which is not full
