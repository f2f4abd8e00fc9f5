"""Chat templates are programs of strangers: none stops the server, others' answers, or its own model's raw prompts."""

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import psutil
import pytest

from ossia.chat.jinja import JinjaTemplate
from ossia.engine.codec import Sandboxes
from ossia.errors import InvalidRequest
from ossia.sandbox import templates
from ossia.sandbox.sandbox import ALLOWANCES, Allowance, Exhausted, Sandbox
from ossia.store.models import ModelStore
from ossia.types import GenerateRequest, Message
from tests.doubles.in_process import TemplatesHere, rendered
from tests.hostile.conftest import EVIL, HELLO, Attack, Attacked, answer_of, post_head
from tests.hostile.strangers import LANES, MB, SOON_IDLE, add_to, helpers, memory_stays_bounded, stranger
from tests.unit.byte_vocabulary import byte_vocabulary
from tests.unit.test_jinja import SMOLLM2
from tests.waiting import PATIENCE, wait_until

TOKENIZER = byte_vocabulary("<|im_end|>", eos_token_id=0)
SAYS = [*TOKENIZER.encode("fine"), 0]
DOUBLED = "{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}"
ENDLESS = "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}"
TEMPLATES = {
    "nested loops": ENDLESS + "{% endfor %}" * 3,
    "a string of gigabytes": "{{ 'a' * 3000000000 }}",
    "folded when it is compiled": "{{ 3 ** 99999999 + 1 }}",
    "a list that doubles": DOUBLED,
    "a list of gigabytes": "{{ range(99999) | list * 99999 }}",
    "center": "{{ 'a' | center(10 ** 9) }}",
    "a format of gigabytes": "{{ '%1000000000d' % 1 }}",
    "another format": "{{ '{:1000000000}'.format('a') }}",
    "an indent of gigabytes": "{{ [[[[1]]]] | tojson(indent=999999999) }}",
    "text that grows slowly": "{% for a in range(99999) %}{{ 'a' * 99999 }}{% endfor %}",
    "many words": "{{ lipsum(n=99999999) }}",
    "wrapped words": "{{ ('a ' * 9999999) | wordwrap(1) }}",
    "a template of many parts": "{{ 1 }}" * 35_000,
}
REFUSED = {
    "deep brackets": ("{{ " + "(" * 20_000 + "1" + ")" * 20_000 + " }}", "cannot be read"),
    "deep blocks": ("{% if 1 %}" * 3000 + "{% endif %}" * 3000, "cannot be read"),
    "many signs": ("{{ " + "-" * 100_000 + "1 }}", "cannot be read"),
    "a macro that calls itself": ("{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}", "refuses"),
    "a loop that calls itself": ("{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}", "refuses"),
    "a range of everything": ("{{ range(10 ** 9) | list }}", "refuses"),
    "a template of megabytes": ("{{ 1 }}" * 300_000, "more than 262144 characters"),
    "another file": ("{% include '/etc/passwd' %}", "refuses"),
    "the interpreter": ("{{ ().__class__.__base__.__subclasses__() }}", "refuses"),
    "a long text": ("{{ 'a' * 1000000 }}", "the prompt is too long"),
}
Model = Callable[[str], Attacked]


@pytest.fixture(autouse=True)
def no_helpers_of_earlier_tests() -> None:
    for helper in helpers():  # one without work ends after some minutes
        helper.kill()
    wait_until(lambda: helpers() == [])


@pytest.fixture
def model(server: Attack, store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Model]:
    """Function from the template of a stranger's model to the server that has it."""

    def start(source: str) -> Attacked:
        add_to(store, tmp_path)
        metadata = {"tokenizer.chat_template": source}

        def template(boxes: Sandboxes) -> JinjaTemplate:
            return JinjaTemplate(TOKENIZER, metadata, boxes.templates)

        return server(evil=stranger(monkeypatch, TOKENIZER, template, SAYS))

    with memory_stays_bounded():
        yield start


def asked(attacked: Attacked, messages: list[Any] = HELLO) -> socket.socket:
    """Ask the stranger's model, on a connection that stays open."""
    body = json.dumps({"model": EVIL, "messages": messages, "stream": False}).encode()
    return attacked.attack(post_head("/api/chat", f"Content-Length: {len(body)}") + body)


@pytest.mark.parametrize("source", TEMPLATES.values(), ids=TEMPLATES)
def test_a_template_without_end_is_stopped_and_stops_nobody(model: Model, source: str) -> None:
    attacked = model(source)
    begun = attacked.begin()
    attempts = [asked(attacked) for _ in range(2)]
    attacked.finish(begun)
    attacked.serves_others()
    raw = attacked.request("POST", "/api/generate", {"model": EVIL, "prompt": "x", "raw": True, "stream": False})
    assert raw.json["response"] == "fine"
    for answer in map(answer_of, attempts):
        assert answer.status == 400
        assert "template cannot be rendered" in answer.json["error"]
        assert "send less" in answer.json["hint"]


@pytest.mark.parametrize(("source", "words"), REFUSED.values(), ids=REFUSED)
def test_a_template_that_fails_says_why(model: Model, source: str, words: str) -> None:
    answer = answer_of(asked(model(source)))
    assert answer.status == 400
    assert words in answer.json["error"]
    assert len(answer.body) < 5000


@pytest.mark.usefixtures("soon_idle")
def test_work_stops_when_its_client_has_gone(model: Model) -> None:
    attacked = model(TEMPLATES["nested loops"])
    for _ in range(40):
        asked(attacked)
    wait_until(lambda: helpers() != [])
    attacked.held.close()
    attacked.serves_others()
    wait_until(lambda: helpers() == [])


def test_an_attacked_model_answers_others_in_between(model: Model) -> None:
    """One conversation in a thousand takes for ever, as a template may decide."""
    attacked = model("{% if messages[0].content == 'evil' %}" + TEMPLATES["nested loops"] + "{% endif %}Hi")
    for _ in range(4):
        asked(attacked, [{"role": "user", "content": "evil"}])
    answer = answer_of(asked(attacked))
    assert answer.json["message"]["content"] == "fine"


def test_helpers_end_with_the_engine_and_with_the_server(model: Model) -> None:
    attacked = model("Hi")
    assert answer_of(asked(attacked)).status == 200
    (helper,) = helpers()
    assert attacked.request("POST", "/api/generate", {"model": EVIL, "keep_alive": 0}).status == 200
    helper.wait(PATIENCE)


async def test_a_helper_that_was_killed_is_replaced() -> None:
    sandbox = Sandbox("templates", LANES)
    template = JinjaTemplate(TOKENIZER, {"tokenizer.chat_template": "Hi"}, sandbox)
    request = GenerateRequest((Message("user", "x"),))
    for _ in range(3):
        assert TOKENIZER.decode(await template.render(request, 100)) == "Hi"
        (helper,) = helpers()
        helper.kill()
        psutil.wait_procs([helper], PATIENCE)
    await sandbox.close()


def job(source: str) -> bytes:
    return json.dumps(
        {"source": source, "variables": {}, "now": "2026-11-28", "marker": "m", "most": 9_000_000}
    ).encode()


async def test_ordinary_jobs_have_one_process_and_those_that_probably_fail_another_that_gives_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Beside two of common priority, killed and started anew without pause, a neighbour was up to 3 times as slow."""
    for name in ("_PATIENCE", "_PATIENCE_AT_FIRST"):  # on a busy machine an ordinary job may hold others up
        monkeypatch.setattr(f"ossia.sandbox.sandbox.{name}", 1000)
    sandbox = Sandbox("templates", ALLOWANCES)
    common, least = (min(psutil.Process().nice() + more, 19) for more in (5, 15))
    for quick in (True, False):
        await asyncio.gather(*(sandbox.run(job("Hi"), quick=quick) for _ in range(20)))
    assert sorted(helper.nice() for helper in helpers()) == [common, least]
    await sandbox.close()


async def test_jobs_that_another_one_holds_up_get_a_second_process() -> None:
    sandbox = Sandbox("templates", [Allowance(2, 1000, 64 * MB)] * 2)
    await sandbox.run(job("Hi"))
    endless = asyncio.create_task(sandbox.run(job(TEMPLATES["nested loops"])))
    for _ in range(3):  # until it is sent
        await asyncio.sleep(0)
    assert await sandbox.run(job("Hi")) == templates.RENDERED + b"Hi"
    assert len(helpers()) == 2
    endless.cancel()
    await sandbox.close()


async def test_a_job_that_is_killed_costs_those_that_came_with_it_nothing() -> None:
    sandbox = Sandbox("templates", LANES)
    sources = ("Hi", TEMPLATES["nested loops"], "Hi")
    first, endless, last = await asyncio.gather(*(sandbox.run(job(each)) for each in sources), return_exceptions=True)
    assert first == last == templates.RENDERED + b"Hi"
    assert isinstance(endless, Exhausted)
    await sandbox.close()


async def test_clients_take_turns() -> None:
    sandbox, done = Sandbox("templates", [Allowance(1, 1000, 64 * MB)] * 2), list[str]()

    async def ask(client: str) -> None:
        await sandbox.run(job("Hi"), client)
        done.append(client)

    await asyncio.gather(*(ask(client) for client in ["many"] * 20 + ["few", "one", "few"]))
    assert done[:6] == ["many", "few", "one", "many", "few", "many"]
    await sandbox.close()


async def test_a_short_job_that_nobody_wants_any_more_costs_no_process() -> None:
    """A process was killed each time that a client left, and others waited for the next one to start."""
    sandbox = Sandbox("templates", [Allowance(1, 0.1, 64 * MB, niceness=0)] * 2)
    await sandbox.run(job("Hi"))
    (helper,) = helpers()
    for client in ("many", "many", "few"):
        left = [asyncio.create_task(sandbox.run(job("{% for a in range(3000) %}{% endfor %}"), "many")) for _ in "abc"]
        for _ in range(3):  # until they are sent
            await asyncio.sleep(0)
        for task in left:
            task.cancel()
        assert await sandbox.run(job("Hi"), client) == templates.RENDERED + b"Hi"
    assert helpers() == [helper]
    await sandbox.close()


async def test_a_long_job_that_nobody_wants_any_more_is_ended() -> None:
    sandbox = Sandbox("templates", [Allowance(1, 1000, 64 * MB)] * 2)
    await sandbox.run(job("Hi"))
    (helper,) = helpers()
    endless = asyncio.create_task(sandbox.run(job(TEMPLATES["nested loops"])))
    for _ in range(3):  # until it is sent
        await asyncio.sleep(0)
    endless.cancel()
    await asyncio.to_thread(helper.wait, PATIENCE)
    await sandbox.close()


async def test_a_helper_without_work_ends() -> None:
    sandbox = Sandbox("templates", SOON_IDLE)
    template = JinjaTemplate(TOKENIZER, {"tokenizer.chat_template": "Hi"}, sandbox)
    for _ in range(2):
        await template.render(GenerateRequest((Message("user", "x"),)), 100)
        await asyncio.to_thread(helpers()[-1].wait, 10)
    await sandbox.close()


async def test_a_helper_knows_nothing_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither its settings, which may be secrets, nor its files."""
    monkeypatch.setenv("OSSIA_API_KEYS", "secret")
    sandbox = Sandbox("templates", LANES)
    template = JinjaTemplate(TOKENIZER, {"tokenizer.chat_template": "Hi"}, sandbox)
    await template.render(GenerateRequest((Message("user", "x"),)), 100)
    (helper,) = helpers()
    assert not [name for name in helper.environ() if name.startswith("OSSIA_")]
    assert helper.num_fds() == 4, "its standard streams and its connection"
    await sandbox.close()


SERVER = """
import asyncio, sys
from ossia.sandbox.sandbox import Sandbox, Allowance

async def main():
    sandbox = Sandbox("templates", [Allowance(1, 1000, 1 << 28), Allowance(1, 1000, 1 << 28)])
    await sandbox.run(b'{"source": "x", "variables": {}, "now": "2026-11-28", "marker": "m", "most": 9}')
    print("ready", flush=True)
    await asyncio.sleep(1000)

asyncio.run(main())
"""


def test_helpers_end_when_the_server_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE) as server:
        assert server.stdout
        server.stdout.readline()
        (helper,) = psutil.Process(server.pid).children()
        server.kill()
    assert psutil.wait_procs([helper], PATIENCE)[0] == [helper]


async def test_the_double_renders_what_the_sandbox_does() -> None:
    request = GenerateRequest((Message("user", "<|im_end|> é \U0001f600"),))
    sandbox = Sandbox("templates", LANES)
    metadata = {"tokenizer.chat_template": SMOLLM2}
    there = await JinjaTemplate(TOKENIZER, metadata, sandbox).render(request, 1000)
    await sandbox.close()
    assert there == rendered(JinjaTemplate(TOKENIZER, metadata, TemplatesHere()), request)


async def test_memory_that_one_job_leaves_behind_is_not_missing_for_the_next() -> None:
    """Else a stranger could make an ordinary template, or an ordinary schema, fail."""
    sandbox = Sandbox("templates", [Allowance(1, 10, 48 * MB)] * 2)

    async def used(source: str) -> set[int]:
        """Processes that are there when the template has been rendered, perhaps with one that is ending."""
        await sandbox.run(job(source))
        return {helper.pid for helper in helpers()}

    first, _, third, fourth = [await used(source) for source in ("Hi", "x" * 6_000_000, "Hi", "Hi")]
    assert not fourth & first
    assert fourth <= third
    await sandbox.close()


class TooLittle:
    """Renderer that has too little time for conversations with the word "evil", and notes who is to be quick."""

    def __init__(self) -> None:
        self.quick: list[bool] = []

    async def run(self, job: bytes, client: str = "", *, quick: bool = False) -> bytes:
        self.quick.append(quick)
        if b"evil" in job:
            raise Exhausted("it needs more than 0.1 s" if quick else "it needs more than 2 s")
        return templates.RENDERED + b"Hi"


async def test_a_failure_is_remembered_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """Conversations at least as long get little time meanwhile: others are rendered, and evil ones cost little."""
    renderer, now = TooLittle(), [1000.0]
    template = JinjaTemplate(TOKENIZER, {"tokenizer.chat_template": "Hi"}, renderer)
    monkeypatch.setattr("time.monotonic", lambda: now[0])

    async def is_quick(text: str) -> bool:
        fails = pytest.raises(InvalidRequest, match="more than 2 s") if "evil" in text else nullcontext()
        with fails:
            await template.render(GenerateRequest((Message("user", text),)), 100)
        return renderer.quick[-1]

    texts = ["evil", "evil", "a long one", "evil!", "Hi", "evil" * 9]
    assert [await is_quick(text) for text in texts] == [False, True, True, True, False, True]
    now[0] += 61
    assert [await is_quick(text) for text in ("evil, longer", "evil", "evil")] == [False, False, True]
