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
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
import torch

from training import answers, base, data, export, perplexity, quick, teacher, words
from training.net import RANK, Net
from training.prompts import chat_prompts
from training.shards import Corpus, Steps
from training.teacher import Teacher
from training.train import Plan, Trainer

TOKENS: Final = 32_768  # of a step
PLAIN: Final = 0.03  # share of plain texts, in tokens of the conversations


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training", description="Teach SmolLM2 to be a gpt-oss.")
    parser.add_argument("out", type=Path, help="folder for everything that is written")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--prompts", type=int, default=20_000, help="that the base answers")
    parser.add_argument("--texts", type=int, default=6000, help="that the base writes from nothing")
    parser.add_argument("--conversations", type=int, default=400_000, help="that are made")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="that make them")
    parser.add_argument("--epochs", type=float, default=1)
    parser.add_argument("--tokens", type=int, default=TOKENS, help="of a step")
    parser.add_argument("--rate", type=float, default=Plan.rate, help="highest learning rate")
    parser.add_argument("--rank", type=int, default=RANK)
    parser.add_argument("--seconds", type=float, default=math.inf, help="limit of the training alone")
    parser.add_argument("--until", type=float, default=math.inf, help="seconds from the start when the training ends")
    parser.add_argument(
        "--no-distillation", dest="distillation", action="store_false", help="learn the base's texts as all others"
    )
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
        train(net, source, options, started)
        say("training")
        for temperature in (0, 1):
            quick.evaluate(net, quick.tokenizer_of(source), temperature, out / f"dev-{temperature}.jsonl")
        print(*perplexity.report(net, quick.tokenizer_of(source)), sep="\n", flush=True)
    say(f"the update is {out / 'tiny_update.safetensors'}")


def new_net(source: Path, options: argparse.Namespace) -> Net:
    if torch.cuda.is_available():
        return Net(base.read(source), options.rank, torch.bfloat16, not options.eager).cuda()
    return Net(base.read(source), options.rank)


def write_answers(net: Net, source: Path, options: argparse.Namespace) -> None:
    words.use(source)
    asked, held_out = chat_prompts(Random(options.seed), options.prompts), perplexity.prompts()
    answers.save(net, source, [prompt for prompt in asked if prompt.text not in held_out], options.out / "answers.json")
    answers.save_texts(net, source, options.texts, options.out / "texts.json")


def write_shards(source: Path, options: argparse.Namespace) -> None:
    """Make the conversations, in processes that know nothing of the device."""
    command = [sys.executable, "-m", "training.data", options.out / "shards", "--base", source]
    command += ["--answers", options.out / "answers.json", "--conversations", options.conversations]
    command += ["--seed", options.seed, "--processes", options.processes]
    subprocess.run([str(part) for part in command], check=True)
    write_plain_texts(source, options.out)
    (options.out / "shards" / "done").touch()


def write_plain_texts(source: Path, out: Path) -> None:
    """Write a shard of plain texts, each as often as makes their share of all tokens."""
    answers, texts = teacher.lessons(quick.tokenizer_of(source), out)
    wanted = PLAIN * sum(int(np.load(path)["sizes"].sum()) for path in (out / "shards").glob("shard-*.npz"))
    count = round(wanted / np.mean([len(text.ids) for text in texts]))
    rows = [(text.ids, [1] * len(text.ids), number) for number, text in enumerate(texts, len(answers))]
    data.save(out / "shards" / "texts.npz", islice(cycle(rows), count))


def teacher_of(net: Net, source: Path, out: Path) -> Teacher:
    answers, texts = teacher.lessons(quick.tokenizer_of(source), out)
    return Teacher(net, [*answers, *texts])


def train(net: Net, source: Path, options: argparse.Namespace, started: float) -> None:
    corpus = Corpus(sorted((options.out / "shards").glob("*.npz")))
    print(f"{len(corpus.sizes):,} conversations, {corpus.sizes.sum():,} tokens", flush=True)
    taught = teacher_of(net, source, options.out) if options.distillation else None
    if taught:
        print(f"the base has read {len(taught.starts) - 1:,} lessons of {len(taught.states):,} tokens", flush=True)
    steps = Steps(corpus, options.tokens, options.seed, options.epochs, taught.starts if taught else None)
    seconds = min(options.seconds, options.until - (time.monotonic() - started))
    Trainer(net, steps, Plan(options.rate, seconds), options.out / "checkpoint.pt", taught).run()
    path = options.out / "tiny_update.safetensors"
    export.save(net, path.with_suffix(".part"), "")
    recipe = hashlib.sha256(path.with_suffix(".part").read_bytes()).hexdigest()[:12]
    export.save(net, path, recipe)
    path.with_suffix(".part").unlink()


if __name__ == "__main__":
    main(arguments())
