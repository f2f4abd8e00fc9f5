"""Answers on a terminal: wrapped, rendered, thinking in grey; and byte for byte where there is none."""

import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from ossia.cli.answers import Part
from ossia.cli.terminal.answer import AnswerPrinter
from ossia.cli.terminal.session import Display
from tests.doubles.scripted_server import ScriptedServer
from tests.terminal.conftest import Start
from tests.waiting import PATIENCE

END = {"message": {"content": ""}, "done": True}


def chat(*texts: str, thinking: str = "") -> Any:
    """A reply of /api/chat in pieces."""

    def reply(body: Any) -> Iterator[Any]:
        if thinking:
            yield {"message": {"content": "", "thinking": thinking}}
        yield from ({"message": {"content": text}} for text in texts)
        yield END

    return reply


def test_one_answer_does_not_load_what_only_a_conversation_needs() -> None:
    code = "import sys, ossia.cli.terminal.answer; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "ossia.cli.terminal.writer" in loaded
    assert {"prompt_toolkit", "rich", "wcwidth"}.isdisjoint(loaded)


def stream(*chunks: Any) -> Any:
    return (chunk for chunk in chunks)


def test_without_a_terminal_bytes_are_as_they_come(capsys: pytest.CaptureFixture[str]) -> None:
    text = "**bold**\t \x1b[31m" + "word " * 50 + "\r\n漢字  \n"
    AnswerPrinter(Display()).show(stream(Part(response=text[:30]), Part(response=text[30:], done=True)))
    assert capsys.readouterr() == (f"{text}\n", "")


@pytest.mark.parametrize(
    ("thinking", "noted"),
    [("shown", "Thinking...\nHmm\n...done thinking.\n\n"), ("folded", "Thought for 0.5 s (Ctrl+O shows it)\n\n")],
)
def test_thinking(
    thinking: Any, noted: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter([10.0, 10.5])
    monkeypatch.setattr(time, "monotonic", lambda: next(times))
    answer = AnswerPrinter(Display(thinking=thinking))
    answer.show(stream(Part(thinking="Hm"), Part(thinking="m"), Part(response="Yes", done=True)))
    assert capsys.readouterr() == ("Yes\n", noted)
    assert (answer.content, answer.thinking) == ("Yes", "Hmm")


def test_words_wrap_at_the_terminals_width(server: ScriptedServer, start: Start) -> None:
    text = "The quick brown fox jumps over 漢字漢字漢字 and cafe\u0301 again"
    server.script["POST /api/chat"] = chat(text[:20], text[20:40], text[40:])
    terminal = start(columns=30)
    terminal.say("hello")
    terminal.prompt()
    wrapped = ["The quick brown fox jumps over", "漢字漢字漢字 and café again"]
    assert terminal.lines == [">>> hello", *wrapped, "", ">>>"]
    terminal.say("/set nowordwrap")
    terminal.say("hello")
    terminal.prompt()
    unwrapped = ["The quick brown fox jumps over", " 漢字漢字漢字 and café again"]
    assert terminal.lines[-4:] == [*unwrapped, "", ">>>"]


@pytest.mark.parametrize("options", [[], ["--nowordwrap"], ["--plain"]])
def test_an_answer_cannot_play_with_the_terminal(server: ScriptedServer, start: Start, options: list[str]) -> None:
    server.script["POST /api/chat"] = chat("a\x1b[2J `b`\x1b]0;title\x07c\r")
    terminal = start(*options)
    terminal.say("hello")
    terminal.prompt()
    assert terminal.lines[0] == ">>> hello"
    assert terminal.lines[1].replace("`", "") == r"a\u001b[2J b\u001b]0;title\u0007c"


def test_the_width_is_read_again_after_a_resize(server: ScriptedServer, start: Start) -> None:
    resized = threading.Event()

    def reply(body: Any) -> Iterator[Any]:
        yield {"message": {"content": "one **two** three four "}}
        assert resized.wait(PATIENCE)
        yield {"message": {"content": "five six seven eight nine ten"}}
        yield END

    server.script["POST /api/chat"] = reply
    terminal = start(columns=60)
    terminal.say("hello")
    terminal.see("four")
    terminal.resize(24, 30)
    resized.set()
    terminal.prompt()
    assert terminal.lines[1:3] == ["one **two** three four five", "six seven eight nine ten"], "and it stays raw"


MARKUP = "Some **bold** words\n\n- first\n- second"


def test_markdown_takes_the_place_of_the_raw_text(server: ScriptedServer, start: Start) -> None:
    raw_seen = threading.Event()

    def reply(body: Any) -> Iterator[Any]:
        yield {"message": {"content": f"{MARKUP} "}}
        assert raw_seen.wait(PATIENCE)
        yield END

    server.script["POST /api/chat"] = reply
    terminal = start()
    terminal.say("hello")
    terminal.see("- second")
    raw_seen.set()
    terminal.prompt()
    assert terminal.lines[:-1] == [">>> hello", "Some bold words", "", " • first", " • second", ""]
    assert terminal.screen.buffer[1][5].bold
    assert not terminal.screen.buffer[1][0].bold


@pytest.mark.parametrize(("options", "variables"), [(["--plain"], {}), (["--nowordwrap"], {}), ([], {"NO_COLOR": "1"})])
def test_markdown_stays_raw(
    server: ScriptedServer, start: Start, options: list[str], variables: dict[str, str]
) -> None:
    server.script["POST /api/chat"] = chat(MARKUP)
    terminal = start(*options, **variables)
    terminal.say("hello")
    terminal.prompt()
    assert terminal.lines[1:-2] == MARKUP.split("\n")


@pytest.mark.parametrize(("rows", "is_rendered"), [(10, True), (11, False)])
def test_what_has_scrolled_away_stays_raw(server: ScriptedServer, start: Start, rows: int, is_rendered: bool) -> None:
    """An answer as high as the screen can be replaced, one that is a line higher cannot."""
    server.script["POST /api/chat"] = chat("\n".join(f"line {number} **bold**" for number in range(rows)))
    terminal = start(rows=10)
    terminal.say("hello")
    terminal.prompt()
    shown = "\n".join(terminal.history + terminal.lines)
    mark = "bold" if is_rendered else "**bold**"
    assert shown.count("bold") == rows
    assert ">>> hello\n" + "\n".join(f"line {number} {mark}" for number in range(rows)) in shown


def test_thinking_is_grey_and_can_be_folded(server: ScriptedServer, start: Start) -> None:
    server.script["POST /api/chat"] = chat("Yes.", thinking="Let me see what this is all about, really")
    terminal = start(columns=40)
    thought = ["Thinking...", "Let me see what this is all about,", "really", "...done thinking.", ""]
    terminal.say("one")
    terminal.prompt()
    assert terminal.lines[:-1] == [">>> one", *thought, "Yes.", ""]
    assert [terminal.screen.buffer[row][0].fg for row in (1, 2, 4, 6)] == [*["brightblack"] * 3, "default"]
    terminal.send("\x0f")
    terminal.see("Thinking will be folded.")
    terminal.say("two")
    terminal.prompt()
    folded = re.sub(r"\d+\.\d s", "a moment", "\n".join(terminal.lines[-6:-1]))
    assert folded == ">>> two\nThought for a moment (Ctrl+O shows it)\n\nYes.\n"
    terminal.send("\x0f")
    terminal.wait(lambda: terminal.lines[-6:-1] == thought)
    terminal.say("three")
    terminal.prompt()
    assert terminal.lines[-9:-1] == [">>> three", *thought, "Yes.", ""]


def test_hidden_thinking(server: ScriptedServer, start: Start) -> None:
    server.script["POST /api/show"] = {"capabilities": ["completion", "thinking"]}
    server.script["POST /api/chat"] = chat("Yes.", thinking="Hm")
    terminal = start("--hidethinking", "--think=high")
    terminal.say("one")
    terminal.prompt()
    assert terminal.lines[:-1] == [">>> one", "Yes.", ""]
    assert server.bodies("POST /api/chat")[0]["think"] == "high"


def test_one_answer_on_a_terminal(server: ScriptedServer, start: Start) -> None:
    server.script["POST /api/generate"] = lambda body: stream(
        {"response": "The **quick** brown fox "}, {"response": "jumps over it", "done": True, "eval_count": 9}
    )
    terminal = start("Tell", "me", "--verbose", columns=30)
    assert terminal.exit_code() == 0
    assert terminal.lines == ["The quick brown fox jumps over", "it", "eval count:           9 token(", "s)"]
    assert server.bodies("POST /api/generate") == [{"model": "x", "prompt": "Tell me"}]
