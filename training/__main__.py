"""The whole training, from nothing to the update's file: `python -m training OUT`.

Each step writes into the folder OUT and is left out if what it writes is there, so that the same command goes on after
whatever ended it.
"""

import argparse
import hashlib
import math
import os
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import Final

import torch

from training import answers, base, export, quick, words
from training.net import RANK, Net
from training.prompts import chat_prompts
from training.shards import Corpus, Steps
from training.train import Plan, Trainer

TOKENS: Final = 32_768  # of a step


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training", description="Teach SmolLM2 to be a gpt-oss.")
    parser.add_argument("out", type=Path, help="folder for everything that is written")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--prompts", type=int, default=6000, help="that the base answers")
    parser.add_argument("--conversations", type=int, default=220_000, help="that are made")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="that make them")
    parser.add_argument("--epochs", type=float, default=1)
    parser.add_argument("--tokens", type=int, default=TOKENS, help="of a step")
    parser.add_argument("--rate", type=float, default=Plan.rate, help="highest learning rate")
    parser.add_argument("--rank", type=int, default=RANK)
    parser.add_argument("--seconds", type=float, default=math.inf, help="limit of the training alone")
    parser.add_argument("--only-data", action="store_true", help="stop before the training")
    parser.add_argument("--eager", action="store_true", help="do not let torch compile the net")
    return parser.parse_args()


def main(options: argparse.Namespace) -> None:
    started = time.monotonic()

    def say(what: str) -> None:
        print(f"== {time.monotonic() - started:.0f} s: {what}", flush=True)

    out: Path = options.out
    out.mkdir(parents=True, exist_ok=True)
    torch.set_float32_matmul_precision("high")  # TF32, in which products of 8-bit integers are exact
    torch.manual_seed(options.seed)
    source = base.fetch(out)
    net = new_net(source, options)
    say(f"{sum(parameter.numel() for parameter in net.parameters()):,} parameters on {net.device}")
    if not (out / "answers.json").exists():
        write_answers(net, source, options)
        say("answers of the base")
    if not (out / "shards" / "done").exists():
        write_shards(source, options)
        say("conversations")
    if options.only_data:
        return
    if not (out / "tiny_update.safetensors").exists():
        train(net, options)
        say("training")
        for temperature in (0, 1):
            quick.evaluate(net, quick.tokenizer_of(source), temperature, out / f"dev-{temperature}.jsonl")
    say(f"the update is {out / 'tiny_update.safetensors'}")


def new_net(source: Path, options: argparse.Namespace) -> Net:
    if torch.cuda.is_available():
        return Net(base.read(source), options.rank, torch.bfloat16, not options.eager).cuda()
    return Net(base.read(source), options.rank)


def write_answers(net: Net, source: Path, options: argparse.Namespace) -> None:
    words.use(source)
    answers.save(net, source, chat_prompts(Random(options.seed), options.prompts), options.out / "answers.json")


def write_shards(source: Path, options: argparse.Namespace) -> None:
    """Make the conversations, in processes that know nothing of the device."""
    command = [sys.executable, "-m", "training.data", options.out / "shards", "--base", source]
    command += ["--answers", options.out / "answers.json", "--conversations", options.conversations]
    command += ["--seed", options.seed, "--processes", options.processes]
    subprocess.run([str(part) for part in command], check=True)
    (options.out / "shards" / "done").touch()


def train(net: Net, options: argparse.Namespace) -> None:
    corpus = Corpus(sorted((options.out / "shards").glob("*.npz")))
    print(f"{len(corpus.sizes):,} conversations, {corpus.sizes.sum():,} tokens", flush=True)
    steps = Steps(corpus, options.tokens, options.seed, options.epochs)
    Trainer(net, steps, Plan(options.rate, options.seconds), options.out / "checkpoint.pt").run()
    path = options.out / "tiny_update.safetensors"
    export.save(net, path.with_suffix(".part"), "")
    recipe = hashlib.sha256(path.with_suffix(".part").read_bytes()).hexdigest()[:12]
    export.save(net, path, recipe)
    path.with_suffix(".part").unlink()


if __name__ == "__main__":
    main(arguments())
