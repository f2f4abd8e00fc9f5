"""Models that llama.cpp runs: what their files and those who ask for them could make of its process."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from ossia.chat.grammar.checks import checked_grammar
from ossia.config import EngineOptions
from ossia.engine import Start
from ossia.engine.facts import ModelFacts
from ossia.engine.llama_cpp import start, wire
from ossia.engine.llama_cpp.demands import Demanding
from ossia.engine.llama_cpp.process import LlamaProcess
from ossia.engine.llama_cpp.trial import check_template
from ossia.errors import InvalidModelFile, InvalidRequest
from ossia.gguf import GGUF
from ossia.processors import num_processors
from ossia.sandbox.sandbox import LLAMA_GRAMMARS, Sandbox
from ossia.types import GenerateRequest, Placement, ResponseFormat, Tool
from tests.api.conftest import write_gguf
from tests.hostile.strangers import LANES
from tests.hostile.test_templates import TEMPLATES
from tests.unit.test_jinja import SMOLLM2


def model(tmp_path: Path, template: str | None = None) -> GGUF:
    return GGUF.open(write_gguf(tmp_path / "model.gguf", "llama", template=template))


@pytest.mark.parametrize("kind", ["nested loops", "a string of gigabytes", "a list that doubles"])
async def test_a_template_without_end_is_refused_before_llama_cpp_tries_it(tmp_path: Path, kind: str) -> None:
    with pytest.raises(InvalidModelFile, match="template cannot be rendered: it needs more than"):
        await check_template(model(tmp_path, TEMPLATES[kind]), LANES)


@pytest.mark.parametrize("template", [None, SMOLLM2, "{{ unknown.filter | nowhere }}", "{% if %}"])
async def test_other_templates_are_left_to_llama_cpp(tmp_path: Path, template: str | None) -> None:
    await check_template(model(tmp_path, template), LANES)


class Stopped(Exception):
    """Raised instead of a start."""


@pytest.mark.parametrize(
    ("asked", "threads", "layers"),
    [
        (Placement(), num_processors(), None),
        (Placement(num_thread=1, num_gpu=7), 1, 7),
        (Placement(num_thread=2**31, num_gpu=2**31), num_processors(), 9999),
        (Placement(num_thread=-(2**62), num_gpu=-(2**62)), num_processors(), -1),
        (Placement(num_thread=0, num_gpu=0), num_processors(), 0),
    ],
)
async def test_wishes_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: Placement, threads: int, layers: int | None
) -> None:
    """llama.cpp ends, with all its answers, when it is to have more than 512 threads."""
    loads: list[wire.Load] = []

    async def begin(load: wire.Load, *_: Any) -> Any:
        loads.append(load)
        raise Stopped

    monkeypatch.setattr(start.LlamaProcess, "start", begin)
    monkeypatch.setattr(start, "require_package", lambda _: None)
    gguf = model(tmp_path)
    with pytest.raises(Stopped):
        await start.load_model(gguf, ModelFacts.of(gguf), EngineOptions(), Start(placement=asked))
    assert (loads[0].threads, loads[0].layers_on_gpu) == (threads, layers)
    assert loads[0].most_bytes >= loads[0].sizes.cache_bytes


LONG = "^(((((a{99}){99}){99}){99}){99}){99}$"
COSTLY: dict[str, dict[str, Any]] = {
    "a pattern": {"properties": {"a": {"type": "string", "pattern": LONG}}},
    "one that comes late": {"properties": {"a": {"type": "integer"}, "b": {"items": {"pattern": LONG}}}},
    "one of several": {"properties": {"a": {"allOf": [{"pattern": "a"}, {"pattern": LONG}]}}},
    "names of properties": {"patternProperties": {LONG: {"type": "string"}}},
    "behind a reference": {"properties": {"a": {"$ref": "#/$defs/x"}}, "$defs": {"x": {"pattern": LONG}}},
    "beside one that cannot be enforced": {"anyOf": [{"pattern": "(?=a)"}, {"pattern": LONG}]},
}
USUAL = {
    "pattern": {"type": "string", "pattern": "x"},
    "dates": {"type": "array", "items": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}},
    "words": {"type": "string", "pattern": "^.*w1.*w2.*w3.*w4$", "maxLength": 10_000},
    "uuid": {"type": "string", "format": "uuid", "default": {"pattern": 1}},
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def compiler() -> AsyncIterator[Sandbox]:
    sandbox = Sandbox("llama_grammars", LLAMA_GRAMMARS)
    yield sandbox
    await sandbox.close()


def demanded(schema: dict[str, Any], *, strict: bool = True, of_tool: bool = False) -> GenerateRequest:
    if of_tool:
        return GenerateRequest((), tools=(Tool("f", parameters=schema, strict=True),))
    return GenerateRequest((), response_format=ResponseFormat(schema, strict=strict))


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("kind", COSTLY)
async def test_a_pattern_for_which_other_answers_would_wait_is_refused(compiler: Sandbox, kind: str) -> None:
    """Also where our own engine has taken it: its masks make nobody wait."""
    request = demanded({"type": "object", **COSTLY[kind]}, strict="enforced" not in kind, of_tool="late" in kind)
    with pytest.raises(InvalidRequest, match=r"takes too long|Unable to determine") as refused:
        await checked_grammar(Demanding(has_grammars=True, thinks=False), request, 0, compiler)
    assert refused.value.hint


@pytest.mark.asyncio(loop_scope="module")
async def test_patterns_that_people_write_are_sent_to_llama_cpp(compiler: Sandbox) -> None:
    request = demanded({"type": "object", "properties": USUAL})
    demands = await checked_grammar(Demanding(has_grammars=True, thinks=False), request, 0, compiler)
    assert "w1" in str(demands.fields)


class OtherSide:
    """Double of llama.cpp's process and its socket. It answers, or drops a question whose asker has left, when told."""

    def __init__(self) -> None:
        self.pid, self.returncode = 0, None
        self.stderr = asyncio.StreamReader()
        self.stderr.feed_eof()
        self.asked = asyncio.Queue[bytes]()
        self.answering = asyncio.Event()
        self.dropping = asyncio.Event()
        self._ended = asyncio.Event()

    async def wait(self) -> None:
        await self._ended.wait()

    def kill(self) -> None:
        self._ended.set()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.asked.put_nowait(await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].split()[0])))
        if b"/embedding" in head:
            leaving, answering = asyncio.create_task(reader.read()), asyncio.create_task(self.answering.wait())
            await asyncio.wait([leaving, answering], return_when=asyncio.FIRST_COMPLETED)
            if leaving.done():
                await self.dropping.wait()
            leaving.cancel()
            answering.cancel()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n7")
        writer.close()


async def test_embeddings_whose_clients_have_left_are_at_most_what_llama_cpp_has_begun() -> None:
    other, folder = OtherSide(), tempfile.TemporaryDirectory()
    double: Any = other
    process = LlamaProcess(double, folder, sequences=2)
    async with await asyncio.start_unix_server(other.handle, f"{folder.name}/model.sock"):
        abandoned = [asyncio.create_task(process.ask_whole("/embedding", number, int)) for number in range(20)]
        assert {await other.asked.get(), await other.asked.get()} == {b"0", b"1"}
        for task in abandoned:
            task.cancel()
        await asyncio.wait(abandoned)
        assert all(task.cancelled() for task in abandoned)
        wanted = asyncio.create_task(process.ask_whole("/embedding", 99, int))
        assert await process.ask("POST", "/tokenize", 5, int) == 7, "other questions need no place"
        assert await other.asked.get() == b"5"
        assert other.asked.empty(), "the place of who has left is taken until llama.cpp has noticed"
        other.dropping.set()
        other.answering.set()
        assert await wanted == 7
        assert await other.asked.get() == b"99"
        await process.close()
