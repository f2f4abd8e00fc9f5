"""The code in README.md and docs/, block by block, and the tour, on the embedded model: each runs as printed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.conftest import Server

pytestmark = pytest.mark.trained

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
ADDRESS = "http://localhost:11434"


def blocks(language: str) -> list[tuple[str, str]]:
    """Return the pages' blocks in a language, each with the name of its page."""
    pattern = re.compile(rf"```{language}\n(.*?)```", re.DOTALL)
    return [(page.stem, block) for page in PAGES for block in pattern.findall(page.read_text())]


PYTHON = [block for _, block in blocks("python")]
CURL = [(page, line) for page, block in blocks("sh") for line in block.splitlines() if line.startswith("curl ")]


def run(server: Server, *command: str) -> str:
    environment = server.environment | {
        "OLLAMA_API_BASE": server.url,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "OPENAI_AGENTS_DISABLE_TRACING": "1",
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_block(server: Server, *words: str) -> str:
    """Run the only block of Python that has these words."""
    (block,) = [block for block in PYTHON if all(word in block for word in words)]
    return run(server, sys.executable, "-c", block.replace(ADDRESS, server.url)).strip()


def test_chat(server: Server) -> None:
    assert len(run_block(server, '"role": "system"').split()) > 5


def test_thinking(server: Server) -> None:
    lines = re.findall(
        r"^(none|low|medium|high): (.*?) -> (.+?)$", run_block(server, "effort"), re.MULTILINE | re.DOTALL
    )
    assert [effort for effort, _, _ in lines] == ["none", "low", "medium", "high"]
    assert [thoughts != "None" for _, thoughts, _ in lines] == [False, True, True, True]


def test_the_loop_of_tools_ends_with_what_the_tool_said(server: Server) -> None:
    answer = run_block(server, "tool_call_id")
    assert ("Berlin" in answer, "sunny" in answer) == (True, True)


def test_a_schema(server: Server) -> None:
    assert run_block(server, "BaseModel") == "name='Ada Lovelace' age=36 city='London'"


def test_an_agent(server: Server) -> None:
    assert "sunny" in run_block(server, "from agents import")


def test_responses(server: Server) -> None:
    assert "Ada" in run_block(server, "previous_response_id")


def test_messages(server: Server) -> None:
    assert run_block(server, "from anthropic import")


def test_every_block_was_run() -> None:
    """A new one needs a test of its own."""
    assert len(PYTHON) == 7


@pytest.mark.slow
def test_the_tour(server: Server, tmp_path: Path) -> None:
    tour = tmp_path / "tour.py"
    tour.write_text((ROOT / "examples" / "tour.py").read_text().replace(ADDRESS, server.url))
    seen = run(server, sys.executable, str(tour))
    assert len(re.findall("^\033\\[1m", seen, re.MULTILINE)) == 6
    assert 'it calls get_weather({"city": "Berlin"})' in seen.replace('":"', '": "')
    assert seen.count("sunny") == 2
    assert "Person(name='Ada Lovelace', age=36, city='London')" in seen


@pytest.mark.parametrize("line", [line for _, line in CURL], ids=[page for page, _ in CURL])
def test_curl(server: Server, line: str) -> None:
    """Answers of models end as Ollama's do; the other lines ask for what the server says of itself."""
    seen = "ossia_requests_total" if "/metrics" in line else '"uptime_seconds"' if "/status" in line else '"done":true'
    assert seen in run(server, "sh", "-c", line.replace(ADDRESS, server.url))
