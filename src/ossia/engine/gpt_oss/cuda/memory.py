"""The memory map of a GPU: weights, KV cache, work space, and what is left to others. Arithmetic only, no device.

Memory is promised before anything is allocated, so that a model that does not fit is refused with numbers, and no step
can run out of it later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ossia.engine.gpt_oss.cuda.device import Gpu, NoGpu

RESERVE_BYTES: Final = 1 << 30
"""Never taken, or RESERVED_SHARE of a smaller card: for the display, other programs, and the driver's own needs."""
RESERVED_SHARE: Final = 1 / 24
LEAST_TOKENS: Final = 8192
"""A GPU that has no room for this context beside the weights is not worth taking."""
LONGEST_CONTEXTS: Final = 4
"""Sequences of full length that the KV cache has room for at most: what is left is for other models."""
KEPT_SHARE: Final = 1 / 4
"""Blocks for what windows have passed, which prefixes need, as a share of the blocks of whole contexts."""


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
    """Memory that a model takes, in bytes: its weights, the work space of a step, and a block of the KV cache.

    Layers with a window have blocks of their own: at least `num_window_blocks` for all sequences that run together in a
    batch of so many `places`, however long they are. Weights in `host` memory take none here.
    """

    weights: int
    workspace: int
    block_size: int
    """Tokens in a block."""
    places: int
    block: int
    window_block: int = 0
    num_window_blocks: int = 0
    host: int = 0

    @property
    def window(self) -> int:
        return self.num_window_blocks * self.window_block

    def with_context(self, tokens: int) -> int:
        """Bytes of the model with a KV cache of so many tokens."""
        return self.weights + self.workspace + self.window + -(-tokens // self.block_size) * self.block

    def room(self, usable: int, kv_cache_bytes: int) -> int:
        """Bytes for blocks beyond the least, in `usable` bytes and a cache of `kv_cache_bytes`, if that is not 0."""
        room = usable - self.weights - self.workspace
        return max((min(room, kv_cache_bytes) if kv_cache_bytes else room) - self.window, 0)


@dataclass(frozen=True, slots=True)
class MemoryMap:
    """Division of a GPU's memory, in bytes, or of that of each of `num_gpus`. `context_length` is in tokens."""

    gpu: Gpu
    needs: Needs
    num_blocks: int
    num_window_blocks: int
    context_length: int
    usable_bytes: int
    """Free before this model came, but for what is never taken."""
    others: tuple[int, ...] = ()
    """Numbers of further GPUs, each of which is divided the same way."""

    @property
    def num_gpus(self) -> int:
        return 1 + len(self.others)

    @property
    def kv_bytes(self) -> int:
        return self.num_blocks * self.needs.block + self.num_window_blocks * self.needs.window_block

    @property
    def num_bytes(self) -> int:
        return self.needs.weights + self.needs.workspace + self.kv_bytes

    def __str__(self) -> str:
        tokens = self.num_blocks * self.needs.block_size
        left = self.gpu.free_bytes - self.num_bytes
        host = f" (and {_gib(self.needs.host)} in host memory)" if self.needs.host else ""
        return (
            f"weights {_gib(self.needs.weights)}{host}, KV cache {_gib(self.kv_bytes)} ({tokens} tokens, context "
            f"{self.context_length}), work space {_gib(self.needs.workspace)}, left {_gib(left)} of "
            f"{_gib(self.gpu.total_bytes)}"
        )


def divide(
    gpu: Gpu,
    ways: Sequence[Needs],
    *,
    context_length: int,
    asked: int | None,
    least: int = LEAST_TOKENS,
    kv_cache_bytes: int = 0,
    overhead_bytes: int = 0,
) -> MemoryMap:
    """The memory map for a model of this context length, of which a shorter one may be asked for.

    Of the `ways` to hold the model, the best first, the first is taken in which the context fits. The KV cache gets
    `kv_cache_bytes`, or without that room for LONGEST_CONTEXTS sequences, or for all that run if these are fewer; never
    what is reserved, nor `overhead_bytes`. A default context that does not fit is lowered, but not below `least` or
    LEAST_TOKENS, whichever is less. Raises NoRoom for a GPU that is too small for the model with that, ContextTooLong
    for one that is too small for the context that was asked for.
    """
    wanted = min(asked or context_length, context_length)
    usable = max(gpu.free_bytes - reserved_bytes(gpu.total_bytes) - overhead_bytes, 0)
    least = min(LEAST_TOKENS, least, wanted)
    rooms = [(needs, needs.room(usable, kv_cache_bytes)) for needs in ways]
    found = [(needs, room // needs.block * needs.block_size) for needs, room in rooms]
    largest = max(found, key=lambda way: way[1])
    needs, tokens = next((way for enough in (wanted, least) for way in found if way[1] >= enough), largest)
    if tokens < least:
        raise NoRoom(_too_small(gpu, needs, usable, least), _ROOM, needs.with_context(least), usable)
    if asked and tokens < wanted:
        needs, tokens = largest
        raise ContextTooLong(
            f"a context of {wanted} tokens does not fit on {gpu.name}: beside the model there is room for {tokens}",
            f"ask for {tokens} tokens or fewer (OLLAMA_CONTEXT_LENGTH), or for fewer models at once",
            *(needs.with_context(wanted), usable),
        )
    blocks, kept = _blocks(needs, needs.room(usable, kv_cache_bytes), wanted)
    context = min(wanted, blocks * needs.block_size)
    return MemoryMap(gpu, needs, blocks, needs.num_window_blocks + kept, context, usable)


def _blocks(needs: Needs, room: int, context: int) -> tuple[int, int]:
    """Numbers of blocks that so many bytes are divided into: those of whole contexts, and more for windows.

    One context goes first, then both get their share.
    """
    one = min(-(-context // needs.block_size), room // needs.block)
    most = one * max(1, min(needs.places, LONGEST_CONTEXTS))
    blocks = min(max(one, room // (needs.block + int(needs.window_block * KEPT_SHARE))), most)
    spare = room - blocks * needs.block
    return blocks, min(int(blocks * KEPT_SHARE), spare // needs.window_block) if needs.window_block else 0


def reserved_bytes(total_bytes: int) -> int:
    """Bytes of a card of this size that no model takes."""
    return min(RESERVE_BYTES, int(total_bytes * RESERVED_SHARE))


_ROOM: Final = "unload other models, or run it on the processor with OSSIA_DEVICE=cpu"


def _too_small(gpu: Gpu, needs: Needs, usable: int, tokens: int) -> str:
    needed, kv_bytes = needs.with_context(tokens), needs.with_context(tokens) - needs.with_context(0)
    return (
        f"the model does not fit on {gpu.name}: it needs {_gib(needed)} (weights {_gib(needs.weights)}, work space "
        f"{_gib(needs.workspace)}, {tokens} tokens of context {_gib(kv_bytes)}), and {_gib(usable)} can be used"
    )


def _gib(num_bytes: int) -> str:
    return f"{num_bytes / 2**30:.2f} GiB"
