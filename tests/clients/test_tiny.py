"""The guide's example on the embedded model itself: it calls get_weather for Berlin, and answers with the result.

Real clients of every API on a real server, at temperature 0.
"""

import json
from collections.abc import AsyncIterator
from contextlib import closing
from typing import Any

import agents
import anthropic
import ollama
import openai
import pytest
from agents.extensions.models.litellm_model import LitellmModel

from tests.clients.conftest import RunScript, Server
from tests.terminal.terminal import Terminal

pytestmark = pytest.mark.trained

QUESTION = "What's the weather in Berlin right now?"
ASKED: Any = [{"role": "user", "content": QUESTION}]
BERLIN = {"city": "Berlin"}
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
FUNCTION: Any = {
    "name": "get_weather",
    "description": "Get current weather in a given city",
    "parameters": PARAMETERS,
}
TOOL: Any = {"type": "function", "function": FUNCTION}
TYPED_TOOL: Any = {"type": "function", **FUNCTION}
BLOCK_TOOL: Any = {"name": "get_weather", "description": FUNCTION["description"], "input_schema": PARAMETERS}


def get_weather(city: str) -> str:
    """Get current weather in a given city

    Args:
        city: The city's name.
    """
    return f"The weather in {city} is sunny."


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_AGENTS_DISABLE_TRACING", "1")
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")


@pytest.fixture
async def client(server: Server) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key="ollama", max_retries=0) as client:
        yield client


def test_the_terminal_shows_thoughts_and_an_answer(server: Server) -> None:
    with closing(Terminal("-m", "ossia", "run", "tiny", env=server.environment, rows=60)) as terminal:
        terminal.say("/set parameter temperature 0")
        terminal.say("Name a colour.")
        terminal.see("Thinking...")
        terminal.see("...done thinking.")
        terminal.prompt()
        said = "\n".join(terminal.lines).partition("...done thinking.")[2].replace(">>>", "").strip()
        assert said.removesuffix("Send a message (/? for help)").strip()
        terminal.say("/bye")


async def test_chat_completions(client: openai.AsyncOpenAI) -> None:
    settings: Any = {"model": "tiny", "tools": [TOOL], "temperature": 0}
    first = (await client.chat.completions.create(messages=ASKED, **settings)).choices[0].message
    assert first.tool_calls
    (call,) = first.tool_calls
    assert call.type == "function"
    assert (call.function.name, json.loads(call.function.arguments)) == ("get_weather", BERLIN)
    result = {"role": "tool", "tool_call_id": call.id, "content": get_weather("Berlin")}
    last = await client.chat.completions.create(messages=[*ASKED, first, result], **settings)
    assert "sunny" in (last.choices[0].message.content or "")


async def test_responses(client: openai.AsyncOpenAI) -> None:
    settings: Any = {"model": "tiny", "tools": [TYPED_TOOL], "temperature": 0}
    first = await client.responses.create(input=QUESTION, **settings)
    assert [item.type for item in first.output] == ["reasoning", "function_call"]
    call = first.output[-1]
    assert call.type == "function_call"
    assert (call.name, json.loads(call.arguments)) == ("get_weather", BERLIN)
    result: Any = {"type": "function_call_output", "call_id": call.call_id, "output": get_weather("Berlin")}
    last = await client.responses.create(input=[*ASKED, *first.output, result], **settings)
    assert "sunny" in last.output_text


def test_messages(server: Server) -> None:
    settings: Any = {"model": "tiny", "tools": [BLOCK_TOOL], "max_tokens": 2000, "extra_body": {"temperature": 0}}
    with anthropic.Anthropic(base_url=server.url, api_key="ollama", max_retries=0) as client:
        first = client.messages.create(messages=ASKED, **settings)
        call = first.content[-1]
        assert call.type == "tool_use"
        assert (call.name, call.input) == ("get_weather", BERLIN)
        result: Any = [{"type": "tool_result", "tool_use_id": call.id, "content": get_weather("Berlin")}]
        turns: Any = [{"role": "assistant", "content": first.content}, {"role": "user", "content": result}]
        last = client.messages.create(messages=[*ASKED, *turns], **settings)
    assert last.content[-1].type == "text"
    assert "sunny" in last.content[-1].text


@pytest.mark.parametrize("tool", [get_weather, pytest.param(TOOL, marks=pytest.mark.slow)], ids=["function", "schema"])
def test_ollamas_sdk(server: Server, tool: Any) -> None:
    settings: Any = {"tools": [tool], "options": {"temperature": 0}}
    with ollama.Client(server.url) as client:
        first = client.chat("tiny", ASKED, **settings).message
        assert first.tool_calls
        (call,) = first.tool_calls
        assert (call.function.name, call.function.arguments) == ("get_weather", BERLIN)
        result = {"role": "tool", "tool_name": "get_weather", "content": get_weather("Berlin")}
        last = client.chat("tiny", [*ASKED, first, result], **settings).message
    assert "sunny" in (last.content or "")


def guides_agent(model: agents.Model, called: list[str]) -> agents.Agent:
    """The agent of the guide, at temperature 0."""

    @agents.function_tool
    def get_weather(city: str) -> str:
        called.append(city)
        return f"The weather in {city} is sunny."

    settings = agents.ModelSettings(temperature=0)
    instructions = "You only respond in haikus."
    return agents.Agent(
        "Assistant", instructions=instructions, model=model, model_settings=settings, tools=[get_weather]
    )


async def test_an_agent_on_chat_completions(client: openai.AsyncOpenAI) -> None:
    called: list[str] = []
    agent = guides_agent(agents.OpenAIChatCompletionsModel("tiny", client), called)
    result = await agents.Runner.run(agent, "What's the weather in Tokyo?")
    assert called == ["Tokyo"]
    assert "sunny" in result.final_output


@pytest.mark.slow
@pytest.mark.parametrize("provider", ["ollama_chat", "ollama"])
async def test_an_agent_through_litellm(server: Server, monkeypatch: pytest.MonkeyPatch, provider: str) -> None:
    """With `ollama/`, litellm writes the tools into a prompt that is answered in JSON, the result included."""
    monkeypatch.setenv("OLLAMA_API_BASE", server.url)
    called: list[str] = []
    agent = guides_agent(LitellmModel(f"{provider}/tiny", api_key="placeholder"), called)
    result = await agents.Runner.run(agent, "What's the weather in Tokyo?")
    assert called == ["Tokyo"]
    assert "sunny" in result.final_output


@pytest.mark.slow
@pytest.mark.parametrize("script", ["tiny-ollama.mjs", "tiny-ai-sdk.mjs"])
def test_javascript(server: Server, javascript: RunScript, script: str) -> None:
    seen = javascript(script, V1=f"{server.url}/v1", MODEL="tiny")
    for name, (cities, answer) in seen.items():
        assert cities == ["Berlin"], name
        assert "sunny" in answer, name
