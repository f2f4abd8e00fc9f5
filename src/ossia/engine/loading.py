"""From a Load message to an EngineCore: the device that computes, and what to do where the model does not fit there.

It runs in the model's process. What a device needs is known by the runners; nothing is known of requests.
"""

import importlib
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final, Generic, TypeVar

from ossia.engine import wire
from ossia.engine.constraint import Vocabulary
from ossia.engine.core import EngineCore
from ossia.engine.gpt_oss.cuda.device import Gpu, NoGpu, choose, find_gpu, give_back, others_like, visible_gpu
from ossia.engine.gpt_oss.cuda.memory import ContextTooLong, NoRoom
from ossia.engine.heartbeat import pulse
from ossia.engine.places import num_sequences
from ossia.engine.process import LOADS_AGAIN
from ossia.engine.timeline import Report
from ossia.gguf import GGUF
from ossia.processors import num_processors
from ossia.split import open_model
from ossia.tokenizer import Tokenizer

PLACES_ON_PROCESSOR: Final = 32
VOCABULARY_SECONDS: Final = 3.0
"""Least time from a start on a GPU to the reading of the vocabulary, which grammars alone need: it takes the
interpreter from the start, and from all answers."""
IDLE_SECONDS: Final = 1.0
"""Time without a step after which nobody is expected to miss the interpreter for a second."""
SWITCH_SECONDS: Final = 0.0005
"""Time for which another thread may keep the interpreter from a step on a GPU, which takes a millisecond."""

T = TypeVar("T")
Send = Callable[[wire.ToParent], None]


class Later(Generic[T]):
    """A value that is made when it is wanted, or in a thread of its own after some seconds and what it waits for."""

    def __init__(self, make: Callable[[], T], seconds: float, wait: Callable[[], None] = lambda: None) -> None:
        self._make = make
        self._wait = wait
        self._made: list[T] = []
        self._lock = threading.Lock()
        timer = threading.Timer(seconds, self._make_early)
        timer.daemon = True
        timer.start()

    def result(self) -> T:
        """Return the value. Whatever making it raises is raised here."""
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]

    def _make_early(self) -> None:
        self._wait()
        with suppress(Exception):  # whoever wants the value hears of it
            self.result()


def wait_until_idle() -> None:
    """Wait for IDLE_SECONDS in which no step runs."""
    beats = -1
    while pulse.is_working or pulse.beats != beats:
        beats = pulse.beats
        time.sleep(IDLE_SECONDS)


def prepare() -> None:
    """Import what a GPU needs, and hash its compiler, while nobody waits. Loading tells what is missing."""
    with suppress(NoGpu):
        visible_gpu(0)
        importlib.import_module("ossia.engine.gpt_oss.cuda.start")
        importlib.import_module("ossia.engine.gpt_oss.cuda.compile").know_compiler()


def load(message: wire.Load, send: Send) -> tuple[EngineCore, Later[Vocabulary]]:
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
    if device.gpu:
        try:
            core = _load_on_gpu(message, device.gpu, send, report)
            return core, Later(partial(_read_vocabulary, message), VOCABULARY_SECONDS, wait_until_idle)
        except NoGpu as problem:
            if isinstance(problem, NoRoom) and not message.alone:
                raise
            if isinstance(problem, ContextTooLong) or not is_automatic:
                raise NoGpu(problem.message, problem.hint) from None
            reason = str(problem)
        give_back()
    report("reading weights")
    vocabulary = Later(partial(_read_vocabulary, message), 0)
    places = options.num_parallel or PLACES_ON_PROCESSOR
    core = _load_on_processor(message, places, report)
    send(wire.Ready(core.capacity, places, f"the processor: {reason}" if reason else "the processor"))
    return core, vocabulary


def _load_on_gpu(message: wire.Load, gpu: Gpu, send: Send, report: Report) -> EngineCore:
    report("importing kernels", 0, 0)
    from ossia.engine.gpt_oss.cuda.start import start

    def lost(reason: str) -> None:
        send(wire.Failed(reason, LOADS_AGAIN))
        os._exit(1)  # this process waits for the one that is lost, and may do so for ever

    gguf, options = _open(message), message.options
    others = [] if options.gpus == 1 else others_like(gpu)
    context = message.context_length
    runner, memory_map = start(gguf, gpu, options, least_context=context, report=report, others=others, lost=lost)
    places = memory_map.needs.places
    core = EngineCore(runner, max_sequences=num_sequences(places))
    sys.setswitchinterval(SWITCH_SECONDS)
    taken = (gpu.index, *memory_map.others)
    name = f"{len(taken)} x {gpu.name} ({', '.join(map(str, taken))}), each" if len(taken) > 1 else gpu.name
    send(wire.Ready(core.capacity, places, f"{name}: {memory_map}", taken, memory_map.usable_bytes))
    return core


def _load_on_processor(message: wire.Load, places: int, report: Report) -> EngineCore:
    from ossia.engine.gpt_oss.cpu import CpuRunner
    from ossia.engine.gpt_oss.weights import load as load_weights

    threads = message.options.threads or num_processors()
    weights = load_weights(_open(message), threads, report)
    runner = CpuRunner(weights, message.options, memory_bytes=message.memory_bytes)
    return EngineCore(runner, max_sequences=num_sequences(places))


def _open(message: wire.Load) -> GGUF:
    return open_model(*map(Path, message.files))


def _read_vocabulary(message: wire.Load) -> Vocabulary:
    return Vocabulary(Tokenizer.from_gguf(GGUF.open(message.files[0]).metadata))
