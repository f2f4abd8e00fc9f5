"""The embedded model on held-out cases, in the project's own engine: its quality, never its time.

Six cases each time; the blind set and the thoughts by name: `make evaluate-tiny`.
"""

from pathlib import Path

import pytest

from training import chat_check
from training.cases import load
from training.evaluate import evaluate
from training.scoring import below_bars, report


async def test_six_cases(tiny_models: dict[str, Path]) -> None:
    """Far less than the bars, which six cases are too few to measure: that the file and the engine fit together."""
    rows = await evaluate(tiny_models["mxfp4"], load("dev")[::40], temperature=0)
    failed = [(row.case.ask, *row.failures) for row in rows if row.failures]
    assert sum(row.tool for row in rows) >= 4, failed
    assert sum(bool(row.arguments) for row in rows) >= 1, failed
    assert sum(bool(row.final) for row in rows) >= 3, failed


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("temperature", [0.0, 1.0])
async def test_the_blind_set(tiny_models: dict[str, Path], temperature: float) -> None:
    rows = await evaluate(tiny_models["mxfp4"], load("blind"), temperature)
    print(report(rows))
    assert below_bars(rows, temperature) == []


@pytest.mark.slow
@pytest.mark.timeout(3600)
async def test_thoughts_follow_the_effort_and_chat_stays_as_good(tiny_models: dict[str, Path]) -> None:
    assert await chat_check.check(tiny_models["mxfp4"]) == []
