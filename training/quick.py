"""Evaluation of a net in torch while it is at hand: greedy, without a grammar, on the development set.

The evaluation that counts is `training.evaluate`, of the shipped file in ossia's own engine.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from ossia.chat import MessageEnd
from ossia.chat.harmony.format import Harmony
from ossia.gguf import GGUF
from ossia.store.tiny_vocabulary import HARMONY, tokenizer_metadata
from ossia.tokenizer import Tokenizer
from ossia.types import Finished, GenerateRequest, Message, fold
from training.cases import MAX_TOKENS, TODAY, first, load, second
from training.generate import generate
from training.net import Net, Weights
from training.scoring import report, scored

_STOPS = [HARMONY["<|call|>"], HARMONY["<|return|>"]]
_LONGEST_PROMPT = 4096


def tokenizer_of(base: Path) -> Tokenizer:
    """Return the tokenizer of `tiny`."""
    return Tokenizer.from_gguf(tokenizer_metadata(GGUF.open(base).metadata))


def evaluate(net: Net, tokenizer: Tokenizer, temperature: float, path: Path, every: int = 1) -> None:
    """Score the net on the development set; print the figures and write the cases with their answers."""
    started, harmony = time.monotonic(), Harmony(tokenizer, today=lambda: TODAY)
    weights, cases = net.weights(), load("dev")[::every]
    answers = answer(net, weights, harmony, [first(case) for case in cases], temperature)
    wanting = [(case, turn) for case, turn in zip(cases, answers, strict=True) if case.tool]
    last = iter(answer(net, weights, harmony, [second(*each) for each in wanting], temperature))
    rows = [scored(case, turn, next(last) if case.tool else None) for case, turn in zip(cases, answers, strict=True)]
    path.write_text("".join(f"{row.as_json()}\n" for row in rows))
    print(report(rows))
    print(f"{len(cases)} cases at temperature {temperature:g}, in {time.monotonic() - started:.0f} s", flush=True)


def answer(
    net: Net, weights: Weights, harmony: Harmony, requests: Sequence[GenerateRequest], temperature: float
) -> list[Message]:
    """Return the net's answers; one that did not come to an end is empty."""
    prompts = asyncio.run(_rendered(harmony, requests))
    written = generate(net, weights, prompts, _STOPS, MAX_TOKENS, temperature)
    return [_read(harmony, *each) for each in zip(requests, written, strict=True)]


async def _rendered(harmony: Harmony, requests: Iterable[GenerateRequest]) -> list[list[int]]:
    return [await harmony.render(request, _LONGEST_PROMPT) for request in requests]


def _read(harmony: Harmony, request: GenerateRequest, ids: list[int]) -> Message:
    if ids[-1] not in _STOPS:
        return Message("assistant")
    parser = harmony.parser(request)
    parsed = [*(event for id in ids for event in parser.feed(id)), *parser.finish()]
    events = [event for event in parsed if not isinstance(event, MessageEnd)]
    return fold([*events, Finished("stop")]).message
