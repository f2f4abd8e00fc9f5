"""Metadata of a gpt-oss model's shape, in llama.cpp's GGUF keys."""

from dataclasses import replace
from typing import Any

from ossia.engine.gpt_oss.config import GptOssConfig
from ossia.errors import NotSupported


def header_metadata(config: GptOssConfig) -> dict[str, Any]:
    """Return the keys `gpt-oss.*` and the model's name. Raises NotSupported for a model that they cannot describe."""
    _require_no_more_than_keys(config)
    metadata: dict[str, Any] = {
        "block_count": config.num_layers,
        "context_length": config.context_length,
        "embedding_length": config.hidden_size,
        "feed_forward_length": config.intermediate_size,
        "expert_feed_forward_length": config.intermediate_size,
        "expert_count": config.num_experts,
        "expert_used_count": config.experts_per_token,
        "attention.head_count": config.num_heads,
        "attention.head_count_kv": config.num_kv_heads,
        "attention.key_length": config.head_dim,
        "attention.value_length": config.head_dim,
        "attention.layer_norm_rms_epsilon": config.rms_norm_eps,
        "attention.sliding_window": config.sliding_window,
        "rope.freq_base": config.rope_theta,
    }
    if yarn := config.yarn:
        metadata |= {
            "rope.scaling.type": "yarn",
            "rope.scaling.factor": yarn.factor,
            "rope.scaling.original_context_length": yarn.original_context_length,
            "rope.scaling.yarn_beta_fast": yarn.beta_fast,
            "rope.scaling.yarn_beta_slow": yarn.beta_slow,
        }
    if any(sliding == bool(layer % 2) for layer, sliding in enumerate(config.sliding_pattern)):
        metadata["attention.sliding_window_pattern"] = list(config.sliding_pattern)
    return {"general.name": "gpt-oss"} | {f"gpt-oss.{key}": value for key, value in metadata.items()}


def _require_no_more_than_keys(config: GptOssConfig) -> None:
    """Raise NotSupported if a setting without a GGUF key differs from the value that readers assume."""
    usual = replace(config, swiglu_limit=7.0, swiglu_alpha=1.702)
    if config.yarn:
        usual = replace(usual, yarn=replace(config.yarn, truncate=False))
    if config != usual:
        raise NotSupported(
            "a GGUF cannot say that this model has another swiglu_limit, swiglu_alpha or truncate than gpt-oss",
            hint="only models with a swiglu_limit of 7, a swiglu_alpha of 1.702 and truncate false can be converted",
        )
