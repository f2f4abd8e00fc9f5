"""Sizes of a model in llama.cpp: how many sequences it runs at a time, how long each may be, and the memory for that.

Each sequence has a part of the KV cache of its own, so that none costs another its answer. Pure arithmetic on the
header of a file.
"""

from typing import Final

import msgspec

from ossia.config import EngineOptions
from ossia.engine.facts import ModelFacts
from ossia.engine.places import num_sequences
from ossia.gguf import GGUF
from ossia.types import ANYWHERE, Placement

_PLACES: Final = 16
_COMFORTABLE: Final = 8192
"""Tokens of a context for which places are given up, if the cache has no room for both."""
_LEAST: Final = 512
_UNKNOWN: Final = 2048
"""Context length of a model whose file does not tell it."""
_BATCH: Final = 2048
_LEAST_BATCH: Final = 32
_MOST_BATCH: Final = 8192
_ELEMENT: Final = 2
"""Bytes of a number in the cache: f16."""


class Sizes(msgspec.Struct, frozen=True):
    """Places of the batch, the context of each sequence, and tokens of a step. `embedding` is the longest text."""

    places: int
    context: int
    batch: int
    cache_bytes: int

    @property
    def sequences(self) -> int:
        """Sequences at a time."""
        return num_sequences(self.places)

    @property
    def embedding(self) -> int:
        return min(self.context, self.batch)


def sizes(gguf: GGUF, facts: ModelFacts, options: EngineOptions, budget: int, wishes: Placement = ANYWHERE) -> Sizes:
    """Divide `budget` bytes of cache: contexts are as long as a request wishes, or else as the model's own.

    Where that does not fit, first the number of places is halved, then the context is shortened.
    """
    own, asked = facts.context_length or _UNKNOWN, wishes.context_length or options.context_length
    wanted = min(own, asked or own)
    comfortable = wanted if asked else min(wanted, _COMFORTABLE)
    places, each = options.num_parallel or _PLACES, max(bytes_per_token(gguf, facts), 1)
    while places > 1 and budget // (num_sequences(places) * each) < comfortable:
        places //= 2
    sequences = num_sequences(places)
    context = max(min(wanted, budget // (sequences * each)), min(_LEAST, wanted))
    batch = min(max(wishes.num_batch or _BATCH, _LEAST_BATCH), _MOST_BATCH, context)
    tokens = batch if facts.purpose == "answering" else context
    tokens = -(-tokens // sequences) * sequences  # or llama.cpp would abort
    return Sizes(places, context, tokens, sequences * context * each)


def bytes_per_token(gguf: GGUF, facts: ModelFacts) -> int:
    """Return the bytes that the cache takes for one token. Windows of attention are not counted as savings."""

    def number(name: str, default: int) -> int:
        value: object = gguf.metadata.get(f"{facts.architecture}.{name}")
        return value if isinstance(value, int) and value > 0 else default

    width, heads = facts.embedding_length or 0, number("attention.head_count", 1)
    head = width // heads
    pair = number("attention.key_length", head) + number("attention.value_length", head)
    return number("block_count", 0) * number("attention.head_count_kv", heads) * pair * _ELEMENT
