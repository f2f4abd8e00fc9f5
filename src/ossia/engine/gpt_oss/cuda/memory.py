"""The memory map of a GPU: weights, KV cache, work space, and what is left to others. Arithmetic only, no device.

Memory is promised before anything is allocated, so that a model that does not fit is refused with numbers, and no step
can run out of it later.
"""

from dataclasses import dataclass
from typing import Final

from ossia.engine.gpt_oss.cuda.device import Gpu, NoGpu

RESERVE_BYTES: Final = 1 << 30
"""Never taken: for the display, other programs, and the driver's own needs."""
LEAST_TOKENS: Final = 8192
"""A GPU that has no room for this context beside the weights is not worth taking."""
LONGEST_CONTEXTS: Final = 4
"""Sequences of full length that the KV cache has room for at most: what is left is for other models."""


class NoRoom(NoGpu):
    """A model needs more of a GPU's memory than models can use now."""

    def __init__(self, message: str, hint: str, needed_bytes: int, usable_bytes: int) -> None:
        super().__init__(message, hint)
        self.needed_bytes = needed_bytes
        self.usable_bytes = usable_bytes


class ContextTooLong(NoRoom):
    """The model fits, but not with the context that was asked for."""


@dataclass(frozen=True, slots=True)
class Needs:
    """Memory that a model takes, in bytes: its weights, the work space of a step, and a block of the KV cache."""

    weights: int
    workspace: int
    block: int
    block_size: int
    """Tokens in a block."""

    def with_context(self, tokens: int) -> int:
        """Bytes of the model with a KV cache of so many tokens."""
        return self.weights + self.workspace + -(-tokens // self.block_size) * self.block


@dataclass(frozen=True, slots=True)
class MemoryMap:
    """Division of a GPU's memory, in bytes. `context_length` is in tokens."""

    gpu: Gpu
    needs: Needs
    num_blocks: int
    context_length: int
    usable_bytes: int
    """Free before this model came, but for what is never taken."""

    @property
    def kv_bytes(self) -> int:
        return self.num_blocks * self.needs.block

    @property
    def num_bytes(self) -> int:
        return self.needs.weights + self.needs.workspace + self.kv_bytes

    def __str__(self) -> str:
        tokens = self.num_blocks * self.needs.block_size
        left = self.gpu.free_bytes - self.num_bytes
        return (
            f"weights {_gib(self.needs.weights)}, KV cache {_gib(self.kv_bytes)} ({tokens} tokens, context "
            f"{self.context_length}), work space {_gib(self.needs.workspace)}, left {_gib(left)} of "
            f"{_gib(self.gpu.total_bytes)}"
        )


def divide(
    gpu: Gpu,
    needs: Needs,
    *,
    context_length: int,
    asked: int | None,
    least: int = LEAST_TOKENS,
    num_parallel: int,
    kv_cache_bytes: int = 0,
    overhead_bytes: int = 0,
) -> MemoryMap:
    """The memory map for a model of this context length, of which a shorter one may be asked for.

    The KV cache gets `kv_cache_bytes`, or without that room for LONGEST_CONTEXTS sequences, `num_parallel` if that is
    less; never the last RESERVE_BYTES and `overhead_bytes`. A default context that does not fit is lowered, but not
    below `least` or LEAST_TOKENS, whichever is less. Raises NoRoom for a GPU that is too small for the model with that,
    ContextTooLong for one that is too small for the context that was asked for.
    """
    wanted = min(asked or context_length, context_length)
    usable = max(gpu.free_bytes - RESERVE_BYTES - overhead_bytes, 0)
    room = usable - needs.weights - needs.workspace
    if kv_cache_bytes:
        room = min(room, kv_cache_bytes)
    fitting = max(room, 0) // needs.block
    tokens = fitting * needs.block_size
    least = min(LEAST_TOKENS, least, wanted)
    if tokens < least:
        raise NoRoom(_too_small(gpu, needs, usable, least), _ROOM, needs.with_context(least), usable)
    if asked and tokens < wanted:
        raise ContextTooLong(
            f"a context of {wanted} tokens does not fit on {gpu.name}: beside the model there is room for {tokens}",
            f"ask for {tokens} tokens or fewer (OLLAMA_CONTEXT_LENGTH), or for fewer models at once",
            *(needs.with_context(wanted), usable),
        )
    sequences = max(1, min(num_parallel, LONGEST_CONTEXTS))
    blocks = min(fitting, sequences * -(-wanted // needs.block_size))
    return MemoryMap(gpu, needs, blocks, min(wanted, blocks * needs.block_size), usable)


_ROOM: Final = "unload other models, or run it on the processor with OSSIA_DEVICE=cpu"


def _too_small(gpu: Gpu, needs: Needs, usable: int, tokens: int) -> str:
    needed, kv_bytes = needs.with_context(tokens), needs.with_context(tokens) - needs.with_context(0)
    return (
        f"the model does not fit on {gpu.name}: it needs {_gib(needed)} (weights {_gib(needs.weights)}, work space "
        f"{_gib(needs.workspace)}, {tokens} tokens of context {_gib(kv_bytes)}), and {_gib(usable)} can be used"
    )


def _gib(num_bytes: int) -> str:
    return f"{num_bytes / 2**30:.2f} GiB"
