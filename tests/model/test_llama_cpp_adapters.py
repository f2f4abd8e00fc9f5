"""LoRAs by llama.cpp, with its own server as the oracle."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import xllamacpp

from ossia.config import EngineOptions
from ossia.engine import PLAIN, load
from ossia.errors import InvalidModelFile, NotSupported
from ossia.types import GenerateRequest, Message, SamplingParams, collect
from tests.model import random_lora

OPTIONS = EngineOptions(device="cpu", threads=1, num_parallel=2, context_length=512)
HI = GenerateRequest((Message("user", "Hi"),), sampling=SamplingParams(temperature=0, max_tokens=24))


async def answer(path: Path, *adapters: Path) -> str:
    engine = await load((path,), OPTIONS, replace(PLAIN, adapters=adapters))
    try:
        return (await collect(engine.generate(HI))).message.content
    finally:
        await engine.close()


async def test_a_model_with_an_adapter_says_what_llama_cpp_says(smollm2_gguf: Path, tmp_path: Path) -> None:
    lora = random_lora.write(tmp_path / "lora.gguf")
    params = xllamacpp.CommonParams()
    params.model.path, params.n_ctx, params.n_parallel, params.warmup = str(smollm2_gguf), 512, 1, False
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(lora), 1.0)]
    asked: dict[str, Any] = {"messages": [{"role": "user", "content": "Hi"}], "temperature": 0, "max_tokens": 24}
    own = xllamacpp.Server(params).handle_chat_completions(asked)["choices"][0]["message"]["content"]
    assert await answer(smollm2_gguf, lora) == own
    assert await answer(smollm2_gguf) != own


async def test_an_adapter_that_does_not_fit(smollm2_gguf: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidModelFile, match="lora adapter: tensor"):
        await answer(smollm2_gguf, random_lora.write(tmp_path / "lora.gguf", width=64))


async def test_our_own_engine_says_what_runs_it(tiny_models: dict[str, Path], tmp_path: Path) -> None:
    lora = random_lora.write(tmp_path / "lora.gguf", "gpt-oss")
    with pytest.raises(NotSupported, match="ADAPTER") as caught:
        await answer(tiny_models["mxfp4"], lora)
    assert caught.value.hint == "OSSIA_ENGINE=llamacpp runs it by llama.cpp"
