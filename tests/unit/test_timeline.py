"""The parts of a model's start: what is passed on, and what the log hears of them."""

import logging
import weakref

import pytest

from ossia.engine.timeline import Timeline


def test_parts_are_passed_on_and_timed(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    now, told = [100.0], list[tuple[str, int, int]]()
    timeline = Timeline(lambda *part: told.append(part), clock=lambda: now[0])
    for seconds, part in ((1, ("importing", 0, 0)), (2, ("compiling", 1, 9)), (4, ("compiling", 2, 9))):
        now[0] += seconds
        timeline.note(*part)
    now[0] += 2
    timeline.note("compiling", 3, 9)
    now[0] += 1
    timeline.end()
    assert told == [("importing", 0, 0), ("compiling", 1, 9), ("compiling", 2, 9), ("compiling", 3, 9)]
    assert [(record.levelname, record.message) for record in caplog.records] == [
        ("DEBUG", "starting the process: 1.00 s"),
        ("DEBUG", "importing: 2.00 s"),
        ("INFO", "compiling 3/9"),  # after five seconds
        ("DEBUG", "compiling: 7.00 s; the whole start: 10.00 s"),
    ]


def test_whoever_was_told_is_forgotten_at_the_end() -> None:
    """It knows the loaded model, which knows the process, which has the timeline: a circle that kept all in memory."""

    class Told:
        def note(self, part: str, done: int, total: int) -> None:
            pass

    told = Told()
    timeline, seen = Timeline(told.note), weakref.ref(told)
    timeline.end()
    del told
    assert seen() is None
