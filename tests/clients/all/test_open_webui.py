"""Open WebUI: its real server before ours, driven as its page drives it."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.clients.conftest import Double, answers
from tests.clients.environments import python_with
from tests.doubles.model_double import ANSWER, THOUGHT
from tests.registry.server import free_port
from tests.waiting import wait_until

MODEL = "gpt-oss:20b"
ASKED = {"model": MODEL, "messages": [{"role": "user", "content": "How is the day?"}]}
PYTORCH = "https://download.pytorch.org/whl/cpu"  # without CUDA: some gigabytes less


@pytest.fixture
def page(double: Double, tmp_path: Path) -> Iterator[httpx.Client]:
    """A client that has signed up."""
    programs = python_with("--extra-index-url", PYTORCH, "torch==2.13.0+cpu", "open-webui==0.12.4")
    port = free_port()
    settings = {
        "DATA_DIR": str(tmp_path),
        "HOME": str(tmp_path),
        "OLLAMA_BASE_URL": double.url,
        "WEBUI_SECRET_KEY": "secret",
        "OFFLINE_MODE": "1",
        "HF_HUB_OFFLINE": "1",
        "RAG_EMBEDDING_ENGINE": "ollama",
    }
    command = [programs / "open-webui", "serve", "--host", "127.0.0.1", "--port", str(port)]
    url, environment = f"http://127.0.0.1:{port}", os.environ | settings
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=log, stderr=log) as process,
    ):
        try:
            wait_until(lambda: answers(f"{url}/health") or process.poll() is not None, seconds=120)
            assert process.poll() is None, (tmp_path / "log").read_text()
            with closing(httpx.Client(base_url=url, timeout=30)) as client:
                person = {"name": "Ada", "email": "ada@a.example", "password": "Secret-1234"}
                token = client.post("/api/v1/auths/signup", json=person).raise_for_status().json()["token"]
                client.headers["Authorization"] = f"Bearer {token}"
                yield client
        finally:
            process.kill()


@pytest.mark.timeout(3000)  # with the installation, the largest of all
def test_open_webui(page: httpx.Client) -> None:
    """It reads versions and lists, and turns Ollama's streams into OpenAI's."""
    models = {model["id"] for model in page.get("/api/models").raise_for_status().json()["data"]}
    assert {MODEL, "gpt-oss:120b", "tiny:latest"} <= models
    assert "version" in page.get("/ollama/api/version").raise_for_status().json()
    whole = page.post("/api/chat/completions", json=ASKED).raise_for_status().json()["choices"][0]["message"]
    assert whole["content"] == ANSWER
    streamed = page.post("/api/chat/completions", json=ASKED | {"stream": True}).raise_for_status().text
    assert THOUGHT in streamed
    assert streamed.rstrip().endswith("data: [DONE]")
    assert len(streamed.splitlines()) > 2 * len(ANSWER.split())
    native = page.post("/ollama/api/chat", json=ASKED).raise_for_status().text.splitlines()
    assert '"done":true' in native[-1]
    vectors = page.post("/api/embeddings", json={"model": MODEL, "input": ["Hello"]}).raise_for_status().json()
    assert len(vectors["data"][0]["embedding"]) == 8
