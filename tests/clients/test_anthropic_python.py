"""Anthropic's SDK plays whole conversations: thinking, tools, streams, errors."""

from collections.abc import Iterator
from typing import Any

import anthropic
import pytest

from tests.clients.conftest import Double
from tests.clients.weather import ASKED, MODEL, PARAMETERS, QUESTION, REPORT
from tests.doubles.model_double import ANSWER, THOUGHT

TOOL: Any = {"name": "get_weather", "description": "The weather in a city", "input_schema": PARAMETERS}


@pytest.fixture
def client(double: Double) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=double.url, api_key="ollama", max_retries=0) as client:
        yield client


def follow_up(message: anthropic.types.Message) -> Any:
    """The conversation with the tool's result, the turn as the SDK made it."""
    call = message.content[-1]
    assert call.type == "tool_use"
    assert (call.name, call.input) == ("get_weather", {"city": "Oslo"})
    assert message.stop_reason == "tool_use"
    result = {"type": "tool_result", "tool_use_id": call.id, "content": REPORT}
    return [*ASKED, {"role": "assistant", "content": message.content}, {"role": "user", "content": [result]}]


def test_thinking_and_text_are_blocks(client: anthropic.Anthropic) -> None:
    message = client.messages.create(
        model=MODEL, max_tokens=2000, messages=ASKED, thinking={"type": "enabled", "budget_tokens": 1024}
    )
    thinking, text = message.content
    assert (thinking.type, text.type) == ("thinking", "text")
    assert (thinking.thinking, text.text) == (THOUGHT, ANSWER)
    assert (message.role, message.model, message.stop_reason) == ("assistant", MODEL, "end_turn")
    assert (message.usage.input_tokens, message.usage.output_tokens) == (len(QUESTION.split()), 6)


def test_a_stream_adds_up_to_the_same_message(client: anthropic.Anthropic) -> None:
    """Blocks are started, filled and stopped; the message is not over before message_stop."""
    with client.messages.stream(model=MODEL, max_tokens=2000, messages=ASKED) as stream:
        events = [event.type for event in stream]
        message = stream.get_final_message()
    assert (events[0], events[-1]) == ("message_start", "message_stop")
    assert {"thinking", "text", "content_block_stop", "message_delta"} <= set(events)
    assert [block.type for block in message.content] == ["thinking", "text"]
    assert message.usage.output_tokens == 6


@pytest.mark.parametrize("streamed", [False, True])
def test_a_round_of_tools(client: anthropic.Anthropic, double: Double, streamed: bool) -> None:
    """The thinking comes back with the call and is given to the model again."""
    if streamed:
        with client.messages.stream(model=MODEL, max_tokens=2000, messages=ASKED, tools=[TOOL]) as stream:
            first = stream.get_final_message()
    else:
        first = client.messages.create(model=MODEL, max_tokens=2000, messages=ASKED, tools=[TOOL])
    second = client.messages.create(model=MODEL, max_tokens=2000, messages=follow_up(first), tools=[TOOL])
    assert second.content[-1].to_dict() == {"type": "text", "text": f"The tool says: {REPORT}"}
    turn = double.engine.requests[-1].prompt[1]
    assert not isinstance(turn, str)
    assert turn.reasoning == THOUGHT


def test_counting_and_models(client: anthropic.Anthropic) -> None:
    assert client.messages.count_tokens(model=MODEL, messages=ASKED).input_tokens == len(QUESTION.split())
    assert "gpt-oss:20b" in {model.id for model in client.models.list()}


def test_errors_have_their_class(client: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.NotFoundError, match="absent") as caught:
        client.messages.create(model="absent", max_tokens=20, messages=ASKED)
    assert caught.value.body["error"]["type"] == "not_found_error"  # type: ignore[index]
    with pytest.raises(anthropic.BadRequestError, match="messages"):
        client.messages.create(model=MODEL, max_tokens=20, messages=[])
