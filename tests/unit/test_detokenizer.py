"""Sampled ids become an answer: text, stop strings, log probabilities, counts and the reason it ended."""

from dataclasses import dataclass, field

import pytest

from ossia.chat.harmony.format import Harmony
from ossia.chat.text import TextParser
from ossia.engine.detokenizer import Detokenizer
from ossia.engine.sequence import Sampled, StepOutput, StopReason
from ossia.tokenizer import Tokenizer
from ossia.types import (
    Event,
    GenerateRequest,
    Message,
    ReasoningDelta,
    SamplingParams,
    TextDelta,
    Tool,
    ToolCallDelta,
)
from tests.vocabulary import harmony_tokenizer

END, THINK, CALL = 0, 1, 2
WORDS = {10: "one ", 11: "two ", 12: "three", 13: " STOP", 14: "S"}


class Vocabulary(Tokenizer):
    """Ids below 10 are special; the others are WORDS."""

    def __init__(self) -> None:
        pass

    def is_special(self, id: int) -> bool:
        return id < 10

    def token_bytes(self, id: int) -> bytes:
        return WORDS.get(id, f"<{id}>").encode()


@dataclass
class WordParser:
    """Text is visible, except after THINK; CALL calls a function."""

    reasoning_tokens: int = 0
    thinking: bool = False
    fed: list[int] = field(default_factory=list[int])

    def feed(self, token: int) -> list[Event]:
        self.fed.append(token)
        if token == THINK:
            self.thinking = not self.thinking
        if token == CALL:
            return [ToolCallDelta(0, "call_1", "f", "{}")]
        if token < 10:
            return []
        self.reasoning_tokens += self.thinking
        return [ReasoningDelta(WORDS[token]) if self.thinking else TextDelta(WORDS[token])]

    def finish(self) -> list[Event]:
        return []


def answer(sampling: SamplingParams | None = None) -> Detokenizer:
    request = GenerateRequest("", sampling=sampling or SamplingParams())
    return Detokenizer(request, WordParser(), Vocabulary(), frozenset({END, CALL}), prompt_ids=[10] * 5)


def feed(answer: Detokenizer, tokens: list[int], finished: StopReason = "stop") -> list[Event]:
    """Feed until the answer ends by itself or by the last token."""
    events: list[Event] = []
    for i, token in enumerate(tokens):
        reason = finished if i == len(tokens) - 1 else None
        events += answer.feed(StepOutput(7, Sampled(token, -0.5, ((token, -0.5),)), reason, num_cached_tokens=3))
        if answer.reason:
            break
    return events


def text(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def test_counts_every_sampled_id() -> None:
    done = answer()
    events = feed(done, [THINK, 10, 11, THINK, 12, END])
    assert text(events) == "three"
    assert done.reason == "stop"
    usage = done.usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens, usage.reasoning_tokens) == (5, 6, 3, 2)


def test_a_call_is_a_reason_of_its_own() -> None:
    done = answer()
    feed(done, [10, CALL])
    assert done.reason == "tool_calls"


def test_a_call_that_was_cut_off_ended_by_length() -> None:
    done = answer()
    feed(done, [CALL, 10], finished="length")
    assert done.reason == "length"


@pytest.mark.parametrize(
    ("stop", "expected"),
    [(("STOP",), "one three "), (("ee ST",), "one thr"), (("nowhere",), "one three STOPtwo ")],
)
def test_stop_strings_end_the_answer_before_themselves(stop: tuple[str, ...], expected: str) -> None:
    done = answer(SamplingParams(stop=stop))
    assert text(feed(done, [10, 12, 13, 11, END])) == expected
    assert done.reason == "stop"


def test_what_only_began_a_stop_string_is_delivered_at_the_end() -> None:
    done = answer(SamplingParams(stop=("STOP",)))
    assert text(feed(done, [10, 14, END])) == "one S"


def test_stop_strings_do_not_look_at_reasoning() -> None:
    done = answer(SamplingParams(stop=("two",)))
    events = feed(done, [THINK, 11, THINK, 10, END])
    assert ReasoningDelta("two ") in [ReasoningDelta(e.text) for e in events if isinstance(e, ReasoningDelta)]
    assert text(events) == "one "


def test_a_stop_id_of_the_request_is_no_text() -> None:
    done = answer(SamplingParams(stop_token_ids=(11,)))
    assert text(feed(done, [10, 11])) == "one "


def test_log_probabilities_cover_the_text_and_nothing_else() -> None:
    events = feed(answer(), [10, 11, END])
    given = [logprob for event in events if isinstance(event, TextDelta) for logprob in event.logprobs]
    assert [logprob.token for logprob in given] == ["one ", "two "]
    assert given[0].logprob == -0.5
    assert [top.bytes for top in given[0].top] == [b"one "]


def test_log_probabilities_wait_for_held_back_text() -> None:
    events = feed(answer(SamplingParams(stop=("S!",))), [14, 10, END])
    first = next(event for event in events if isinstance(event, TextDelta))
    assert [logprob.token for logprob in first.logprobs] == ["S", "one "]


HARMONY = Harmony(harmony_tokenizer())
PREAMBLE = "<|channel|>commentary<|message|>Wait.\n<|end|>"
CALL_TURN = f"{PREAMBLE}<|start|>assistant<|channel|>commentary to=functions.f <|constrain|>json<|message|>{{}}<|call|>"
THOUGHT_TURN = f"{PREAMBLE}<|start|>assistant<|channel|>analysis<|message|>Hm<|end|>"
FINAL_TURN = f"{PREAMBLE}<|start|>assistant<|channel|>final<|message|>\nYes.\nNo.<|return|>"


def written(turn: str, *stop: str) -> list[str]:
    """The parts of a turn in the order in which a client gets them."""
    request = GenerateRequest((Message("user", "x"),), tools=(Tool("f"),), sampling=SamplingParams(stop=stop))
    tokenizer = harmony_tokenizer()
    done = Detokenizer(request, HARMONY.parser(request), tokenizer, HARMONY.stop_token_ids, [1])
    parts: list[str] = []
    for id in tokenizer.encode(turn, special=True):
        for event in done.feed(StepOutput(0, Sampled(id), "stop" if id in HARMONY.stop_token_ids else None, 0)):
            text = "call" if isinstance(event, ToolCallDelta) else event.text if isinstance(event, TextDelta) else "Hm"
            parts = [*parts[:-1], parts[-1] + text] if parts and isinstance(event, TextDelta) else [*parts, text]
        if done.reason:
            break
    return parts


@pytest.mark.parametrize(
    ("turn", "stop", "expected"),
    [
        (CALL_TURN, ("\n\nHuman:",), ["Wait.\n", "call", "call"]),
        (THOUGHT_TURN, ("\n\nHuman:",), ["Wait.\n", "Hm"]),
        (THOUGHT_TURN, (".\nHm", "\n\n"), ["Wait.\n", "Hm"]),
        (FINAL_TURN, ("\n\n",), ["Wait.\n\n\n\nYes.\nNo."]),
        (FINAL_TURN, ("Wait.\n\n", "\nY", "\nN"), ["Wait.\n"]),
        (FINAL_TURN, ("Yes",), ["Wait.\n\n\n\n"]),
        (FINAL_TURN, (".\n\n\n\nYes", "es.\nN"), ["Wait.\n\n\n\nY"]),
        (FINAL_TURN.replace("Wait.\n", "Wait.").replace(">\nYes", ">Yes"), ("\n",), ["Wait.\n\nYes."]),
    ],
)
def test_a_stop_string_is_what_the_model_wrote_in_one_message(
    turn: str, stop: tuple[str, ...], expected: list[str]
) -> None:
    assert written(turn, *stop) == expected


def test_what_was_held_back_is_released_when_its_message_ends() -> None:
    """At once, not only when the next message says something."""
    assert written(PREAMBLE, "\n\nHuman:") == ["Wait.\n"]


@pytest.mark.parametrize(("echo", "expected"), [(True, ["one ", "<2>"]), (False, ["one "])])
def test_beside_an_echo_the_id_that_ends_the_text_counts(echo: bool, expected: list[str]) -> None:
    """Evaluators count ids: the last one is the answer's, those before it are the prompt's."""
    request = GenerateRequest("", echo=echo)
    done = Detokenizer(request, TextParser(Vocabulary(), hidden={CALL}), Vocabulary(), frozenset({CALL}), [10])
    given = [item.token for event in feed(done, [10, CALL]) if isinstance(event, TextDelta) for item in event.logprobs]
    assert given == expected
