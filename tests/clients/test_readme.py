"""The README's own tour, block by block, against a server with a double of gpt-oss: each runs as it is printed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.conftest import Double

README = Path(__file__).parents[2] / "README.md"
ADDRESS = "http://localhost:11434"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README.read_text(), re.DOTALL)


PYTHON = blocks("python")


def run(double: Double, *command: str) -> str:
    environment = os.environ | {
        "OLLAMA_API_BASE": double.url,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "OPENAI_AGENTS_DISABLE_TRACING": "1",
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("block", PYTHON, ids=[re.findall(r"from (\S+) import", block)[-1] for block in PYTHON])
def test_a_block_of_python(double: Double, block: str) -> None:
    assert run(double, sys.executable, "-c", block.replace(ADDRESS, double.url)).strip()


def test_the_loop_of_tools_ends_with_what_the_tool_said(double: Double) -> None:
    (loop,) = [block for block in PYTHON if "tool_call_id" in block]
    assert "Rain in Oslo." in run(double, sys.executable, "-c", loop.replace(ADDRESS, double.url))


def test_curl(double: Double) -> None:
    (line,) = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("curl ")]
    assert '"done":true' in run(double, "sh", "-c", line.replace(ADDRESS, double.url))
