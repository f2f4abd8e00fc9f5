"""`ossia bench`: the load, what fits into the time, and what is made of it."""

import json
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from ossia.cli.bench import measuring
from ossia.cli.bench.asking import Answer, Target, prompt
from ossia.cli.bench.measuring import AtContext, AtOnce, Measured, measure
from ossia.cli.bench.other import other
from ossia.cli.bench.report import MemoryShare, as_json, as_svg, as_table
from ossia.cli.client import Client, ServerError
from ossia.config import Settings
from ossia.errors import InvalidRequest

OURS = Target("ossia", Client(Settings()), "m")


class Machine:
    """A server with a clock of its own: tokens a second of prompts and of an answer, and its longest prompt."""

    def __init__(self, prefill: float, decode: float, longest: int = 1 << 30) -> None:
        self.now, self.prefill, self.decode, self.longest = 0.0, prefill, decode, longest
        self.asked: list[tuple[str, int, int]] = []

    def ask(self, target: Target, text: str, tokens: int) -> Answer:
        length = len(text.split())
        self.asked.append((target.name, length, tokens))
        if length > self.longest:
            raise ServerError("too long", 400)
        first = length / self.prefill
        times = [first + number / self.decode for number in range(tokens)]
        self.now += times[-1]
        return Answer(times, times[-1], length, 0, tokens)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine(1000.0, 50.0)
    monkeypatch.setattr(measuring, "ask", machine.ask)
    monkeypatch.setattr("time.perf_counter", lambda: machine.now)
    return machine


def contexts(measured: Measured) -> list[int]:
    return [at.context for at in measured.contexts]


@pytest.mark.parametrize(
    ("seconds", "longest", "expected"), [(1000, 1 << 20, 5), (1000, 8192, 3), (30, 1 << 20, 3), (0, 1 << 20, 1)]
)
def test_longer_prompts_and_more_clients_as_long_as_there_is_time(
    machine: Machine, seconds: float, longest: int, expected: int
) -> None:
    (found,) = measure([OURS], seconds, longest, lambda text: None)
    assert contexts(found) == [256, 1024, 4096, 16384, 65536][:expected]
    assert [at.prefill for at in found.contexts] == pytest.approx([1000] * expected)
    assert [at.decode for at in found.contexts] == pytest.approx([50] * expected)
    assert len(found.at_once) == (0 if seconds == 0 else 6 if seconds == 1000 else len(found.at_once))
    assert machine.now <= max(seconds, 5) * 1.5


def test_all_servers_get_the_same_load_in_turn(machine: Machine) -> None:
    machine.longest = 2000
    other = replace(OURS, name="other")
    first, second = measure([OURS, other], 100, 1 << 20, lambda text: None)
    assert contexts(first) == contexts(second) == [256, 1024]  # the next one is refused
    mine, theirs = [[asked for name, *asked in machine.asked if name == each] for each in ("ossia", "other")]
    assert mine.pop(mine.index([4111, 1])) not in theirs
    assert mine == theirs
    assert [at.clients for at in first.at_once] == [at.clients for at in second.at_once]


def test_a_server_that_refuses_everything_ends_the_bench(machine: Machine) -> None:
    machine.longest = 200
    with pytest.raises(ServerError, match="too long"):
        measure([OURS], 100, 1 << 20, lambda text: None)


def test_speed_of_an_answer_whose_tokens_have_no_text_or_come_together() -> None:
    assert Answer([1.0, 1.1, 1.2, 1.3], 2.0, 10, 0, 7).tokens_per_second == pytest.approx(10)  # three without a text
    assert Answer([1.0, 2.0], 2.0, 10, 0, 11).tokens_per_second == pytest.approx(10)  # five and six at once
    assert Answer([1.0], 2.0, 10, 0, 1).tokens_per_second == 0


def test_prompts_differ_by_their_seed_only() -> None:
    assert prompt(100, "a") == prompt(100, "a") != prompt(100, "b")
    assert len(prompt(100, "a").split()) == len(prompt(100, "b").split())


FOUND = [
    Measured(target, contexts=[AtContext(256, 900.0, 40.0, (900.0,), (40.0,))], at_once=[AtOnce(1, 30.0, 0.25)])
    for target in (OURS, replace(OURS, name="other"))
]


def test_the_report() -> None:
    share = MemoryShare(10e9, 10**8)
    lines = as_table(FOUND, share).splitlines()
    assert lines[2].split() == ["256", "900.0", "900.0", "40.0", "40.0", "40%"]
    assert lines[6].split() == ["1", "30.0", "30.0", "250", "250"]
    assert "MEMORY" not in as_table(FOUND, None)
    told = json.loads(json.dumps(as_json(FOUND, share)))
    assert [server["contexts"][0]["decode"] for server in told["servers"]] == [40.0, 40.0]
    plot = ElementTree.fromstring(as_svg([*FOUND, Measured(replace(OURS, name="silent"))]))
    assert len(plot.findall("{*}svg")) == 3
    assert len(plot.findall("{*}svg/{*}polyline")) == 9


@pytest.mark.parametrize(
    ("url", "base", "path"),
    [
        ("http://localhost:8080", "http://localhost:8080", "/v1/chat/completions"),
        ("localhost:8080/v1/", "http://localhost:8080", "/v1/chat/completions"),
        ("https://ai.example.org/api/v1", "https://ai.example.org:443", "/api/v1/chat/completions"),
    ],
)
def test_addresses_of_other_servers(url: str, base: str, path: str) -> None:
    target = other(url, "m")
    assert (target.client.url, target.path) == (base, path)


@pytest.mark.parametrize("url", ["ftp://x", "http://x:y", "http://x:99999"])
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(InvalidRequest, match="no address"):
        other(url, "m")
