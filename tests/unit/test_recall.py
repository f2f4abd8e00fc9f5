"""A turn of calls that comes back without its reasoning is completed, and repeated to the id if it is unchanged."""

from dataclasses import replace

import pytest

from ossia.engine.recall import Recall
from ossia.types import Collected, Finished, GenerateRequest, Message, ToolCall, Usage

CALL = ToolCall("call_1", "f", '{"city": "Oslo"}')
SAID = Message("assistant", reasoning="Weather!", tool_calls=(CALL,))
DONE = Finished("tool_calls", Usage(prompt_tokens=2, completion_tokens=3), token_ids=(1, 2, 10, 11, 12))


def turn(id: str, *, tokens: int = 3) -> Collected:
    """A turn with one call of this id, and as many sampled ids."""
    message = Message("assistant", reasoning=f"reasoning of {id}", tool_calls=(ToolCall(id, "f", "{}"),))
    return Collected(message, replace(DONE, token_ids=(1, 2, *range(10, 10 + tokens))))


def completed(recall: Recall, *messages: Message) -> tuple[Message, ...]:
    prompt = recall.completed(GenerateRequest(messages)).prompt
    assert isinstance(prompt, tuple)
    return prompt


def remembered(recall: Recall, *ids: str) -> list[str]:
    """Those of the calls whose reasoning the recall restores."""
    sent = [Message("assistant", tool_calls=(ToolCall(id, "f", "{}"),)) for id in ids]
    return [message.tool_calls[0].id for message in completed(recall, *sent) if message.reasoning]


@pytest.fixture
def recall() -> Recall:
    recall = Recall()
    recall.remember(Collected(SAID, DONE))
    return recall


@pytest.mark.parametrize(
    "sent",
    [
        SAID,
        replace(SAID, reasoning=""),
        replace(SAID, content="\n"),
        replace(SAID, tool_calls=(replace(CALL, arguments='{"city":"Oslo"}'),)),
    ],
)
def test_an_unchanged_turn_is_repeated_to_the_id(recall: Recall, sent: Message) -> None:
    result = Message("tool", "rain", tool_call_id="call_1")
    given = completed(recall, Message("user", "?"), sent, result)
    assert given == (Message("user", "?"), replace(sent, reasoning="Weather!", token_ids=(10, 11, 12)), result)


@pytest.mark.parametrize(
    "changed",
    [
        replace(SAID, tool_calls=(replace(CALL, arguments='{"city": "Rome"}'),)),
        replace(SAID, tool_calls=(replace(CALL, arguments="not JSON"),)),
        replace(SAID, tool_calls=(replace(CALL, name="g"),)),
        replace(SAID, content="Let me see."),
        replace(SAID, tool_calls=(CALL, ToolCall("call_2", "f", "{}"))),
        replace(SAID, reasoning="Somebody else's reasoning."),
    ],
)
def test_a_changed_turn_keeps_the_clients_words(recall: Recall, changed: Message) -> None:
    assert completed(recall, changed) == (changed,)
    assert completed(recall, replace(changed, reasoning=""))[0].reasoning == "Weather!"


def test_an_unknown_call_is_left_alone(recall: Recall) -> None:
    other = Message("assistant", tool_calls=(ToolCall("call_9", "f", "{}"),))
    assert completed(recall, other) == (other,)
    assert recall.completed(GenerateRequest("raw")).prompt == "raw"


def test_ids_that_a_client_sends_are_kept(recall: Recall) -> None:
    sent = replace(SAID, reasoning="", token_ids=(7,))
    assert completed(recall, sent) == (sent,)


def test_an_answer_without_calls_is_not_kept() -> None:
    recall = Recall()
    recall.remember(Collected(replace(SAID, tool_calls=()), DONE))
    assert completed(recall, SAID) == (SAID,)


def test_the_oldest_turns_are_dropped_beyond_a_number_of_turns() -> None:
    recall = Recall(turns=2)
    for id in "abc":
        recall.remember(turn(id))
    assert remembered(recall, *"abc") == ["b", "c"]


def test_the_oldest_turns_are_dropped_beyond_a_number_of_tokens() -> None:
    recall = Recall(tokens=10)
    for id in "aaab":  # a turn that is kept again counts once
        recall.remember(turn(id, tokens=4))
    assert remembered(recall, *"ab") == ["a", "b"]
    recall.remember(turn("c", tokens=4))
    assert remembered(recall, *"abc") == ["b", "c"]
    recall.remember(turn("d", tokens=11))
    assert remembered(recall, *"abcd") == []


@pytest.mark.parametrize(("mine", "theirs"), [("a", "b"), ("a", ""), ("", "a")])
def test_another_space_learns_nothing_of_a_turn(mine: str, theirs: str) -> None:
    recall = Recall()
    recall.remember(Collected(SAID, DONE), mine)
    sent = replace(SAID, reasoning="")
    assert recall.completed(GenerateRequest((sent,), space=theirs)).prompt == (sent,)
    recall.remember(turn("call_1"), theirs)  # nor does it lose it
    (restored,) = recall.completed(GenerateRequest((sent,), space=mine)).prompt
    assert isinstance(restored, Message)
    assert restored.reasoning == "Weather!"
