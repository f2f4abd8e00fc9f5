"""Folders of safetensors with headers, configs and vocabularies that are not what they should be."""

import json
import shutil
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from ossia.convert.convert import convert
from ossia.errors import InvalidModelFile, NotSupported
from ossia.safetensors import open_shards
from tests.fuzz.mutation import INTEGERS, Content, as_json, bounded, changed_bytes, changed_json, fuzz
from tests.fuzz.test_gguf import SMALL
from tests.model.tiny_gpt_oss import random_model, write_folder, write_original_folder, write_vocabulary

Folder = dict[str, bytes]


@cache
def good() -> list[Folder]:
    """The files of a folder in Hugging Face's layout, of one in shards, and of one in OpenAI's."""
    model = random_model(**SMALL | {"vocab_size": 320})
    with TemporaryDirectory() as base:
        made = [
            write_folder(model, Path(base) / "one"),
            write_folder(model, Path(base) / "shards", shards=3),
            write_original_folder(model, Path(base) / "original"),
        ]
        return [
            {path.name: Content(path.read_bytes()) for path in write_vocabulary(folder).iterdir()} for folder in made
        ]


def split(content: bytes) -> tuple[bytes, bytes, bytes]:
    """The length, the header and the data of a safetensors file."""
    end = 8 + int.from_bytes(content[:8], "little")
    return content[:8], content[8:end], content[end:]


def joined(header: bytes, data: bytes) -> bytes:
    return Content(len(header).to_bytes(8, "little") + header + data)


def changed_file(content: bytes) -> st.SearchStrategy[bytes]:
    """A safetensors file with another header, of the right length; or one whose parts are others."""
    length, header, data = split(content)
    sizes = [number.to_bytes(8, "little") for number in INTEGERS if number < 2**64]
    lying = changed_json(json.loads(header)).map(lambda value: joined(as_json(value), data))
    return lying | changed_bytes([length, header, data], sizes)


@st.composite
def changed_folder(draw: st.DrawFn) -> Folder:
    """A folder in which one file is missing, or is not what it should be."""
    files = dict(draw(st.sampled_from(good())))
    name = draw(st.sampled_from(sorted(files)))
    if name.endswith(".json"):
        files[name] = as_json(draw(changed_json(json.loads(files[name]))))
    elif name.endswith(".safetensors"):
        files[name] = draw(changed_file(files[name]))
    else:
        del files[name]
    return files


def write(files: Folder, folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def converted(files: Folder, base: Path) -> None:
    convert([write(files, base / "folder")], base / "out.gguf", quantize=None, report=lambda *_: None)


def test_the_folders_are_good(tmp_path: Path) -> None:
    for files in good():
        bounded(partial(converted, files, tmp_path), memory=96 << 20)


@given(content=st.deferred(lambda: changed_file(good()[0]["model.safetensors"])))
@fuzz(100)
def test_a_header_that_lies(content: bytes, tmp_path: Path) -> None:
    folder = write({"model.safetensors": content}, tmp_path / "folder")
    bounded(lambda: open_shards(folder), InvalidModelFile)


@given(files=changed_folder())
@fuzz(100)
def test_a_folder_that_is_not_what_it_should_be(files: Folder, tmp_path: Path) -> None:
    bounded(lambda: converted(files, tmp_path), InvalidModelFile, NotSupported, memory=96 << 20)
