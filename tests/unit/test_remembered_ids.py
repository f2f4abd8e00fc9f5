"""RememberedIds: always the ids that rendering gives, within their bytes, and each space by itself."""

import random
from math import inf

import pytest

from ossia.chat.harmony import remembered as remembered_module
from ossia.chat.harmony.message import ControlTokens, HarmonyMessage, Read, Renderer
from ossia.chat.harmony.remembered import RememberedIds
from tests.unit.harmony_cases import message
from tests.vocabulary import harmony_tokenizer

TOKENIZER = harmony_tokenizer()


class CountingRenderer(Renderer):
    """Renderer that counts the messages that it rendered."""

    def __init__(self) -> None:
        super().__init__(TOKENIZER, ControlTokens.of(TOKENIZER))
        self.count = 0

    def message(self, message: HarmonyMessage, most: float = inf, read: Read | None = None) -> list[int]:
        self.count += 1
        return super().message(message, most, read)


@pytest.mark.parametrize("limit", [0, 3_000, 1 << 20])
def test_ids_are_those_of_the_renderer_whatever_was_rendered_before(limit: int) -> None:
    rng, plain = random.Random(limit), Renderer(TOKENIZER, ControlTokens.of(TOKENIZER))
    remembered = RememberedIds(renderer := CountingRenderer(), limit)
    messages = [message(rng) for _ in range(40)]
    for _ in range(2_000):
        one, most = rng.choice(messages), rng.choice([inf, 0, rng.randint(0, 60)])
        assert remembered.message(one, rng.choice(["", "a"]), most) == plain.message(one, most)
        assert remembered.num_bytes <= limit
    assert (renderer.count < 2_000) == (limit > 0)


def test_a_message_is_rendered_once_for_each_space() -> None:
    remembered = RememberedIds(renderer := CountingRenderer())
    for space in ("", "a", "b", "a", "b", ""):
        remembered.message(HarmonyMessage("user", "Hello"), space)
    assert renderer.count == 3


@pytest.mark.parametrize(
    "other",
    [
        HarmonyMessage("assistant", "Hell"),
        HarmonyMessage("user", "Hello"),
        HarmonyMessage("assistant", "Hello", "final"),
        HarmonyMessage("assistant", "Hello", "commentary", "functions.f"),
        HarmonyMessage("assistant", "Hello", "commentary", "functions.f", json=True),
    ],
)
def test_a_message_that_differs_in_anything_is_another(other: HarmonyMessage) -> None:
    remembered = RememberedIds(renderer := CountingRenderer())
    remembered.message(HarmonyMessage("assistant", "Hello"))
    remembered.message(other)
    assert renderer.count == 2


def test_only_the_beginning_of_a_long_message_is_not_kept() -> None:
    remembered, long = RememberedIds(CountingRenderer()), HarmonyMessage("user", "word " * 40_000)
    beginning = remembered.message(long, most=10)
    assert 10 < len(beginning) < len(remembered.message(long))
    assert remembered.message(long, most=10) == beginning


def test_of_a_text_that_is_too_long_nothing_is_kept() -> None:
    remembered, text = RememberedIds(CountingRenderer()), " ".join(map(str, range(5_000)))
    assert len(remembered.text(text, most=4_000)) > 4_000  # some parts fit
    assert remembered.num_bytes == 0


WORDS = [
    "a",
    "Two",
    "words,",
    " ",
    "  ",
    "\n",
    "\n\n",
    " three:",
    " 3",
    " 12345",
    "'s",
    "\t",
    "語",
    " é",
    "<|start|>",
    " <|end|>",
    "🎼",
    "\u00a0",
]


@pytest.mark.parametrize("size", [1, 2, 7, 40])
def test_ids_of_a_text_are_those_of_the_tokenizer_whatever_it_goes_on_from(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered_module, "_PART", size)
    remembered, rng = RememberedIds(CountingRenderer(), limit=20_000), random.Random(size)
    texts = [""]
    for _ in range(600):
        texts.append(rng.choice(texts[-20:]) + "".join(rng.choices(WORDS, k=rng.randint(0, 6))))
        most, special = rng.choice([inf, inf, rng.randint(0, 30)]), rng.random() < 0.5
        ids, expected = (
            remembered.text(texts[-1], "", most, special=special),
            TOKENIZER.encode(texts[-1], special=special),
        )
        assert ids == expected or (most < len(ids) and ids == expected[: len(ids)])
        assert remembered.num_bytes <= 20_000


@pytest.mark.parametrize("beginning", ["", "x" * 9_000], ids=["words", "no blanks at first"])
def test_a_text_that_goes_on_is_tokenized_from_there(beginning: str, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded, encode = list[int](), TOKENIZER.encode

    def counting(text: str, *, special: bool = False, most: float = inf) -> list[int]:
        encoded.append(len(text))
        return encode(text, special=special, most=most)

    monkeypatch.setattr(TOKENIZER, "encode", counting)
    remembered, text = RememberedIds(CountingRenderer()), beginning + " ".join(map(str, range(5_000)))
    characters = []
    for one, space in ((text, "a"), (text + " and more", "a"), (text, "b")):
        encoded.clear()
        remembered.message(HarmonyMessage("user", one), space)  # "user" are four characters more
        characters.append(sum(encoded))
    assert characters[0] == characters[2] == len("user" + text)
    assert characters[1] < 4096
