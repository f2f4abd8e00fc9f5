"""Python libraries that cannot share an environment with those of the first tier."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.clients.all.conftest import RunPython
from tests.clients.conftest import Double
from tests.clients.environments import python_with
from tests.clients.weather import QUESTION, REPORT
from tests.doubles.model_double import ANSWER, THOUGHT

SAID = f"The tool says: {REPORT}"

pytestmark = pytest.mark.timeout(400)  # with the installation


def test_litellm(double: Double, run_python: RunPython) -> None:
    """By its way through prompts the answer to a result is in JSON, for it asks for that to the end."""
    programs = python_with("litellm==1.106.2", "mcp==2.3.0")
    seen = run_python(programs, "litellm_alone.py", URL=double.url, LITELLM_LOCAL_MODEL_COST_MAP="True")
    assert seen.pop("embeddings") == [8, 8]
    assert set(seen) == {"ollama", "ollama_chat", "openai"}
    for provider, answers in seen.items():
        assert answers["texts"] == [ANSWER] * 3, provider
        assert answers["reasoning"] == THOUGHT, provider
        assert answers["call"] == answers["typed"] == {"city": "Oslo"}, provider
        assert answers["followed"] == ("{}" if provider == "ollama" else SAID), provider
        assert "absent" in answers["missing"], provider


def test_llama_index(double: Double, run_python: RunPython) -> None:
    """Its constructor reads the length of the context, which it then asks for with every request."""
    programs = python_with("llama-index-llms-ollama==0.11.0", "llama-index-embeddings-ollama==0.10.0")
    assert run_python(programs, "llama_index_ollama.py", URL=double.url) == {
        "text": ANSWER,
        "streamed": ANSWER,
        "completed": ANSWER,
        "call": ["get_weather", {"city": "Oslo"}],
        "followed": SAID,
        "typed": {"city": "Oslo"},
        "context": 131072,
        "embedding": 8,
    }
    assert double.engine.requests[-1].placement.context_length == 131072


def test_instructor(double: Double, run_python: RunPython) -> None:
    """It forces a tool, or gives a schema."""
    seen = run_python(python_with("instructor==1.17.0"), "instructor_modes.py", URL=double.url)
    assert len(seen) == 4
    assert all(answer == {"city": "Oslo", "sunny": True} for answer in seen.values()), seen


def test_llm(double: Double, tmp_path: Path) -> None:
    """Models with different digests are listed apart, and those that complete can be asked."""
    program = python_with("llm==0.36", "llm-ollama==0.19.1") / "llm"
    environment = {"HOME": str(tmp_path), "LLM_USER_PATH": str(tmp_path), "OLLAMA_HOST": double.url, "PATH": "/bin"}

    def llm(*arguments: str) -> str:
        done = subprocess.run(
            [program, *arguments], env=environment, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    assert {"Ollama: ollama/gpt-oss:20b", "Ollama: ollama/gpt-oss:120b"} <= set(llm("models").splitlines())
    assert llm("-m", "ollama/gpt-oss:20b", QUESTION) == ANSWER
    assert llm("-m", "ollama/gpt-oss:20b", "--no-stream", QUESTION) == ANSWER
    assert json.loads(llm("-m", "ollama/gpt-oss:20b", "--schema", "city, degrees int", QUESTION)) == {
        "city": "Oslo",
        "degrees": 1,
    }
    assert llm("-c", "And tomorrow?")
    function = "def get_weather(city: str) -> str:\n    'The weather in a city.'\n    return f'18 degrees in {city}'"
    assert llm("-m", "ollama/gpt-oss:20b", "--functions", function, QUESTION) == SAID
