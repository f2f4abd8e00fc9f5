"""OpenAI's own reference server for the Responses API, from the package gpt-oss, with Ollama as its engine.

It writes harmony itself, and reads raw text back, which it counts in tokens. It needs Python 3.12, a port that cannot
be chosen, and o200k's vocabulary.
"""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from tests.clients.conftest import Double, running_double
from tests.clients.environments import locked, python_with
from tests.clients.weather import PARAMETERS, QUESTION, REPORT
from tests.doubles.model_double import ANSWER, THOUGHT
from tests.registry.server import free_port
from tests.vocabulary import vocabulary
from tests.waiting import PATIENCE, wait_until

pytestmark = pytest.mark.slow  # it installs a package with a hundred others

PACKAGE = "gpt-oss==0.0.9"
PYENV = (Path.home() / ".pyenv" / "versions").glob("3.1[2-9]*/bin/python3")
TOOL: Any = {"type": "function", "name": "get_weather", "parameters": PARAMETERS, "strict": True}


def new_python() -> str | None:
    """A Python that the package can be installed in."""
    names = [sys.executable, *filter(None, map(shutil.which, ("python3.12", "python3.13"))), *map(str, PYENV)]
    check = "import sys, ensurepip; sys.exit(sys.version_info < (3, 12))"
    return next((name for name in names if subprocess.run([name, "-c", check], check=False).returncode == 0), None)


@pytest.fixture(scope="module")
def installed() -> Path:
    """The Python of an environment with the package, made once."""
    python = new_python()
    if python is None:
        pytest.skip(f"{PACKAGE} needs Python 3.12, which is not here")
    return python_with(PACKAGE, python=python) / "python"


@pytest.fixture(scope="module")
def ollamas_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Double]:
    """The double at the port where this client looks for Ollama."""
    threads: list[threading.Thread] = []
    with locked("port 11434"):
        try:
            with running_double(tmp_path_factory.mktemp("double"), threads, port=11434) as double:
                yield double
        except OSError as error:
            pytest.skip(f"port 11434 is in use: {error}")
        threads[0].join(timeout=PATIENCE)


@pytest.fixture(scope="module")
def client(installed: Path, ollamas_port: Double, tmp_path_factory: pytest.TempPathFactory) -> Iterator[openai.OpenAI]:
    port, log = free_port(), tmp_path_factory.mktemp("gpt-oss") / "log"
    command = [
        installed,
        "-m",
        "gpt_oss.responses_api.serve",
        "--inference-backend=ollama",
        "--checkpoint=gpt-oss:20b",
        f"--port={port}",
    ]
    environment = os.environ | {"TIKTOKEN_ENCODINGS_BASE": str(vocabulary().tiktoken.parent)}
    with log.open("wb") as output, subprocess.Popen(command, env=environment, stdout=output, stderr=output) as process:
        try:
            wait_until(lambda: b"Uvicorn running" in log.read_bytes() or process.poll() is not None, seconds=60)
            assert process.poll() is None, log.read_text()
            with openai.OpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key="ollama", max_retries=0) as client:
                yield client
        finally:
            process.terminate()


def test_it_answers_with_reasoning(client: openai.OpenAI) -> None:
    """Raw text goes in and comes back with its special tokens, each piece at a token's end."""
    response = client.responses.create(model="gpt-oss:20b", input=QUESTION)
    assert response.output_text == ANSWER
    (thought,) = [item for item in response.output if item.type == "reasoning"]
    assert thought.content is not None
    assert thought.content[0].text == THOUGHT


def test_it_streams(client: openai.OpenAI) -> None:
    with client.responses.create(model="gpt-oss:20b", input=QUESTION, stream=True) as stream:
        events = list(stream)
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert "".join(deltas) == ANSWER
    assert events[-1].type == "response.completed"


def test_it_plays_a_round_of_tools(client: openai.OpenAI, ollamas_port: Double) -> None:
    first = client.responses.create(model="gpt-oss:20b", input=QUESTION, tools=[TOOL])
    (call,) = [item for item in first.output if item.type == "function_call"]
    assert (call.name, call.arguments) == ("get_weather", '{"city": "Oslo"}')
    result: Any = {"type": "function_call_output", "call_id": call.call_id, "output": REPORT}
    conversation: Any = [{"role": "user", "content": QUESTION}, call.to_dict(), result]
    second = client.responses.create(model="gpt-oss:20b", input=conversation, tools=[TOOL])
    assert second.output_text == f"The tool says: {REPORT}"
    assert isinstance(ollamas_port.engine.requests[-1].prompt, str)
