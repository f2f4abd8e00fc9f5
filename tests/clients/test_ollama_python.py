"""Ollama's Python client plays whole conversations: tools, thinking, streams, raw text, errors."""

from collections.abc import Iterator

import ollama
import pytest

from ossia.types import Message, ToolCall
from tests.clients.conftest import Double
from tests.clients.weather import ASKED, MODEL, QUESTION, REPORT, get_weather
from tests.doubles.model_double import ANSWER, THOUGHT

SAID = f"The tool says: {REPORT}"


@pytest.fixture
def client(double: Double) -> Iterator[ollama.Client]:
    with ollama.Client(double.url) as client:
        yield client


def test_chat(client: ollama.Client) -> None:
    """Every answer has its metrics; thinking stands beside the content, which is a string also when it is empty."""
    answer = client.chat(MODEL, ASKED, think=True)
    assert (answer.model, answer.done, answer.done_reason) == (MODEL, True, "stop")
    assert (answer.message.role, answer.message.content, answer.message.thinking) == ("assistant", ANSWER, THOUGHT)
    assert (answer.prompt_eval_count, answer.eval_count) == (len(QUESTION.split()), 6)
    assert answer.total_duration
    assert answer.prompt_eval_duration
    assert client.chat(MODEL, ASKED, think=False).message.thinking is None


def test_a_stream_of_chat(client: ollama.Client) -> None:
    """A stream ends with done and its reason; thinking is absent, not empty, in pieces of content."""
    *pieces, last = list(client.chat(MODEL, ASKED, stream=True, think="low"))
    assert (last.done, last.done_reason, last.eval_count) == (True, "stop", 6)
    assert [piece.message.thinking for piece in pieces] == [THOUGHT, *[None] * (len(pieces) - 1)]
    assert "".join(piece.message.content or "" for piece in pieces) == ANSWER
    assert not any(piece.done for piece in pieces)


@pytest.mark.parametrize("stream", [False, True])
def test_a_round_of_tools(client: ollama.Client, double: Double, stream: bool) -> None:
    """Arguments are an object. The turn comes back without content or ids, and is understood."""
    if stream:
        parts = client.chat(MODEL, ASKED, tools=[get_weather], stream=True)
        (message,) = [part.message for part in parts if part.message.tool_calls]
    else:
        message = client.chat(MODEL, ASKED, tools=[get_weather]).message
    assert message.tool_calls is not None
    (call,) = message.tool_calls
    assert (call.function.name, call.function.arguments) == ("get_weather", {"city": "Oslo"})
    report = {"role": "tool", "tool_name": call.function.name, "content": get_weather(**call.function.arguments)}
    assert client.chat(MODEL, [*ASKED, message, report], tools=[get_weather]).message.content == SAID
    assert double.engine.requests[-1].prompt[1:] == (
        Message(
            "assistant",
            reasoning=message.thinking or "",
            tool_calls=(ToolCall("", "get_weather", '{"city":"Oslo"}'),),
        ),
        Message("tool", REPORT, name="get_weather"),
    )


def test_generate(client: ollama.Client) -> None:
    """Every piece has a response, also where there is only thinking."""
    answer = client.generate(MODEL, QUESTION, system="Be brief.")
    assert (answer.response, answer.thinking, answer.context) == (ANSWER, THOUGHT, [])
    pieces = list(client.generate(MODEL, QUESTION, stream=True))
    assert (pieces[0].response, pieces[0].thinking) == ("", THOUGHT)
    assert "".join(piece.response for piece in pieces) == ANSWER
    assert pieces[-1].done_reason == "stop"


def test_load_list_show_and_unload(client: ollama.Client) -> None:
    """No prompt loads the model and keep_alive 0 unloads it; show has all that clients read of a model."""
    assert client.generate(MODEL, keep_alive="5m").done_reason == "load"
    (running,) = client.ps().models
    assert (running.name, running.model, running.context_length) == ("gpt-oss:20b", "gpt-oss:20b", 131072)
    assert running.expires_at is not None
    assert client.chat(MODEL, keep_alive=0).done_reason == "unload"
    assert client.ps().models == []
    shown = client.show(MODEL)
    assert shown.capabilities == ["completion", "tools", "thinking"]
    assert shown.modelinfo is not None
    assert shown.modelinfo["gpt-oss.context_length"] == 131072
    assert {model.model for model in client.list().models} >= {"gpt-oss:20b", "gpt-oss:120b"}


async def test_asynchronously(double: Double) -> None:
    async with ollama.AsyncClient(double.url) as client:
        stream = await client.chat(MODEL, ASKED, stream=True)
        pieces = [part.message.content or "" async for part in stream]
    assert "".join(pieces) == ANSWER


def test_an_unknown_model_is_not_found_everywhere(client: ollama.Client) -> None:
    """The error is a string under `error`, with status 404."""
    calls = [
        lambda: client.chat("absent", ASKED),
        lambda: list(client.chat("absent", ASKED, stream=True)),
        lambda: client.generate("absent", QUESTION),
        lambda: client.show("absent"),
        lambda: client.copy("absent", "other"),
        lambda: client.delete("absent"),
        lambda: client.embed("absent", QUESTION),
    ]
    for call in calls:
        with pytest.raises(ollama.ResponseError, match="model 'absent' not found") as caught:
            call()
        assert caught.value.status_code == 404
