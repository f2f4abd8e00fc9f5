"""Whole conversations at a terminal: keys, commands, interruptions, errors, and what the server is asked."""

import stat
import sys
import termios
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.doubles.scripted_server import BreakOff, ScriptedServer
from tests.terminal.conftest import Start
from tests.terminal.terminal import PROMPTS, Terminal
from tests.waiting import PATIENCE

PASTE = "\x1b[200~{}\x1b[201~"


def echo(body: Any) -> Iterator[Any]:
    yield {"message": {"role": "assistant", "content": "", "thinking": "Hm"}}
    yield {"message": {"role": "assistant", "content": f"You said {body['messages'][-1]['content']}"}}
    yield {"message": {"role": "assistant", "content": "."}, "done": True, "eval_count": 3}


@pytest.fixture(autouse=True)
def answers(server: ScriptedServer) -> None:
    server.script["POST /api/chat"] = echo


def questions(server: ScriptedServer) -> list[str]:
    return [body["messages"][-1]["content"] for body in server.bodies("POST /api/chat")]


def is_sane(terminal: Terminal) -> bool:
    """True if keys are echoed line by line, the cursor is visible, and text is not coloured."""
    flags = termios.tcgetattr(terminal.process.child_fd)[3]
    cooked = termios.ECHO | termios.ICANON | termios.ISIG
    cursor = terminal.screen.cursor
    return flags & cooked == cooked and not cursor.hidden and cursor.attrs.fg == "default"


def test_a_conversation(server: ScriptedServer, start: Start) -> None:
    terminal = start("--keepalive", "1h", "--format", "json")
    terminal.say("hello")
    terminal.prompt()
    assert terminal.lines[:-1] == [
        ">>> hello",
        "Thinking...",
        "Hm",
        "...done thinking.",
        "",
        "You said hello.",
        "",
    ]
    terminal.say("/set system Be brief.")
    terminal.see("Set system message.")
    terminal.say("/set parameter temperature 0.5")
    terminal.see("Set parameter 'temperature' to '0.5'")
    terminal.say("/set verbose")
    terminal.say("again")
    terminal.see("eval count:           3 token(s)")
    terminal.say("/clear")
    terminal.say("/dance")
    terminal.see("Unknown command '/dance'. Type /? for help")
    terminal.say("last")
    terminal.say("/bye")
    assert terminal.exit_code() == 0
    assert is_sane(terminal)
    assert server.bodies("POST /api/generate") == [{"model": "x", "prompt": "", "stream": False, "keep_alive": "1h"}]
    common = {"model": "x", "keep_alive": "1h", "format": "json"}
    system, options = {"role": "system", "content": "Be brief."}, {"temperature": 0.5}
    hello, said = ({"role": "user", "content": text} for text in ("hello", "again"))
    reply = {"role": "assistant", "content": "You said hello.", "thinking": "Hm"}
    last = {"role": "user", "content": "last"}
    assert server.bodies("POST /api/chat") == [
        {**common, "messages": [hello]},
        {**common, "messages": [system, hello, reply, said], "options": options},
        {**common, "messages": [system, last], "options": options},
    ]


def test_messages_of_several_lines(server: ScriptedServer, start: Start) -> None:
    terminal = start()
    terminal.say('"""two')
    terminal.wait(lambda: terminal.line == "...")
    terminal.send('lines"""')
    terminal.wait(lambda: terminal.lines == ['>>> """two', '... lines"""'])
    terminal.send("\r")
    terminal.say("with\nCtrl+J")
    terminal.prompt()
    terminal.send(PASTE.format("pasted\r\nlines\r"))
    terminal.wait(lambda: terminal.lines[-2:] == ["... lines", "..."])
    assert len(questions(server)) == 2, "a paste is not sent by itself"
    terminal.send("\r")
    terminal.prompt()
    terminal.say('/set system """Be')
    terminal.wait(lambda: terminal.line == "...")
    terminal.send('brief."""\r')
    terminal.see("Set system message.")
    terminal.say("last")
    terminal.prompt()
    assert questions(server) == ["two\nlines", "with\nCtrl+J", "pasted\nlines", "last"]
    assert server.bodies("POST /api/chat")[-1]["messages"][0] == {"role": "system", "content": "Be\nbrief."}


def test_keys(server: ScriptedServer, start: Start) -> None:
    keys = {
        "world\x01hello \x05!": "hello world!",  # Ctrl-A, Ctrl-E
        "ac\x02b\x06d": "abcd",  # Ctrl-B, Ctrl-F
        "one two\x1bb\x1bb\x0bthree": "three",  # Alt-B twice, Ctrl-K
        "one two\x01\x1bf\x15zero": "zero two",  # Alt-F, Ctrl-U
        "one two\x17three": "one three",  # Ctrl-W
        "one two\x1b\x7fthree": "one three",  # Alt-Backspace
        "xyes\x01\x04": "yes",  # Ctrl-D on a line with text
        "a\tb": "a        b",
        "\x10": "a        b",  # Ctrl-P
        "new\x10\x0e": "new",  # and Ctrl-N back
        "\x1b[A\x1b[A\x1b[B": "new",  # arrows
        "gone\x03kept": "kept",  # Ctrl-C
        "漢字\x7f漢": "漢漢",
    }
    terminal = start()
    for number, (typed, message) in enumerate(keys.items()):
        terminal.prompt()
        terminal.send(f"{typed}\r")
        terminal.wait(lambda expected=number + 1: len(questions(server)) == expected)
        assert questions(server)[-1] == message, repr(typed)
    terminal.prompt()
    terminal.send("\x0c")
    terminal.wait(lambda: terminal.lines == [PROMPTS[0]])  # Ctrl-L


def test_tab_completes_commands(start: Start) -> None:
    terminal = start()
    terminal.prompt()
    terminal.send("/sh\tmo\t\r")
    terminal.see(">>> /show modelfile")
    terminal.prompt()


def test_an_editor(server: ScriptedServer, start: Start, tmp_path: Path) -> None:
    editor = tmp_path / "edit"
    editor.write_text('#!/bin/sh\nprintf "%s\\nand more\\n" "$(cat "$2")" >"$2"\n')
    editor.chmod(editor.stat().st_mode | stat.S_IXUSR)
    terminal = start(OLLAMA_EDITOR=f"{editor} --option", EDITOR="false")
    terminal.prompt()
    terminal.send("draft\x07")
    terminal.see("... and more")
    terminal.send("\r")
    terminal.prompt()
    assert questions(server) == ["draft\nand more"]


def test_leaving(start: Start) -> None:
    terminal = start()
    terminal.prompt()
    terminal.send("\x03")
    terminal.wait(lambda: terminal.lines == [">>>", "Use Ctrl + d or /bye to exit.", PROMPTS[0]])
    terminal.send("\x04")
    assert terminal.exit_code() == 0
    assert is_sane(terminal)


@pytest.mark.parametrize("words", [["word 0 ", "word 1 "], []])
def test_ctrl_c_stops_an_answer(server: ScriptedServer, start: Start, words: list[str]) -> None:
    """Also before its first word; what was said is kept, and nothing if that was nothing."""
    asked, is_back = threading.Event(), threading.Event()

    def endless(body: Any) -> Iterator[Any]:
        yield from ({"message": {"content": word}} for word in words)
        asked.set()
        assert is_back.wait(PATIENCE)
        while True:  # only writing tells a server that its client has left
            yield {"message": {"content": ""}}

    server.script["POST /api/chat"] = endless
    terminal = start()
    terminal.say("talk")
    assert asked.wait(PATIENCE)
    terminal.see("".join(words).strip())
    terminal.send("\x03")
    terminal.prompt()
    is_back.set()
    assert server.client_left.wait(PATIENCE)
    server.script["POST /api/chat"] = echo
    terminal.say("more")
    terminal.see("You said more.")
    talked = [message["content"] for message in server.bodies("POST /api/chat")[1]["messages"]]
    assert talked == (["talk", "word 0 word 1 ", "more"] if words else ["more"])


def test_errors_end_a_turn_and_not_the_conversation(server: ScriptedServer, start: Start, tmp_path: Path) -> None:
    def breaks(body: Any) -> Iterator[Any]:
        yield {"message": {"content": "Hel"}}
        raise BreakOff

    def fails(body: Any) -> Iterator[Any]:
        yield {"message": {"content": "Half an answ"}}
        yield {"error": "it crashed"}

    terminal = start()
    replies: list[tuple[Any, str]] = [
        ((400, {"error": "format is not supported"}), "error: format is not supported"),
        ((404, {"error": "model 'x' not found"}), "error: model 'x' not found"),
        ((400, {"error": "the context length is 9", "hint": "shorten it"}), "hint: `/clear` begins a new conversation"),
        (fails, "Half an answ\nerror: it crashed"),
        (breaks, "Hel\nerror: "),
    ]
    for reply, text in replies:
        server.script["POST /api/chat"] = reply
        terminal.say("hello")
        terminal.see(text)
    server.script["POST /api/chat"] = echo
    terminal.say("again")
    terminal.see("You said again.")
    assert len(server.bodies("POST /api/chat")[-1]["messages"]) == 1
    (tmp_path / "cat.png").touch()
    terminal.say(f"What is in '{tmp_path}/cat.png'?")
    terminal.see("Pictures are not read: ")


def test_save_and_load(server: ScriptedServer, start: Start) -> None:
    saved: dict[str, Any] = {"capabilities": ["completion"], "messages": []}
    server.script["POST /api/show"] = lambda body: saved if body["model"] == "mine" else {}
    server.script["POST /api/create"] = lambda body: saved.update(body) or {"status": "success"}
    terminal = start()
    terminal.say("hello")
    terminal.say("/save mine")
    terminal.see("Created new model 'mine'")
    terminal.say("/load nobody")
    server.script["POST /api/generate"] = {"done": True}
    terminal.say("/load mine")
    terminal.prompt()
    assert terminal.lines[-4:-1] == [">>> hello", "You said hello.", ""]
    terminal.say("again")
    terminal.see("You said again.")
    assert saved["from"] == "x"
    assert saved["messages"][0] == {"role": "user", "content": "hello"}
    body = server.bodies("POST /api/chat")[-1]
    assert (body["model"], body["messages"]) == ("mine", [{"role": "user", "content": "again"}])


def test_history_across_conversations(server: ScriptedServer, start: Start, tmp_path: Path) -> None:
    first = start()
    first.say("one")
    first.say('"""two')
    first.wait(lambda: first.line == "...")
    first.send('lines"""\r')
    first.say("/set nohistory")
    first.say("secret")
    first.say("/bye")
    first.exit_code()
    assert (tmp_path / ".ollama" / "history").read_text() == 'one\n"""two\nlines"""\n/set nohistory\n'
    second = start(OLLAMA_NOHISTORY="1")
    second.prompt()
    second.send("\x10\x10\x10\x10\r")  # nohistory itself is the latest
    second.see("You said one.")
    second.say("not kept")
    second.prompt()
    assert questions(server)[3:] == ["one", "not kept"]
    assert "not kept" not in (tmp_path / ".ollama" / "history").read_text()


def test_keys_during_an_answer_wait_for_the_prompt(server: ScriptedServer, start: Start) -> None:
    typed = threading.Event()

    def slow(body: Any) -> Iterator[Any]:
        yield {"message": {"content": "Wait "}}
        assert typed.wait(PATIENCE)
        yield {"message": {"content": "here."}, "done": True}

    server.script["POST /api/chat"] = slow
    terminal = start()
    terminal.say("hello")
    terminal.see("Wait")
    terminal.send("next\r")
    server.script["POST /api/chat"] = echo
    typed.set()
    terminal.see("You said next.")
    assert terminal.lines[:4] == [">>> hello", "Wait here.", "", ">>> next"]


def test_suspended(server: ScriptedServer, environment: dict[str, str]) -> None:
    """The shell gets a sane terminal, and what it writes is not taken for a part of the answer."""
    resumed = threading.Event()

    def slow(body: Any) -> Iterator[Any]:
        yield {"message": {"content": "Some **bold** "}}
        assert resumed.wait(PATIENCE)
        yield {"message": {"content": "words."}, "done": True}

    server.script["POST /api/chat"] = slow
    shell = Terminal("-i", program="sh", env={**environment, "PS1": "shell> "})
    with closing(shell):
        shell.wait(lambda: shell.line == "shell>")
        shell.send(f"{sys.executable} -m ossia run x\n")
        shell.say("hello")
        shell.see("Some **bold**")
        shell.send("\x1a")
        shell.wait(lambda: shell.line == "shell>")
        assert is_sane(shell)
        shell.send("fg\n")
        resumed.set()
        shell.prompt()
        assert shell.lines[-3:-1] == [" words.", ""]
        assert "Some **bold**" in "\n".join(shell.lines)
        shell.send("\x1a")
        shell.wait(lambda: shell.line == "shell>")
        assert is_sane(shell)
        shell.send("fg\n")
        shell.say("/bye")
        shell.wait(lambda: shell.line == "shell>")


def test_a_sign_of_life_while_the_model_loads(server: ScriptedServer, start: Start) -> None:
    loaded = threading.Event()

    def load(body: Any) -> Any:
        assert loaded.wait(PATIENCE)
        return {"done": True}

    server.script["POST /api/generate"] = load
    terminal = start()
    terminal.see("waiting for the model")
    loaded.set()
    terminal.prompt()
    assert len(terminal.lines) == 1
