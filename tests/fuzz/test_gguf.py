"""GGUF files that lie about what is in them: whatever reads one refuses it by the errors that it declares."""

import struct
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import gguf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ossia.engine.facts import ModelFacts
from ossia.engine.gpt_oss import weights
from ossia.errors import InvalidModelFile, NotSupported
from ossia.gguf import GGUF
from ossia.server.protocols.ollama.facts import file_facts
from ossia.store.model_config import model_config
from ossia.tokenizer import Tokenizer
from tests.fuzz.mutation import INTEGERS, bounded, changed_bytes, fuzz
from tests.model.tiny_gpt_oss import CONFIG, random_model, write_gguf

SIZES = {"hidden_size": 32, "intermediate_size": 32, "vocab_size": 260, "head_dim": 32}
SMALL = SIZES | {"num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 1, "num_local_experts": 4}
SPECIAL = ["<|endoftext|>", "<|return|>", "<|call|>", "<|start|>"]


def pieces_of(path: Path) -> list[bytes]:
    """The file's numbers and texts, each a piece: lengths and counts, types, names and values, then all data."""
    content, reader = path.read_bytes(), gguf.GGUFReader(path)
    fields = [*reader.fields.values(), *(tensor.field for tensor in reader.tensors)]
    starts = {0, 4, 8, 16, 24, int(reader.data_offset)}
    for field in fields:
        offset = field.offset
        for part in field.parts[:60]:
            starts.add(int(offset))
            offset += part.nbytes
    cuts = [*sorted(start for start in starts if start < len(content)), len(content)]
    return [content[start:stop] for start, stop in pairwise(cuts)]


OTHERS = [
    struct.pack(code, number)
    for code in ("<I", "<Q")
    for number in INTEGERS
    if number < 2 ** (8 * struct.calcsize(code))
]
OTHERS += [b"", b"general.architecture", b"gpt-oss", b"llama", b"\xff\xfe", struct.pack("<f", float("nan"))]


def known(path: Path) -> object:
    """Everything that /api/create, /api/tags and /api/show read."""
    facts = file_facts((path,))
    return model_config(GGUF.open(path)), facts.model_info(True), facts.template, facts.capabilities


def shape(path: Path) -> object:
    return weights.load(path)


def vocabulary(path: Path) -> object:
    return Tokenizer.from_gguf(GGUF.open(path).metadata).encode("hello <|return|>")


def kind(path: Path) -> object:
    return ModelFacts.of(GGUF.open(path))


@cache
def good() -> list[bytes]:
    """The pieces of a valid file."""
    with TemporaryDirectory() as folder:
        return pieces_of(write_gguf(random_model(**SMALL), Path(folder) / "good.gguf", special=SPECIAL))


def test_the_pieces_are_the_file(tmp_path: Path) -> None:
    pieces, path = good(), tmp_path / "whole.gguf"
    path.write_bytes(b"".join(pieces))
    assert len(pieces) > 300
    for read in (known, shape, vocabulary, kind):
        assert read(path)
    assert CONFIG["model_type"] == "gpt_oss"


@pytest.mark.parametrize("read", [known, shape, vocabulary, kind])
@given(content=st.deferred(lambda: changed_bytes(good(), OTHERS)))
@fuzz(60)
def test_a_gguf_that_lies(read: Callable[[Path], object], content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bad.gguf"
    path.write_bytes(content)
    bounded(lambda: read(path), InvalidModelFile, NotSupported)
