"""A turn of calls that comes back without its thoughts is completed, and repeated to the id if it is the same."""

from dataclasses import replace

import pytest

from ossia.engine.recall import Recall
from ossia.types import Finished, GenerateRequest, Message, ReasoningDelta, Tool, ToolCall, ToolCallDelta, Usage
from tests.doubles.scripted_engine import ScriptedEngine

CALL = ToolCall("call_1", "f", '{"city": "Oslo"}')
SAID = Message("assistant", reasoning="Weather!", tool_calls=(CALL,))
DONE = Finished("tool_calls", Usage(prompt_tokens=2, completion_tokens=3), token_ids=(1, 2, 10, 11, 12))
SCRIPT = (ReasoningDelta("Weather!"), ToolCallDelta(0, "call_1", "f", '{"city": "Oslo"}'), DONE)
TOOLS = (Tool("f"),)


async def after_a_call(recall: Recall, *messages: Message) -> tuple[Message, ...]:
    """What the model is given when `messages` follow a turn of calls."""
    engine = ScriptedEngine(*SCRIPT)
    for prompt in ((Message("user", "?"),), messages):
        request = GenerateRequest(prompt, TOOLS)
        assert [event async for event in recall.generate(engine, request)] == list(SCRIPT)
    given = engine.requests[-1].prompt
    assert isinstance(given, tuple)
    return given


async def test_a_turn_as_it_was_is_repeated_to_the_id() -> None:
    respelled = replace(SAID, tool_calls=(replace(CALL, arguments='{"city":"Oslo"}'),))
    result = Message("tool", "rain", tool_call_id="call_1")
    for sent in (SAID, respelled, replace(SAID, reasoning="")):
        given = await after_a_call(Recall(), Message("user", "?"), sent, result)
        assert given == (Message("user", "?"), replace(sent, reasoning="Weather!", token_ids=(10, 11, 12)), result)


@pytest.mark.parametrize(
    "changed",
    [
        replace(SAID, tool_calls=(replace(CALL, arguments='{"city": "Rome"}'),)),
        replace(SAID, content="Let me see."),
        replace(SAID, tool_calls=(CALL, ToolCall("call_2", "f", "{}"))),
        replace(SAID, reasoning="Somebody else's thoughts."),
    ],
)
async def test_a_turn_that_was_changed_is_the_clients(changed: Message) -> None:
    (given,) = await after_a_call(Recall(), changed)
    assert given == replace(changed, reasoning=changed.reasoning or "Weather!")


async def test_another_call_is_nothing_that_is_known() -> None:
    other = Message("assistant", tool_calls=(ToolCall("call_9", "f", "{}"),))
    assert await after_a_call(Recall(), other) == (other,)


@pytest.mark.parametrize("recall", [Recall(turns=0), Recall(tokens=2)])
async def test_what_there_is_no_room_for_is_forgotten(recall: Recall) -> None:
    sent = replace(SAID, reasoning="")
    assert await after_a_call(recall, sent) == (sent,)


async def test_a_turn_that_was_cut_off_is_not_kept() -> None:
    recall, engine = Recall(), ScriptedEngine(*SCRIPT[:2], replace(DONE, reason="length"))
    request = GenerateRequest((Message("user", "?"),), TOOLS)
    assert [event async for event in recall.generate(engine, request)]
    assert recall.completed(GenerateRequest((SAID,))).prompt == (SAID,)
