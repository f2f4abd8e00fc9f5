"""The code in README.md and docs/, block by block, against a server with a double of gpt-oss: each runs as printed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.conftest import Double

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
ADDRESS = "http://localhost:11434"


def blocks(language: str) -> list[tuple[str, str]]:
    """Return the pages' blocks in a language, each with the name of its page."""
    pattern = re.compile(rf"```{language}\n(.*?)```", re.DOTALL)
    return [(page.stem, block) for page in PAGES for block in pattern.findall(page.read_text())]


PYTHON = blocks("python")
CLIENTS = [re.findall(r"from (\S+) import", block)[-1] for _, block in PYTHON]
CURL = [(page, line) for page, block in blocks("sh") for line in block.splitlines() if line.startswith("curl ")]


def run(double: Double, *command: str) -> str:
    environment = os.environ | {
        "OLLAMA_API_BASE": double.url,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "OPENAI_AGENTS_DISABLE_TRACING": "1",
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "block",
    [block for _, block in PYTHON],
    ids=[f"{page}-{client}" for (page, _), client in zip(PYTHON, CLIENTS, strict=True)],
)
def test_a_block_of_python(double: Double, block: str) -> None:
    assert run(double, sys.executable, "-c", block.replace(ADDRESS, double.url)).strip()


def test_the_loop_of_tools_ends_with_what_the_tool_said(double: Double) -> None:
    (loop,) = [block for _, block in PYTHON if "tool_call_id" in block]
    assert "Rain in Oslo." in run(double, sys.executable, "-c", loop.replace(ADDRESS, double.url))


@pytest.mark.parametrize("line", [line for _, line in CURL], ids=[page for page, _ in CURL])
def test_curl(double: Double, line: str) -> None:
    assert '"done":true' in run(double, "sh", "-c", line.replace(ADDRESS, double.url))
