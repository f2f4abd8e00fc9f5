"""A random Llama of two layers, as large as the rounding asks for, and conversations for it."""

from pathlib import Path

import numpy as np

from training.base import Base

LAYERS, WIDTH, HEADS, KV, HIDDEN, VOCABULARY = 2, 64, 4, 2, 128, 256


def small_base() -> Base:
    random = np.random.default_rng(0)

    def weights(*shape: int) -> np.ndarray:
        return random.normal(0, shape[-1] ** -0.5, shape).astype(np.float32)

    kv = KV * WIDTH // HEADS
    sizes = {"attn_q": (WIDTH, WIDTH), "attn_k": (kv, WIDTH), "attn_v": (kv, WIDTH), "attn_output": (WIDTH, WIDTH)}
    sizes |= {"ffn_gate": (HIDDEN, WIDTH), "ffn_up": (HIDDEN, WIDTH), "ffn_down": (WIDTH, HIDDEN)}
    ones = np.ones((LAYERS, WIDTH), np.float32)
    return Base(
        matrices={name: weights(LAYERS, *size) for name, size in sizes.items()},
        embedding=weights(VOCABULARY, WIDTH),
        attn_norm=ones,
        mlp_norm=ones,
        output_norm=ones[0],
        num_heads=HEADS,
        num_kv_heads=KV,
        eps=1e-5,
        theta=1e5,
    )


def write_shard(path: Path, texts: int = 200) -> None:
    """Write conversations that say their first token again and again; only what follows it is learned."""
    random = np.random.default_rng(0)
    sizes = random.integers(4, 30, texts).astype(np.int32)
    ids = np.concatenate([np.full(size, random.integers(10, 50)) for size in sizes]).astype(np.uint16)
    mask = np.concatenate([np.packbits(np.arange(size) > 0) for size in sizes])
    np.savez(path, ids=ids, mask=mask, sizes=sizes)
