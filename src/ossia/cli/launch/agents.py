"""Agents that can be started with this server as their model, and what each reads.

Most take all by environment and arguments, or from a file of ossia's own that they merge with their settings. Where
only the user's own settings file will do, the change to it is told here, and made in files.py. This module does not
know how models are found.
"""

import json
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from ossia.cli.launch.files import Edit, Setting
from ossia.cli.launch.json_text import Having
from ossia.errors import OssiaError

_LONGEST_ANSWER: Final = 32_000  # tokens


@dataclass(frozen=True, slots=True)
class Use:
    """A server's URL, an API key, a model, the tokens of its context, and the folder of files that are ossia's own.

    Agents that do not know the model take its context for larger than it is, and never shorten their conversation.
    `for_codex` is the model as Codex describes models.
    """

    url: str
    key: str
    model: str
    context: int
    own: Path
    for_codex: dict[str, Any] | None = None

    @property
    def v1(self) -> str:
        return f"{self.url}/v1"

    @property
    def longest_answer(self) -> int:
        return min(_LONGEST_ANSWER, self.context // 4)


@dataclass(frozen=True, slots=True)
class Start:
    """Environment, arguments and files that an agent is started with. `edit` is of a file of the user's."""

    environment: dict[str, str] = field(default_factory=dict[str, str])
    arguments: tuple[str, ...] = ()
    own: tuple[Path, str] | None = None
    edit: Edit | None = None


@dataclass(frozen=True, slots=True)
class Agent:
    """A program, its title, the way to it, and its start."""

    program: str
    title: str
    install: str
    start: Callable[[Use], Start]

    @property
    def path(self) -> str | None:
        return shutil.which(self.program)


def _claude(use: Use) -> Start:
    kinds = ("OPUS", "SONNET", "HAIKU")
    return Start(
        {
            "ANTHROPIC_BASE_URL": use.url,
            "ANTHROPIC_AUTH_TOKEN": use.key,
            "ANTHROPIC_API_KEY": "",
            **{f"ANTHROPIC_DEFAULT_{kind}_MODEL": use.model for kind in kinds},
            "CLAUDE_CODE_SUBAGENT_MODEL": use.model,
            "CLAUDE_CODE_MAX_CONTEXT_TOKENS": str(use.context),
            "CLAUDE_CODE_MAX_OUTPUT_TOKENS": str(use.longest_answer),
            "CLAUDE_CODE_ATTRIBUTION_HEADER": "0",  # it changes with each request, and with it the prompt's beginning
        },
        ("--model", use.model),
    )


def _codex(use: Use) -> Start:
    """Start Codex with a provider of its own: `--oss` would pull a model whose name lacks its tag.

    All is said with -c, which also holds for Codex's commands, such as exec.
    """
    provider = {"name": "ossia", "base_url": use.v1, "wire_api": "responses", "env_key": "OSSIA_API_KEY"}
    settings = [f"model_providers.ossia.{name}={json.dumps(value)}" for name, value in provider.items()]
    settings += [f"model={json.dumps(use.model)}", 'model_provider="ossia"', f"model_context_window={use.context}"]
    file = use.own / "codex.json"
    if use.for_codex:  # without, it warns that it does not know the model, and sends twice as many instructions
        settings.append(f"model_catalog_json={json.dumps(str(file))}")
    own = (file, json.dumps({"models": [use.for_codex]}, indent=2)) if use.for_codex else None
    return Start({"OSSIA_API_KEY": use.key}, tuple(word for setting in settings for word in ("-c", setting)), own)


def _opencode(use: Use) -> Start:
    provider = {
        "npm": "@ai-sdk/openai-compatible",
        "name": "ossia",
        "options": {"baseURL": use.v1, "apiKey": use.key},
        "models": {
            use.model: {"name": use.model, "limit": {"context": use.context, "output": use.longest_answer}},
        },
    }
    config = {"provider": {"ossia": provider}, "model": f"ossia/{use.model}"}
    return Start({"OPENCODE_CONFIG_CONTENT": json.dumps(config)})


def _copilot(use: Use) -> Start:
    return Start(
        {
            "COPILOT_PROVIDER_BASE_URL": use.v1,
            "COPILOT_PROVIDER_API_KEY": use.key,
            "COPILOT_PROVIDER_WIRE_API": "responses",
            "COPILOT_MODEL": use.model,
            "COPILOT_PROVIDER_MAX_PROMPT_TOKENS": str(use.context - use.longest_answer),
            "COPILOT_PROVIDER_MAX_OUTPUT_TOKENS": str(use.longest_answer),
        }
    )


def _qwen(use: Use) -> Start:
    server = ("--auth-type", "openai", "--openai-base-url", use.v1)
    return Start({"OPENAI_API_KEY": use.key}, (*server, "--model", use.model))


def _kimi(use: Use) -> Start:
    return Start(
        {
            "KIMI_MODEL_NAME": use.model,
            "KIMI_MODEL_PROVIDER_TYPE": "openai",
            "KIMI_MODEL_BASE_URL": use.v1,
            "KIMI_MODEL_API_KEY": use.key,
            "KIMI_MODEL_CAPABILITIES": "thinking",
            "KIMI_MODEL_MAX_CONTEXT_SIZE": str(use.context),
        }
    )


def _goose(use: Use) -> Start:
    return Start({"GOOSE_PROVIDER": "ollama", "GOOSE_MODEL": use.model, "OLLAMA_HOST": use.url})


def _droid(use: Use) -> Start:
    id = "custom:ossia"
    model = {
        "id": id,
        "index": 0,
        "model": use.model,
        "displayName": f"{use.model} (ossia)",
        "baseUrl": use.v1,
        "apiKey": use.key,
        "provider": "generic-chat-completion-api",
        "maxOutputTokens": use.longest_answer,
    }
    settings = {"customModels": [model], "sessionDefaultSettings": {"model": id}}
    file = use.own / "droid.json"
    return Start({}, ("--settings", str(file)), (file, json.dumps(settings, indent=2)))


def _pi(use: Use) -> Start:
    """Start Pi with an extension that adds the provider: models.json is the user's."""
    provider = {"baseUrl": use.v1, "api": "openai-completions", "apiKey": use.key, "models": [_described(use)]}
    file = use.own / "pi.js"
    text = f'export default function (pi) {{\n  pi.registerProvider("ossia", {json.dumps(provider)});\n}}\n'
    return Start({}, ("--extension", str(file), "--provider", "ossia", "--model", use.model), (file, text))


def _cline(use: Use) -> Start:
    ollama = ("providers", "ollama")
    settings = {"provider": "ollama", "baseUrl": use.url, "apiKey": use.key, "model": use.model}
    edit = Edit(
        Path.home() / ".cline" / "data" / "settings" / "providers.json",
        [
            Setting(("version",), 1, default=True),
            Setting(("modes",), {}, default=True),
            Setting(("lastUsedProvider",), "ollama"),
            *(Setting((*ollama, "settings", name), value) for name, value in settings.items()),
            Setting((*ollama, "updatedAt"), f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.000Z", default=True),
            Setting((*ollama, "tokenSource"), "manual", default=True),
        ],
    )
    return Start({}, ("--provider", "ollama", "--model", use.model), edit=edit)


def _openclaw(use: Use) -> Start:
    ossia = ("models", "providers", "ossia")
    provider = {"baseUrl": use.url, "apiKey": use.key, "api": "ollama", "models": [_described(use)]}
    own = os.environ.get("OPENCLAW_CONFIG_PATH")
    edit = Edit(
        Path(own).expanduser() if own else Path.home() / ".openclaw" / "openclaw.json",
        [
            *(Setting((*ossia, name), value) for name, value in provider.items()),
            Setting(("agents", "defaults", "model", "primary"), f"ossia/{use.model}"),
            Setting(("gateway", "mode"), "local", default=True),
        ],
    )
    return Start(edit=edit)


def _vscode(use: Use) -> Start:
    """Start VS Code with a custom endpoint, which its chat shows among the models."""
    place = "Library/Application Support" if sys.platform == "darwin" else ".config"
    model = {
        "id": use.model,
        "name": use.model,
        "url": f"{use.v1}/chat/completions",
        "toolCalling": True,
        "vision": False,
        "maxInputTokens": use.context - use.longest_answer,
        "maxOutputTokens": use.longest_answer,
    }
    group = {"vendor": "customendpoint", "apiKey": use.key, "apiType": "chat-completions", "models": [model]}
    ossia = Having("name", "ossia")
    edit = Edit(
        Path.home() / place / "Code" / "User" / "chatLanguageModels.json",
        [Setting((ossia, name), value) for name, value in group.items()],
    )
    return Start(edit=edit)


def _described(use: Use) -> dict[str, object]:
    """Return a model as Pi and OpenClaw describe it."""
    free = dict.fromkeys(("input", "output", "cacheRead", "cacheWrite"), 0)
    return {
        "id": use.model,
        "name": use.model,
        "reasoning": True,
        "input": ["text"],
        "cost": free,
        "contextWindow": use.context,
        "maxTokens": use.longest_answer,
    }


def _npm(package: str) -> str:
    return f"`npm install -g {package}` installs it"


AGENTS: Final = {
    "claude": Agent("claude", "Claude Code", _npm("@anthropic-ai/claude-code"), _claude),
    "cline": Agent("cline", "Cline", _npm("cline"), _cline),
    "codex": Agent("codex", "Codex", _npm("@openai/codex"), _codex),
    "copilot": Agent("copilot", "GitHub Copilot CLI", _npm("@github/copilot"), _copilot),
    "droid": Agent("droid", "Droid", _npm("droid"), _droid),
    "goose": Agent("goose", "Goose", "https://goose-docs.ai tells how to install it", _goose),
    "kimi": Agent("kimi", "Kimi Code", _npm("@moonshot-ai/kimi-code"), _kimi),
    "openclaw": Agent("openclaw", "OpenClaw", _npm("openclaw"), _openclaw),
    "opencode": Agent("opencode", "opencode", _npm("opencode-ai"), _opencode),
    "pi": Agent("pi", "Pi", _npm("@earendil-works/pi-coding-agent"), _pi),
    "qwen": Agent("qwen", "Qwen Code", _npm("@qwen-code/qwen-code"), _qwen),
    "vscode": Agent("code", "Visual Studio Code", "https://code.visualstudio.com has it", _vscode),
}


def program_of(agent: Agent) -> str:
    """Return the path of an agent's program. Raises OssiaError if it is not installed."""
    if (path := agent.path) is None:
        raise OssiaError(f"the program {agent.program} is not installed", hint=agent.install)
    return path


def described(program: str, start: Start) -> str:
    """Return an agent's start as words of a shell: a variable a line, then the command."""
    lines = [f"{name}={shlex.quote(value)} \\" for name, value in start.environment.items()]
    return "\n".join([*lines, shlex.join((program, *start.arguments))])


def replace_process(path: str, start: Start, more: Sequence[str]) -> None:
    """Go on as the agent. Does not return."""
    os.execve(path, [path, *start.arguments, *more], os.environ | start.environment)
