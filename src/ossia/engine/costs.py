"""Costs of a model in memory, as the header of its file tells them: no weight is read, and nothing is loaded.

They are those of the processor, where weights are as in the file. A GPU has a work space of its own, and layouts that
differ a little.
"""

from dataclasses import dataclass

from ossia.engine.facts import names_gpt_oss
from ossia.gguf import GGUF

_KV_BYTES = 2
"""Bytes of a value in the KV cache."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Bytes of a model: its weights, those of them that are read for one token alone, a step's work space, and the
    keys and values of each token of a context: in all layers, and in those that look back over `window` tokens."""

    weights: int
    weights_per_token: int
    work: int
    kv_per_token: int
    kv_per_token_in_window: int
    window: int
    context_length: int
    """The longest context, in tokens."""

    def kv(self, tokens: int, *, is_on_gpu: bool) -> int:
        """Bytes of keys and values of a context; on a GPU layers with a window keep no more than that."""
        passed = max(tokens - self.window, 0) if is_on_gpu else 0
        return tokens * self.kv_per_token - passed * self.kv_per_token_in_window


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
        context_length=config.context_length,
    )
