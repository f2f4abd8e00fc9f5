"""Tokenizer: text to token ids and back, for byte-level BPE vocabularies; merging is done by tiktoken, in Rust.

Ordinary text and special tokens are kept apart: `encode` turns text into a control token only on request. The meaning
of special tokens is not known here.

tiktoken merges by the rank of the merged token, while model files list the merges. So tokens are ranked in the order of
the merges and mapped to ids afterwards; for trained vocabularies, both rules give the same tokens.
"""

import codecs
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from math import inf
from operator import itemgetter
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar, cast

import tiktoken

from ossia.errors import InvalidModelFile, NotSupported

_T = TypeVar("_T")

_CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
_GPT_2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
_GPT_4O = "|".join(
    [
        rf"[^\r\n\p{{L}}\p{{N}}]?[\p{{Lu}}\p{{Lt}}\p{{Lm}}\p{{Lo}}\p{{M}}]*[\p{{Ll}}\p{{Lm}}\p{{Lo}}\p{{M}}]+{_CONTRACTION}?",
        rf"[^\r\n\p{{L}}\p{{N}}]?[\p{{Lu}}\p{{Lt}}\p{{Lm}}\p{{Lo}}\p{{M}}]+[\p{{Ll}}\p{{Lm}}\p{{Lo}}\p{{M}}]*{_CONTRACTION}?",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    ]
)
# Digits are split off one by one first, and the rest is split as in GPT-2: a digit ends white space as the end does.
_SMOLLM = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+|\s+(?![^\s\p{N}])|\s+"
_LLAMA_3 = (
    rf"{_CONTRACTION}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|"
    r"\s*[\r\n]+|\s+(?!\S)|\s+"
)
_QWEN_2 = _LLAMA_3.replace(r"\p{N}{1,3}", r"\p{N}")


@dataclass(frozen=True, slots=True)
class _Splitter:
    """The splitting of text before merging. With `ignore_merges`, a piece that is a token is not merged."""

    pattern: str
    ignore_merges: bool


_SPLITTERS = {
    **dict.fromkeys(["gpt-4o", "o200k"], _Splitter(_GPT_4O, True)),
    **dict.fromkeys(["llama-bpe", "llama3", "llama-v3"], _Splitter(_LLAMA_3, True)),
    "qwen2": _Splitter(_QWEN_2, False),
    "smollm": _Splitter(_SMOLLM, False),
    "gpt-2": _Splitter(_GPT_2, False),
}

_NORMAL, _CONTROL, _USER_DEFINED, _UNUSED = 1, 3, 4, 5  # values of tokenizer.ggml.token_type
_LOOKS_CONTROL = re.compile(r"<\|[^<>|\s]+\|>")
_PADDING = re.compile(r"\[PAD\d+\]|<\|?unused_?\d+\|?>")

_PRINTABLE = [*range(33, 127), *range(161, 173), *range(174, 256)]
_OTHERS = [byte for byte in range(256) if byte not in _PRINTABLE]
_BYTE_OF = {byte: byte for byte in _PRINTABLE} | {256 + i: byte for i, byte in enumerate(_OTHERS)}
"""GPT-2's spelling of bytes as printable characters: code point -> byte."""

_NO_ID = -1
_MAX_VOCABULARY = 10_000_000
_BEFORE_BLANK = re.compile(r"\S(?= \S)")
_BEFORE_LAST_BLANK = re.compile(r".*\S(?= \S)", re.DOTALL)
_MAX_PIECE = 100_000
"""Most characters passed to tiktoken at once: its regex engine fails on more than a million consecutive blanks."""
_LONGEST_TOKEN = 512  # bytes; the longest tokens of trained vocabularies have 128, all of them blanks or signs
_MOST_LITERALS = 4096  # of special tokens, which are looked for in every text
_MOST_BRANCHES = 16  # that are tried one after the other


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """Contents of a model file: normal tokens in the file's spelling, special tokens as literals."""

    normal: dict[str, int]
    control: dict[str, int]
    user_defined: dict[str, int]
    merged: Sequence[str]  # the result of each merge, in order, spelled as in `normal`
    size: int


class Tokenizer:
    """A vocabulary of `vocab_size` ids. `special_tokens` maps the literals of control and user-defined tokens to ids.

    Text becomes control tokens only with `encode(..., special=True)`. User-defined tokens are matched in any text, as
    in llama.cpp, unless they are spelled <|like this|>: those count as control tokens, whatever the file says.
    """

    def __init__(
        self, vocabulary: _Vocabulary, splitter: _Splitter, bos_id: int | None, eos_ids: Iterable[int]
    ) -> None:
        """Use `from_gguf` or `from_hf`. Raises InvalidModelFile for an inconsistent vocabulary."""
        self.vocab_size = vocabulary.size
        self.special_tokens = vocabulary.control | vocabulary.user_defined
        self.bos_id = bos_id
        self.eos_ids = frozenset(eos_ids)
        self._bytes = _token_bytes(vocabulary)
        self.longest_token = max(1, *map(len, self._bytes))  # in bytes
        _check_bounds(self.longest_token, len(self.special_tokens))
        empty = (id for id, spelled in enumerate(self._bytes) if not spelled)
        self.special_ids = frozenset({*vocabulary.control.values(), *empty})
        """Ids of control tokens, and those without a string."""
        self._always = literal_pattern(vocabulary.user_defined) if vocabulary.user_defined else None
        self._when_special = literal_pattern(self.special_tokens) if self.special_tokens else None
        for id in chain(self.eos_ids, [] if bos_id is None else [bos_id]):
            if not 0 <= id < self.vocab_size:
                raise InvalidModelFile(f"a text is to begin or end with token {id} of {self.vocab_size}")
        ids = _by_rank(vocabulary, splitter)
        ranks = {self._bytes[id]: rank for rank, id in enumerate(ids)}
        if len(ranks) != len(ids):
            raise InvalidModelFile("the vocabulary has two tokens of the same bytes")
        for byte in range(256):  # tiktoken needs every byte; one that is not in the vocabulary is dropped from texts
            ranks.setdefault(bytes([byte]), len(ranks))
        self._ids = [*ids, *[_NO_ID] * (len(ranks) - len(ids))]
        self._ranks_are_ids = all(rank == id for rank, id in enumerate(self._ids))
        self._bpe = tiktoken.Encoding("", pat_str=splitter.pattern, mergeable_ranks=ranks, special_tokens={})

    @classmethod
    def from_gguf(cls, metadata: Mapping[str, Any]) -> "Tokenizer":
        """Create a tokenizer from the keys `tokenizer.ggml.*`. Raises InvalidModelFile or NotSupported."""
        if (model := metadata.get("tokenizer.ggml.model")) != "gpt2":
            raise NotSupported(f"vocabularies of the kind {model!r} are not supported, only byte-level BPE")
        bos_id, eos_ids = _gguf_id(metadata, "bos"), _gguf_eos_ids(metadata)
        return cls(_gguf_vocabulary(metadata), _gguf_splitter(metadata), bos_id, eos_ids)

    @classmethod
    def from_hf(cls, path: str | PathLike[str]) -> "Tokenizer":
        """Create a tokenizer from a Hugging Face tokenizer.json, and the generation_config.json beside it.

        Raises InvalidModelFile or NotSupported.
        """
        path = Path(path)
        try:
            data = _json_object(path)
            bos_id, eos_ids = _hf_ends(path.with_name("generation_config.json"))
            return cls(_hf_vocabulary(data), _hf_splitter(data), bos_id, eos_ids)
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            raise InvalidModelFile(f"{path}: not a vocabulary: {error!r}") from error

    def encode(self, text: str, *, special: bool = False, most: float = inf) -> list[int]:
        """Return the ids of a text. Literals of control tokens are plain text unless `special` is set.

        Of a text with more than `most` ids, only its beginning is encoded: to more than `most` ids.
        """
        literals = self._when_special if special else self._always
        ids: list[int] = []
        for piece in parts(text, _MAX_PIECE, anywhere=True):
            if len(ids) > most:
                break
            ids += self._encode_piece(piece, literals)
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of ids, special tokens included; bytes that are not UTF-8 become U+FFFD."""
        return b"".join(map(self.token_bytes, ids)).decode("utf-8", "replace")

    def token_bytes(self, id: int) -> bytes:
        """Return the bytes of a token: a special token's literal; <|reserved_N|> for an id without a string."""
        return (self._bytes[id] if 0 <= id < len(self._bytes) else b"") or b"<|reserved_%d|>" % id

    def is_special(self, id: int) -> bool:
        """True for control tokens and for ids without a string."""
        return id in self.special_ids or not 0 <= id < len(self._bytes)

    def _encode_piece(self, text: str, literals: re.Pattern[str] | None) -> list[int]:
        if literals is None:
            return self._encode_ordinary(text)
        ids: list[int] = []
        for i, part in enumerate(literals.split(text)):  # text, literal, text, literal, ..., text
            ids += [self.special_tokens[part]] if i % 2 else self._encode_ordinary(part)
        return ids

    def _encode_ordinary(self, text: str) -> list[int]:
        ids, ranks = self._ids, self._bpe.encode_ordinary(text)
        return ranks if self._ranks_are_ids else [id for rank in ranks if (id := ids[rank]) != _NO_ID]


def pre_tokenizer(tokenizer_json: dict[str, Any]) -> str:
    """Return llama.cpp's name for how a Hugging Face vocabulary splits text. Raises NotSupported for an unknown way."""
    splitter = _hf_splitter(tokenizer_json)
    for name, known in _SPLITTERS.items():
        if known == splitter:
            return name
    raise NotSupported(
        f"no known pre-tokenizer cuts text by {splitter.pattern!r}", hint=f"known: {', '.join(_SPLITTERS)}"
    )


class Utf8Decoder:
    """Incremental UTF-8 decoder: a character is returned with its last byte. Invalid bytes become U+FFFD."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.feed: Callable[[bytes], str] = self._decoder.decode  # without a call between: it runs for each token

    def finish(self) -> str:
        """Return U+FFFD for an unfinished character, or nothing, and reset the decoder."""
        text = self._decoder.decode(b"", final=True)
        self._decoder.reset()
        return text


def parts(text: str, size: int, *, anywhere: bool = False) -> Iterator[str]:
    """Split a long text before single blanks, where a token begins anyway; far from any, not at all or `anywhere`.

    All parts but the last are the same whatever follows them.
    """
    start = 0
    while len(text) - start > size:
        cut = _BEFORE_LAST_BLANK.match(text, start, start + size)
        if not anywhere and not (cut := cut or _BEFORE_BLANK.search(text, start + max(0, size - 2))):
            break
        end = cut.end() if cut else start + size
        yield text[start:end]
        start = end
    yield text[start:]


def _check_bounds(longest_token: int, num_literals: int) -> None:
    """Raise InvalidModelFile for a vocabulary with which an ordinary text would take long to encode."""
    if longest_token > _LONGEST_TOKEN:
        raise InvalidModelFile(f"the vocabulary has a token of {longest_token} bytes: more than {_LONGEST_TOKEN}")
    if num_literals > _MOST_LITERALS:
        raise InvalidModelFile(f"the vocabulary has {num_literals} special tokens: more than {_MOST_LITERALS}")


def literal_pattern(literals: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern that captures any of the literals, and the longer of two with the same beginning.

    It is a trie, since alternatives one after the other would take as many steps at each character of a text as there
    are literals. Raises InvalidModelFile for literals that begin with each other in long chains.
    """
    try:
        return re.compile(f"({_trie(sorted(set(literals))) or '(?!)'})")
    except RecursionError:
        raise InvalidModelFile("the vocabulary has too many special tokens that begin with each other") from None


def _trie(literals: Sequence[str]) -> str:
    """Return an expression for sorted literals, of which the first may be empty."""
    if not literals:
        return ""
    first, last = literals[0], literals[-1]
    shared = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    prefix, rests = first[:shared], [literal[shared:] for literal in literals]
    branches = [(char, _trie(list(group))) for char, group in groupby(filter(None, rests), key=itemgetter(0))]
    if not branches:
        return re.escape(prefix)
    return f"{re.escape(prefix)}(?:{_choice(branches)}){'' if rests[0] else '?'}"


def _choice(branches: Sequence[tuple[str, str]]) -> str:
    """Return an expression for one of the branches, whose first characters are sorted. Many are searched as a tree."""
    if len(branches) <= _MOST_BRANCHES:
        return "|".join(expression for _, expression in branches)
    size = -(-len(branches) // _MOST_BRANCHES)
    parts = [branches[start : start + size] for start in range(0, len(branches), size)]
    return "|".join(f"(?=[{_range(part[0][0], part[-1][0])}])(?:{_choice(part)})" for part in parts)


def _range(first: str, last: str) -> str:
    return f"{re.escape(first)}-{re.escape(last)}"


def _token_bytes(vocabulary: _Vocabulary) -> list[bytes]:
    """Return the bytes of every id; empty for an id without a string."""
    table = [b""] * vocabulary.size
    try:
        for spelled, id in vocabulary.normal.items():
            table[id] = spelled.translate(_BYTE_OF).encode("latin-1")
    except UnicodeEncodeError as error:
        raise InvalidModelFile(f"token {error.object!r} is not spelled as byte-level BPE spells bytes") from None
    for literal, id in chain(vocabulary.control.items(), vocabulary.user_defined.items()):
        table[id] = literal.encode("utf-8", "replace")
    return table


def _by_rank(vocabulary: _Vocabulary, splitter: _Splitter) -> list[int]:
    """Return the ids in merge order: bytes, results of merges, then tokens that only a whole piece can be."""
    normal = vocabulary.normal
    singles = (normal[char] for char in map(chr, _BYTE_OF) if char in normal)
    merged = (normal[spelled] for spelled in vocabulary.merged if spelled in normal)
    whole = sorted(normal.values()) if splitter.ignore_merges or not vocabulary.merged else ()
    return list(dict.fromkeys(chain(singles, merged, whole)))


def _vocabulary(tokens: Iterable[tuple[str, int, int]], merged: Sequence[str], size: int) -> _Vocabulary:
    """Sort tokens (string, id, type) by kind; padding is left out."""
    vocabulary = _Vocabulary({}, {}, {}, merged, size)
    for token, id, type in tokens:
        if not token:
            continue
        if type == _CONTROL or (token.startswith("<|") and _LOOKS_CONTROL.fullmatch(token)):
            vocabulary.control[token] = id
        elif type == _USER_DEFINED and not _PADDING.fullmatch(token):
            vocabulary.user_defined[token] = id
        elif type not in (_USER_DEFINED, _UNUSED):
            vocabulary.normal[token] = id
    return vocabulary


def _gguf_vocabulary(metadata: Mapping[str, Any]) -> _Vocabulary:
    tokens = _array(metadata, "tokenizer.ggml.tokens", str)
    types = _array(metadata, "tokenizer.ggml.token_type", int) or [_NORMAL] * len(tokens)
    merges = _array(metadata, "tokenizer.ggml.merges", str)
    if not tokens or len(types) != len(tokens):
        raise InvalidModelFile(f"the vocabulary has {len(tokens)} tokens, but types for {len(types)}")
    merged = [merge.replace(" ", "", 1) for merge in merges]
    return _vocabulary(zip(tokens, range(len(tokens)), types, strict=True), merged, len(tokens))


def _gguf_splitter(metadata: Mapping[str, Any]) -> _Splitter:
    pre = metadata.get("tokenizer.ggml.pre", "default")
    if pre == "default" and metadata.get("general.architecture") in ("gptoss", "gpt-oss"):
        pre = "gpt-4o"  # Ollama's first files do not have this key
    if splitter := _SPLITTERS.get(str(pre)):
        return splitter
    raise NotSupported(f"the pre-tokenizer {pre!r} is not supported", hint=f"supported: {', '.join(_SPLITTERS)}")


def _gguf_eos_ids(metadata: Mapping[str, Any]) -> list[int]:
    ends = (_gguf_id(metadata, end) for end in ("eos", "eot", "eom"))
    return [id for id in ends if id is not None] + _array(metadata, "tokenizer.ggml.eos_token_ids", int)


def _gguf_id(metadata: Mapping[str, Any], token: str) -> int | None:
    id = metadata.get(key := f"tokenizer.ggml.{token}_token_id")
    if id is not None and not isinstance(id, int):
        raise InvalidModelFile(f"{key} is {id!r}, not an id")
    return id


def _array(metadata: Mapping[str, Any], key: str, kind: type[_T]) -> list[_T]:
    """Return a list of the metadata; empty if it is missing."""
    values = metadata.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, kind) for value in cast("list[Any]", values)):
        raise InvalidModelFile(f"{key} is not a list of {kind.__name__}")
    return cast("list[_T]", values)


def _json_object(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_bytes()))


def _hf_ends(path: Path) -> tuple[int | None, list[int]]:
    """Read the ids that begin and end a text from a generation_config.json; none without the file."""
    config = _json_object(path) if path.exists() else {}
    eos: int | list[int] | None = config.get("eos_token_id")
    return config.get("bos_token_id"), [eos] if isinstance(eos, int) else eos or []


def _hf_vocabulary(data: dict[str, Any]) -> _Vocabulary:
    vocab: dict[str, int] = data["model"]["vocab"]
    added = {token["content"]: token for token in data.get("added_tokens", [])}
    merges: list[str | list[str]] = data["model"]["merges"]
    merged = [merge.replace(" ", "", 1) if isinstance(merge, str) else "".join(merge) for merge in merges]
    normal = ((token, id, _NORMAL) for token, id in vocab.items() if token not in added)
    special = ((text, token["id"], _CONTROL if token["special"] else _USER_DEFINED) for text, token in added.items())
    ids = {*vocab.values(), *(token["id"] for token in added.values())}
    if min(ids) < 0 or max(ids) >= _MAX_VOCABULARY:
        raise ValueError(f"ids from {min(ids)} to {max(ids)}")
    return _vocabulary(chain(normal, special), merged, max(ids) + 1)


def _hf_splitter(data: dict[str, Any]) -> _Splitter:
    pre = data["pre_tokenizer"]
    steps: list[dict[str, Any]] = pre["pretokenizers"] if pre["type"] == "Sequence" else [pre]
    if data.get("normalizer") is not None or any(step.get("add_prefix_space") for step in steps):
        raise NotSupported("vocabularies that change the text before it is split are not supported")
    match steps:
        case [
            {"type": "Split", "pattern": {"Regex": str(pattern)}, "behavior": "Isolated"},
            {"type": "ByteLevel", "use_regex": False},
        ]:
            pass
        case [{"type": "Digits", "individual_digits": True}, {"type": "ByteLevel"}]:
            pattern = _SMOLLM
        case [{"type": "ByteLevel"}]:
            pattern = _GPT_2
        case _:
            raise NotSupported(f"the pre-tokenizer {', '.join(step['type'] for step in steps)} is not supported")
    return _Splitter(pattern, data["model"].get("ignore_merges", False))
