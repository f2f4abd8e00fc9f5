"""Training data as shards of token ids: `python -m training.data OUT --conversations 220000 --seed 1 --processes 2`.

A shard depends on the seed and its number only. Shards that exist are kept, so an interrupted run goes on where it was.
"""

import argparse
import sys
import time
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice
from multiprocessing import Pool
from pathlib import Path
from random import Random

import numpy as np

from ossia.store.tiny_vocabulary import tokenizer_metadata
from ossia.tokenizer import Tokenizer
from training import words
from training.compose import Answers, draw, read_answers
from training.conversation import Encoder

SHARD = 2_000
LONGEST = 1_024


@cache
def tokenizer() -> Tokenizer:
    """Return the tokenizer of tiny."""
    return Tokenizer.from_gguf(tokenizer_metadata(words.metadata()))


def encoded(random: Random, encoder: Encoder, answers: Answers = ()) -> Iterator[tuple[list[int], list[int], int]]:
    """Yield ids, parts and lessons of conversations that are not too long."""
    while True:
        conversation = draw(random, answers)
        ids, parts = encoder.encode(conversation)
        if len(ids) <= LONGEST:
            yield ids, parts, conversation.lesson


def write_shard(path: Path, seed: int, number: int, count: int, answers: Answers = ()) -> int:
    """Write a shard, whole or not at all. Return how many tokens it has."""
    return save(path, islice(encoded(Random(f"{seed} {number}"), Encoder(tokenizer()), answers), count))


def save(path: Path, conversations: Iterable[tuple[list[int], list[int], int]]) -> int:
    """Write ids, parts and lessons as a shard. Return how many tokens it has."""
    ids, parts, lessons = zip(*conversations, strict=True)
    shard = {
        "ids": np.concatenate([np.array(each, np.uint16) for each in ids]),
        "parts": np.concatenate([np.array(each, np.uint8) for each in parts]),
        "sizes": np.array([len(each) for each in ids], np.int32),
        "lessons": np.array(lessons, np.int32),
    }
    partial = path.with_suffix(".part")
    with open(partial, "wb") as file:
        np.savez(file, **shard)
    partial.replace(path)
    return len(shard["ids"])


_Job = tuple[Path, int, int, int, Answers]


def _write(job: _Job) -> int:
    return write_shard(*job)


def write(out: Path, conversations: int, seed: int, processes: int, answers: Answers = ()) -> None:
    """Write all shards that are missing, with progress on stderr."""
    out.mkdir(parents=True, exist_ok=True)
    counts = [min(SHARD, conversations - start) for start in range(0, conversations, SHARD)]
    name = "chat" if answers else "shard"
    jobs = [(out / f"{name}-{i}.npz", seed, i, count, answers) for i, count in enumerate(counts)]
    missing = [job for job in jobs if not job[0].exists()]
    done, tokens, start = 0, 0, time.monotonic()
    with Pool(processes) as pool:
        for i, size in enumerate(pool.imap_unordered(_write, missing)):
            done, tokens = done + missing[i][3], tokens + size
            rate = done / (time.monotonic() - start)
            print(f"\r{done} conversations, {tokens / done:.0f} tokens each, {rate:.0f}/s ", end="", file=sys.stderr)
    print(f"\n{len(jobs)} shards in {out}", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.data", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--conversations", type=int, default=220_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--base", type=Path, help="the base model's GGUF, if it is not to be downloaded")
    parser.add_argument("--answers", type=Path, help="the base model's answers, to make chats of them instead")
    options = parser.parse_args()
    if options.base:
        words.use(options.base)
    answers = read_answers(options.answers) if options.answers else ()
    write(options.out, options.conversations, options.seed, options.processes, answers)


if __name__ == "__main__":
    main()
