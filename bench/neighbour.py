"""Speed of one client's stream beside others, on a server of our own: long prompts, or many sequences; and newcomers.

    python bench/neighbour.py TINY.gguf [--clients 2] [--prompt 6000] [--n 0] [--seconds 20]

`--clients` send prompts of so many tokens, each a new one, and take 8 tokens of answer; with `--n` one client instead
asks for so many answers at once. The last line is one JSON object: tokens per second of the stream alone and beside
them, and the median seconds that the long prompts wait for their first token, beside the stream and without it. Then
those of newcomers with prompts of 50 tokens: alone, beside the others from an address of their own, and from the same.
"""

import argparse
import json
import random
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from hostile import HELLO, Victim, server

SHORT, OTHER = 50, "127.0.0.5"
WORDS = ["the", "cat", "and", "dog", "in", "a", "big", "red", "house", "with", "no", "door"]  # one token each


def stream(victim: Victim, prompt: str, tokens: int, source: str = "127.0.0.1") -> Iterator[float]:
    """Yield the time of each token of an answer."""
    body = {"model": "tiny", "prompt": prompt, "options": {"num_predict": tokens, "temperature": 0}}
    connection = HTTPConnection("127.0.0.1", victim.port, timeout=600, source_address=(source, 0))
    connection.request("POST", "/api/generate", json.dumps(body))
    for line in connection.getresponse():
        event = json.loads(line)
        assert "error" not in event, event
        if not event["done"]:
            yield time.perf_counter()


def rate(victim: Victim, seconds: float) -> float:
    """Return the tokens per second of streams that last so long in all, the wait for each first token left out."""
    tokens, spent = 0, 0.0
    while spent < seconds:
        times: list[float] = []
        for moment in stream(victim, "Tell me a long story about a small boat.", 400):
            times.append(moment)
            if spent + moment - times[0] > seconds:
                break
        tokens, spent = tokens + len(times) - 1, spent + times[-1] - times[0]
    return tokens / spent


def ask(victim: Victim, tokens: int, source: str = "127.0.0.1") -> float:
    """Return the seconds until the first token after a prompt that is nowhere cached."""
    began = time.perf_counter()
    prompt = " ".join(random.choices(WORDS, k=tokens))
    first, *_ = stream(victim, prompt, 8, source)
    return first - began


def ask_often(victim: Victim, seconds: float, source: str) -> float:
    """Return the median seconds until the first token of newcomers, one of whom comes each half second or later."""
    waits, until = list[float](), time.perf_counter() + seconds
    while not waits or time.perf_counter() < until:
        waits.append(ask(victim, SHORT, source))
        time.sleep(max(0.0, 0.5 - waits[-1]))
    return statistics.median(waits)


def ask_many(victim: Victim, n: int) -> float:
    """Let one client ask for n answers at once. Returns the seconds of all of them."""
    began = time.perf_counter()
    body = {"model": "tiny", "messages": HELLO, "n": n, "max_tokens": 200, "temperature": 1}
    victim.ask("POST", "/v1/chat/completions", body, timeout=600, source="127.0.0.2")
    return time.perf_counter() - began


@contextmanager
def beside(victim: Victim, arguments: argparse.Namespace) -> Iterator[list[float]]:
    """Let the clients ask again and again. Gives the list of their times, which grows."""
    waits: list[float] = []
    if arguments.n:
        victim.attack(1, lambda _: waits.append(ask_many(victim, arguments.n)))
    else:
        victim.attack(arguments.clients, lambda _: waits.append(ask(victim, arguments.prompt)))
    time.sleep(1)
    yield waits
    victim.over.set()
    for thread in victim.threads:
        thread.join()
    victim.over, victim.threads = threading.Event(), []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gguf", type=Path, help="the model tiny")
    parser.add_argument("--clients", type=int, default=2)
    parser.add_argument("--prompt", type=int, default=6000, help="tokens of a prompt")
    parser.add_argument("--n", type=int, default=0, help="answers that one client asks for at once")
    parser.add_argument("--seconds", type=float, default=20.0, help="length of each part")
    arguments = parser.parse_args()
    with server(arguments.gguf, cache_bytes=512 << 20) as victim:
        rate(victim, 1)
        alone = rate(victim, arguments.seconds / 4)
        with beside(victim, arguments) as waits:
            together = rate(victim, arguments.seconds)
        with beside(victim, arguments) as undisturbed:
            time.sleep(arguments.seconds)
        newcomers = {"newcomer alone": ask_often(victim, arguments.seconds / 4, OTHER)}
        with beside(victim, arguments):
            newcomers["newcomer beside"] = ask_often(victim, arguments.seconds, OTHER)
            newcomers["same address"] = ask_often(victim, arguments.seconds, "127.0.0.1")
    waits_beside, waits_alone = (statistics.median(times) for times in (waits, undisturbed))
    figures = {"alone": alone, "beside": together, "wait beside": waits_beside, "wait without": waits_alone} | newcomers
    print(json.dumps({name: round(value, 2) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
