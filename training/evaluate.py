"""Evaluation of a model file on held-out cases, in ossia's own engine on the processor:

    python -m training.evaluate tiny --set dev
    python -m training.evaluate model.gguf --set blind --temperature 1 --bars

Answers take the path of a server's requests: harmony, the grammar of the turn, the model's process, the parser. Only
the system message's date is fixed. Cases with their answers are written as JSON lines, for reading.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from ossia import engine
from ossia.chat.harmony.format import Harmony
from ossia.config import EngineOptions, Settings
from ossia.engine import Engine
from ossia.store.models import ModelStore
from ossia.types import GenerateRequest, Message, collect
from training.cases import SETS, TODAY, Case, first, load, second
from training.scoring import BARS, Row, below_bars, report, scored

AT_ONCE = 16

T, U = TypeVar("T"), TypeVar("U")


def file_of(model: str) -> Path:
    """Return the path of a GGUF, or of the weights of a model in the store."""
    path = Path(model)
    return path if path.is_file() else ModelStore(Settings.from_env().models).resolve(model).path


async def opened(path: Path) -> Engine:
    """Load a harmony model onto the processor, with the cases' date."""
    loaded = await engine.load((path,), EngineOptions(device="cpu", num_parallel=AT_ONCE))
    chat_format = loaded._format
    assert isinstance(chat_format, Harmony), f"{path} is no harmony model"
    chat_format._today = lambda: TODAY
    return loaded


async def answer(engine: Engine, request: GenerateRequest) -> Message:
    """Return the whole answer; its text is empty if it was cut off."""
    collected = await collect(engine.generate(request))
    message = collected.message
    return Message("assistant") if collected.finished.reason == "length" else message


async def each(function: Callable[[T], Awaitable[U]], items: Iterable[T]) -> list[U]:
    """Return the results for all items, of which as many are at work as the batch holds."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(item: T) -> U:
        async with places:
            return await function(item)

    return list(await asyncio.gather(*map(one, items)))


async def evaluate(path: Path, cases: Sequence[Case], temperature: float) -> list[Row]:
    loaded = await opened(path)

    async def row(case: Case) -> Row:
        turn = await answer(loaded, first(case, temperature))
        last = await answer(loaded, second(case, turn, temperature)) if case.tool else None
        return scored(case, turn, last)

    try:
        return await each(row, cases)
    finally:
        await loaded.close()


def main() -> int:
    parser = argparse.ArgumentParser(description="Score a model on held-out cases.")
    parser.add_argument("model", help="a GGUF file, or a model of the store")
    parser.add_argument("--set", choices=SETS, default="dev")
    parser.add_argument("--temperature", type=float, choices=list(BARS), default=0.0)
    parser.add_argument("--seed", type=int, default=0, help="of the tools offered, and of what is sampled")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only each Nth case")
    parser.add_argument("--out", type=Path, help="file for the cases with their answers, as JSON lines")
    parser.add_argument("--bars", action="store_true", help="exit with 1 if a figure misses its bar")
    arguments = parser.parse_args()
    started = time.monotonic()
    cases = load(arguments.set, arguments.seed)[:: arguments.every]
    rows = asyncio.run(evaluate(file_of(arguments.model), cases, arguments.temperature))
    if arguments.out:
        arguments.out.write_text("".join(f"{row.as_json()}\n" for row in rows))
    print(report(rows))
    print(
        f"{len(rows)} cases of the {arguments.set} set at temperature {arguments.temperature:g}, "
        f"seed {arguments.seed}, in {time.monotonic() - started:.0f} s"
    )
    missed = below_bars(rows, arguments.temperature) if arguments.bars else []
    print(*missed, sep="\n", end="\n" if missed else "", file=sys.stderr)
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
