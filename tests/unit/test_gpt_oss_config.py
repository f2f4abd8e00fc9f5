"""GptOssConfig: what files say, what they must not say, and the numbers that follow from a shape."""

import json
import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from ossia.engine.gpt_oss.config import GptOssConfig, Yarn
from ossia.errors import InvalidModelFile

# of the published models: pairs turn by so many radians a token
INV_FREQ = np.fromstring(
    """
    1 0.689044306 0.474782055 0.327145872 0.225418000 0.155322989 0.107024421 0.0737445682
    0.0508132748 0.0317056962 0.0193350011 0.0115920493 0.00679495949 0.00386035932 0.00209379238
    0.00105260210 4.56483919e-4 1.29318701e-4 3.83088124e-5 2.63964690e-5 1.81883367e-5 1.25325698e-5
    8.63549588e-6 5.95023926e-6 4.09997848e-6 2.82506683e-6 1.94659621e-6 1.34129104e-6 9.24208950e-7
    6.36820915e-7 4.38797825e-7 3.02351143e-7
    """,
    sep=" ",
)
YARN = {"rope_type": "yarn", "factor": 32.0, "original_max_position_embeddings": 4096}
CONFIG_20B: dict[str, Any] = json.loads("""{
    "model_type": "gpt_oss", "num_hidden_layers": 24, "hidden_size": 2880, "intermediate_size": 2880,
    "num_attention_heads": 64, "num_key_value_heads": 8, "head_dim": 64, "vocab_size": 201088,
    "num_local_experts": 32, "num_experts_per_tok": 4, "sliding_window": 128, "rope_theta": 150000,
    "max_position_embeddings": 131072, "rms_norm_eps": 1e-5, "swiglu_limit": 7.0
}""") | {
    "layer_types": ["sliding_attention", "full_attention"] * 12,
    "rope_scaling": YARN | {"beta_fast": 32.0, "beta_slow": 1.0, "truncate": False},
}
CONFIG_120B = CONFIG_20B | {"num_hidden_layers": 36, "num_local_experts": 128, "layer_types": None}


@dataclass
class Shaped:
    shape: tuple[int, ...]


TENSORS = {
    "token_embd.weight": Shaped((201088, 2880)),
    "blk.0.ffn_down_exps.weight": Shaped((32, 2880, 2880)),
}


def metadata(architecture: str, **changes: object) -> dict[str, object]:
    values: dict[str, object] = json.loads("""{
        "block_count": 24, "embedding_length": 2880, "context_length": 131072,
        "attention.head_count": 64, "attention.head_count_kv": 8, "attention.key_length": 64,
        "attention.value_length": 64, "attention.sliding_window": 128, "rope.freq_base": 150000.0,
        "attention.layer_norm_rms_epsilon": 1e-5, "expert_count": 32, "expert_used_count": 4,
        "rope.scaling.factor": 32.0, "rope.scaling.original_context_length": 4096
    }""")
    if architecture == "gpt-oss":
        values |= {"expert_feed_forward_length": 2880, "rope.scaling.type": "yarn"}
    values |= {key.replace("__", "."): value for key, value in changes.items()}
    prefixed = {f"{architecture}.{key}": value for key, value in values.items() if value is not None}
    return {"general.architecture": architecture, **prefixed}


def from_gguf(architecture: str = "gpt-oss", **changes: object) -> GptOssConfig:
    return GptOssConfig.from_gguf(metadata(architecture, **changes), TENSORS)


def test_every_form_of_the_20b_says_the_same() -> None:
    published = GptOssConfig.from_hf(CONFIG_20B)
    newer = {key: value for key, value in CONFIG_20B.items() if key not in ("rope_scaling", "rope_theta")}
    assert GptOssConfig.from_hf(newer | {"rope_parameters": YARN | {"rope_theta": 150000}}) == published
    assert from_gguf("gpt-oss") == published
    assert from_gguf("gptoss") == published
    assert published.sliding_pattern == (True, False) * 12
    assert published.yarn == Yarn(32.0, 4096, 32.0, 1.0, truncate=False)


def test_inv_freq_and_concentration_are_the_published_models() -> None:
    inv_freq, concentration = GptOssConfig.from_hf(CONFIG_20B).inv_freq()
    np.testing.assert_allclose(inv_freq, INV_FREQ, rtol=1e-6)  # given to 9 digits
    assert concentration == 1.3465735902799727


@pytest.mark.parametrize("position", [0, 1, 4095, 131071])
def test_the_angle_of_the_slowest_quick_and_ramped_pairs(position: int) -> None:
    inv_freq, _ = GptOssConfig.from_hf(CONFIG_20B).inv_freq()
    angles = position * inv_freq
    low = 32 * math.log(4096 / (32 * 2 * math.pi)) / math.log(150000)
    high = 32 * math.log(4096 / (2 * math.pi)) / math.log(150000)
    for pair in (0, 8, 9, 12, 17, 18, 31):
        plain = 150000 ** (-pair / 32)
        ramp = min(max((pair - low) / (high - low), 0), 1)
        assert angles[pair] == pytest.approx(position * (plain / 32 * ramp + plain * (1 - ramp)), rel=1e-12)


def test_rounded_bounds_change_only_the_ramp() -> None:
    config = GptOssConfig.from_hf(CONFIG_20B)
    assert config.yarn
    exact, _ = config.inv_freq()
    rounded, _ = replace(config, yarn=replace(config.yarn, truncate=True)).inv_freq()
    change = rounded / exact - 1
    np.testing.assert_allclose(change[9:18] * 100, [-0.27, 0.60, 1.7, 3.2, 5.4, 8.8, 14.6, 27.3, 76.3], atol=0.05)
    assert not np.delete(change, np.s_[9:18]).any()


def test_without_scaling_there_is_no_yarn() -> None:
    config = from_gguf(rope__scaling__type=None, rope__scaling__factor=None)
    assert config.yarn is None
    inv_freq, concentration = config.inv_freq()
    np.testing.assert_allclose(inv_freq, 150000.0 ** (-np.arange(32) / 32))
    assert concentration == 1


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (None, (True, False, True, False)),
        (3, (True, True, False, True)),
        (1, (False,) * 4),
        (0, (True,) * 4),
        ([False, False, True, True], (False, False, True, True)),
    ],
)
def test_the_pattern_of_sliding_layers(pattern: object, expected: tuple[bool, ...]) -> None:
    config = from_gguf(block_count=4, attention__sliding_window_pattern=pattern)
    assert tuple(config.is_sliding(layer) for layer in range(4)) == expected


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"block_count": 0}, "num_layers is 0"),
        ({"block_count": 2**32 - 1}, "more than any model"),
        ({"block_count": None}, "gpt-oss.block_count is missing"),
        ({"block_count": "24"}, "not a whole number"),
        ({"rope__freq_base": "x"}, "not a number"),
        ({"rope__freq_base": float("nan")}, "rope_theta"),
        ({"attention__head_count": 0}, "num_heads is 0"),
        ({"attention__head_count_kv": 7}, "cannot share 7"),
        ({"attention__head_count_kv": -8}, "must be positive"),
        ({"attention__key_length": 63, "attention__value_length": 63}, "needs pairs"),
        ({"attention__value_length": 32}, "not gpt-oss"),
        ({"expert_used_count": 33}, "33 experts are to be chosen of 32"),
        ({"attention__sliding_window_pattern": [True]}, "1 layers"),
        ({"attention__sliding_window_pattern": "x"}, "sliding_window_pattern"),
        ({"rope__scaling__type": "linear"}, "'linear'"),
        ({"rope__scaling__factor": 0.0}, "YaRN factor"),
        ({"rope__scaling__original_context_length": 0}, "original context length"),
        ({"rope__scaling__yarn_beta_slow": 32.0}, "betas"),
    ],
)
def test_values_that_no_model_can_have(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidModelFile, match=message):
        from_gguf(**changes)


def test_a_missing_tensor_is_named() -> None:
    with pytest.raises(InvalidModelFile, match=r"blk\.0\.ffn_down_exps\.weight"):
        GptOssConfig.from_gguf(metadata("gpt-oss"), {})


@pytest.mark.parametrize("change", [{"model_type": "llama"}, {"layer_types": 3}, {"rope_scaling": "yarn"}])
def test_a_wrong_config_json(change: dict[str, object]) -> None:
    with pytest.raises(InvalidModelFile):
        GptOssConfig.from_hf(CONFIG_20B | change)


@pytest.mark.parametrize(
    ("published", "weight_bytes", "kv_bytes", "active_weights"),
    [(CONFIG_20B, 3_708_089_088, 49_152, 3_608_310_144), (CONFIG_120B, 5_002_907_904, 73_728, 5_132_852_352)],
)
def test_costs_are_those_of_the_published_models(
    published: dict[str, Any], weight_bytes: int, kv_bytes: int, active_weights: int
) -> None:
    config = GptOssConfig.from_hf(published)
    assert config.weight_bytes_per_token("bf16", "mxfp4", "bf16", "bf16") == weight_bytes
    assert config.kv_bytes_per_token(2) == kv_bytes
    # the model card counts norms, biases and sinks too, which multiply nothing
    assert config.flops_per_token() == pytest.approx(2 * active_weights, rel=1e-3)


def test_attention_sees_no_more_than_its_window() -> None:
    config = GptOssConfig.from_hf(CONFIG_20B)
    attention = config.flops_per_token(1000) - config.flops_per_token()
    assert attention == 4 * 64 * 64 * (12 * 1000 + 12 * 128)
