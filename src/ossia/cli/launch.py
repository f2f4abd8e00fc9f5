"""`ossia launch`: agents that are started with this server as their model, by environment and arguments alone.

Nothing is written: a user's own settings stay as they are and hold for all that the agent is not told here. This module
knows what each agent reads, not how models are found.
"""

import json
import os
import shlex
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from ossia.errors import OssiaError


@dataclass(frozen=True, slots=True)
class Start:
    """Environment and arguments that an agent is started with."""

    environment: dict[str, str] = field(default_factory=dict[str, str])
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Agent:
    """A program, the way to install it, and its start with a server's URL, an API key and a model."""

    program: str
    install: str
    start: Callable[[str, str, str], Start]


def _claude(url: str, key: str, model: str) -> Start:
    kinds = ("OPUS", "SONNET", "HAIKU")
    return Start(
        {
            "ANTHROPIC_BASE_URL": url,
            "ANTHROPIC_AUTH_TOKEN": key,
            "ANTHROPIC_API_KEY": "",
            **{f"ANTHROPIC_DEFAULT_{kind}_MODEL": model for kind in kinds},
            "CLAUDE_CODE_SUBAGENT_MODEL": model,
            "CLAUDE_CODE_ATTRIBUTION_HEADER": "0",  # it changes with each request, and with it the prompt's beginning
        },
        ("--model", model),
    )


def _codex(url: str, key: str, model: str) -> Start:
    """Start Codex with a provider of its own: `--oss` would pull a model whose name lacks its tag.

    All is said with -c, which also holds for Codex's commands, such as exec.
    """
    provider = {"name": "ossia", "base_url": f"{url}/v1", "wire_api": "responses", "env_key": "OSSIA_API_KEY"}
    settings = [f"model_providers.ossia.{name}={json.dumps(value)}" for name, value in provider.items()]
    options = [
        word
        for setting in (f"model={json.dumps(model)}", 'model_provider="ossia"', *settings)
        for word in ("-c", setting)
    ]
    return Start({"OSSIA_API_KEY": key}, tuple(options))


def _opencode(url: str, key: str, model: str) -> Start:
    provider = {
        "npm": "@ai-sdk/openai-compatible",
        "name": "ossia",
        "options": {"baseURL": f"{url}/v1", "apiKey": key},
        "models": {model: {"name": model}},
    }
    config = {"provider": {"ossia": provider}, "model": f"ossia/{model}"}
    return Start({"OPENCODE_CONFIG_CONTENT": json.dumps(config)})


AGENTS: Final = {
    "claude": Agent("claude", "npm install -g @anthropic-ai/claude-code", _claude),
    "codex": Agent("codex", "npm install -g @openai/codex", _codex),
    "opencode": Agent("opencode", "npm install -g opencode-ai", _opencode),
}


def program_of(name: str) -> str:
    """Return the path of an agent's program. Raises OssiaError if it is not installed."""
    agent = AGENTS[name]
    if (path := shutil.which(agent.program)) is None:
        raise OssiaError(f"the program {agent.program} is not installed", hint=f"`{agent.install}` installs it")
    return path


def described(start: Start) -> str:
    """Return what an agent is started with as words of a shell: a variable a line, then the arguments."""
    lines = [f"{name}={shlex.quote(value)}" for name, value in start.environment.items()]
    return "\n".join([*lines, shlex.join(start.arguments)]).strip()


def replace_process(path: str, start: Start, more: Sequence[str]) -> None:
    """Go on as the agent. Does not return."""
    os.execve(path, [path, *start.arguments, *more], os.environ | start.environment)
