"""Training data as shards of token ids: `python -m training.data OUT --conversations 220000 --seed 1 --processes 2`.

A shard depends on the seed and its number only. Shards that exist are kept, so an interrupted run goes on where it was.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from functools import cache
from multiprocessing import Pool
from pathlib import Path
from random import Random

import numpy as np

from ossia.tokenizer import Tokenizer
from training import words
from training.compose import draw
from training.conversation import Encoder

SHARD = 2_000
LONGEST = 1_024
_SPECIAL = ("start", "message", "channel", "constrain", "end", "call", "return")


@cache
def tokenizer() -> Tokenizer:
    """Return the tokenizer of tiny: the base model's, of which seven unused special tokens are harmony's."""
    metadata = dict(words.metadata())
    tokens = metadata["tokenizer.ggml.tokens"]
    assert isinstance(tokens, list)
    metadata["tokenizer.ggml.tokens"] = [*tokens[:3], *(f"<|{name}|>" for name in _SPECIAL), *tokens[10:]]
    return Tokenizer.from_gguf(metadata)


def encoded(random: Random, encoder: Encoder) -> Iterator[tuple[list[int], list[int]]]:
    """Yield ids and masks of conversations that are not too long."""
    while True:
        ids, mask = encoder.encode(draw(random))
        if len(ids) <= LONGEST:
            yield ids, mask


def write_shard(path: Path, seed: int, number: int, count: int) -> int:
    """Write a shard, whole or not at all. Return how many tokens it has."""
    conversations = encoded(Random(f"{seed} {number}"), Encoder(tokenizer()))
    ids, masks, sizes = [], [], []
    for _ in range(count):
        new, mask = next(conversations)
        ids.append(np.array(new, np.uint16))
        masks.append(np.packbits(np.array(mask, np.uint8)))
        sizes.append(len(new))
    partial = path.with_suffix(".part")
    with open(partial, "wb") as file:
        np.savez(file, ids=np.concatenate(ids), mask=np.concatenate(masks), sizes=np.array(sizes, np.int32))
    partial.replace(path)
    return sum(sizes)


def _job(job: tuple[Path, int, int, int]) -> int:
    return write_shard(*job)


def write(out: Path, conversations: int, seed: int, processes: int) -> None:
    """Write all shards that are missing, with progress on stderr."""
    out.mkdir(parents=True, exist_ok=True)
    counts = [min(SHARD, conversations - start) for start in range(0, conversations, SHARD)]
    jobs = [(out / f"shard-{i}.npz", seed, i, count) for i, count in enumerate(counts)]
    missing = [job for job in jobs if not job[0].exists()]
    done, tokens, start = 0, 0, time.monotonic()
    with Pool(processes) as pool:
        for i, size in enumerate(pool.imap_unordered(_job, missing)):
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
    options = parser.parse_args()
    write(options.out, options.conversations, options.seed, options.processes)


if __name__ == "__main__":
    main()
