"""Kernels of a GPU, compiled before a model is loaded, in a process of its own: so no first request waits for them.

It knows the process and how far it is. Models and kernels are known there alone.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ossia.config import EngineOptions
from ossia.engine.timeline import Timeline, silent
from ossia.python_command import python_command

logger = logging.getLogger(__name__)

MODULE = "ossia.engine.gpt_oss.cuda.precompile"


async def compile_ahead(models: Sequence[Sequence[Path]], options: EngineOptions) -> None:
    """Compile the kernels of these models, each a file or the parts of one. Whatever fails is only logged.

    If this is cancelled, the process ends. What it has compiled by then is kept.
    """
    if not models:
        return
    process = await asyncio.create_subprocess_exec(
        *python_command(MODULE, msgspec.json.encode(options).decode()),
        *(json.dumps([str(path) for path in files]) for files in models),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        await _follow(process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _follow(process: asyncio.subprocess.Process) -> None:
    """Log the progress that the process prints: the numbers of kernels that are done and of all that are known."""
    assert process.stdout, "it was asked for"
    timeline = Timeline(silent)
    async for line in process.stdout:
        done, total = map(int, line.split())
        timeline.note("compiling kernels", done, total)
    if code := await process.wait():
        logger.warning("kernels could not be compiled ahead (exit code %d); loading a model compiles them", code)
    else:
        timeline.end()
