"""`ossia launch`: an agent is set up and started, or a file of its user's is put back. Which files, agents.py knows."""

from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ossia.cli.client import Client
from ossia.cli.launch import files
from ossia.cli.launch.agents import AGENTS, Use, described, program_of, replace_process
from ossia.cli.output import say
from ossia.cli.tables import table
from ossia.config import Settings, home
from ossia.errors import InvalidRequest

_CONTEXT: Final = 131_072  # tokens of gpt-oss
_CERTIFICATES: Final = ("NODE_EXTRA_CA_CERTS", "CODEX_CA_CERTIFICATE")
"""Variables of programs on Node.js, and of Codex, that name certificates to trust besides the system's."""


def list_agents(arguments: Namespace) -> None:
    """Print all agents. Raises InvalidRequest if something is to be done with one."""
    if arguments.model or arguments.config or arguments.restore or arguments.yes or arguments.words:
        raise InvalidRequest("no agent is named", hint="`ossia launch` lists them")
    rows = [(name, agent.title, "yes" if agent.path else "no") for name, agent in AGENTS.items()]
    say(table(("AGENT", "NAME", "INSTALLED"), rows), end="")


def restore(arguments: Namespace) -> None:
    """Put back what was changed for an agent."""
    files.restore(AGENTS[arguments.agent].start(Use("", "", "", 0, Path())).edit, arguments.yes)


def launch(arguments: Namespace, server: Callable[[], Client], make_ready: Callable[[str], object]) -> None:
    """Set an agent up and go on as it, or print its command. `make_ready` pulls a model that is missing."""
    agent, settings = AGENTS[arguments.agent], Settings.from_env()
    path = "" if arguments.config else program_of(agent)
    model = arguments.model or next(iter(server().names()), "")
    if not model:
        raise InvalidRequest("there is no model", hint="name one: --model gpt-oss:20b, which is then downloaded")
    if path:
        make_ready(model)
    start = agent.start(_use(settings, model, arguments.agent == "codex"))
    files.apply(start.own, start.edit, arguments.yes)
    if settings.ca:
        start.environment.update(dict.fromkeys(_CERTIFICATES, str(settings.ca)))
    if not path:
        return say(described(agent.program, start))
    replace_process(path, start, arguments.words)


def _use(settings: Settings, model: str, for_codex: bool) -> Use:
    """Return all that agents are told. No server is started for it."""
    client = Client(settings)
    return Use(
        url=settings.url,
        key=settings.api_key or "ossia",
        model=model,
        context=client.context_length(model) or _CONTEXT,
        own=home() / ".ollama" / "launch",
        for_codex=client.described_for_codex(model) if for_codex else None,
    )
