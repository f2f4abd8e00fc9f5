"""The engine's loop with grammars beside an imaginary GPU: does a step ever wait for masks or for the host?

    python bench/masks.py tokenizer.json [--streams 32] [--clients 1] [--step 4] [--tokens 160] [--rounds 3]

The device computes each step in so many milliseconds, two steps in flight, and draws ids at random from what the masks
allow. It takes none of the host's time, as if launching were free. Kinds alternate as in `grammar.py`: raw text, an
answer, JSON of a schema. For each it prints the speed, how many streams a step had, the milliseconds of a step in which
the device had nothing to do, and those for which the host did not wait for the device: of a quarter of the steps not
more, since other programs may keep the processor from its threads. The last line is one JSON object.
"""

import argparse
import json
import statistics
import time
from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from pathlib import Path

import numpy as np

from grammar import KINDS, QUESTION, STORY, TEXT
from ossia.chat.harmony.format import Harmony
from ossia.engine.constraint import Constraint, Vocabulary
from ossia.engine.core import EngineCore
from ossia.engine.memory import Memory
from ossia.engine.runner import Batch, Capacity, Prefill, Result, Scheduled
from ossia.engine.sequence import Sample, Sampled, Sequence, StepOutput, Words
from ossia.sandbox.grammars import problem
from ossia.tokenizer import Tokenizer
from ossia.types import GenerateRequest, ResponseFormat, SamplingParams

DRAW = 0.0002
"""Seconds that the device takes to draw a step's ids."""


CAPACITY = Capacity(
    block_size=32, num_blocks=8192, max_batched_tokens=4096, context_length=8192, memory=Memory(host=0), depth=2
)


@dataclass
class Device:
    """A runner whose forward passes take `seconds`, one after another, and whose host need not compute for them."""

    vocab_size: int
    seconds: float
    capacity: Capacity = CAPACITY
    free_at: float = 0.0
    idle: float = 0.0
    sizes: list[int] = field(default_factory=list[int])
    hosts: list[float] = field(default_factory=list[float])
    """Seconds of each step for which the host did not wait."""
    collected_at: float = 0.0
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    def prepare(self) -> bool:
        return False

    def launch(self, batch: Batch) -> "DeviceStep":
        self.occupy(self.seconds)
        self.sizes.append(len(batch.items))
        return DeviceStep(self, batch, self.free_at)

    def occupy(self, seconds: float) -> None:
        now = time.perf_counter()
        self.idle += max(0.0, now - self.free_at) if self.free_at else 0.0
        self.free_at = max(now, self.free_at) + seconds

    def draw(self, words: Words | None) -> int:
        if words is None:
            return int(self.random.integers(self.vocab_size))
        number = int(self.random.choice(np.flatnonzero(words)))
        return number * 32 + int(self.random.choice([bit for bit in range(32) if int(words[number]) >> bit & 1]))


@dataclass
class DeviceStep:
    device: Device
    batch: Batch
    computed_at: float
    masks: Mapping[int, Words] = field(default_factory=dict[int, Words])
    done_at: float = 0.0

    @property
    def is_computed(self) -> bool:
        return time.perf_counter() >= self.computed_at

    def sample(self, masks: Mapping[int, Words]) -> None:
        self.masks = masks
        self.device.occupy(DRAW)
        self.done_at = self.device.free_at

    def collect(self) -> list[Result]:
        """Draws here, where the host would only wait."""
        device = self.device
        device.hosts.append(time.perf_counter() - device.collected_at)
        results = [self._result(item) for item in self.batch.items]
        time.sleep(max(0.0, self.done_at - time.perf_counter()))
        device.collected_at = time.perf_counter()
        return results

    def _result(self, item: Scheduled) -> Result:
        return (
            None if isinstance(item.purpose, Prefill) else Sampled(self.device.draw(self.masks.get(item.sequence.id)))
        )


@dataclass(frozen=True)
class Speed:
    tokens: float
    batch: float
    idle: float
    """Milliseconds of a step."""
    host: float
    """Milliseconds of a step."""


class Loop:
    """The engine's loop, for so many sequences of a kind at a time."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        tokenizer = Tokenizer.from_hf(arguments.vocabulary)
        self._chat, self._vocabulary = Harmony(tokenizer), Vocabulary(tokenizer)

    def speed(self, kind: str) -> Speed:
        tokens, streams = self._arguments.tokens, self._arguments.streams
        device = Device(len(self._vocabulary.tokens), self._arguments.step / 1000)
        core = EngineCore(device, max_sequences=streams)
        for number in range(streams):
            core.add(self._sequence(kind, number))
        core.step()
        device.idle, sampled, began = 0.0, 0, time.perf_counter()
        while sampled < tokens * streams and core.has_work:
            time.sleep(0 if core.can_step else DRAW)
            outputs = core.step() if core.can_step else []
            sampled += sum(isinstance(output, StepOutput) for output in outputs)
        seconds, steps = time.perf_counter() - began, len(device.sizes) - 1
        host = float(np.percentile(device.hosts, 25))
        return Speed(sampled / seconds, sampled / steps, device.idle / steps * 1e3, host * 1e3)

    def _sequence(self, kind: str, number: int) -> Sequence:
        schema = ResponseFormat(STORY) if kind == "schema" else None
        request = GenerateRequest(TEXT if kind == "raw" else QUESTION, response_format=schema, reasoning_effort="none")
        grammar = None if kind == "raw" else self._chat.grammar(request, problem)
        client, most = str(number % self._arguments.clients), 4 * self._arguments.tokens
        constraint = Constraint(self._vocabulary, grammar, most, client=client) if grammar else None
        task = Sample(SamplingParams(), most, number, self._chat.stop_token_ids, constraint=constraint)
        return Sequence(number, [1, 2, 3], task, client=client)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("vocabulary", type=Path, help="a tokenizer.json of gpt-oss")
    parser.add_argument("--streams", type=int, default=32)
    parser.add_argument("--clients", type=int, default=1, help="whose streams these are")
    parser.add_argument("--step", type=float, default=4.0, help="milliseconds of a step")
    parser.add_argument("--tokens", type=int, default=160)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    loop = Loop(arguments)
    speeds: dict[str, list[Speed]] = {kind: [] for kind in KINDS}
    for kind in KINDS * arguments.rounds:
        speeds[kind].append(loop.speed(kind))
    for kind, measured in speeds.items():
        tokens, batch, idle, host = (statistics.median(column) for column in zip(*map(astuple, measured), strict=True))
        print(f"{kind:6}: {tokens:7.0f} tok/s, {batch:.1f} a step, idle {idle:.2f} ms of it, host {host:.2f} ms")
    print(json.dumps({"bench": "masks", **{kind: list(map(astuple, measured)) for kind, measured in speeds.items()}}))


if __name__ == "__main__":
    main()
