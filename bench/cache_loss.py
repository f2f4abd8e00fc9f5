"""Cost of keys and values of fewer bits: log probabilities of a text by the reference, the cache as a GPU keeps it.

    python bench/cache_loss.py MODEL.gguf [--text README.md] [--tokens 600]

Numbers are computed in float32 but for the cache: bfloat16, or 8 bits with a scale for each token and head. Prints the
mean negative log probability of the text's ids and the mean divergence from the exact cache, in nats. The last line is
one JSON object.
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import numpy as np
import numpy.typing as npt

from ossia.engine.gpt_oss import reference
from ossia.engine.gpt_oss.weights import Weights, from_gguf
from ossia.gguf import GGUF
from ossia.tokenizer import Tokenizer

Floats = npt.NDArray[np.float32]


def bfloat16(heads: Floats) -> Floats:
    bits = heads.astype(np.float32).view(np.uint32)
    return ((bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000).view(np.float32)


def q8_0(heads: Floats) -> Floats:
    """Heads [..., hd] as 8 bits hold them, with a scale of 16 bits for each."""
    scale = (np.abs(heads).max(-1, keepdims=True) / 127).astype(np.float16).astype(np.float32)
    codes = np.floor(heads / np.maximum(scale, 1e-30) + 0.5).clip(-127, 127)
    return (codes * scale).astype(np.float32)


def log_probs(weights: Weights, ids: list[int], stored: Callable[[Floats], Floats]) -> Floats:
    """Log probabilities [T, V] after each id, with keys and values as `stored` leaves them."""
    config, linear, rotate = weights.config, reference.linear, reference.rotate
    assert config.num_heads != config.num_kv_heads, "keys are told from queries by their number"
    values = {id(layer.v) for layer in weights.layers}

    def kept_linear(x: Floats, matrix: reference.Matrix, bias: Floats | None = None) -> Floats:
        y = linear(x, matrix, bias)
        return stored(y.reshape(len(y), -1, config.head_dim)).reshape(y.shape) if id(matrix) in values else y

    def kept_rotate(heads: Floats, config: reference.GptOssConfig) -> Floats:
        turned = rotate(heads, config)
        return stored(turned) if heads.shape[1] == config.num_kv_heads else turned

    with patch.object(reference, "linear", kept_linear), patch.object(reference, "rotate", kept_rotate):
        logits = reference.forward(weights, ids)
    shifted = logits - logits.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--text", type=Path, default=Path(__file__).parents[1] / "README.md")
    parser.add_argument("--tokens", type=int, default=600)
    arguments = parser.parse_args()
    gguf = GGUF.open(arguments.model)
    weights = from_gguf(gguf)
    ids = Tokenizer.from_gguf(gguf.metadata).encode(arguments.text.read_text())[: arguments.tokens]
    exact = log_probs(weights, ids, lambda heads: heads)
    figures: dict[str, object] = {"bench": "cache_loss", "tokens": len(ids)}
    for name, stored in {"exact": lambda heads: heads, "bf16": bfloat16, "q8_0": q8_0}.items():
        found = log_probs(weights, ids, stored)
        loss = -found[np.arange(len(ids) - 1), ids[1:]].mean()
        divergence = (np.exp(exact) * (exact - found)).sum(-1).mean()
        same = (found.argmax(-1) == exact.argmax(-1)).mean()
        figures[name] = {"loss": float(loss), "divergence": float(divergence), "same": float(same)}
        print(
            f"{name:6} loss {loss:.5f} nats, divergence {divergence:.2e}, the same likeliest id {same:.4f}", flush=True
        )
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
