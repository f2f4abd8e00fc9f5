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
    keys and values of each token of a context."""

    weights: int
    weights_per_token: int
    work: int
    kv_per_token: int
    context_length: int
    """The longest context, in tokens."""


def costs_of(gguf: GGUF) -> Costs | None:
    """Return the costs of a model; None for one that cannot be run. Raises InvalidModelFile."""
    if not names_gpt_oss(gguf.metadata.get("general.architecture")):
        return None
    from ossia.engine.gpt_oss.config import MAX_BATCHED_TOKENS
    from ossia.engine.gpt_oss.weights import from_gguf

    weights = from_gguf(gguf)
    config, layer = weights.config, weights.layers[0]
    return Costs(
        weights=weights.num_bytes,
        weights_per_token=config.weight_bytes_per_token(layer.q.kind, layer.gate.kind, weights.output.kind),
        work=config.scratch_bytes(MAX_BATCHED_TOKENS),
        kv_per_token=config.kv_bytes_per_token(_KV_BYTES),
        context_length=config.context_length,
    )
