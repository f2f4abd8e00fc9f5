"""Check of a model's thoughts and of its small talk, in ossia's own engine on the processor:

    python -m training.chat_check tiny

Thoughts must follow the effort: none at "none", then longer in the median from "low" to "high"; and none may be a copy
of the request. Small talk must stay as good as the base model's: `chat_answers.json` has answers of the base model
(SmolLM2-135M-Instruct as a gpt-oss, without the update), greedy ones and some sampled at temperature 0.7, with their
perplexity under that model itself. Under the model that is checked it may be 5 % more.
"""

import argparse
import asyncio
import json
import math
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Final

from ossia.engine import Engine
from ossia.types import GenerateRequest, Message, ReasoningEffort, SamplingParams, collect
from training.cases import Case, first, load
from training.evaluate import each, file_of, opened

ANSWERS: Final = Path(__file__).parent / "chat_answers.json"
EFFORTS: Final[tuple[ReasoningEffort, ...]] = ("none", "low", "medium", "high")
MOST_PERPLEXITY: Final = 1.05
"""Perplexity of the base's answers, relative to the base's own."""
COPIED: Final = 0.8
"""Share of a request that an analysis may not repeat in one piece, if the request is of SHORTEST characters or more."""
SHORTEST: Final = 20


@dataclass(frozen=True, slots=True)
class Thought:
    """The analysis before an answer, with its length in tokens."""

    ask: str
    text: str
    tokens: int


# ---- thoughts


def prompts() -> list[Case]:
    """Return forty requests of the development set: twenty chats, twenty with tools."""
    cases = load("dev")
    return [case for case in cases if case.kind == "chat"][::2] + [case for case in cases if case.tool][::9]


async def thoughts(engine: Engine, effort: ReasoningEffort) -> list[Thought]:
    async def thought(case: Case) -> Thought:
        collected = await collect(engine.generate(replace(first(case), reasoning_effort=effort)))
        return Thought(case.ask, collected.message.reasoning, collected.finished.usage.reasoning_tokens)

    return await each(thought, prompts())


def is_copy(thought: Thought) -> bool:
    """True if the analysis repeats the request, or nearly all of it, in one piece. Case and spaces do not matter."""
    ask, text = (" ".join(each.casefold().split()) for each in (thought.ask, thought.text))
    common = SequenceMatcher(None, ask, text, autojunk=False).find_longest_match().size
    return len(ask) >= SHORTEST and common >= COPIED * len(ask)


def effort_faults(by_effort: dict[ReasoningEffort, list[Thought]]) -> Iterable[str]:
    """Yield a line for everything that is wrong with thoughts."""
    medians = {effort: median(thought.tokens for thought in found) for effort, found in by_effort.items()}
    for effort, found in by_effort.items():
        copies = [thought for thought in found if is_copy(thought)]
        print(f"effort {effort:<7} median {medians[effort]:g} tokens of analysis, {len(copies)} copies")
        yield from (f"effort {effort}: the analysis copies the request {each.ask!r}: {each.text!r}" for each in copies)
    if any(thought.text for thought in by_effort["none"]):
        yield "effort none: there is analysis"
    for less, more in pairwise(EFFORTS):
        if not medians[less] < medians[more]:
            yield f"effort {more}: the median of {medians[more]:g} tokens is not more than with {less}"


# ---- small talk


async def perplexity(engine: Engine, pairs: Sequence[tuple[str, str]]) -> float:
    """Return the perplexity of answers to prompts, token by token, behind the header that opens an answer."""

    async def surprise(pair: tuple[str, str]) -> list[float]:
        prompt, answer = pair
        nothing = SamplingParams(max_tokens=0, logprobs=0)
        asked = GenerateRequest((Message("user", prompt),), reasoning_effort="none", sampling=nothing)
        begun = (await collect(engine.generate(asked))).finished.token_ids
        whole = GenerateRequest(answer, context=begun, echo=True, sampling=nothing)
        return [-(token.logprob or 0.0) for token in (await collect(engine.generate(whole))).logprobs[len(begun) :]]

    found = [value for values in await each(surprise, pairs) for value in values]
    return math.exp(sum(found) / len(found))


async def perplexity_faults(engine: Engine) -> list[str]:
    faults: list[str] = []
    for kind, base in json.loads(ANSWERS.read_text()).items():
        found = await perplexity(engine, base["pairs"])
        change = found / base["perplexity"]
        print(
            f"perplexity of {kind} answers of the base: {found:.3f}, {100 * (change - 1):+.1f} % ({len(base['pairs'])})"
        )
        if change > MOST_PERPLEXITY:
            faults.append(f"perplexity of {kind} answers: {100 * (change - 1):+.1f} %")
    return faults


async def check(path: Path) -> list[str]:
    """Print what was measured, and return a line for each fault."""
    engine = await opened(path)
    try:
        by_effort = {effort: await thoughts(engine, effort) for effort in EFFORTS}
        return [*effort_faults(by_effort), *await perplexity_faults(engine)]
    finally:
        await engine.close()


def main() -> int:
    parser = argparse.ArgumentParser(description="Check a model's thoughts and small talk.")
    parser.add_argument("model", help="a GGUF file, or a model of the store")
    faults = asyncio.run(check(file_of(parser.parse_args().model)))
    print(*faults, sep="\n", end="\n" if faults else "", file=sys.stderr)
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
