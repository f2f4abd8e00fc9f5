"""Costs of a model in memory, as the header of its file tells them: no weight is read, and nothing is loaded.

They are those of the processor, where weights are as in the file. A GPU has a work space of its own, and layouts that
differ a little.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from ossia.config import CacheKind
from ossia.engine.facts import names_gpt_oss
from ossia.gguf import GGUF
from ossia.split import open_model

_KV_BYTES: Final = 2
"""Bytes of a value in the KV cache, and of the scale of a head's values where these take one byte each (q8_0)."""
_KEPT: Final = 256


@dataclass(frozen=True, slots=True)
class Costs:
    """Bytes of a model: its weights, those of them that are read for one token alone, a step's work space, and the
    keys and values of each token of a context: in all layers, and in those that look back over `window` tokens.
    `head_dim` is the number of values of a head."""

    weights: int
    weights_per_token: int
    work: int
    kv_per_token: int
    kv_per_token_in_window: int
    window: int
    head_dim: int
    context_length: int
    """The longest context, in tokens."""

    def kv(self, tokens: int, *, is_on_gpu: bool, kind: CacheKind = "f16") -> int:
        """Bytes of keys and values of a context.

        Only a GPU has caches of other kinds than f16, and only there layers with a window keep no more than that.
        """
        if not is_on_gpu:
            return tokens * self.kv_per_token
        size = tokens * self.kv_per_token - max(tokens - self.window, 0) * self.kv_per_token_in_window
        return size if kind == "f16" else size // (_KV_BYTES * self.head_dim) * (self.head_dim + _KV_BYTES)


@lru_cache(_KEPT)
def stored_costs(files: tuple[Path, ...]) -> Costs | None:
    """Return the costs of a stored model, as `costs_of` does. Raises InvalidModelFile, OSError.

    They cannot go stale: a blob's path is the hash of its content.
    """
    return costs_of(open_model(*files))


def costs_of(gguf: GGUF) -> Costs | None:
    """Return the costs of a model; None for one that cannot be run. Raises InvalidModelFile."""
    if not names_gpt_oss(gguf.metadata.get("general.architecture")):
        return None
    from ossia.engine.gpt_oss.config import MAX_BATCHED_TOKENS
    from ossia.engine.gpt_oss.weights import from_gguf

    weights = from_gguf(gguf)
    config, layer = weights.config, weights.layers[0]
    kv_per_token = config.kv_bytes_per_token(_KV_BYTES)
    return Costs(
        weights=weights.num_bytes,
        weights_per_token=config.weight_bytes_per_token(layer.q.kind, layer.gate.kind, weights.output.kind),
        work=config.scratch_bytes(MAX_BATCHED_TOKENS),
        kv_per_token=kv_per_token,
        kv_per_token_in_window=kv_per_token * sum(config.sliding_pattern) // config.num_layers,
        window=config.sliding_window,
        head_dim=config.head_dim,
        context_length=config.context_length,
    )
