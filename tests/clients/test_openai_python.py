"""OpenAI's Python SDK plays whole conversations: tools, streams, reasoning, errors."""

from collections.abc import Iterator
from typing import Any

import openai
import pytest

from tests.clients.conftest import Double
from tests.clients.weather import ASKED, MODEL, REPORT, TOOL
from tests.doubles.model_double import ANSWER, THOUGHT


@pytest.fixture
def client(double: Double) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=double.v1, api_key="ollama", max_retries=0) as client:
        yield client


def result(call: Any) -> Any:
    assert call.type == "function"
    assert call.function.name == "get_weather"
    assert call.function.arguments == '{"city": "Oslo"}', "JSON text, not an object"
    return {"role": "tool", "tool_call_id": call.id, "content": REPORT}


def test_an_answer_in_the_name_that_was_asked(client: openai.OpenAI) -> None:
    """A model is found in any capitals, and the answer names it as the client did."""
    answer = client.chat.completions.create(model=MODEL, messages=ASKED)
    assert answer.model == MODEL
    choice = answer.choices[0]
    assert (choice.index, choice.finish_reason, choice.message.role) == (0, "stop", "assistant")
    assert choice.message.content == ANSWER
    assert choice.message.reasoning == THOUGHT  # type: ignore[attr-defined]
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 6
    assert answer.usage.prompt_tokens == len(ASKED[0]["content"].split())


def test_a_stream_has_one_id_one_role_one_finish(client: openai.OpenAI) -> None:
    """A chunk with usage and without a choice comes only when it is asked for, and after the finish."""
    stream = client.chat.completions.create(
        model=MODEL, messages=ASKED, stream=True, stream_options={"include_usage": True}
    )
    *chunks, last = list(stream)
    assert last.choices == []
    assert last.usage is not None
    assert last.usage.completion_tokens == 6
    assert len({chunk.id for chunk in [*chunks, last]}) == 1
    assert chunks[0].choices[0].delta.role == "assistant"
    reasons = [chunk.choices[0].finish_reason for chunk in chunks]
    assert reasons == [None] * (len(chunks) - 1) + ["stop"]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == ANSWER
    plain = client.chat.completions.create(model=MODEL, messages=ASKED, stream=True)
    assert all(chunk.choices for chunk in plain)


@pytest.mark.parametrize("by_hand", [False, True])
def test_a_round_of_tools(client: openai.OpenAI, double: Double, by_hand: bool) -> None:
    """The turn with the call comes back as the SDK's object, or made by hand with null for its content."""
    first = client.chat.completions.create(model=MODEL, messages=ASKED, tools=[TOOL])
    message = first.choices[0].message
    assert first.choices[0].finish_reason == "tool_calls"
    assert message.tool_calls is not None
    (call,) = message.tool_calls
    turn = {"role": "assistant", "content": None, "tool_calls": [call]} if by_hand else message
    second = client.chat.completions.create(model=MODEL, messages=[*ASKED, turn, result(call)], tools=[TOOL])
    assert second.choices[0].message.content == f"The tool says: {REPORT}"
    if not by_hand:
        assert double.engine.requests[-1].prompt[1].reasoning == THOUGHT  # type: ignore[union-attr]


def test_a_round_of_tools_streamed(client: openai.OpenAI) -> None:
    """Every call in a stream has an id, a type and an index of its own; what the SDK makes of it can be sent back."""
    with client.chat.completions.stream(model=MODEL, messages=ASKED, tools=[TOOL]) as stream:
        events = [event.type for event in stream]
        message = stream.get_final_completion().choices[0].message
    assert "tool_calls.function.arguments.done" in events
    assert message.tool_calls is not None
    turn = message.model_dump()  # a dozen nulls, and parsed_arguments
    with client.chat.completions.stream(
        model=MODEL, messages=[*ASKED, turn, result(message.tool_calls[0])], tools=[TOOL]
    ) as stream:
        deltas = [event.delta for event in stream if event.type == "content.delta"]
    assert "".join(deltas) == f"The tool says: {REPORT}"


def test_completions(client: openai.OpenAI) -> None:
    """Only the visible answer, whole and in pieces."""
    whole = client.completions.create(model=MODEL, prompt="Hello", max_tokens=20)
    assert (whole.choices[0].text, whole.choices[0].finish_reason) == (ANSWER, "stop")
    assert whole.usage is not None
    assert whole.usage.total_tokens == whole.usage.prompt_tokens + whole.usage.completion_tokens
    stream = client.completions.create(model=MODEL, prompt="Hello", stream=True)
    assert "".join(chunk.choices[0].text for chunk in stream) == ANSWER


def test_reasoning_is_off_when_told_so(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model=MODEL, messages=ASKED, reasoning_effort="none")
    assert not hasattr(answer.choices[0].message, "reasoning")
    assert answer.choices[0].message.content == ANSWER


async def test_asynchronously(double: Double) -> None:
    async with openai.AsyncOpenAI(base_url=double.v1, api_key="ollama", max_retries=0) as client:
        stream = await client.chat.completions.create(model=MODEL, messages=ASKED, stream=True)
        pieces = [chunk.choices[0].delta.content or "" async for chunk in stream]
    assert "".join(pieces) == ANSWER


def test_models(client: openai.OpenAI) -> None:
    assert {model.id for model in client.models.list()} >= {"gpt-oss:20b", "gpt-oss:120b"}
    assert client.models.retrieve(MODEL).object == "model"


def test_errors_have_their_class_and_message(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="absent") as caught:
        client.chat.completions.create(model="absent", messages=ASKED)
    assert caught.value.type == "not_found_error"
    with pytest.raises(openai.BadRequestError, match="messages"):
        client.chat.completions.create(model=MODEL, messages=[])
