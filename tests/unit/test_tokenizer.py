import base64
import json
import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st
from openai_harmony import HarmonyEncoding
from tokenizers import Regex, models, trainers
from tokenizers.pre_tokenizers import ByteLevel, Digits, PreTokenizer, Sequence, Split

from ossia import tokenizer as tokenizer_module
from ossia.errors import InvalidModelFile, NotSupported
from ossia.gguf import GGUF
from ossia.tokenizer import Tokenizer, Utf8Decoder
from tests.vocabulary import harmony_encoding, harmony_tokenizer, vocabulary

NORMAL, CONTROL, USER_DEFINED, UNUSED = 1, 3, 4, 5
FRAGMENTS = [
    *(
        "the",
        " Hello",
        "HELLOworld",
        "Straße",
        "don't",
        "I'LL",
        "'ſ",
        "x'S",
        "ǅungla",
        "中文字",
        "ไทย",
        "नमस्ते",
        "é",
        "e\u0301",
    ),
    *(" ", "  ", "   ", "\n", "\r\n", "\n\n ", " \n", "\t", "\u00a0", "\u2003", "\u3000", "\x0b", "\x1c", "\x85", "\0"),
    *(
        "1",
        "23",
        "4567",
        "½",
        "Ⅷ",
        "٣",
        "²",
        "aaaa",
        "--",
        "==",
        "!!!",
        "/",
        "//\n",
        "_",
        "\u0301",
        "\u200d",
        "👩‍👩‍👧",
        "\ufffd",
    ),
    *("<|end|>", "<|start|>", "<|", "|>", "<|im_start|>", "<tool>", "<|reserved_200020|>"),
]


def random_texts(count: int, seed: int = 0) -> Iterator[str]:
    """Strings of fragments that splitters treat specially, and of code points from all of Unicode."""
    rng = random.Random(seed)
    planes = [(32, 0x250), (0x300, 0x370), (0x370, 0x2000), (0x2000, 0x3100), (0x3100, 0xD800), (0xE000, 0x110000)]
    for _ in range(count):
        parts = [
            rng.choice(FRAGMENTS) if rng.random() < 0.7 else chr(rng.randrange(*rng.choice(planes)))
            for _ in range(rng.randrange(1, 25))
        ]
        yield "".join(parts)


class TestHarmony:
    @pytest.fixture
    def encoding(self) -> HarmonyEncoding:
        return harmony_encoding()

    @pytest.fixture
    def tokenizer(self) -> Tokenizer:
        return harmony_tokenizer()

    def test_text_has_the_ids_that_openai_gives_it(self, tokenizer: Tokenizer, encoding: HarmonyEncoding) -> None:
        for text in random_texts(10_000):
            ids = tokenizer.encode(text)
            assert ids == encoding.encode(text, disallowed_special=()), repr(text)
            assert tokenizer.decode(ids) == text

    def test_special_literals_too(self, tokenizer: Tokenizer, encoding: HarmonyEncoding) -> None:
        for text in random_texts(3_000, seed=1):
            if "reserved" not in text:  # openai-harmony names ids that the model's own files leave without a string
                ids = tokenizer.encode(text, special=True)
                assert ids == encoding.encode(text, allowed_special="all"), repr(text)
                assert tokenizer.decode(ids) == text

    def test_every_special_token(self, tokenizer: Tokenizer, encoding: HarmonyEncoding) -> None:
        assert sorted(tokenizer.special_tokens.values()) == list(range(199998, 200019))
        for literal, id in tokenizer.special_tokens.items():
            assert tokenizer.encode(literal, special=True) == [id]
            assert tokenizer.token_bytes(id) == literal.encode()
            assert tokenizer.is_special(id)
            assert literal == "<|endofprompt|>" or encoding.encode(literal, allowed_special="all") == [id]

    def test_every_token_has_the_bytes_of_openai_s_file(self, tokenizer: Tokenizer) -> None:
        for line in vocabulary().tiktoken.read_bytes().splitlines():
            data, id = line.split()
            assert tokenizer.token_bytes(int(id)) == base64.b64decode(data)
            assert not tokenizer.is_special(int(id))

    def test_ids_without_a_string(self, tokenizer: Tokenizer) -> None:
        for id in (200019, 201087):
            assert tokenizer.token_bytes(id) == f"<|reserved_{id}|>".encode()
            assert tokenizer.is_special(id)
            assert id not in tokenizer.encode(f"<|reserved_{id}|>", special=True)

    @given(st.text(st.sampled_from("<|>startendml rv_0129"), max_size=40) | st.text())
    def test_text_never_becomes_a_control_token(self, text: str) -> None:
        tokenizer = harmony_tokenizer()
        ids = tokenizer.encode(f"<|start|>{text}<|end|>")
        assert not any(tokenizer.is_special(id) for id in ids)
        assert tokenizer.decode(ids) == f"<|start|>{text}<|end|>"

    def test_lone_surrogates_are_replaced(self, tokenizer: Tokenizer) -> None:
        assert tokenizer.decode(tokenizer.encode("a\ud800b")) == "a\ufffdb"

    def test_a_text_of_millions_of_blanks(self, tokenizer: Tokenizer) -> None:
        text = " " * 1_200_000 + "end"
        assert tokenizer.decode(tokenizer.encode(text)) == text

    def test_long_texts_are_cut_where_it_does_not_show(
        self, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        text = "Two words,  or\n\n three: 3 blanks   12 and (tabs)\t or \nlines. " * 100
        whole = tokenizer.encode(text)
        for size in (50, 61, 73):
            monkeypatch.setattr(tokenizer_module, "_MAX_PIECE", size)
            assert tokenizer.encode(text) == whole

    @pytest.mark.parametrize("kind", ["llama.cpp", "old ollama"])
    def test_gguf_files_have_the_same_vocabulary(self, tokenizer: Tokenizer, kind: str) -> None:
        other = Tokenizer.from_gguf(gpt_oss_metadata(old=kind == "old ollama"))
        assert other.vocab_size == 201_088
        assert other.special_tokens == tokenizer.special_tokens
        assert (other.bos_id, other.eos_ids) == (199998, {199999, 200002, 200012})
        assert all(other.token_bytes(id) == tokenizer.token_bytes(id) for id in range(201_088))
        assert all(other.is_special(id) for id in range(199_998, 201_088))
        for text in random_texts(1_000, seed=2):
            assert other.encode(text) == tokenizer.encode(text)
            assert other.encode(text, special=True) == tokenizer.encode(text, special=True)


def gpt_oss_metadata(*, old: bool) -> dict[str, Any]:
    """The keys of a gpt-oss GGUF, as llama.cpp's converter or Ollama's first one writes them."""
    data = json.loads(vocabulary().tokenizer_json.read_bytes())
    names: dict[int, str] = {id: token for token, id in data["model"]["vocab"].items()}
    special: dict[int, str] = {token["id"]: token["content"] for token in data["added_tokens"]}
    strings = names | special
    size, padding = 201_088, USER_DEFINED if old else UNUSED
    metadata: dict[str, Any] = {
        "general.architecture": "gptoss" if old else "gpt-oss",
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.tokens": [strings.get(id, f"[PAD{id}]") for id in range(size)],
        "tokenizer.ggml.token_type": [
            NORMAL if id in names else CONTROL if id in special else padding for id in range(size)
        ],
        "tokenizer.ggml.merges": [" ".join(pair) for pair in data["model"]["merges"]],
        "tokenizer.ggml.bos_token_id": 199998,
    }
    if old:
        return metadata | {"tokenizer.ggml.eos_token_ids": [199999, 200002, 200012]}
    ends = {"tokenizer.ggml.eos_token_id": 200002, "tokenizer.ggml.eos_token_ids": [199999, 200012]}
    return metadata | ends | {"tokenizer.ggml.pre": "gpt-4o"}


# --- other vocabularies: a small one is trained for each splitter, by the library that the models' makers use

GPT_2 = ByteLevel(add_prefix_space=False)
LLAMA_3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|"
    r"\s*[\r\n]+|\s+(?!\S)|\s+"
)
WHOLE = ByteLevel(add_prefix_space=False, use_regex=False)
SPLITTERS: dict[str, PreTokenizer] = {
    "smollm": Sequence([Digits(individual_digits=True), GPT_2]),
    "gpt-2": GPT_2,
    "llama-bpe": Sequence([Split(Regex(LLAMA_3), "isolated"), WHOLE]),
    "qwen2": Sequence([Split(Regex(LLAMA_3.replace("{1,3}", "")), "isolated"), WHOLE]),
}


def trained(splitter: PreTokenizer) -> tokenizers.Tokenizer:
    """A byte-level BPE vocabulary of 2,000 tokens, of this file's own text and of random ones."""
    trainer = trainers.BpeTrainer(
        vocab_size=2_000,
        special_tokens=["<|im_start|>", "<|im_end|>"],
        initial_alphabet=ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer = tokenizers.Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = splitter
    tokenizer.train_from_iterator([Path(__file__).read_text("utf-8"), *random_texts(500, seed=3)], trainer)
    return tokenizer


def metadata_of(data: dict[str, Any], pre: str, order: list[int]) -> dict[str, Any]:
    """GGUF keys of a tokenizer.json, its token i as id order[i]."""
    tokens = [""] * len(order)
    for token, id in data["model"]["vocab"].items():
        tokens[order[id]] = token
    return {
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": pre,
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": [CONTROL if token.startswith("<|im_") else NORMAL for token in tokens],
        "tokenizer.ggml.merges": [" ".join(pair) for pair in data["model"]["merges"]],
    }


@pytest.mark.parametrize("pre", SPLITTERS)
@pytest.mark.parametrize("shuffled", [False, True], ids=["ids in the order of merges", "ids in any order"])
def test_trained_vocabularies_agree_with_the_tokenizers_library(pre: str, shuffled: bool) -> None:
    oracle = trained(SPLITTERS[pre])
    order = list(range(oracle.get_vocab_size()))
    if shuffled:
        random.Random(4).shuffle(order)
    tokenizer = Tokenizer.from_gguf(metadata_of(json.loads(oracle.to_str()), pre, order))
    for text in random_texts(2_000, seed=5):
        ids = tokenizer.encode(text, special=True)
        assert ids == [order[id] for id in oracle.encode(text).ids], repr(text)
        assert tokenizer.decode(ids) == text


@pytest.mark.parametrize("pre", SPLITTERS)
def test_the_same_from_tokenizer_json(pre: str, tmp_path: Path) -> None:
    oracle = trained(SPLITTERS[pre])
    oracle.save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "generation_config.json").write_text('{"bos_token_id": 0, "eos_token_id": 1}')
    tokenizer = Tokenizer.from_hf(tmp_path / "tokenizer.json")
    assert (tokenizer.bos_id, tokenizer.eos_ids) == (0, {1})
    for text in random_texts(500, seed=6):
        assert tokenizer.encode(text, special=True) == oracle.encode(text).ids, repr(text)


def test_smollm2(smollm2_gguf: Path) -> None:
    metadata = GGUF.open(smollm2_gguf).metadata
    tokens, merges = metadata["tokenizer.ggml.tokens"], metadata["tokenizer.ggml.merges"]
    vocab = {token: id for id, token in enumerate(tokens)}
    oracle = tokenizers.Tokenizer(models.BPE(vocab, [tuple(merge.split(" ")) for merge in merges]))
    oracle.pre_tokenizer = SPLITTERS["smollm"]
    tokenizer = Tokenizer.from_gguf(metadata)
    assert (tokenizer.vocab_size, tokenizer.bos_id, tokenizer.eos_ids) == (49_152, 1, {2})
    assert tokenizer.encode("<|im_start|>user", special=True) == [1, *tokenizer.encode("user")]
    words = [data.decode() for id in range(17, 49_152) if (data := tokenizer.token_bytes(id)).isascii()]
    texts = [*words, *random_texts(10_000, seed=7), *random_words(words, 10_000)]
    for text in texts:
        if any(code in bytes_that_smollm2_lacks for code in text.encode()):
            continue  # the library drops these before it merges, llama.cpp and we after it
        assert tokenizer.encode(text) == oracle.encode(text).ids, repr(text)


bytes_that_smollm2_lacks = {0x04, 0x06, 0x13, 0x14, 0x16, 0x1D, 0xF1, 0xF2}


def random_words(words: list[str], count: int) -> Iterator[str]:
    """Tokens in any order, among them runs of one character, which merge in more ways than one."""
    rng = random.Random(8)
    for _ in range(count):
        run = rng.choice(" =-*#.\n\taeo") * rng.randrange(1, 40)
        yield "".join([*rng.choices(words, k=rng.randrange(1, 8)), run, *rng.choices(words, k=2)])


# --- small vocabularies written by hand

LETTERS = [chr(code) for code in tokenizer_module._BYTE_OF]  # pyright: ignore[reportPrivateUsage]


def by_hand(*more: tuple[str, int], **keys: Any) -> dict[str, Any]:
    """Keys of a vocabulary of the 256 bytes and `more` (token, type), whose ids follow."""
    metadata: dict[str, Any] = {
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "smollm",
        "tokenizer.ggml.tokens": [*LETTERS, *(token for token, _ in more)],
        "tokenizer.ggml.token_type": [NORMAL] * 256 + [type for _, type in more],
        "tokenizer.ggml.merges": [],
    }
    return metadata | {f"tokenizer.ggml.{key}": value for key, value in keys.items()}


def test_the_longer_of_two_literals_wins() -> None:
    tokenizer = Tokenizer.from_gguf(by_hand(("<a>", CONTROL), ("<a>b", CONTROL)))
    assert tokenizer.encode("<a>b<a>", special=True) == [257, 256]


def test_user_defined_tokens_are_found_in_any_text_unless_they_look_like_control_tokens() -> None:
    tokenizer = Tokenizer.from_gguf(by_hand(("<tool>", USER_DEFINED), ("<|call|>", USER_DEFINED)))
    assert tokenizer.encode("<tool>") == [256]
    assert 257 not in tokenizer.encode("<|call|>")
    assert tokenizer.encode("<|call|><tool>", special=True) == [257, 256]
    assert (tokenizer.is_special(256), tokenizer.is_special(257)) == (False, True)


def test_padding_has_no_string() -> None:
    tokenizer = Tokenizer.from_gguf(by_hand(("[PAD256]", USER_DEFINED), ("", NORMAL), ("x", UNUSED)))
    assert tokenizer.special_tokens == {}
    assert tokenizer.decode([256, 257, 258, -1]) == "<|reserved_256|><|reserved_257|><|reserved_258|><|reserved_-1|>"
    assert tokenizer.encode("[PAD256]") == [LETTERS.index(char) for char in "[PAD256]"]


def test_a_byte_that_the_vocabulary_lacks_leaves_nothing() -> None:
    metadata = by_hand()
    at = LETTERS.index("b")
    metadata["tokenizer.ggml.tokens"] = [*LETTERS[:at], "bb", *LETTERS[at + 1 :]]
    tokenizer = Tokenizer.from_gguf(metadata)
    assert tokenizer.decode(tokenizer.encode("abc")) == "ac"


@pytest.mark.parametrize(
    ("keys", "error", "text"),
    [
        ({"model": "llama"}, NotSupported, "'llama'"),
        ({"pre": "tekken"}, NotSupported, "'tekken'"),
        ({"pre": ["smollm"]}, NotSupported, "pre-tokenizer"),
        ({"tokens": 7}, InvalidModelFile, "tokenizer.ggml.tokens"),
        ({"tokens": []}, InvalidModelFile, "0 tokens"),
        ({"tokens": [1] * 256}, InvalidModelFile, "tokenizer.ggml.tokens"),
        ({"tokens": ["中"] * 256}, InvalidModelFile, "'中'"),
        ({"tokens": [*LETTERS[:255], " "]}, InvalidModelFile, "same bytes"),
        ({"token_type": [1] * 255}, InvalidModelFile, "255"),
        ({"token_type": ["1"] * 256}, InvalidModelFile, "token_type"),
        ({"merges": [1]}, InvalidModelFile, "merges"),
        ({"bos_token_id": 256}, InvalidModelFile, "256"),
        ({"bos_token_id": "a"}, InvalidModelFile, "bos_token_id"),
        ({"eos_token_id": -1}, InvalidModelFile, "-1"),
        ({"eos_token_ids": [1, 999]}, InvalidModelFile, "999"),
    ],
)
def test_bad_vocabularies(keys: dict[str, Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        Tokenizer.from_gguf(by_hand(**keys))


def test_a_gpt_oss_vocabulary_may_name_no_splitter_but_no_other_one() -> None:
    metadata = by_hand() | {"tokenizer.ggml.pre": "default"}
    with pytest.raises(NotSupported, match="'default'"):
        Tokenizer.from_gguf(metadata)
    assert Tokenizer.from_gguf(metadata | {"general.architecture": "gptoss"}).decode([0]) == "!"


@pytest.mark.parametrize(
    "content",
    [
        *("", "[", "[]", "3", "{}", '{"model": {"vocab": {}, "merges": []}}'),
        '{"model": {"vocab": {"a": 99999999999}, "merges": []}, "pre_tokenizer": {"type": "ByteLevel"}}',
        '{"model": {"vocab": {"a": "b"}, "merges": []}, "pre_tokenizer": {"type": "ByteLevel"}}',
        '{"model": {"vocab": {"a": 0}, "merges": [3]}, "pre_tokenizer": {"type": "ByteLevel"}}',
        '{"model": {"vocab": {"a": 0}, "merges": []}, "pre_tokenizer": {"type": "Sequence", "pretokenizers": ['
        '{"type": "Split", "pattern": {"Regex": "("}, "behavior": "Isolated"}, '
        '{"type": "ByteLevel", "use_regex": false}]}}',
    ],
)
def test_bad_tokenizer_json(content: str, tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text(content)
    with pytest.raises(InvalidModelFile, match=r"tokenizer\.json"):
        Tokenizer.from_hf(path)


def test_a_missing_tokenizer_json(tmp_path: Path) -> None:
    with pytest.raises(InvalidModelFile, match="nothing-here"):
        Tokenizer.from_hf(tmp_path / "nothing-here")


@pytest.mark.parametrize(
    "change",
    [
        {"normalizer": {"type": "NFC"}},
        {"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": True}},
        {"pre_tokenizer": {"type": "Whitespace"}},
    ],
)
def test_a_tokenizer_json_that_does_what_we_do_not(change: dict[str, Any], tmp_path: Path) -> None:
    data = {"model": {"vocab": {"a": 0}, "merges": []}, "pre_tokenizer": {"type": "ByteLevel"}} | change
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(data))
    with pytest.raises(NotSupported):
        Tokenizer.from_hf(path)


@given(st.binary(max_size=40) | st.text().map(str.encode), st.lists(st.integers(0, 40)))
@settings(max_examples=300)
def test_utf8_comes_out_whole_however_it_is_cut(data: bytes, cuts: list[int]) -> None:
    decoder = Utf8Decoder()
    bounds = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [decoder.feed(data[a:b]) for a, b in pairwise(bounds)]
    assert "".join(pieces) + decoder.finish() == data.decode("utf-8", "replace")
    assert decoder.finish() == ""


def test_a_character_is_held_back_until_it_is_whole() -> None:
    decoder = Utf8Decoder()
    assert [decoder.feed(bytes([byte])) for byte in "é€".encode()] == ["", "é", "", "", "€"]
