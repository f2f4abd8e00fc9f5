"""Answers in a format, and tools that must be called: by every client's own way to ask for them."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any, Literal

import agents
import anthropic
import ollama
import openai
import pydantic_ai
import pytest
from agents.extensions.models.litellm_model import LitellmModel
from langchain_core.language_models import BaseChatModel
from langchain_ollama import ChatOllama
from langchain_openai import ChatOpenAI
from pydantic import BaseModel, SecretStr
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from tests.clients.conftest import Double, RunScript
from tests.clients.weather import ASKED, MODEL, PARAMETERS, QUESTION, REPORT, TOOL

OTHER = {"type": "function", "function": {"name": "get_time", "parameters": {"type": "object", "properties": {}}}}


class Wind(BaseModel):
    speed: float
    unit: Literal["m/s", "knots"]


class Weather(BaseModel):
    city: str
    degrees: int
    sunny: bool
    wind: Wind
    warnings: list[str]


EXPECTED = Weather(city="Oslo", degrees=1, sunny=True, wind=Wind(speed=1, unit="m/s"), warnings=["Oslo"])


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is sent elsewhere: no traces, no look at a list of prices."""
    monkeypatch.setenv("OPENAI_AGENTS_DISABLE_TRACING", "1")
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")


@pytest.fixture
async def client(double: Double) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=double.v1, api_key="ollama", max_retries=0) as client:
        yield client


async def test_openai_parses_a_pydantic_model(client: openai.AsyncOpenAI) -> None:
    answer = await client.chat.completions.parse(model=MODEL, messages=ASKED, response_format=Weather)
    assert answer.choices[0].message.parsed == EXPECTED
    async with client.chat.completions.stream(model=MODEL, messages=ASKED, response_format=Weather) as stream:
        final = await stream.get_final_completion()
    assert final.choices[0].message.parsed == EXPECTED


@pytest.mark.parametrize(
    "format",
    [
        {"type": "json_object"},
        {"type": "json_schema", "json_schema": {"name": "weather", "schema": PARAMETERS, "strict": True}},
        {"type": "json_schema", "json_schema": {"schema": PARAMETERS}},
    ],
    ids=["json_object", "strict", "without a name"],
)
async def test_openai_gets_json(client: openai.AsyncOpenAI, format: Any) -> None:
    """There is always some content."""
    answer = await client.chat.completions.create(model=MODEL, messages=ASKED, response_format=format)
    content = json.loads(answer.choices[0].message.content or "")
    assert content == ({} if format["type"] == "json_object" else {"city": "Oslo"})


@pytest.mark.parametrize(
    ("choice", "called"),
    [
        ("auto", "get_weather"),
        ("required", "get_weather"),
        ("none", None),
        ({"type": "function", "function": {"name": "get_time"}}, "get_time"),
        (
            {
                "type": "allowed_tools",
                "allowed_tools": {
                    "mode": "required",
                    "tools": [{"type": "function", "function": {"name": "get_time"}}],
                },
            },
            "get_time",
        ),
    ],
    ids=["auto", "required", "none", "named", "allowed"],
)
async def test_openai_says_which_tool_is_called(client: openai.AsyncOpenAI, choice: Any, called: str | None) -> None:
    tools: Any = [TOOL, OTHER]
    answer = await client.chat.completions.create(model=MODEL, messages=ASKED, tools=tools, tool_choice=choice)
    calls = answer.choices[0].message.tool_calls or []
    assert [call.function.name for call in calls if call.type == "function"] == ([called] if called else [])


async def test_openai_gets_several_choices(client: openai.AsyncOpenAI) -> None:
    answer = await client.chat.completions.create(model=MODEL, messages=ASKED, n=3)
    assert [choice.index for choice in answer.choices] == [0, 1, 2]
    assert all(choice.message.content for choice in answer.choices)


@pytest.mark.parametrize("stream", [False, True])
def test_ollama_gets_json(double: Double, stream: bool) -> None:
    """Thinking is not bound by the format; the content is, and is never empty."""
    with ollama.Client(double.url) as client:
        for format, expected in (("json", {}), (Weather.model_json_schema(), EXPECTED.model_dump())):
            chat: Any = client.chat(MODEL, ASKED, format=format, stream=stream)
            text: Any = client.generate(MODEL, QUESTION, format=format, stream=stream)
            chats, texts = (list(chat), list(text)) if stream else ([chat], [text])
            assert json.loads("".join(part.message.content or "" for part in chats)) == expected
            assert json.loads("".join(part.response for part in texts)) == expected
            assert chats[0].message.thinking


def test_anthropic_must_call_a_tool(double: Double) -> None:
    tools: Any = [
        {"name": tool["function"]["name"], "input_schema": tool["function"]["parameters"]} for tool in (TOOL, OTHER)
    ]
    choices: Any = {
        "get_weather": {"type": "any"},
        "get_time": {"type": "tool", "name": "get_time", "disable_parallel_tool_use": True},
    }
    with anthropic.Anthropic(base_url=double.url, api_key="ollama", max_retries=0) as client:
        for called, choice in choices.items():
            body = {"model": MODEL, "max_tokens": 100, "messages": ASKED, "tools": tools, "tool_choice": choice}
            message = client.messages.create(**body)
            assert [block.name for block in message.content if block.type == "tool_use"] == [called]


async def typed(model: agents.Model) -> None:
    """An agent with an output type, whole and streamed."""
    agent = agents.Agent("Assistant", model=model, output_type=Weather)
    assert (await agents.Runner.run(agent, QUESTION)).final_output == EXPECTED
    streamed = agents.Runner.run_streamed(agent, QUESTION)
    async for _ in streamed.stream_events():
        pass
    assert streamed.final_output == EXPECTED


async def test_agents_have_an_output_type(client: openai.AsyncOpenAI) -> None:
    await typed(agents.OpenAIChatCompletionsModel(MODEL, client))


@pytest.mark.parametrize("provider", ["ollama", "ollama_chat"])
async def test_agents_through_litellm_have_an_output_type(double: Double, provider: str) -> None:
    await typed(LitellmModel(f"{provider}/gpt-oSS:120b", base_url=double.url, api_key="placeholder"))


async def test_the_guides_agent(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """litellm takes the model for one without tools, and writes them into a prompt that is answered in JSON.

    Streamed it never calls one, which is litellm's own limit.
    """
    monkeypatch.setenv("OLLAMA_API_BASE", double.url)
    cities: list[str] = []

    @agents.function_tool
    def get_weather(city: str) -> str:
        """Get the weather in a city."""
        cities.append(city)
        return REPORT

    model = LitellmModel(model="ollama/gpt-oSS:120b", api_key="placeholder")
    agent = agents.Agent("Assistant", instructions="You only respond in haikus.", model=model, tools=[get_weather])
    result = await agents.Runner.run(agent, QUESTION)
    assert cities == ["Oslo"]
    assert json.loads(result.final_output) == {}
    assert double.engine.requests[-1].tools == ()
    assert REPORT in double.engine.requests[-1].prompt[-1].content  # type: ignore[union-attr]


def on_ollama(double: Double) -> BaseChatModel:
    return ChatOllama(model=MODEL, base_url=double.url)


def on_openai(double: Double) -> BaseChatModel:
    return ChatOpenAI(model=MODEL, base_url=double.v1, api_key=SecretStr("ollama"), max_retries=0)


@pytest.mark.usefixtures("leaky")
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings:UserWarning")
@pytest.mark.parametrize(
    ("method", "expected"),
    [("json_schema", EXPECTED), ("function_calling", EXPECTED.wind)],  # nested objects get lost in its tools
)
@pytest.mark.parametrize("model", [on_ollama, on_openai])
def test_langchain(double: Double, model: Callable[[Double], BaseChatModel], method: str, expected: BaseModel) -> None:
    structured: Any = model(double).with_structured_output(type(expected), method=method)
    assert structured.invoke(QUESTION) == expected


@pytest.mark.parametrize("output", [pydantic_ai.ToolOutput, pydantic_ai.NativeOutput])
async def test_pydantic_ai(client: openai.AsyncOpenAI, output: Any) -> None:
    """With a tool of its own besides, after which the output must come."""
    model = OpenAIChatModel(MODEL, provider=OpenAIProvider(openai_client=client))
    agent = pydantic_ai.Agent(model, output_type=output(Weather))
    cities: list[str] = []

    @agent.tool_plain
    def get_weather(city: str) -> str:
        """The weather in a city."""
        cities.append(city)
        return REPORT

    assert (await agent.run(QUESTION)).output == EXPECTED
    assert cities == ["Oslo"]
    async with agent.run_stream(QUESTION) as stream:
        assert await stream.get_output() == EXPECTED


def test_javascript(double: Double, javascript: RunScript) -> None:
    seen = javascript("structured.mjs", V1=double.v1)
    assert len(seen) == 7
    assert {name: values for name, values in seen.items() if values != [EXPECTED.model_dump()] * 2} == {}
