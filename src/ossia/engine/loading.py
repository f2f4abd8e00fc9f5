"""From a Load message to an EngineCore: the device that computes, and what to do where the model does not fit there.

It runs in the model's process. What a device needs is known by the runners; nothing is known of requests.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

from ossia.engine import wire
from ossia.engine.constraint import Vocabulary
from ossia.engine.core import EngineCore
from ossia.engine.gpt_oss.cuda.device import Gpu, NoGpu, choose, find_gpu
from ossia.engine.gpt_oss.cuda.memory import ContextTooLong, NoRoom
from ossia.engine.runner import Report
from ossia.gguf import GGUF
from ossia.tokenizer import Tokenizer

SEQUENCES_ON_PROCESSOR: Final = 32

Send = Callable[[wire.ToParent], None]


def load(message: wire.Load, send: Send) -> tuple[EngineCore, Future[Vocabulary]]:
    """Load the model onto the device that is to compute it, and tell the server so. The vocabulary may come later.

    Raises NoRoom where other models of this server leave too little of a GPU, NoGpu and other errors where none can be
    used as it was asked for.
    """
    options = message.options
    is_automatic = options.device.startswith("auto")
    is_exact = options.precision == "fp32"  # on the processor only

    def report(part: str, done: int = 0, total: int = 0) -> None:
        send(wire.Loading(part, done, total))

    device = choose("cpu" if is_exact and is_automatic else options.device, partial(find_gpu, report=report))
    reason = device.reason
    # not before: it needs the interpreter, as the import of torch does, and reading weights does not
    vocabulary = ThreadPoolExecutor(1, thread_name_prefix="vocabulary").submit(_read_vocabulary, message)
    if device.gpu:
        try:
            return _load_on_gpu(message, device.gpu, send, report), vocabulary
        except NoGpu as problem:
            if isinstance(problem, NoRoom) and not message.alone:
                raise
            if isinstance(problem, ContextTooLong) or not is_automatic:
                raise NoGpu(problem.message, problem.hint) from None
            reason = str(problem)
    report("reading weights")
    core = _load_on_processor(message)
    send(
        wire.Ready(
            core.capacity, core.scheduler.max_sequences, f"the processor: {reason}" if reason else "the processor"
        )
    )
    return core, vocabulary


def _load_on_gpu(message: wire.Load, gpu: Gpu, send: Send, report: Report) -> EngineCore:
    report("importing kernels", 0, 0)
    from ossia.engine.gpt_oss.cuda.start import num_sequences, start

    gguf, options = GGUF.open(Path(message.path)), message.options
    runner, memory_map = start(gguf, gpu, options, least_context=message.context_length, report=report)
    core = EngineCore(runner, max_sequences=num_sequences(options))
    device = f"{gpu.name}: {memory_map}"
    send(wire.Ready(core.capacity, core.scheduler.max_sequences, device, gpu.index, memory_map.usable_bytes))
    return core


def _load_on_processor(message: wire.Load) -> EngineCore:
    from ossia.engine.gpt_oss.cpu import CpuRunner
    from ossia.engine.gpt_oss.weights import load as load_weights

    runner = CpuRunner(load_weights(Path(message.path)), message.options, memory_bytes=message.memory_bytes)
    return EngineCore(runner, max_sequences=message.options.num_parallel or SEQUENCES_ON_PROCESSOR)


def _read_vocabulary(message: wire.Load) -> Vocabulary:
    return Vocabulary(Tokenizer.from_gguf(GGUF.open(Path(message.path)).metadata))
