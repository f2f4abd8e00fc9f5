"""OpenAI's Agents SDK runs an agent with a tool: on chat completions, and through litellm as its guides say."""

from typing import Any

import agents
import openai
import pytest
from agents.extensions.models.litellm_model import LitellmModel

from ossia.types import Message
from tests.clients.conftest import Double
from tests.clients.weather import MODEL, QUESTION, REPORT

LITELLM_MODEL = "gpt-oSS:120b"


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is sent elsewhere: no traces, no look at a list of prices."""
    monkeypatch.setenv("OPENAI_AGENTS_DISABLE_TRACING", "1")
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")


def weather_agent(model: agents.Model, called: list[str]) -> agents.Agent:
    @agents.function_tool
    def get_weather(city: str) -> str:
        """The weather in a city."""
        called.append(city)
        return REPORT

    return agents.Agent("Assistant", instructions="You are helpful.", model=model, tools=[get_weather])


async def streamed(agent: agents.Agent) -> tuple[str, list[str]]:
    """The final output, and what kinds of items came on the way."""
    result = agents.Runner.run_streamed(agent, QUESTION)
    kinds = [event.item.type async for event in result.stream_events() if event.type == "run_item_stream_event"]
    return result.final_output, kinds


async def test_chat_completions(double: Double) -> None:
    """A call without a type would silently be no call; in the loop the model has its thoughts again."""
    async with openai.AsyncOpenAI(base_url=double.v1, api_key="ollama") as client:
        called: list[str] = []
        agent = weather_agent(agents.OpenAIChatCompletionsModel(MODEL, client), called)
        result = await agents.Runner.run(agent, QUESTION)
        assert called == ["Oslo"]
        assert result.final_output == f"The tool says: {REPORT}"
        kinds = [item.type for item in result.new_items]
        assert kinds == [
            "reasoning_item",
            "tool_call_item",
            "tool_call_output_item",
            "reasoning_item",
            "message_output_item",
        ]
        turn = double.engine.requests[-1].prompt[-2]
        assert not isinstance(turn, str)
        assert turn.reasoning

        output, kinds = await streamed(agent)
    assert called == ["Oslo", "Oslo"]
    assert output == f"The tool says: {REPORT}"
    assert [kind for kind in kinds if kind != "reasoning_item"] == [
        "tool_call_item",
        "tool_call_output_item",
        "message_output_item",
    ]


async def test_litellm_on_ollamas_chat(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body of type application/octet-stream is JSON; a result whose call got lost on the way is still read."""
    monkeypatch.setenv("OLLAMA_API_BASE", double.url)
    called: list[str] = []
    agent = weather_agent(LitellmModel(f"ollama_chat/{LITELLM_MODEL}", api_key="placeholder"), called)
    result = await agents.Runner.run(agent, QUESTION)
    assert result.final_output == f"The tool says: {REPORT}"
    output, _ = await streamed(agent)
    assert output == f"The tool says: {REPORT}"
    assert called == ["Oslo", "Oslo"]


@pytest.mark.slow
async def test_a_session_is_a_conversation_on_the_server(double: Double) -> None:
    """All that was said, called and answered comes back in the next run, and the last of it can be taken back."""
    async with openai.AsyncOpenAI(base_url=double.v1, api_key="ollama") as client:
        session: Any = agents.OpenAIConversationsSession(openai_client=client)  # which its own protocol does not accept
        agent = weather_agent(agents.OpenAIResponsesModel(MODEL, client), [])
        await agents.Runner.run(agent, QUESTION, session=session)
        before = await session.get_items()
        assert (await agents.Runner.run(agent, QUESTION, session=session)).final_output == f"The tool says: {REPORT}"
        assert (await session.get_items())[: len(before)] == before
        said = [message.content for message in double.engine.requests[-1].prompt if isinstance(message, Message)]
        assert said.count(QUESTION) == 2
        assert (await session.pop_item() or {}).get("role") == "assistant"
        await session.clear_session()


async def test_an_unknown_model(double: Double) -> None:
    async with openai.AsyncOpenAI(base_url=double.v1, api_key="ollama") as client:
        agent = weather_agent(agents.OpenAIChatCompletionsModel("absent", client), [])
        with pytest.raises(openai.NotFoundError, match="absent"):
            await agents.Runner.run(agent, QUESTION)
