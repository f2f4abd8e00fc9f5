"""Rendering of a long chat's next turn: all messages tokenized again, against those that are new.

    python bench/rendering.py MODEL.gguf [--words 90000] [--turns 60] [--rounds 5]

The last line is one JSON object.
"""

import argparse
import asyncio
import json
import random
import statistics
import time
from pathlib import Path

from ossia.chat.harmony.format import Harmony
from ossia.gguf import GGUF
from ossia.tokenizer import Tokenizer
from ossia.types import GenerateRequest, Message

TEXT = "the model reads every earlier message of a conversation before it answers, 12 of them; (x + y) * 2"


def conversation(words: int, turns: int, seed: int) -> tuple[Message, ...]:
    """Questions and answers of random words, equally long."""
    rng = random.Random(seed)
    texts = [" ".join(rng.choices(TEXT.split(), k=words // turns)) for _ in range(turns)]
    return tuple(Message("assistant" if i % 2 else "user", text) for i, text in enumerate(texts))


def seconds(harmony: Harmony, messages: tuple[Message, ...]) -> tuple[float, list[int]]:
    start = time.perf_counter()
    ids = asyncio.run(harmony.render(GenerateRequest(messages), 1 << 30))
    return time.perf_counter() - start, ids


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--words", type=int, default=90_000)
    parser.add_argument("--turns", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    tokenizer = Tokenizer.from_gguf(GGUF.open(arguments.model).metadata)
    whole: list[float] = []
    again: list[float] = []
    for seed in range(arguments.rounds):
        messages = conversation(arguments.words, arguments.turns, seed)
        harmony = Harmony(tokenizer)
        _, before = seconds(harmony, messages)
        longer = (*messages, Message("assistant", "Indeed."), Message("user", "And what of this?"))
        spent, ids = seconds(harmony, longer)
        again.append(spent)
        spent, same = seconds(Harmony(tokenizer), longer)
        whole.append(spent)
        assert ids == same, "ids differ"
        assert len(ids) > len(before)
    for name, times in (("all messages", whole), ("new ones", again)):
        milliseconds = [1e3 * spent for spent in times]
        low, high = min(milliseconds), max(milliseconds)
        print(f"{name:14}{statistics.median(milliseconds):8.2f} ms ({low:.2f}-{high:.2f})")
    print(json.dumps({"bench": "rendering", "ids": len(ids), "all_s": whole, "new_s": again}))


if __name__ == "__main__":
    main()
