"""Numbers in a model's header: what is accepted when a model is loaded runs a step, and the rest is refused there."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ossia.chat.jinja import JinjaTemplate
from ossia.config import EngineOptions
from ossia.engine.codec import Codec, Sandboxes
from ossia.engine.core import EngineCore
from ossia.engine.facts import ModelFacts
from ossia.engine.gpt_oss import cpu
from ossia.engine.gpt_oss.config import GptOssConfig
from ossia.engine.gpt_oss.cpu import CpuRunner
from ossia.engine.gpt_oss.weights import Weights, _GGUFTensors, assemble, load  # pyright: ignore[reportPrivateUsage]
from ossia.engine.sequence import Sample, Sequence
from ossia.errors import InvalidModelFile
from ossia.gguf import GGUF
from ossia.tokenizer import Tokenizer
from ossia.types import GenerateRequest, Message, SamplingParams
from tests.doubles.in_process import TemplatesHere, rendered
from tests.model.tiny_gpt_oss import random_model, write_gguf

PROMPT = list(range(40))  # longer than a block of the cache, and than the model's window
SIZES = ("attention.sliding_window", "context_length", "rope.scaling.original_context_length", "expert_used_count")
SHAPES = (
    *("block_count", "embedding_length", "attention.head_count", "attention.head_count_kv", "attention.key_length"),
    *("attention.value_length", "expert_count", "attention.sliding_window_pattern"),
)
FLOATS = (
    *("rope.freq_base", "attention.layer_norm_rms_epsilon", "rope.scaling.factor"),
    *("rope.scaling.yarn_beta_fast", "rope.scaling.yarn_beta_slow"),
)
EDGES = [2**power + offset for power in (5, 7, 8, 15, 16, 20, 24, 31, 32, 53, 63, 64) for offset in (-1, 0, 1)]
INTEGERS = st.integers(1, 8) | st.integers(1, 2**31 - 1) | st.sampled_from(EDGES) | st.integers(-1, 2**64 - 1)
VOCABULARY = {"model": "gpt2", "pre": "gpt-4o"}
NUMBERS = (
    st.floats(1, 40) | st.floats(1e-6, 1e6) | st.floats(width=32) | st.sampled_from([0.0, math.inf, math.nan, 1e-45])
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> GGUF:
    return GGUF.open(write_gguf(random_model(), tmp_path_factory.mktemp("model") / "model.gguf"))


def weights(file: GGUF, changes: dict[str, Any]) -> Weights:
    metadata = {**file.metadata, **{f"gpt-oss.{name}": number for name, number in changes.items()}}
    return assemble(GptOssConfig.from_gguf(metadata, file.tensors), _GGUFTensors(file))


def runs(weights: Weights) -> None:
    """A prompt in two chunks and an answer of two tokens."""
    options = EngineOptions(threads=1, kv_cache_bytes=1 << 24)
    core = EngineCore(CpuRunner(weights, options, max_batched_tokens=32), max_sequences=2)
    prompt = PROMPT[: max(core.capacity.context_length - 3, 1)]
    core.add(Sequence(1, prompt, Sample(SamplingParams(temperature=0), 2)))
    outputs = []
    while core.has_work:
        outputs += core.step()
    assert 1 <= len(outputs) <= 2


@given(
    st.dictionaries(st.sampled_from(SIZES), INTEGERS, max_size=2),
    st.dictionaries(st.sampled_from(FLOATS), NUMBERS, max_size=2),
    st.none() | st.tuples(st.sampled_from(SHAPES), INTEGERS),
)
@example({"attention.sliding_window": 2**31 - 1}, {}, None)
@example({"context_length": 2**31 - 1}, {}, None)
@example({"rope.scaling.original_context_length": 1}, {}, None)
@example({}, {"rope.scaling.yarn_beta_fast": 1.0000001, "rope.scaling.yarn_beta_slow": 1.0}, None)
@example({}, {"rope.freq_base": 1.0000001}, None)
@example({}, {"attention.layer_norm_rms_epsilon": 1e-45}, None)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_header_that_is_accepted_runs(
    file: GGUF, sizes: dict[str, int], floats: dict[str, float], shape: tuple[str, int] | None
) -> None:
    try:
        loaded = weights(file, {**sizes, **floats, **dict([shape] if shape else [])})
    except InvalidModelFile:
        return
    runs(loaded)


SHAPE = st.fixed_dictionaries(
    {
        "hidden_size": st.sampled_from([32, 64, 96, 160]),
        "intermediate_size": st.sampled_from([32, 64, 96]),
        "num_key_value_heads": st.integers(1, 3),
        "num_attention_heads": st.sampled_from([6, 12, 1, 2, 3, 4, 5]),
        "head_dim": st.sampled_from([16, 32, 48, 64, 24, 2]),
        "num_local_experts": st.integers(1, 5),
        "num_experts_per_tok": st.integers(1, 3),
        "vocab_size": st.integers(41, 100),
        "num_hidden_layers": st.integers(1, 3),
        "sliding_window": st.integers(1, 50),
        "layer_types": st.none(),
    }
)


@given(SHAPE)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_shape_that_is_accepted_runs(tmp_path_factory: pytest.TempPathFactory, shape: dict[str, Any]) -> None:
    path = write_gguf(random_model(**shape), tmp_path_factory.getbasetemp() / "shape.gguf")
    try:
        loaded = load(path)
        CpuRunner(loaded, EngineOptions(threads=1, kv_cache_bytes=1 << 24))
    except InvalidModelFile:
        assert (
            shape["num_attention_heads"] % shape["num_key_value_heads"]
            or shape["num_experts_per_tok"] > shape["num_local_experts"]
            or shape["head_dim"] % 16
        )
        return
    runs(loaded)


@pytest.mark.parametrize("number", [2**31, 2**31 + 1, 2**32 - 1, 2**32, 2**63, 2**64 - 1, 0, -1])
@pytest.mark.parametrize(
    "name", ["attention.sliding_window", "context_length", "rope.scaling.original_context_length", "expert_used_count"]
)
def test_a_number_that_no_kernel_can_hold(file: GGUF, name: str, number: int) -> None:
    with pytest.raises(InvalidModelFile):
        weights(file, {name: number})


HF: dict[str, Any] = json.loads("""{
    "model_type": "gpt_oss", "num_hidden_layers": 2, "hidden_size": 64, "intermediate_size": 64,
    "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16, "vocab_size": 512,
    "num_local_experts": 4, "num_experts_per_tok": 2, "sliding_window": 8, "rope_theta": 150000,
    "max_position_embeddings": 131072, "rms_norm_eps": 1e-5, "swiglu_limit": 7.0, "swiglu_alpha": 1.702
}""")
UNBOUND = (
    *("head_dim", "num_experts_per_tok", "sliding_window", "rope_theta", "max_position_embeddings"),
    *("rms_norm_eps", "swiglu_limit", "swiglu_alpha"),
)
"""Numbers that no tensor has to match."""


@pytest.mark.parametrize("number", [2**31, 2**53 + 1, 2**63, 10**400, 1e300, math.inf, math.nan, -1, 0, "8", True, []])
@pytest.mark.parametrize("name", UNBOUND)
def test_a_config_json_with_such_a_number(name: str, number: object) -> None:
    try:
        config = GptOssConfig.from_hf(HF | {name: number})
    except InvalidModelFile:
        return
    assert (
        (name, number) in [("rope_theta", 2**31), ("rope_theta", 2**53 + 1), ("rope_theta", 2**63)]
        or (name.startswith("swiglu") and number in (2**31, 2**53 + 1, 2**63))
        or (name == "rms_norm_eps" and number in (2**31, 2**53 + 1, 2**63))
    )
    frequencies, factor = config.inv_freq()
    assert np.isfinite(frequencies).all()
    assert math.isfinite(factor)


@pytest.mark.parametrize("truncate", [False, True])
@given(
    length=st.integers(1, 2**31 - 1), slow=st.floats(1e-6, 1e6), fast=st.floats(1e-6, 1e6), theta=st.floats(1.001, 1e30)
)
def test_every_accepted_rotation_is_finite(truncate: bool, length: int, slow: float, fast: float, theta: float) -> None:
    yarn = {"rope_type": "yarn", "factor": 32.0, "original_max_position_embeddings": length, "truncate": truncate}
    try:
        config = GptOssConfig.from_hf(
            HF | {"rope_parameters": yarn | {"beta_slow": slow, "beta_fast": fast, "rope_theta": theta}}
        )
    except InvalidModelFile:
        return
    frequencies, _ = config.inv_freq()
    assert np.isfinite(frequencies).all()
    assert (frequencies >= 0).all()


def test_a_vocabulary_with_more_tokens_than_rows(tmp_path: Path) -> None:
    """An id beyond the embedding would end the model's process, at each request that contains it."""
    names = ["<|return|>", *(f"<|x{number}|>" for number in range(300))]
    path = write_gguf(random_model(vocab_size=500), tmp_path / "model.gguf", special=names)
    file = GGUF.open(path)
    with pytest.raises(InvalidModelFile, match="the vocabulary has 557 tokens, but the weights 500"):
        Codec.of(file, ModelFacts.of(file), EngineOptions(), Sandboxes())


@pytest.mark.parametrize("tokens", [[""], ["", "<|end|>", ""], ["", "é"]])
def test_a_vocabulary_with_hardly_a_text(tokens: list[str]) -> None:
    tokenizer = Tokenizer.from_gguf(
        {f"tokenizer.ggml.{key}": value for key, value in VOCABULARY.items()} | {"tokenizer.ggml.tokens": tokens}
    )
    chat = JinjaTemplate(tokenizer, {"tokenizer.chat_template": "{{ messages[0].content }}"}, TemplatesHere())
    assert rendered(chat, GenerateRequest((Message("user", "hello"),))) == []


@pytest.mark.parametrize("context", [1, 32, 131072, 2**31 - 1])
def test_the_cache_has_no_more_blocks_than_the_kernels_can_address(context: int) -> None:
    assert 1 <= cpu._num_blocks(1 << 50, 1024, context) <= 1 << 20  # pyright: ignore[reportPrivateUsage]
