"""The load: prompts of growing length, one after the other, then growing numbers of clients at once.

All servers get the same prompts in turn, so that noise of the machine meets all of them. A step that would take one of
them longer than its share of the time is left out, and all that come after it.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from typing import Final

from ossia.cli.bench.asking import Answer, Target, ask, prompt
from ossia.errors import OssiaError

CONTEXTS: Final = (256, 1024, 4096, 16384, 65536)
CLIENTS: Final = (1, 2, 4, 8, 16, 32)
ROUNDS: Final = 3
TOKENS: Final = 64
"""Tokens of each answer."""
BRIEF: Final = 128
"""Tokens of each prompt of many clients."""
_SHARE: Final = 0.6
"""Part of the time that is for single prompts."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class AtContext:
    """Speeds with a prompt of `context` tokens, in tokens a second: medians, and all rounds."""

    context: int
    prefill: float
    decode: float
    prefill_rounds: tuple[float, ...]
    decode_rounds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class AtOnce:
    """Tokens a second of all clients together, prompts included, and the median time to a first text, in seconds."""

    clients: int
    tokens_per_second: float
    first: float


@dataclass(slots=True)
class Measured:
    """Figures of one server, and the seconds that they took."""

    target: Target
    seconds: float = 0.0
    contexts: list[AtContext] = field(default_factory=list[AtContext])
    at_once: list[AtOnce] = field(default_factory=list[AtOnce])


def measure(targets: Sequence[Target], seconds: float, longest: int, tell: Tell) -> list[Measured]:
    """Measure each server for about so many seconds. `longest` is the model's context. Raises OssiaError."""
    found = [Measured(target) for target in targets]
    for each in targets:
        tell(f"{each.name}: loading {each.model}")
        ask(each, prompt(16, "warm"), 8)
    for context in (context for context in CONTEXTS if context + 2 * TOKENS < longest):
        if _expected_alone(found, context) > seconds * _SHARE:
            break
        tell(f"a prompt of {context} tokens")
        if not _step(found, partial(_alone, context, seconds / 20)):
            break
    for clients in CLIENTS:
        if _expected_at_once(found, clients) > seconds:
            break
        tell(f"{clients} client{'s' if clients > 1 else ''} at once")
        if not _step(found, partial(_together, clients)):
            break
    return found


def _step(found: Sequence[Measured], run: Callable[[Measured], None]) -> bool:
    """Run a step on each server. False if one of them refuses it, as too long a prompt, after others were answered."""
    for each in found:
        began = time.perf_counter()
        try:
            run(each)
        except OssiaError:
            if not each.contexts:
                raise
            return False
        each.seconds += time.perf_counter() - began
    return True


def _alone(context: int, seconds: float, measured: Measured) -> None:
    """Measure a prompt without an answer, and the same prompt, which may be cached then, with one.

    There are more rounds as long as they take no more than so many seconds.
    """
    prefill, decode = list[float](), list[float]()
    end = time.perf_counter() + seconds
    while not prefill or (len(prefill) < ROUNDS and time.perf_counter() < end):
        text = prompt(context, f"{len(prefill)} {context}")
        read = ask(measured.target, text, 1)
        prefill.append((read.prompt - read.cached) / read.seconds)
        decode.append(ask(measured.target, text, TOKENS).tokens_per_second)
    measured.contexts.append(AtContext(context, median(prefill), median(decode), tuple(prefill), tuple(decode)))


def _together(clients: int, measured: Measured) -> None:
    texts = [prompt(BRIEF, f"{client} of {clients}") for client in range(clients)]
    with ThreadPoolExecutor(clients) as threads:
        began = time.perf_counter()
        answers: list[Answer] = list(threads.map(partial(ask, measured.target, tokens=TOKENS), texts))
        seconds = time.perf_counter() - began
    firsts = [answer.times[0] for answer in answers if answer.times]
    tokens = sum(answer.tokens for answer in answers)
    measured.at_once.append(AtOnce(clients, tokens / seconds, median(firsts) if firsts else seconds))


def _expected_alone(found: Sequence[Measured], context: int) -> float:
    """Return the seconds of the slowest server after a prompt of this length: half as fast as the one before."""
    return max(each.seconds + sum(_seconds_of(last, context) for last in each.contexts[-1:]) for each in found)


def _seconds_of(last: AtContext, context: int) -> float:
    return 2 * (context / last.prefill + TOKENS / (last.decode or 1.0))


def _expected_at_once(found: Sequence[Measured], clients: int) -> float:
    """Return the seconds of the slowest server after this many clients: no more tokens a second than before."""
    each_tokens = TOKENS + BRIEF / 4
    return max(
        each.seconds + sum(clients * each_tokens / last.tokens_per_second for last in each.at_once[-1:])
        for each in found
    )
