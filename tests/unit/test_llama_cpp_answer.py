"""Answer: the chunks of llama.cpp's chats as events."""

from ossia.engine.llama_cpp.answer import Answer
from ossia.engine.llama_cpp.wire import Choice, Chunk, Delta, Times
from ossia.types import GenerateRequest, Message, ReasoningDelta, TextDelta

HELLO = GenerateRequest((Message("user", "Hello"),))


def said(*deltas: Delta) -> list[tuple[str, str]]:
    """Return the texts of the answer's events, each with its kind."""
    answer = Answer(HELLO, 1)
    events = [event for delta in deltas for event in answer.feed(Chunk([Choice(delta)], timings=Times(predicted_n=1)))]
    kinds = {TextDelta: "text", ReasoningDelta: "thought"}
    return [(kinds[type(event)], event.text) for event in events if isinstance(event, TextDelta | ReasoningDelta)]


def test_blanks_around_a_thought_are_no_part_of_it_nor_of_the_answer() -> None:
    thoughts = [Delta(reasoning_content=text) for text in ("\n", "\n Hm", "\n\n", "so")]
    words = [Delta(content=text) for text in ("\n", "\n\nYes", "\n", " no")]
    assert said(*thoughts) == [("thought", "Hm"), ("thought", "\n\n"), ("thought", "so")]
    assert said(*thoughts, *words)[3:] == [("text", "Yes"), ("text", "\n"), ("text", " no")]


def test_blanks_of_an_answer_without_thoughts_are_its_own() -> None:
    assert said(Delta(content="\n"), Delta(content=" a")) == [("text", "\n"), ("text", " a")]
