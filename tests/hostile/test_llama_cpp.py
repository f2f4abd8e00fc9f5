"""Models that llama.cpp runs: what their files and those who ask for them could make of its process."""

from pathlib import Path
from typing import Any

import pytest

from ossia.config import EngineOptions
from ossia.engine import Start
from ossia.engine.facts import ModelFacts
from ossia.engine.llama_cpp import start, wire
from ossia.engine.llama_cpp.trial import check_template
from ossia.errors import InvalidModelFile
from ossia.gguf import GGUF
from ossia.processors import num_processors
from ossia.types import Placement
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
        await start.start_process(gguf, ModelFacts.of(gguf), EngineOptions(), Start(placement=asked))
    assert (loads[0].threads, loads[0].layers_on_gpu) == (threads, layers)
    assert loads[0].most_bytes >= loads[0].sizes.cache_bytes
