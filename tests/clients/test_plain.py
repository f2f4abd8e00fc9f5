"""One answer and one stream through every client, of a real model with a chat template: all must say the same."""

from collections.abc import Callable, Coroutine
from typing import Any

import agents
import anthropic
import ollama
import openai
import pytest
from agents.extensions.models.litellm_model import LitellmModel
from langchain_ollama import ChatOllama
from langchain_openai import ChatOpenAI
from pydantic import SecretStr
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from tests.clients.conftest import RunScript, Server

PROMPT = "Count from one to ten in words."
MESSAGES: Any = [{"role": "user", "content": PROMPT}]
LIMITS: Any = {"temperature": 0, "max_tokens": 8}

pytestmark = [pytest.mark.usefixtures("leaky"), pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")]
Pair = tuple[str, str]


@pytest.fixture(scope="module", params=["template_server", "llama_server"])
def plain_server(request: pytest.FixtureRequest) -> Server:
    """The same weights by either engine."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def expected(plain_server: Server) -> str:
    """Return the model's answer to the prompt, through Ollama's client."""
    with ollama.Client(plain_server.url) as client:
        answer = client.chat("smollm2", MESSAGES, options={"temperature": 0, "num_predict": 8})
    assert answer.eval_count == 8
    return answer.message.content or ""


def by_openai(server: Server) -> Pair:
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="ollama") as client:
        whole = client.chat.completions.create(model="smollm2", messages=MESSAGES, **LIMITS)
        stream = client.chat.completions.create(model="smollm2", messages=MESSAGES, stream=True, **LIMITS)
        pieces = [chunk.choices[0].delta.content or "" for chunk in stream]
    return whole.choices[0].message.content or "", "".join(pieces)


def by_anthropic(server: Server) -> Pair:
    body = {"model": "smollm2", "messages": MESSAGES, "max_tokens": 8, "extra_body": {"temperature": 0}}
    with anthropic.Anthropic(base_url=server.url, api_key="ollama") as client:
        (whole,) = client.messages.create(**body).content
        with client.messages.stream(**body) as stream:
            return whole.text, "".join(stream.text_stream)


def by_langchain_ollama(server: Server) -> Pair:
    chat = ChatOllama(model="smollm2", base_url=server.url, temperature=0, num_predict=8)
    return chat.invoke(PROMPT).text, "".join(piece.text for piece in chat.stream(PROMPT))


def by_langchain_openai(server: Server) -> Pair:
    chat = ChatOpenAI(model="smollm2", base_url=f"{server.url}/v1", api_key=SecretStr("ollama"), **LIMITS)
    return chat.invoke(PROMPT).text, "".join(piece.text for piece in chat.stream(PROMPT))


@pytest.mark.parametrize("ask", [by_openai, by_anthropic, by_langchain_ollama, by_langchain_openai])
def test_python(plain_server: Server, expected: str, ask: Callable[[Server], Pair]) -> None:
    assert ask(plain_server) == (expected, expected)


async def by_agent(model: agents.Model) -> Pair:
    agent = agents.Agent("Assistant", model=model, model_settings=agents.ModelSettings(**LIMITS))
    whole = await agents.Runner.run(agent, PROMPT)
    streamed = agents.Runner.run_streamed(agent, PROMPT)
    async for _ in streamed.stream_events():
        pass
    return whole.final_output, streamed.final_output


async def by_agents(server: Server) -> Pair:
    async with openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key="ollama") as client:
        return await by_agent(agents.OpenAIChatCompletionsModel("smollm2", client))


async def by_litellm(server: Server) -> Pair:
    return await by_agent(LitellmModel("ollama_chat/smollm2", base_url=server.url, api_key="placeholder"))


async def by_pydantic_ai(server: Server) -> Pair:
    async with openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key="ollama") as client:
        model = OpenAIChatModel("smollm2", provider=OpenAIProvider(openai_client=client))
        agent = Agent(model, model_settings=LIMITS)
        async with agent.run_stream(PROMPT) as stream:
            streamed = await stream.get_output()
        return (await agent.run(PROMPT)).output, streamed


@pytest.mark.parametrize("ask", [by_agents, by_litellm, by_pydantic_ai])
async def test_python_asynchronously(
    plain_server: Server,
    expected: str,
    ask: Callable[[Server], Coroutine[Any, Any, Pair]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_AGENTS_DISABLE_TRACING", "1")
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    assert await ask(plain_server) == (expected, expected)


def test_javascript(plain_server: Server, expected: str, javascript: RunScript) -> None:
    seen = javascript("plain.mjs", V1=f"{plain_server.url}/v1", MODEL="smollm2")
    assert len(seen["answers"]) == 7
    assert seen["aborted"] is not None
    assert {name: pair for name, pair in seen["answers"].items() if pair != [expected, expected]} == {}
