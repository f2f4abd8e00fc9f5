"""The slash commands: what they print, what they change, what they ask the server."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ossia.cli.client import Client
from ossia.cli.terminal.history import HistoryFile
from ossia.cli.terminal.session import Display, Session
from ossia.cli.terminal.slash import COMMANDS, SlashCommands, is_command
from ossia.config import Settings
from ossia.errors import OssiaError
from tests.doubles.scripted_server import ScriptedServer


class Conversation:
    """One without a terminal. Calling it runs a command and returns what that printed."""

    def __init__(self, server: ScriptedServer, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        client = Client(Settings.from_env({"OLLAMA_HOST": server.host}))
        self.session, self.display = Session("x", {"keep_alive": "1h"}), Display()
        self.history = HistoryFile(folder / "history", enabled=True)
        self.commands = SlashCommands(client, self.session, self.display, self.history)
        self._read: Callable[[], Any] = capsys.readouterr

    def __call__(self, text: str) -> str:
        self.commands.run(text)
        return self._read().out


@pytest.fixture
def talk(server: ScriptedServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Conversation:
    return Conversation(server, tmp_path, capsys)


@pytest.mark.parametrize(
    ("text", "printed", "options"),
    [
        ("temperature 0.5", "Set parameter 'temperature' to '0.5'\n", {"temperature": 0.5}),
        ("seed 7", "Set parameter 'seed' to '7'\n", {"seed": 7}),
        ("use_mmap true", "Set parameter 'use_mmap' to 'true'\n", {"use_mmap": True}),
        ("stop one two", "Set parameter 'stop' to 'one, two'\n", {"stop": ["one", "two"]}),
        ("seed soon", 'Couldn\'t set parameter: "invalid int value [soon]"\n', {}),
        ("warmth 1", "Couldn't set parameter: \"unknown parameter 'warmth'\"\n", {}),
    ],
)
def test_set_parameter(talk: Conversation, text: str, printed: str, options: dict[str, object]) -> None:
    assert talk(f"/set parameter {text}") == printed
    assert talk.session.options == options


def test_set_system(talk: Conversation) -> None:
    assert talk("/set system Be   brief.") == "Set system message.\n"
    assert talk.session.system == "Be   brief."
    talk('/set system """Be\n  brief."""')
    assert talk.session.system == "Be\n  brief."


@pytest.mark.parametrize(
    ("command", "printed", "name", "value"),
    [
        ("nowordwrap", "Set 'nowordwrap' mode.\n", "wordwrap", False),
        ("wordwrap", "Set 'wordwrap' mode.\n", "wordwrap", True),
        ("verbose", "Set 'verbose' mode.\n", "verbose", True),
        ("quiet", "Set 'quiet' mode.\n", "verbose", False),
    ],
)
def test_set_display(talk: Conversation, command: str, printed: str, name: str, value: bool) -> None:
    setattr(talk.display, name, not value)
    assert talk(f"/set {command}") == printed
    assert getattr(talk.display, name) == value


def test_set_format(talk: Conversation) -> None:
    assert talk("/set format json") == "Set format to 'json' mode.\n"
    assert talk.session.fields == {"keep_alive": "1h", "format": "json"}
    assert talk("/set noformat") == "Disabled format.\n"
    assert talk.session.fields == {"keep_alive": "1h"}
    for wrong in ("/set format", "/set format yaml"):
        assert talk(wrong) == "Invalid or missing format. For 'json' mode use '/set format json'\n"


@pytest.mark.parametrize(
    ("command", "printed", "think"),
    [
        ("think", "Set 'think' mode.\n", True),
        ("think high", "Set 'think' mode to 'high'.\n", "high"),
        ("nothink", "Set 'nothink' mode.\n", False),
    ],
)
def test_set_think(talk: Conversation, command: str, printed: str, think: object) -> None:
    talk.session.can_think = True
    assert talk(f"/set {command}") == printed
    assert talk.session.fields["think"] == think


def test_a_level_that_is_none_changes_nothing(talk: Conversation) -> None:
    assert talk("/set think ultra") == "Invalid think level 'ultra'. It is one of low, medium, high, max\n"
    assert "think" not in talk.session.fields


def test_think_of_a_model_that_cannot(talk: Conversation, capsys: pytest.CaptureFixture[str]) -> None:
    talk.commands.run("/set think")
    assert capsys.readouterr().err == 'warning: model "x" does not support thinking output\n'


def test_set_history(talk: Conversation) -> None:
    assert talk("/set nohistory") == ""
    assert not talk.history.enabled
    assert talk("/set history") == ""
    assert talk.history.enabled


SHOWN = {
    "license": "Free.",
    "modelfile": "FROM x",
    "parameters": "temperature                    1\nseed                           2",
    "system": "The model's.",
    "template": "{{ .Prompt }}",
    "details": {"family": "gptoss"},
}


def test_show(talk: Conversation, server: ScriptedServer) -> None:
    server.script["POST /api/show"] = SHOWN
    assert talk("/show info").startswith("  Model\n    architecture    gptoss\n")
    assert talk("/show license") == "Free.\n"
    assert talk("/show modelfile") == "FROM x\n"
    assert talk("/show template") == "{{ .Prompt }}\n"
    assert talk("/show system") == "The model's.\n\n"
    talk("/set system Mine.")
    assert talk("/show system") == "Mine.\n\n"
    model = "Model defined parameters:\n  temperature                    1\n  seed                           2\n"
    assert talk("/show parameters") == f"{model}\n"
    talk("/set parameter stop a")
    talk("/set parameter top_k 3")
    own = 'User defined parameters:\n  stop                           ["a"]\n  top_k                          3\n'
    assert talk("/show parameters") == f"{model}\n{own}\n"


@pytest.mark.parametrize(
    ("part", "printed"),
    [
        ("license", "No license was specified for this model.\n"),
        ("system", "No system message was specified for this model.\n"),
        ("template", "No prompt template was specified for this model.\n"),
        (
            "parameters",
            "Model defined parameters:\n  No additional parameters were specified for this model.\n\n",
        ),
        ("weather", "Unknown command '/show weather'. Type /? for help\n"),
    ],
)
def test_show_what_is_not_there(talk: Conversation, part: str, printed: str) -> None:
    assert talk(f"/show {part}") == printed


def test_clear_keeps_the_system_message(talk: Conversation) -> None:
    talk.session.add_turn("one", "first", "")
    talk("/set system Be brief.")
    assert talk("/clear") == "Cleared session context\n"
    assert (talk.session.messages, talk.session.system) == ([], "Be brief.")


def test_list(talk: Conversation, server: ScriptedServer) -> None:
    model = {"digest": "0123456789abcdef", "size": 1500, "modified_at": "2020-01-01T00:00:00Z"}
    server.script["GET /api/tags"] = {"models": [{"name": "a:1", **model}, {"name": "b:1", **model}]}
    assert [line.split()[0] for line in talk("/list").splitlines()] == ["NAME", "a:1", "b:1"]
    assert [line.split()[0] for line in talk("/list B").splitlines()] == ["NAME", "b:1"]


def test_save(talk: Conversation, server: ScriptedServer) -> None:
    server.script["POST /api/create"] = {"status": "success"}
    talk("/set system Be brief.")
    talk("/set parameter seed 1")
    talk.session.add_turn("one", "first", "")
    assert talk("/save mine") == "Created new model 'mine'\n"
    assert server.bodies("POST /api/create") == [
        {
            "model": "mine",
            "from": "x",
            "system": "Be brief.",
            "parameters": {"seed": 1},
            "messages": [{"role": "user", "content": "one"}, {"role": "assistant", "content": "first"}],
            "stream": False,
        }
    ]


def test_load(talk: Conversation, server: ScriptedServer) -> None:
    said = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hi."},
    ]
    server.script["POST /api/show"] = {"messages": said}
    talk.session.add_turn("one", "first", "")
    assert talk("/load mine") == "Loading model 'mine'\n>>> Hello\nHi.\n\n"
    assert (talk.session.model, talk.session.messages, talk.session.beginning) == ("mine", [], said)
    assert server.bodies("POST /api/generate") == [{"model": "mine", "prompt": "", "stream": False, "keep_alive": "1h"}]


@pytest.mark.parametrize("route", ["POST /api/show", "POST /api/generate"])
def test_load_of_what_is_not_there(talk: Conversation, server: ScriptedServer, route: str) -> None:
    server.script[route] = (404, {"error": "model 'mine' not found"})
    talk.session.add_turn("one", "first", "")
    assert talk("/load mine") == "Loading model 'mine'\nCouldn't find model 'mine'\n"
    assert (talk.session.model, len(talk.session.messages)) == ("x", 2)
    server.script["GET /api/tags"] = {"models": [{"name": "mime:latest"}]}
    assert talk("/load mine").endswith("Couldn't find model 'mine'; did you mean 'mime'?\n")


def test_load_of_what_cannot_be_loaded(talk: Conversation, server: ScriptedServer) -> None:
    server.script["POST /api/generate"] = (500, {"error": "out of memory"})
    with pytest.raises(OssiaError, match="out of memory"):
        talk("/load mine")
    assert talk.session.model == "x"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("/?", "Available Commands:\n  /set            Set session variables\n"),
        ("/help", "Available Commands:\n  /set            Set session variables\n"),
        ("/? set", "Available Commands:\n  /set parameter ...     Set a parameter\n"),
        ("/? /show", "Available Commands:\n  /show info         Show details for this model\n"),
        ("/? shortcuts", "Available keyboard shortcuts:\n  Ctrl + a "),
        ("/set", "Available Commands:\n  /set parameter ...     Set a parameter\n"),
        ("/set system", "Available Commands:\n  /set parameter ...     Set a parameter\n"),
        ("/set parameter", "Available Parameters:\n  /set parameter seed <int> "),
        ("/set parameter seed", "Available Parameters:\n  /set parameter seed <int> "),
        ("/show", "Available Commands:\n  /show info         Show details for this model\n"),
        ("/load", "Usage:\n  /load <modelname>\n"),
        ("/save one two", "Usage:\n  /save <modelname>\n"),
        ("/dance now", "Unknown command '/dance'. Type /? for help\n"),
        ("/lst", "Unknown command '/lst'. Did you mean /list? Type /? for help\n"),
        ("/shwo info", "Unknown command '/shwo'. Did you mean /show? Type /? for help\n"),
        ("/set wordrap", "Unknown command '/set wordrap'. Did you mean /set wordwrap? Type /? for help\n"),
        ("/set dance", "Unknown command '/set dance'. Type /? for help\n"),
    ],
)
def test_help(talk: Conversation, text: str, first: str) -> None:
    assert talk(text).startswith(first)


@pytest.mark.parametrize("command", ["/bye", "/exit"])
def test_leave(talk: Conversation, command: str) -> None:
    with pytest.raises(EOFError):
        talk(command)


@pytest.mark.parametrize("command", [command for command in COMMANDS if command not in ("/bye", "/exit")])
def test_every_command_that_is_completed_is_known(talk: Conversation, server: ScriptedServer, command: str) -> None:
    server.script["GET /api/tags"] = {"models": []}
    assert "Unknown" not in talk(command)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("/bye", True),
        ("/bye\n", True),
        ('/set system """a\nb"""', True),
        ("/usr/bin/x: error\nline 2", False),
        ("hello /bye", False),
        ('"""/bye"""', False),
    ],
)
def test_is_command(text: str, command: bool) -> None:
    assert is_command(text) == command
