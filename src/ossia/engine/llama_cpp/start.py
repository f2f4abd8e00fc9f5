"""Started: from a model's file to a process of llama.cpp that has loaded it, with what is known of its size.

Both engines that use llama.cpp begin here. Nothing is known of requests.
"""

from dataclasses import dataclass

from ossia.config import EngineOptions
from ossia.engine import Start
from ossia.engine.facts import ModelFacts
from ossia.engine.llama_cpp import wire
from ossia.engine.llama_cpp.process import LlamaProcess, require_package
from ossia.engine.llama_cpp.sizes import Sizes, sizes
from ossia.engine.memory import Memory, memory_left_by
from ossia.gguf import GGUF
from ossia.processors import num_processors


@dataclass(frozen=True, slots=True)
class Started:
    process: LlamaProcess
    ready: wire.Ready
    sizes: Sizes
    memory: Memory


async def start_process(gguf: GGUF, facts: ModelFacts, options: EngineOptions, start: Start) -> Started:
    """Start a process that loads the model. Raises NotSupported, InvalidModelFile or ModelCrashed."""
    require_package(facts.architecture)
    weights = sum(path.stat().st_size for path in (*gguf.paths, *start.adapters))
    budget = options.kv_cache_bytes or memory_left_by(weights, start.memory_bytes)
    divided = sizes(gguf, facts, options, budget, start.context_length, start.placement.num_batch)
    wishes = start.placement
    load = wire.Load(
        paths=[str(path) for path in gguf.paths],
        sizes=divided,
        threads=wishes.num_thread or options.threads or num_processors(),
        device=start.device or options.device,
        purpose=facts.purpose,
        layers_on_gpu=wishes.num_gpu,
        use_mmap=wishes.use_mmap,
        adapters=[str(path) for path in start.adapters],
    )
    start.report("reading weights", 0, 0)
    process, ready = await LlamaProcess.start(load, options.stall_timeout)
    return Started(process, ready, divided, _memory(weights, divided.cache_bytes, is_on_gpu=ready.gpu is not None))


def _memory(weights: int, kv: int, *, is_on_gpu: bool) -> Memory:
    needed = weights + kv
    return Memory(host=0 if is_on_gpu else needed, device=needed if is_on_gpu else 0, weights=weights, kv=kv)
