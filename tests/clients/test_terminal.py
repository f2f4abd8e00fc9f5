"""A person at a terminal: a whole conversation with the embedded model."""

from contextlib import closing

from ossia.cli.client import Client
from ossia.config import Settings
from tests.clients.conftest import Server
from tests.terminal.terminal import Terminal
from tests.waiting import wait_until


def test_a_conversation(server: Server) -> None:
    with closing(Terminal("-m", "ossia", "run", "tiny", env=server.environment, rows=40)) as terminal:
        terminal.say("/set system You tell long stories.")
        terminal.say("/set parameter temperature 0")
        terminal.say("/set parameter num_predict 5")
        terminal.say("/set nothink")
        terminal.say("/set verbose")
        terminal.say("What happened at the river?")
        terminal.see("eval count:           5 token(s)\n")
        terminal.say("/show info")
        terminal.see("Capabilities\n    completion")
        terminal.say("/save mine")
        terminal.see("Created new model 'mine'")
        terminal.say("/load mine")
        terminal.see("Loading model 'mine'\n>>> What happened at the river?\n")
        terminal.say("/show parameters")
        terminal.see("num_predict                    5\n")
        terminal.say("/list")
        terminal.see("mine:latest")
        terminal.say("/set parameter num_predict -1")
        terminal.say("Write a very long story about a ship.")
        terminal.wait(lambda: terminal.lines[-1] and not terminal.lines[-1].startswith(">>>"))
        terminal.send("\x03")
        terminal.prompt()
        terminal.say("/bye")
        assert terminal.exit_code() == 0
    wait_until(server.is_idle)
    client = Client(Settings.from_env(server.environment))
    client.request("POST", "/api/generate", {"model": "mine", "keep_alive": 0, "stream": False})
    client.request("DELETE", "/api/delete", {"model": "mine"})
    wait_until(lambda: len(server.model_processes()) <= 1)
