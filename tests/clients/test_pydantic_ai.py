"""Pydantic AI on chat completions: it checks every answer against the whole of OpenAI's schema."""

from collections.abc import AsyncIterator

import openai
import pytest
from pydantic_ai import Agent, ModelHTTPError
from pydantic_ai.messages import ThinkingPart, ToolCallPart
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from tests.clients.conftest import Double
from tests.clients.weather import MODEL, QUESTION, REPORT
from tests.doubles.model_double import ANSWER, THOUGHT


@pytest.fixture
async def provider(double: Double) -> AsyncIterator[OpenAIProvider]:
    async with openai.AsyncOpenAI(base_url=double.v1, api_key="ollama", max_retries=0) as client:
        yield OpenAIProvider(openai_client=client)


def agent(provider: OpenAIProvider, name: str = MODEL) -> Agent:
    return Agent(OpenAIChatModel(name, provider=provider))


async def test_an_answer_and_what_was_said_before(provider: OpenAIProvider, double: Double) -> None:
    first = await agent(provider).run(QUESTION)
    assert first.output == ANSWER
    assert first.usage.output_tokens == 6
    (thought,) = [part for part in first.all_messages()[-1].parts if isinstance(part, ThinkingPart)]
    assert thought.content == THOUGHT
    second = await agent(provider).run("And tomorrow?", message_history=first.all_messages())
    assert second.output == ANSWER
    assert [message.role for message in double.engine.requests[-1].prompt if not isinstance(message, str)] == [
        "user",
        "assistant",
        "user",
    ]


async def test_a_loop_of_tools(provider: OpenAIProvider) -> None:
    """Every call has an id and a type."""
    cities: list[str] = []
    weather = agent(provider)

    @weather.tool_plain
    def get_weather(city: str) -> str:
        """The weather in a city."""
        cities.append(city)
        return REPORT

    result = await weather.run(QUESTION)
    assert result.output == f"The tool says: {REPORT}"
    calls = [part for message in result.all_messages() for part in message.parts if isinstance(part, ToolCallPart)]
    assert [(call.tool_name, call.args_as_dict()) for call in calls] == [("get_weather", {"city": "Oslo"})]
    async with weather.run_stream(QUESTION) as stream:
        pieces = [piece async for piece in stream.stream_text(delta=True, debounce_by=None)]
    assert len(pieces) > 3
    assert "".join(pieces) == f"The tool says: {REPORT}"
    assert cities == ["Oslo", "Oslo"]


async def test_an_unknown_model(provider: OpenAIProvider) -> None:
    with pytest.raises(ModelHTTPError) as caught:
        await agent(provider, "absent").run(QUESTION)
    assert caught.value.status_code == 404
