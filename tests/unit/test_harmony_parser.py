"""Sampled ids to events: well-formed turns as OpenAI's own parser reads them, and every known way of going wrong."""

import itertools
import random
import re
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai_harmony import Role

from ossia.chat import MessageEnd, Parsed
from ossia.chat.harmony.format import Harmony
from ossia.chat.harmony.message import ControlTokens, HarmonyMessage, Renderer
from ossia.chat.harmony.parser import HarmonyParser
from ossia.chat.harmony.tool_names import ToolNames
from ossia.types import GenerateRequest, Message, ReasoningDelta, TextDelta, Tool, ToolCallDelta
from tests.unit.harmony_cases import assistant_message, text
from tests.vocabulary import harmony_encoding, harmony_tokenizer

TOKENIZER = harmony_tokenizer()
CONTROL = ControlTokens.of(TOKENIZER)
RENDERER = Renderer(TOKENIZER, CONTROL)
START, END, MESSAGE, CHANNEL = CONTROL.start, CONTROL.end, CONTROL.message, CONTROL.channel
ASSISTANT = TOKENIZER.encode("assistant")


class Turn(NamedTuple):
    """A turn as a client sees it."""

    reasoning: str = ""
    text: str = ""
    calls: tuple[tuple[str, str], ...] = ()


def parser(*names: str, opened: str | None = None) -> HarmonyParser:
    return HarmonyParser(TOKENIZER, CONTROL, ToolNames(names), opened=opened)


def parsed(ids: list[int], names: tuple[str, ...] = ("f", "get-weather"), opened: str | None = None) -> list[Parsed]:
    one = parser(*names, opened=opened)
    events = [event for id in ids for event in one.feed(id)] + one.finish()
    assert one.finish() == []
    return events


def folded(events: list[Parsed]) -> Turn:
    reasoning, text, calls = "", "", dict[int, tuple[str, str]]()
    separator = ""
    ids: set[str] = set()
    for event in events:
        match event:
            case ReasoningDelta(piece):
                assert piece
                reasoning += piece
            case TextDelta(piece):
                assert piece
                text, separator = text + separator + piece, ""
            case MessageEnd():
                separator = "\n\n" if text else ""
            case ToolCallDelta(index, id, name, arguments):
                assert (index in calls) == bool(arguments), "a call begins with its name alone"
                assert index == max([*calls, index])
                ids.add(id)
                calls[index] = (name, calls.get(index, ("", ""))[1] + arguments)
    assert len(ids) == len(calls)
    return Turn(reasoning, text, tuple(calls.values()))


def turn(sampled: str, *, opened: str | None = None) -> Turn:
    return folded(parsed(TOKENIZER.encode(sampled, special=True), opened=opened))


def called(name: str, arguments: str) -> Turn:
    return Turn(calls=((name, arguments),))


HM = "<|channel|>analysis<|message|>Hm<|end|>"
FINAL = "<|start|>assistant<|channel|>final<|message|>"
ARGS = '{"a": 1}'
F = (("f", ARGS),)


@pytest.mark.parametrize(
    ("sampled", "expected"),
    [
        ("<|channel|>final<|message|>Hi<|return|>", Turn(text="Hi")),
        (f"{HM}{FINAL}Hi<|return|>", Turn("Hm", "Hi")),
        (f"<|channel|>commentary to=functions.f <|constrain|>json<|message|>{ARGS}<|call|>", Turn(calls=F)),
        (f" to=functions.f<|channel|>commentary <|constrain|>json<|message|>{ARGS}<|call|>", Turn(calls=F)),
        (f"<|channel|>commentary to=functions.f json<|message|>{ARGS}<|call|>", Turn(calls=F)),
        (f"<|channel|>commentary to=functions.f code<|message|>{ARGS}<|call|>", Turn(calls=F)),
        (f"<|channel|>commentary to=functions.f<|message|>{ARGS}<|call|>", Turn(calls=F)),
        (f"<|channel|>commentary to=functions.f<|constrain|>json<|message|>{ARGS}<|call|>", Turn(calls=F)),
        ("<|channel|>commentary to=functions.get_weather json<|message|>[]<|call|>", called("get-weather", "[]")),
        ("<|channel|>analysis to=python code<|message|>print(1)<|call|>", called("python", "print(1)")),
        ('<|channel|>analysis to=browser.open code<|message|>{"id": 1}<|call|>', called("browser.open", '{"id": 1}')),
        ("<|channel|>commentary to=functions.f <|constrain|>json<|message|><|call|>", called("f", "{}")),
        (f"<|channel|>commentary<|message|>Wait.<|end|>{FINAL}Hi<|return|>", Turn(text="Wait.\n\nHi")),
        (
            "<|channel|>commentary<|message|>Plan<|end|>"
            f"<|start|>assistant to=functions.f<|channel|>commentary json<|message|>{ARGS}<|call|>",
            Turn(text="Plan", calls=F),
        ),
        (
            f"<|channel|>commentary to=functions.f json<|message|>{ARGS}<|end|>"
            "<|start|>assistant<|channel|>commentary to=functions.g json<|message|>[]<|call|>",
            Turn(calls=(*F, ("g", "[]"))),
        ),
        ("<|channel|>final<|message|><|return|>", Turn()),
        (f"{HM}<|return|>", Turn("Hm")),
        ("", Turn()),
    ],
)
def test_well_formed(sampled: str, expected: Turn) -> None:
    assert turn(sampled) == expected


@pytest.mark.parametrize(
    ("sampled", "expected"),
    [
        # content types in the wrong place, or with the wrong spacing
        (f"<|channel|>commentary to=functions.f <|constrain|> json<|message|>{ARGS}<|call|>", Turn(calls=F)),
        (f"<|channel|>commentary to=functions.f json foo<|message|>{ARGS}<|call|>", Turn(calls=F)),
        (f"<|channel|>commentary <|constrain|> to=functions.f<|message|>{ARGS}<|call|>", Turn(calls=F)),
        (f"<|channel|>commentary <|constrain|>json to=functions.f<|message|>{ARGS}<|call|>", Turn(calls=F)),
        (f"<|channel|>commentary to=functions.fjson<|message|>{ARGS}<|call|>", Turn(calls=F)),
        ("<|channel|>final <|constrain|>json<|message|>{}<|return|>", Turn(text="{}")),
        ("<|channel|>final json<|message|>{}<|return|>", Turn(text="{}")),
        ("<|channel|>analysis code<|message|>x<|end|>", Turn("x")),
        ("<|channel|>commentary json<|message|>{}<|call|>", Turn(text="{}")),
        # recipients in the wrong place
        (f"<|channel|>commentary to=functions.f<|channel|>json<|message|>{ARGS}<|call|>", Turn(calls=F)),
        (f"<|channel|>commentaryto=functions.f<|message|>{ARGS}<|call|>", Turn(calls=F)),
        (f"<|channel|>commentary functions.f<|message|>{ARGS}<|call|>", Turn(calls=F)),
        (f"<|channel|>commentary to= functions.f json<|message|>{ARGS}<|call|>", Turn(calls=F)),
        (f"<|channel|>analysis to=functions.f json<|message|>{ARGS}<|call|>", Turn(calls=F)),
        (f"<|channel|>final to=functions.f json<|message|>{ARGS}<|call|>", Turn(calls=F)),
        ("<|channel|>final to=assistant<|message|>Hi<|return|>", Turn(text="Hi")),
        (" to=assistant<|channel|>final<|message|>Hi<|return|>", Turn(text="Hi")),
        ("<|channel|>commentary to=assistant<|channel|>final<|message|>Hi<|return|>", Turn(text="Hi")),
        (f"<|channel|>commentary to=assistant to=functions.f json<|message|>{ARGS}<|call|>", Turn(calls=F)),
        # channels
        ("<|channel|>commentary<|channel|>final<|message|>Hi<|return|>", Turn(text="Hi")),
        ("<|channel|>analysis<|channel|>json<|message|>{}<|return|>", Turn("{}")),
        ("<|channel|> analysis<|message|>Hm<|end|>", Turn("Hm")),
        ("<|channel|>analysisassistant<|message|>Hm<|end|>", Turn("Hm")),
        ("<|channel|>Analysis<|message|>Hm<|end|>", Turn("Hm")),
        ("<|channel|>commentary?<|message|>Hi<|end|>", Turn(text="Hi")),
        ("analysis<|message|>Hm<|end|>", Turn("Hm")),
        ("<|channel|><|message|>Hi<|return|>", Turn(text="Hi")),
        ("<|channel|>comment<|message|>Hi<|return|>", Turn(text="Hi")),
        (f"<|channel|>??<|message|>Hm<|end|>{FINAL}Hi<|return|>", Turn("Hm", "Hi")),
        (f"{FINAL}Hi<|end|><|start|>assistant<|channel|>??<|message|>Hm<|return|>", Turn("Hm", "Hi")),
        ("<|message|>Hi<|return|>", Turn(text="Hi")),
        (f" to=functions.f<|message|>{ARGS}<|end|><|start|>assistant<|message|>Hm<|return|>", Turn("Hm", "", F)),
        ("<|channel|>commentary<|message|>Plan<|end|><|start|>assistant<|message|>Hi", Turn(text="Plan\n\nHi")),
        # roles
        (f"{FINAL}Hi<|return|>", Turn(text="Hi")),
        ("assistant<|channel|>final<|message|>Hi<|return|>", Turn(text="Hi")),
        (f"{HM}<|start|>final<|message|>Hi<|return|>", Turn("Hm", "Hi")),
        (f"{HM}<|start|><|channel|>final<|message|>Hi<|return|>", Turn("Hm", "Hi")),
        (f"{HM}<|start|>assistantfinal<|message|>Hi<|return|>", Turn("Hm", "Hi")),
        (f"{HM}<|start|>to=functions.f json<|message|>{ARGS}<|call|>", Turn("Hm", "", F)),
        ("<|channel|>final<|message|>Hi<|end|><|start|>user:bob<|message|>And?<|end|>", Turn(text="Hi")),
        ("<|channel|>final<|message|>Hi<|end|><|start|>functions.f<|message|>1<|end|>", Turn(text="Hi")),
        # no <|message|>
        ("Hello you<|return|>", Turn(text="Hello you")),
        ("Hello you", Turn(text="Hello you")),
        ("<|channel|>final Hello you<|return|>", Turn(text="Hello you")),
        ("<|channel|>analysis Hm<|end|>", Turn("Hm")),
        ("<|channel|>final<|return|>", Turn()),
        ("<|channel|>final json {}<|return|>", Turn(text="{}")),
        (f"<|channel|>commentary to=functions.f <|constrain|>json {ARGS}<|call|>", Turn(calls=F)),
        ("<|channel|>commentary to=assistant Hi<|return|>", Turn(text="Hi")),
        (f"{HM}<|start|>assistantHello<|return|>", Turn("Hm", "Hello")),
        (f"{HM}<|start|>user<|return|>", Turn("Hm")),
        (f"{HM}Hello<|return|>", Turn("Hm", "Hello")),
        (f"{HM}assistant<|return|>", Turn("Hm")),
        (f"{HM}junk<|channel|>final Hello<|return|>", Turn("Hm", "Hello")),
        ("<|channel|>final<|message|>Hi<|end|>junk<|return|>", Turn(text="Hi")),
        # cut off inside a header
        ("<|channel|>comm", Turn()),
        ("<|channel|>commentary to=functions.get", Turn()),
        ("<|channel|>commentary to=functions.f <|constrain|>js", Turn()),
        (" to=functions.f<|channel|>comment", Turn()),
        (" to=functions.f<|channel|>commentary <|constrain|>", Turn()),
        ("<|channel|>commentary to=functions.f code", Turn()),
        (f" to=functions.f<|channel|>commentary <|constrain|>json {ARGS}", Turn(calls=F)),
        # no <|end|>, or more than one
        (f"<|channel|>analysis<|message|>Hm{FINAL}Hi<|return|>", Turn("Hm", "Hi")),
        ("<|channel|>analysis<|message|>Hm<|channel|>final<|message|>Hi<|return|>", Turn("Hm", "Hi")),
        ("<|channel|>final<|message|>H<|message|>i<|return|>", Turn(text="Hi")),
        (f"{HM}<|end|>\n junk {FINAL}Hi<|return|>", Turn("Hm", "Hi")),
        (f"{HM}assistant<|channel|>final<|message|>Hi<|return|>", Turn("Hm", "Hi")),
        (f"{HM}final<|message|>Hi<|return|>", Turn("Hm", "Hi")),
        # what ends a turn ends it
        ("<|channel|>final<|message|>Hi<|endoftext|>more", Turn(text="Hi")),
        (f"<|channel|>analysis<|message|>Hm<|call|>{FINAL}Hi", Turn("Hm")),
        # other control tokens in content are not shown
        ("<|channel|>final<|message|>a<|constrain|>b<|startoftext|>", Turn(text="ab")),
        ("<|channel|>??<|message|>a<|constrain|>b<|reserved_200013|>", Turn(text="ab")),
        (f" to=functions.f json<|message|>{ARGS}<|constrain|><|call|>", Turn(calls=F)),
    ],
)
def test_malformed(sampled: str, expected: Turn) -> None:
    assert turn(sampled) == expected


def test_markers_spelled_with_ordinary_tokens() -> None:
    ids = TOKENIZER.encode("<|channel|>commentary to=functions.f ", special=True)
    ids += [*TOKENIZER.encode("<|constrain|>json"), MESSAGE, *TOKENIZER.encode(ARGS)]
    assert folded(parsed(ids)) == Turn(calls=F)


def test_turn_that_begins_inside_a_channel() -> None:
    assert turn("Hi<|return|>", opened="final") == Turn(text="Hi")
    assert turn(f"Hm<|end|>{FINAL}Hi<|return|>", opened="analysis") == Turn("Hm", "Hi")


def test_deltas_come_with_their_ids() -> None:
    one = parser("f")
    for id in TOKENIZER.encode("<|channel|>final<|message|>", special=True):
        assert one.feed(id) == []
    for word in ("one", " two"):
        [id] = TOKENIZER.encode(word)
        assert one.feed(id) == [TextDelta(word)]
    *before, last = TOKENIZER.encode("👩‍👩‍👧"[-1])
    assert [one.feed(id) for id in before] == [[]] * len(before)
    assert one.feed(last) == [TextDelta("👧")]


def test_cut_inside_a_character() -> None:
    ids = TOKENIZER.encode("<|channel|>final<|message|>", special=True) + TOKENIZER.encode("👧")[:1]
    assert folded(parsed(ids)) == Turn(text="\ufffd")
    assert folded(parsed([*ids, END, *TOKENIZER.encode(f"{FINAL}x", special=True)])) == Turn(text="\ufffd\n\nx")


def test_reasoning_tokens() -> None:
    ids = TOKENIZER.encode(f"<|channel|>analysis<|message|>one two<|end|>{FINAL}three<|return|>", special=True)
    one = parser()
    for id in ids:
        one.feed(id)
    assert one.reasoning_tokens == 2
    unknown = parser()
    for id in TOKENIZER.encode(f"<|channel|>?<|message|>one two three<|end|>{FINAL}four", special=True):
        unknown.feed(id)
    assert unknown.reasoning_tokens == 3


def test_well_formed_turns_as_the_library_reads_them() -> None:
    encoding = harmony_encoding()
    for seed in range(1_000):
        rng = random.Random(seed)
        messages = [assistant_message(rng) for _ in range(rng.randint(1, 4))]
        ids = [id for message in messages for id in RENDERER.message(message)][2:]  # behind <|start|>assistant
        end = next((i + 1 for i, id in enumerate(ids) if id == CONTROL.call), len(ids))
        theirs = encoding.parse_messages_from_completion_tokens(ids[:end], Role.ASSISTANT)
        read = [
            HarmonyMessage("assistant", each.content[0].text, each.channel, each.recipient, bool(each.content_type))
            for each in theirs
        ]
        assert read == messages[: len(read)]
        assert folded(parsed(ids, names=())) == expected_turn(read), messages


def expected_turn(messages: list[HarmonyMessage]) -> Turn:
    visible = [each.content for each in messages if not each.recipient and each.channel != "analysis" and each.content]
    calls = [(each.recipient.removeprefix("functions."), each.content) for each in messages if each.recipient]
    thoughts = [each.content for each in messages if not each.recipient and each.channel == "analysis" and each.content]
    return Turn("\n\n".join(thoughts), "\n\n".join(visible), tuple(calls))


@given(st.sampled_from(["analysis", "commentary", "final"]), st.text(), st.booleans())
def test_what_is_rendered_is_read_back(channel: str, content: str, call: bool) -> None:
    content = content.encode("utf-8", "replace").decode()
    message = HarmonyMessage("assistant", content, channel, "functions.f" if call else None, json=call)
    expected = expected_turn([message])
    if call and not content:
        expected = Turn(calls=(("f", "{}"),))
    assert folded(parsed(RENDERER.message(message)[2:])) == expected


def test_every_way_of_cutting_a_turn_off() -> None:
    sampled = (
        "<|channel|>analysis<|message|>I think<|end|>"
        "<|start|>assistant<|channel|>commentary<|message|>Wait a bit.<|end|>"
        f"<|start|>assistant<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{ARGS}<|call|>"
    )
    ids = TOKENIZER.encode(sampled, special=True)
    whole = folded(parsed(ids))
    assert whole == Turn("I think", "Wait a bit.", (("get-weather", ARGS),))
    for end in range(len(ids)):
        cut = folded(parsed(ids[:end]))
        assert whole.reasoning.startswith(cut.reasoning)
        assert whole.text.startswith(cut.text)
        assert all(name == "get-weather" and ARGS.startswith(arguments) for name, arguments in cut.calls)


def test_every_way_of_cutting_text_into_tokens() -> None:
    """The model need not use the tokens that an encoder would: content byte by byte is the same content."""
    for seed in range(200):
        message = assistant_message(random.Random(seed))
        ids = RENDERER.message(message)[2:]
        head = ids[: ids.index(MESSAGE) + 1]
        by_byte = [*head, *(_byte_id(byte) for byte in message.content.encode()), ids[-1]]
        assert folded(parsed(by_byte)) == folded(parsed(ids))


_BYTE_IDS = {TOKENIZER.token_bytes(id): id for id in range(256)}


def _byte_id(byte: int) -> int:
    return _BYTE_IDS[bytes([byte])]


HEADER_WORDS = [
    *("analysis", "commentary", "final", " to=functions.f", " to=assistant", " json", " ", "\n", "?", "functions", "."),
    *("user", "assistant", "to=", "{", "}"),
]


def _stream(rng: random.Random) -> list[int]:
    """Ids of control tokens, words of headers and, each once, words w0w, w1w, ... of content; every start is ours."""
    ids: list[int] = []
    control = [START, END, MESSAGE, MESSAGE, CHANNEL, 200003, 200002, 200012, 199999, 199998, 200500]
    for number in range(rng.randint(1, 40)):
        match rng.randint(0, 3):
            case 0:
                id = rng.choice(control if rng.random() < 0.3 else control[:6])
                ids += [id, *ASSISTANT] if id == START else [id]
            case 1:
                ids += TOKENIZER.encode(rng.choice(HEADER_WORDS))
            case _:
                ids += TOKENIZER.encode(f" w{number}w")
    return ids


def _content_words(ids: list[int]) -> list[str]:
    """The words of content that stand between <|message|> and what ends a message."""
    ends_turn = [i for i, id in enumerate(ids) if id in (200002, 200012, 199999)]
    contents = re.findall(
        r"(?<=<\|message\|>)(?:(?!<\|(?:start|end|channel)\|>).)*", _decoded(ids, ends_turn), re.DOTALL
    )
    return [word for content in contents for word in re.findall(r"w\d+w", content)]


def _decoded(ids: list[int], ends: list[int]) -> str:
    return TOKENIZER.decode(ids[: ends[0]] if ends else ids)


def _content(event: Parsed) -> str:
    match event:
        case ToolCallDelta():
            return event.arguments
        case TextDelta(text) | ReasoningDelta(text):
            return text
        case _:
            return ""


def test_random_streams_lose_nothing() -> None:
    words = 0
    for seed in range(3_000):
        ids = _stream(random.Random(seed))
        events = parsed(ids)
        folded(events)
        shown = "".join(_content(event) for event in events)
        said = _content_words(ids)
        words += len(said)
        found = re.findall(r"w\d+w", shown)
        assert len(found) == len(set(found)), seed
        assert [word for word in found if word in said] == said, (seed, TOKENIZER.decode(ids), events)
    assert words > 5_000


@settings(max_examples=500)
@given(
    st.lists(
        st.one_of(st.sampled_from(sorted(TOKENIZER.special_tokens.values())), st.integers(0, 201_087)), max_size=60
    ),
    st.sampled_from([None, "final", "analysis"]),
)
def test_never_raises(ids: list[int], opened: str | None) -> None:
    folded(parsed(ids, opened=opened))


def test_long_turns_take_time_in_proportion() -> None:
    """Nothing is gone through again: the state that an id meets does not grow with the ids before it."""
    one = parser()
    for id in TOKENIZER.encode("<|channel|>analysis<|message|>", special=True):
        one.feed(id)
    [word] = TOKENIZER.encode(" word")
    assert all(one.feed(word) == [ReasoningDelta(" word")] for _ in itertools.repeat(None, 50_000))
    assert one.reasoning_tokens == 50_000


class TestFormat:
    harmony = Harmony(TOKENIZER)

    def fed(self, request: GenerateRequest, sampled: str) -> list[Parsed]:
        one = self.harmony.parser(request)
        events = [event for id in TOKENIZER.encode(sampled, special=True) for event in one.feed(id)]
        return [*events, *one.finish()]

    def test_names_are_the_clients(self) -> None:
        request = GenerateRequest((Message("user", "x"),), (Tool("get_time"), Tool("get-time")))
        events = self.fed(request, f"<|channel|>commentary to=functions.get_time_2 json<|message|>{ARGS}<|call|>")
        assert folded(events) == Turn(calls=(("get-time", ARGS),))

    def test_it_begins_where_the_prompt_ends(self) -> None:
        question = Message("user", "x")
        assert folded(self.fed(GenerateRequest((question,), reasoning_effort="none"), "Hi")) == Turn(text="Hi")
        assert folded(self.fed(GenerateRequest((question, Message("assistant", "H"))), "i")) == Turn(text="i")
        thought = Message("assistant", reasoning="H")
        assert folded(self.fed(GenerateRequest((question, thought)), f"m<|end|>{FINAL}Hi")) == Turn("m", "Hi")

    def test_raw_completion_is_one_delta_for_each_id(self) -> None:
        sampled = f"<|channel|>analysis<|message|>Hm 👧<|end|>{FINAL}Hi"
        ids = TOKENIZER.encode(sampled, special=True)
        one = self.harmony.parser(GenerateRequest("raw"))
        events = [one.feed(id) for id in ids]
        assert all(len(each) == 1 and isinstance(each[0], TextDelta) for each in events)
        assert "".join(event.text for each in events for event in each if isinstance(event, TextDelta)) == sampled
        assert one.feed(200002) == []
        assert one.finish() == []
        assert one.reasoning_tokens == 0


def test_random_text_is_content() -> None:
    rng = random.Random(1)
    for _ in range(200):
        content = text(rng)
        ids = [CHANNEL, *TOKENIZER.encode("final"), MESSAGE, *TOKENIZER.encode(content)]
        assert folded(parsed(ids)).text == content
