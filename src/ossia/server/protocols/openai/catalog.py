"""Catalog of models for Codex, as its type `ModelInfo` reads it (codex-rs/protocol/src/openai_models.rs).

Codex takes its instructions from the catalog, so each model has some: without, it would have none at all.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from ossia.engine.facts import ModelFacts
from ossia.errors import OssiaError
from ossia.gguf import GGUF
from ossia.server.http.stream import Chunk
from ossia.store.models import Model

_INSTRUCTIONS: Final = """You are a coding agent that works in the user's terminal, in a folder of theirs.

- Find out before you act: read files and search the folder with your tools. Never guess what a file says.
- Keep going until what the user asked for is done, and check it: run the tests or the program.
- Change no more than is asked for, in the style of the code around it. Leave the user's other changes alone, and commit
  only if you are asked to.
- Before a group of commands say in one sentence what you are about to do.
- At the end tell briefly what you changed and where, and what you could not do.
"""
_EFFORTS: Final = {"low": "Short thoughts", "medium": "Balanced thoughts", "high": "Long thoughts"}


def catalog(models: Sequence[Model]) -> list[Chunk]:
    return [_entry(model, priority) for priority, model in enumerate(models)]


def _entry(model: Model, priority: int) -> Chunk:
    name, length = str(model.name), model.parameters.get("num_ctx") or _context_length(model.path)
    return {
        "slug": name,
        "display_name": name,
        "description": None,
        "default_reasoning_level": "medium",
        "supported_reasoning_levels": [{"effort": effort, "description": text} for effort, text in _EFFORTS.items()],
        "shell_type": "default",
        "visibility": "list",
        "supported_in_api": True,
        "priority": priority,
        "availability_nux": None,
        "upgrade": None,
        "base_instructions": _INSTRUCTIONS,
        "model_messages": {"instructions_template": _INSTRUCTIONS},
        "supports_reasoning_summaries": True,
        "support_verbosity": False,
        "default_verbosity": None,
        "apply_patch_tool_type": None,
        "truncation_policy": {"mode": "bytes", "limit": 10_000},
        "supports_parallel_tool_calls": True,
        "context_window": length,
        "experimental_supported_tools": [],
        "input_modalities": ["text"],
    }


@lru_cache(64)
def _context_length(path: Path) -> int | None:
    """Return the longest context of the model in a file, which cannot change: its path is the hash of its content."""
    try:
        return ModelFacts.of(GGUF.open(path)).context_length
    except (OssiaError, OSError):
        return None
