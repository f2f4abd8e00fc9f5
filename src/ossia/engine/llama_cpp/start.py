"""LoadedModel: from a model's file to a process of llama.cpp that has loaded it, with what is known of its size.

Both engines that use llama.cpp begin here. Nothing is known of requests.
"""

from dataclasses import dataclass
from typing import Final

from ossia.config import EngineOptions
from ossia.engine import Start
from ossia.engine.facts import ModelFacts
from ossia.engine.llama_cpp import wire
from ossia.engine.llama_cpp.process import LlamaProcess, require_package
from ossia.engine.llama_cpp.sizes import Sizes, sizes
from ossia.engine.llama_cpp.trial import check_template
from ossia.engine.memory import Memory, available_bytes, memory_left_by, usable_bytes
from ossia.gguf import GGUF
from ossia.processors import num_processors

_MOST_LAYERS: Final = 9999
_RESERVED: Final = 2 << 30
"""Memory that a process reserves and hardly uses: stacks of its threads, and heaps of these."""


@dataclass(frozen=True, slots=True)
class LoadedModel:
    process: LlamaProcess
    sizes: Sizes
    memory: Memory

    async def close(self) -> None:
        await self.process.close()


async def load_model(gguf: GGUF, facts: ModelFacts, options: EngineOptions, start: Start) -> LoadedModel:
    """Start a process, and load the model there. Raises NotSupported, InvalidModelFile or ModelCrashed."""
    require_package(facts.architecture)
    await check_template(gguf)
    weights = sum(path.stat().st_size for path in (*gguf.paths, *start.adapters))
    budget = options.kv_cache_bytes or memory_left_by(weights, start.memory_bytes)
    wishes = start.placement
    divided = sizes(gguf, facts, options, budget, wishes)
    load = wire.Load(
        files=[str(path) for path in gguf.paths],
        sizes=divided,
        threads=_threads(wishes.num_thread) or options.threads or num_processors(),
        device=options.device,
        purpose=facts.purpose,
        layers_on_gpu=None if wishes.num_gpu is None else min(max(wishes.num_gpu, -1), _MOST_LAYERS),
        use_mmap=wishes.use_mmap,
        most_bytes=_most_bytes(start, weights + divided.cache_bytes),
        adapters=[str(path) for path in start.adapters],
    )
    start.report("reading weights", 0, 0)
    process = await LlamaProcess.start(load, options.stall_timeout)
    memory = _memory(weights, divided.cache_bytes, is_on_gpu=bool(process.ready.gpus))
    return LoadedModel(process, divided, memory)


def _threads(asked: int | None) -> int:
    """Return the number of threads that a request asks for, which anybody may; 0 if it does not say."""
    return min(max(asked or 0, 0), num_processors())


def _most_bytes(start: Start, planned: int) -> int:
    """Return the memory that the process may take: a chat template, which a stranger wrote, could ask for all there is.

    It is what is left for this model now, or what is planned for it.
    """
    left = min(available_bytes(), usable_bytes() if start.memory_bytes is None else start.memory_bytes)
    return max(left, planned) + _RESERVED


def _memory(weights: int, kv: int, *, is_on_gpu: bool) -> Memory:
    needed = weights + kv
    return Memory(host=0 if is_on_gpu else needed, device=needed if is_on_gpu else 0, weights=weights, kv=kv)
