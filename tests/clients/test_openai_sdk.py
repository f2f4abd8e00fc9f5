"""The OpenAI SDK against a real server and a real model, as its users call it."""

import asyncio
from collections.abc import Iterator
from typing import Any

import openai
import pytest

from tests.clients.conftest import Server
from tests.waiting import wait_until

QUESTION: Any = [
    {"role": "system", "content": "You are a helpful assistant."},
    {"role": "user", "content": "Explain in one sentence why the sky is blue."},
]
PLAIN: Any = {"temperature": 0, "reasoning_effort": "none", "max_tokens": 40}


@pytest.fixture
def client(server: Server) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="ollama", max_retries=0) as client:
        yield client


def test_a_question_is_answered(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model="tiny", messages=QUESTION, **PLAIN)
    choice = answer.choices[0]
    assert choice.message.role == "assistant"
    assert "blue" in (choice.message.content or "")
    assert answer.usage is not None
    assert answer.usage.prompt_tokens > 20
    assert answer.usage.completion_tokens <= 40


def test_a_stream_says_what_the_whole_answer_says(client: openai.OpenAI) -> None:
    whole = client.chat.completions.create(model="tiny", messages=QUESTION, **PLAIN)
    stream = client.chat.completions.create(model="tiny", messages=QUESTION, **PLAIN, stream=True)
    pieces = [chunk.choices[0].delta.content or "" for chunk in stream]
    assert len(pieces) > 10
    assert "".join(pieces) == whole.choices[0].message.content


def test_the_model_is_found_in_any_capitals_and_echoed_as_asked(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model="TiNY:latest", messages=QUESTION, max_tokens=1)
    assert answer.model == "TiNY:latest"
    assert answer.choices[0].finish_reason == "length"


def test_a_second_turn_reports_what_was_cached(client: openai.OpenAI) -> None:
    first = client.chat.completions.create(model="tiny", messages=QUESTION, temperature=0, max_tokens=60)
    content = first.choices[0].message.content
    second_turn = [
        *QUESTION,
        {"role": "assistant", "content": content},
        {"role": "user", "content": "Thanks. And red?"},
    ]
    second = client.chat.completions.create(model="tiny", messages=second_turn, temperature=0, max_tokens=10)
    assert first.usage is not None
    assert second.usage is not None
    assert second.usage.prompt_tokens_details is not None
    cached = second.usage.prompt_tokens_details.cached_tokens or 0
    assert first.usage.prompt_tokens <= cached + 32, "all full blocks of the first turn's prompt are found again"
    assert cached < second.usage.prompt_tokens


async def test_two_requests_share_a_batch(server: Server) -> None:
    """A short answer, asked for when a long one has begun, comes before its end."""
    story = {"type": "object", "properties": {"story": {"type": "string", "minLength": 3000}}, "required": ["story"]}
    format: Any = {"type": "json_schema", "json_schema": {"name": "story", "schema": story}}
    long: Any = {**PLAIN, "max_tokens": 4000, "response_format": format, "stream": True}
    async with openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key="ollama", max_retries=0) as client:
        stream = await client.chat.completions.create(model="tiny", messages=QUESTION, **long)
        await anext(aiter(stream))
        await client.chat.completions.create(model="tiny", messages=QUESTION, **{**PLAIN, "max_tokens": 4})
        assert await asyncio.to_thread(server.is_computing)
        await stream.close()
    await asyncio.to_thread(wait_until, server.is_idle)


def test_a_prompt_that_does_not_fit_is_refused_with_both_numbers(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="tiny", messages=[{"role": "user", "content": "word " * 9000}])
    assert caught.value.code == "context_length_exceeded"
    assert "8192" in caught.value.message


def test_an_unknown_model_is_not_found(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="no-such-model"):
        client.chat.completions.create(model="no-such-model", messages=QUESTION)


async def test_streams_say_what_each_says_alone(template_server: Server) -> None:
    """In fp32 mode a sequence's ids do not depend on who else is in the batch."""
    async with openai.AsyncOpenAI(base_url=f"{template_server.url}/v1", api_key="ollama", max_retries=0) as client:

        async def ask(number: int) -> str:
            stream = await client.chat.completions.create(
                model="smollm2",
                messages=[{"role": "user", "content": f"Tell me a fact about the number {number}."}],
                stream=True,
                **{**PLAIN, "max_tokens": 16},
            )
            return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

        alone = [await ask(number) for number in range(6)]
        together = await asyncio.gather(*[ask(number) for number in range(6)])
    assert together == alone
    assert len(set(alone)) > 3
