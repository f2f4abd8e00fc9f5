"""A random Llama of two layers, as large as the roundings ask for, and conversations that it can learn."""

from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt

from tests.gguf_files import finish

LAYERS, WIDTH, HEADS, KV, HIDDEN, VOCABULARY = 2, 64, 4, 2, 384, 256


def write_base(path: Path) -> Path:
    """Write a GGUF like SmolLM2's."""
    writer, random = gguf.GGUFWriter(path, "llama"), np.random.default_rng(0)
    writer.add_context_length(64)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(1e5)
    writer.add_chat_template("none")
    writer.add_token_list([f"t{number}" for number in range(VOCABULARY)])
    writer.add_token_types([1] * VOCABULARY)

    def weights(*shape: int) -> npt.NDArray[np.float32]:
        return random.normal(0, shape[-1] ** -0.5, shape).astype(np.float32)

    kind = gguf.GGMLQuantizationType.Q8_0
    writer.add_tensor("token_embd.weight", gguf.quants.quantize(weights(VOCABULARY, WIDTH), kind), raw_dtype=kind)
    writer.add_tensor("output_norm.weight", 1 + weights(WIDTH))
    kv = KV * WIDTH // HEADS
    shapes = {"attn_q": (WIDTH, WIDTH), "attn_k": (kv, WIDTH), "attn_v": (kv, WIDTH), "attn_output": (WIDTH, WIDTH)}
    shapes |= {"ffn_gate": (HIDDEN, WIDTH), "ffn_up": (HIDDEN, WIDTH), "ffn_down": (WIDTH, HIDDEN)}
    for layer in range(LAYERS):
        for name in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{layer}.{name}.weight", 1 + weights(WIDTH))
        for name, shape in shapes.items():
            writer.add_tensor(f"blk.{layer}.{name}.weight", weights(*shape))
    finish(writer)
    return path


def write_shard(path: Path, seed: int) -> Path:
    """Write texts that say their first token again and again; only what follows it is learned. Some are lessons."""
    random = np.random.default_rng(seed)
    sizes = random.integers(4, 30, 100).astype(np.int32)
    ids = np.concatenate([np.full(size, random.integers(10, 20)) for size in sizes]).astype(np.uint16)
    parts = np.concatenate([np.where(np.arange(size) > 0, 1 + np.arange(size) % 3, 0) for size in sizes])
    lessons = np.where(np.arange(100) % 3 == 0, np.arange(100) + 100 * seed, -1).astype(np.int32)
    np.savez(path, ids=ids, parts=parts.astype(np.uint8), sizes=sizes, lessons=lessons)
    return path
