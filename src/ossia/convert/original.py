"""OpenAI's own layout, the folder `original` of the published models, translated to Hugging Face's names.

Numbers and order of rows are the same, except that q, k and v are one matrix here, one after the other.
"""

from typing import Any, Final

from ossia.engine.gpt_oss.config import GptOssConfig
from ossia.errors import InvalidModelFile
from ossia.safetensors import Tensor

_TOP: Final = {
    "embedding.weight": "model.embed_tokens.weight",
    "unembedding.weight": "lm_head.weight",
    "norm.scale": "model.norm.weight",
}
_LAYER: Final = {
    "attn.norm.scale": "input_layernorm.weight",
    "attn.sinks": "self_attn.sinks",
    "attn.out.weight": "self_attn.o_proj.weight",
    "attn.out.bias": "self_attn.o_proj.bias",
    "mlp.norm.scale": "post_attention_layernorm.weight",
    "mlp.gate.weight": "mlp.router.weight",
    "mlp.gate.bias": "mlp.router.bias",
    "mlp.mlp1_weight.blocks": "mlp.experts.gate_up_proj_blocks",
    "mlp.mlp1_weight.scales": "mlp.experts.gate_up_proj_scales",
    "mlp.mlp1_bias": "mlp.experts.gate_up_proj_bias",
    "mlp.mlp2_weight.blocks": "mlp.experts.down_proj_blocks",
    "mlp.mlp2_weight.scales": "mlp.experts.down_proj_scales",
    "mlp.mlp2_bias": "mlp.experts.down_proj_bias",
}


def is_original(config: dict[str, Any]) -> bool:
    """True if a config.json is OpenAI's, which has no model type."""
    return "model_type" not in config and "num_experts" in config


def renamed(tensors: dict[str, Tensor], config: GptOssConfig) -> dict[str, Tensor]:
    """Return the tensors with known names, renamed. Raises InvalidModelFile if q, k and v cannot be separated."""
    theirs: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        if name in _TOP:
            theirs[_TOP[name]] = tensor
        elif name.startswith("block."):
            _, layer, stem = name.split(".", 2)
            prefix = f"model.layers.{layer}."
            if stem in _LAYER:
                theirs[prefix + _LAYER[stem]] = tensor
            elif stem in ("attn.qkv.weight", "attn.qkv.bias"):
                kind = stem.rpartition(".")[2]
                theirs |= {f"{prefix}self_attn.{n}_proj.{kind}": rows for n, rows in _split(name, tensor, config)}
    return theirs


def _split(name: str, tensor: Tensor, config: GptOssConfig) -> list[tuple[str, Tensor]]:
    queries, keys = config.num_heads * config.head_dim, config.num_kv_heads * config.head_dim
    if tensor.shape[0] != queries + 2 * keys:
        raise InvalidModelFile(f"tensor {name!r} has {tensor.shape[0]} rows, not {queries} and twice {keys}")
    ends = {"q": (0, queries), "k": (queries, queries + keys), "v": (queries + keys, queries + 2 * keys)}
    return [(n, tensor.rows(start, stop)) for n, (start, stop) in ends.items()]
