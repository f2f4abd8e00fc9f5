"""Checks of the memory: how much there is for models, whether the stored ones fit, and how fast it is read."""

from collections.abc import Iterator, Sequence
from typing import Final

from ossia.admin.bandwidth import read_bandwidth
from ossia.admin.doctor.check import Check
from ossia.config import MIN_KV_CACHE_BYTES, Settings
from ossia.engine.driver import may_use_gpu
from ossia.engine.memory import available_bytes, usable_bytes
from ossia.processors import num_processors
from ossia.server.estimate import weight_bytes
from ossia.sizes import human_size
from ossia.store.models import Model

_LEAST: Final = 1 << 30
"""Memory in which even the smallest model hardly runs."""
_MEASURED: Final = 1 << 29
_SLOW: Final = 6e9  # bytes a second: slower than one old module


def memory(settings: Settings, models: Sequence[Model]) -> Iterator[Check]:
    """Yield how much memory models may use, and which of the stored models do not fit into it."""
    usable, available = settings.memory_bytes or usable_bytes(), available_bytes()
    text = f"{human_size(usable)} for models, {human_size(available)} free now"
    if usable < _LEAST:
        how = "unset OSSIA_MEMORY_BYTES" if settings.memory_bytes else "give the machine or the container more"
        yield Check("memory", f"{text}: too little for any model", how)
    elif available < _LEAST:
        yield Check("memory", f"{text}: too little for any model", "end other programs, or unload models: `ossia stop`")
    elif large := [] if may_use_gpu(settings.engine) else _too_large(models, usable):
        remedy = "use a smaller model: one that does not fit is read from the disk for every token"
        yield Check("memory", f"{text}: {', '.join(large)} cannot fit", remedy)
    else:
        yield Check("memory", text)


def speed(settings: Settings) -> Iterator[Check]:
    """Yield how fast the memory is read, measured now."""
    name = "memory speed"
    if available_bytes() < 2 * _MEASURED:
        yield Check(name, "not measured: too little is free")
        return
    threads = settings.engine.threads or num_processors()
    found = read_bandwidth(threads, _MEASURED)
    text = f"{found / 1e9:.1f} GB a second with {threads} threads"
    if found < _SLOW:
        remedy = "answers are written as fast as memory is read: end other programs, fill all channels with modules"
        yield Check(name, text, remedy)
    else:
        yield Check(name, text)


def _too_large(models: Sequence[Model], usable: int) -> list[str]:
    needed = {str(model.name): weight_bytes(model) + MIN_KV_CACHE_BYTES for model in models}
    return [f"{name} ({human_size(most)})" for name, most in needed.items() if most > usable]
