"""Random encoders in GGUF, of a few kilobytes: for embeddings, with the pooling that the file names, or for reranking.

A text is one token a letter, in WordPiece: what such a model says means nothing, but llama.cpp says the same.
"""

from pathlib import Path
from string import ascii_lowercase

import gguf
import numpy as np
from gguf import PoolingType, TokenType

from tests.gguf_files import finish

_WIDTH, _INNER, _LAYERS, _CONTEXT = 32, 64, 2, 128
_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
_TOKENS = [*_SPECIAL, *(f"\u2581{letter}" for letter in ascii_lowercase), *ascii_lowercase]


def write(path: Path, pooling: PoolingType) -> Path:
    writer = gguf.GGUFWriter(path, "bert")
    writer.add_context_length(_CONTEXT)
    writer.add_embedding_length(_WIDTH)
    writer.add_block_count(_LAYERS)
    writer.add_feed_forward_length(_INNER)
    writer.add_head_count(2)
    writer.add_layer_norm_eps(1e-12)
    writer.add_causal_attention(False)
    writer.add_pooling_type(pooling)
    writer.add_tokenizer_model("bert")
    writer.add_token_list(_TOKENS)
    writer.add_token_types([TokenType.CONTROL] * len(_SPECIAL) + [TokenType.NORMAL] * (len(_TOKENS) - len(_SPECIAL)))
    writer.add_token_type_count(2)
    for name, id in (("padding", 0), ("unknown", 1), ("cls", 2), ("bos", 2), ("seperator", 3), ("eos", 3)):
        writer.add_uint32(f"tokenizer.ggml.{name}_token_id", id)
    rng = np.random.default_rng(0)
    for name, shape in _shapes(pooling).items():
        is_scale = "norm" in name and name.endswith("weight")
        values = np.ones(shape) if is_scale else rng.standard_normal(shape) * 0.3
        writer.add_tensor(name, values.astype(np.float32))
    finish(writer)
    return path


def _shapes(pooling: PoolingType) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {"token_types.weight": (2, _WIDTH), "position_embd.weight": (_CONTEXT, _WIDTH)}
    shapes["token_embd.weight"] = len(_TOKENS), _WIDTH
    matrices = {"token_embd_norm": (_WIDTH,)}
    for layer in range(_LAYERS):
        block = {"attn_q": (_WIDTH, _WIDTH), "attn_k": (_WIDTH, _WIDTH), "attn_v": (_WIDTH, _WIDTH)}
        block |= {"attn_output": (_WIDTH, _WIDTH), "ffn_up": (_INNER, _WIDTH), "ffn_down": (_WIDTH, _INNER)}
        matrices |= {f"blk.{layer}.{name}": shape for name, shape in block.items()}
        matrices |= {f"blk.{layer}.{name}": (_WIDTH,) for name in ("attn_output_norm", "layer_output_norm")}
    if pooling == PoolingType.RANK:
        matrices |= {"cls": (_WIDTH, _WIDTH), "cls.output": (1, _WIDTH)}
    for name, shape in matrices.items():
        shapes |= {f"{name}.weight": shape, f"{name}.bias": shape[:1]}
    return shapes
