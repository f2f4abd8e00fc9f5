"""Drawing of what a model takes of the memory at each length of a context. Pure functions that return text."""

from typing import Final

from ossia.cli.answers import Memory
from ossia.cli.tables import table
from ossia.sizes import human_size

_WIDTH: Final = 40
_SIGNS: Final = ("█", "▒", "░")  # weights, KV cache, work space


def memory_map(name: str, memory: Memory) -> str:
    """Draw a model's memory: a line for each length, with a bar in proportion to the largest one."""
    usable, where = memory.usable_bytes, "on the GPU" if memory.is_on_gpu else "on this machine"
    if memory.kv_cache_type != "f16":
        where += f" with a KV cache of {memory.kv_cache_type}"
    parts = [
        (context.tokens, (memory.weights_bytes, context.kv_bytes, memory.work_bytes)) for context in memory.contexts
    ]
    largest = max(1, *(sum(sizes) for _, sizes in parts))
    rows = [
        (
            f"{tokens:>9,}",
            *(human_size(size) for size in (*sizes, sum(sizes))),
            _bar(sizes, largest) + ("" if sum(sizes) <= usable else "  does not fit"),
        )
        for tokens, sizes in parts
    ]
    header = ("CONTEXT".rjust(9), "WEIGHTS", "KV CACHE", "WORK SPACE", "TOGETHER", "".join(_legend()))
    return (
        f"{name} {where}, where models may use {human_size(usable)}\n\n{table(header, rows)}\n"
        "Each line is for one conversation of that length; others at the same time take their own KV cache.\n"
    )


def _bar(sizes: tuple[int, ...], largest: int) -> str:
    """Return a bar whose parts end where their sum does, so that rounding never adds up."""
    bar, total = "", 0
    for size, sign in zip(sizes, _SIGNS, strict=True):
        total += size
        bar += sign * (round(total / largest * _WIDTH) - len(bar))
    return bar


def _legend() -> list[str]:
    return [f"{sign} {what}  " for sign, what in zip(_SIGNS, ("weights", "KV", "work"), strict=True)]
