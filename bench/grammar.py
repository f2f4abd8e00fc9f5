"""Cost of grammars: decoding with and without a JSON schema, the first mask of many tools, and memory.

    python bench/grammar.py MODEL.gguf [--tokens 96] [--rounds 5] [--streams 1] [--vocabulary tokenizer.json]

The rates are of all streams while they run together, alternating in the same run: raw text, without a grammar; an
answer, whose turn must be well-formed; an answer in JSON of a schema. Each is also a ratio to the kind before it, with
the mean of the streams that a step computed. With a vocabulary of gpt-oss also the time from a request with 50 tools to
its first mask, and the memory that 1,000 different schemas leave behind. The last line is one JSON object.
"""

import argparse
import asyncio
import gc
import json
import statistics
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil

from ossia import engine
from ossia.chat.harmony.format import Harmony
from ossia.config import EngineOptions
from ossia.engine.constraint import Constraint, Vocabulary
from ossia.sandbox.grammars import problem
from ossia.tokenizer import Tokenizer
from ossia.types import Finished, GenerateRequest, Message, ResponseFormat, SamplingParams, Tool

STORY = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "maxLength": 60},
        "year": {"type": "integer", "minimum": 1000, "maximum": 2100},
        "chapters": {
            "type": "array",
            "items": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
            "minItems": 40,
        },
    },
    "required": ["title", "year", "chapters"],
}
TEXT = "Once there was a lighthouse, and in it lived"
KINDS = ("raw", "answer", "schema")
QUESTION = (Message("user", "Tell me a long story about a lighthouse."),)


@dataclass(frozen=True, slots=True)
class Rate:
    """Speed of answers that run together: tokens per second of all, and how many of them a step computed."""

    tokens: float
    batch: float


async def together(model: engine.Engine, kind: str, tokens: int, streams: int) -> Rate:
    """Speed of so many answers while all of them run: none has ended by the last of about `tokens` tokens each."""
    for attempt in range(20):
        running = [Answer(model, kind, tokens, attempt * streams + number) for number in range(streams)]
        try:
            await asyncio.gather(*(answer.started.wait() for answer in running))
            rate = await steady(model, tokens * streams)
            if rate and not any(answer.task.done() for answer in running):
                return rate
        finally:
            for answer in running:
                answer.task.cancel()
            ends = await asyncio.gather(*(answer.task for answer in running), return_exceptions=True)
        for end in ends:
            if not isinstance(end, asyncio.CancelledError | None):
                raise end
    raise AssertionError(f"no answers of {tokens} tokens come of {kind}")


async def steady(model: engine.Engine, tokens: int) -> Rate | None:
    """Speed from now on, for so many tokens in all, as the model's process counts them; None if all end before."""
    began, first = time.perf_counter(), await model.figures()
    while True:
        await asyncio.sleep(0.01)
        last, seconds = await model.figures(), time.perf_counter() - began
        sampled, steps = last.sampled - first.sampled, sum(last.steps) - sum(first.steps)
        if not last.running:
            return None
        if sampled >= tokens:
            return Rate(sampled / seconds, (last.batched - first.batched) / max(steps, 1))


class Answer:
    """An answer that is written until its task is cancelled. `started` is set by its first token, or by its end."""

    def __init__(self, model: engine.Engine, kind: str, tokens: int, seed: int) -> None:
        self.started = asyncio.Event()
        request = GenerateRequest(
            TEXT if kind == "raw" else QUESTION,
            response_format=ResponseFormat(STORY) if kind == "schema" else None,
            reasoning_effort="none",
            sampling=SamplingParams(max_tokens=4 * tokens, seed=seed),
        )
        self.task = asyncio.create_task(self._read(model, request))

    async def _read(self, model: engine.Engine, request: GenerateRequest) -> None:
        try:
            async for event in model.generate(request):
                self.started.set()
                assert not (isinstance(event, Finished) and event.error), event
        finally:
            self.started.set()


async def decode(path: Path, tokens: int, rounds: int, streams: int) -> dict[str, list[Rate]]:
    model = await engine.load((path,), EngineOptions())
    rates: dict[str, list[Rate]] = {kind: [] for kind in KINDS}
    try:
        for kind in KINDS:  # reads the weights, creates the vocabulary, captures graphs
            await together(model, kind, 8, streams)
        for _ in range(rounds):
            for kind in KINDS:
                rates[kind].append(await together(model, kind, tokens, streams))
    finally:
        await model.close()
    return rates


def report(rates: dict[str, list[Rate]]) -> dict[str, list[float]]:
    """Print the speed of each kind, and as a ratio to the kind before it in the same round."""
    speeds = {kind: [rate.tokens for rate in measured] for kind, measured in rates.items()}
    for before, kind in pairwise(("raw", *KINDS)):
        ratios = [a / b for a, b in zip(speeds[kind], speeds[before], strict=True)]
        batch = statistics.mean(rate.batch for rate in rates[kind])
        spread = f"{statistics.median(ratios):.3f} ({min(ratios):.3f}-{max(ratios):.3f})"
        print(
            f"decode, {kind:6}: {statistics.median(speeds[kind]):7.2f} tok/s, of {before} {spread}, {batch:.1f} a step"
        )
    return speeds


def tool(number: int) -> Tool:
    properties = {f"field_{number}_{i}": {"type": ["string", "integer", "boolean"][i % 3]} for i in range(6)}
    parameters = {"type": "object", "properties": properties, "required": list(properties)[:3]}
    return Tool(f"tool_{number}", f"Does thing {number}.", parameters)


def first_mask(chat: Harmony, vocabulary: Vocabulary, seed: int) -> float:
    """Milliseconds from a request with new tools to its first mask."""
    request = GenerateRequest(QUESTION, tuple(tool(seed * 50 + i) for i in range(50)))
    start = time.perf_counter()
    grammar = chat.grammar(request, problem)
    assert grammar
    constraint = Constraint(vocabulary, grammar, 1000)
    constraint.prepare()
    constraint.words.result()
    return (time.perf_counter() - start) * 1e3


def growth(chat: Harmony, vocabulary: Vocabulary, schemas: int) -> float:
    """Megabytes left behind by that many different schemas, after as many to warm up."""

    def run(first: int) -> float:
        for seed in range(first, first + schemas):
            name = f"field_{seed}"
            schema = {"type": "object", "properties": {name: {"type": "string"}}, "required": [name]}
            grammar = chat.grammar(GenerateRequest(QUESTION, response_format=ResponseFormat(schema)), problem)
            assert grammar
            constraint = Constraint(vocabulary, grammar, 1000)
            constraint.prepare()
            constraint.words.result()
        gc.collect()
        return psutil.Process().memory_info().rss / 1e6

    return -run(0) + run(schemas)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--tokens", type=int, default=96)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--streams", type=int, default=1, help="answers that run together")
    parser.add_argument("--vocabulary", type=Path, help="a tokenizer.json of gpt-oss")
    arguments = parser.parse_args()
    rates = asyncio.run(decode(arguments.model, arguments.tokens, arguments.rounds, arguments.streams))
    result: dict[str, Any] = {"bench": "grammar", **report(rates)}
    if arguments.vocabulary:
        tokenizer = Tokenizer.from_hf(arguments.vocabulary)
        start = time.perf_counter()
        vocabulary, chat = Vocabulary(tokenizer), Harmony(tokenizer)
        result["vocabulary_s"] = time.perf_counter() - start
        result["first_mask_ms"] = [first_mask(chat, vocabulary, seed) for seed in range(arguments.rounds * 4)]
        result["growth_mb"] = growth(chat, vocabulary, 1000)
        print(f"the vocabulary, once a model: {result['vocabulary_s']:.2f} s")
        masks = result["first_mask_ms"]
        print(f"first mask of 50 tools: {statistics.median(masks):.1f} ms ({min(masks):.1f}-{max(masks):.1f})")
        print(f"1,000 schemas more leave {result['growth_mb']:.1f} MB")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
