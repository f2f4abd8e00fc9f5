"""OpenAI's Responses, through every client that speaks it."""

from collections.abc import AsyncIterator
from typing import Any

import agents
import openai
import pydantic_ai
import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from pydantic import BaseModel, SecretStr
from pydantic_ai.models.openai import OpenAIResponsesModel
from pydantic_ai.providers.openai import OpenAIProvider

from tests.clients.conftest import Double, RunScript
from tests.clients.weather import ASKED, MODEL, PARAMETERS, QUESTION, REPORT
from tests.doubles.model_double import ANSWER, THOUGHT

TOOL: Any = {"type": "function", "name": "get_weather", "parameters": PARAMETERS, "strict": True}
SAID = f"The tool says: {REPORT}"


class Place(BaseModel):
    city: str


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_AGENTS_DISABLE_TRACING", "1")


@pytest.fixture
async def client(double: Double) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=double.v1, api_key="ollama", max_retries=0) as client:
        yield client


async def test_openai_answers_and_streams(client: openai.AsyncOpenAI) -> None:
    """Only known events come, each item is added before its pieces and done with all of it."""
    whole = await client.responses.create(model=MODEL, input=QUESTION, reasoning={"summary": "auto"})
    assert (whole.model, whole.status, whole.output_text) == (MODEL, "completed", ANSWER)
    assert [item.type for item in whole.output] == ["reasoning", "message"]
    assert whole.usage is not None
    assert (whole.usage.output_tokens, whole.usage.output_tokens_details.reasoning_tokens) == (6, 1)
    body: Any = {"model": MODEL, "input": QUESTION, "reasoning": {"summary": "auto"}}
    async with client.responses.stream(**body) as stream:
        events = [event async for event in stream]
    kinds = [event.type for event in events]
    assert (kinds[0], kinds[-1]) == ("response.created", "response.completed")
    assert kinds.index("response.reasoning_summary_part.added") < kinds.index("response.reasoning_summary_text.delta")
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == ANSWER


@pytest.mark.parametrize("stateful", [False, True])
async def test_openai_plays_a_round_of_tools(client: openai.AsyncOpenAI, double: Double, stateful: bool) -> None:
    """The conversation comes back as items, or as the id of what was answered before."""
    first = await client.responses.create(model=MODEL, input=ASKED, tools=[TOOL])
    (call,) = [item for item in first.output if item.type == "function_call"]
    assert (call.name, call.arguments) == ("get_weather", '{"city": "Oslo"}')
    result: Any = {"type": "function_call_output", "call_id": call.call_id, "output": REPORT}
    following: Any = (
        {"input": [result], "previous_response_id": first.id}
        if stateful
        else {"input": [*ASKED, *(item.to_dict() for item in first.output), result]}
    )
    second = await client.responses.create(model=MODEL, tools=[TOOL], **following)
    assert second.output_text == SAID
    turn = double.engine.requests[-1].prompt[1]
    assert not isinstance(turn, str)
    assert turn.reasoning == THOUGHT


async def test_openai_parses_a_pydantic_model(client: openai.AsyncOpenAI) -> None:
    parsed = await client.responses.parse(model=MODEL, input=QUESTION, text_format=Place)
    assert parsed.output_parsed == Place(city="Oslo")


async def test_errors_have_their_class(client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="absent"):
        await client.responses.create(model="absent", input=QUESTION)
    with pytest.raises(openai.BadRequestError):
        await client.responses.create(model=MODEL, input=QUESTION, tool_choice="perhaps")  # type: ignore[call-overload]


async def test_agents(client: openai.AsyncOpenAI) -> None:
    """Every item of a turn goes back as it came."""
    cities: list[str] = []

    @agents.function_tool
    def get_weather(city: str) -> str:
        """The weather in a city."""
        cities.append(city)
        return REPORT

    model = agents.OpenAIResponsesModel(MODEL, client)
    agent = agents.Agent("Assistant", model=model, tools=[get_weather])
    assert (await agents.Runner.run(agent, QUESTION)).final_output == SAID
    streamed = agents.Runner.run_streamed(agent, QUESTION)
    async for _ in streamed.stream_events():
        pass
    assert streamed.final_output == SAID
    assert cities == ["Oslo", "Oslo"]
    typed = agents.Agent("Assistant", model=model, output_type=Place)
    assert (await agents.Runner.run(typed, QUESTION)).final_output == Place(city="Oslo")


@pytest.mark.usefixtures("leaky")
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_langchain(double: Double) -> None:
    @tool
    def get_weather(city: str) -> str:
        """The weather in a city."""
        return f"18 degrees in {city}"

    chat = ChatOpenAI(model=MODEL, base_url=double.v1, api_key=SecretStr("ollama"), use_responses_api=True)
    assert chat.invoke(QUESTION).text == ANSWER
    assert "".join(piece.text for piece in chat.stream(QUESTION)) == ANSWER
    armed = chat.bind_tools([get_weather])
    turn = armed.invoke(QUESTION)
    assert isinstance(turn, AIMessage)
    result = get_weather.invoke(turn.tool_calls[0])
    assert armed.invoke([HumanMessage(QUESTION), turn, result]).text == SAID


@pytest.mark.parametrize("output", [pydantic_ai.ToolOutput, pydantic_ai.NativeOutput])
async def test_pydantic_ai(client: openai.AsyncOpenAI, output: Any) -> None:
    """Its own output tool is forced once the weather is known."""
    model = OpenAIResponsesModel(MODEL, provider=OpenAIProvider(openai_client=client))
    agent = pydantic_ai.Agent(model, output_type=output(Place))
    cities: list[str] = []

    @agent.tool_plain
    def get_weather(city: str) -> str:
        """The weather in a city."""
        cities.append(city)
        return REPORT

    assert (await agent.run(QUESTION)).output == Place(city="Oslo")
    assert cities == ["Oslo"]
    async with agent.run_stream(QUESTION) as stream:
        assert await stream.get_output() == Place(city="Oslo")


def test_javascript(double: Double, javascript: RunScript) -> None:
    """The SDK's stream throws without the summary's parts; the AI SDK refers to items by their ids."""
    seen = javascript("responses.mjs", V1=double.v1)
    by_openai = seen["openai"]
    assert (by_openai["text"], by_openai["call"]) == (ANSWER, '{"city": "Oslo"}')
    assert by_openai["answers"] == [SAID] * 2
    assert (by_openai["events"][0], by_openai["events"][-1]) == ("response.created", "response.completed")
    assert by_openai["missing"]["status"] == 404
    assert seen["agents"] == {"answers": [SAID] * 2, "typed": {"city": "Oslo"}}
    assert seen["aiSdk"]["answers"] == [SAID] * 2
    assert seen["aiSdk"]["typed"] == {"city": "Oslo"}
    assert seen["aiSdk"]["reasoning"] == [THOUGHT] * 2
    assert seen["cities"] == ["Oslo"] * 4
