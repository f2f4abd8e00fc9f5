"""Pulls and pushes that another machine asks for: from known registries only, and nobody hears what these say."""

import json
import threading
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest

from ossia.addresses import read_networks
from ossia.config import Access, Settings
from ossia.server.app import create_app
from ossia.server.pool import EnginePool
from ossia.store import http
from ossia.store.models import Model, ModelStore
from ossia.store.name import ModelName
from tests.conftest import Serve
from tests.doubles.scripted_engine import ScriptedEngine
from tests.registry.conftest import Stored
from tests.registry.proxy import Proxy
from tests.waiting import PATIENCE

HERE, ELSEWHERE = "127.0.0.1", "127.0.0.2"
SECRET = "the secret of the router"


@pytest.fixture
def ask(serve: Serve, store: ModelStore) -> Callable[..., tuple[int, list[dict[str, Any]]]]:
    """Ask a server for which 127.0.0.2 is another machine, which may manage: the status and the lines of the answer."""

    async def load(model: Model, start: object) -> ScriptedEngine:
        raise AssertionError("nothing is loaded")

    def ask(path: str, source: str, registries: tuple[str, ...] = (), **body: Any) -> tuple[int, list[dict[str, Any]]]:
        rules = Access(local=read_networks(HERE), manage_from=read_networks(ELSEWHERE), registries=registries)
        settings = Settings(access=rules)
        url = serve(create_app(settings, store, EnginePool(settings, load)))
        connection = HTTPConnection(urlsplit(url).netloc, source_address=(source, 0), timeout=PATIENCE)
        with closing(connection):
            connection.request("POST", path, json.dumps(body))
            response = connection.getresponse()
            return response.status, [json.loads(line) for line in response.read().splitlines()]

    return ask


Ask = Callable[..., tuple[int, list[dict[str, Any]]]]


@pytest.mark.parametrize("source", [HERE, ELSEWHERE])
def test_another_machine_names_no_registry_of_its_own(ask: Ask, proxy: Proxy, stored: Stored, source: str) -> None:
    status, lines = ask("/api/pull", source, model=f"{proxy.host}/library/x", insecure=True)
    if source == HERE:
        assert lines[-1] == {"status": "success"}
    else:
        assert status == 403
        assert f"OSSIA_REGISTRIES={proxy.host}" in lines[0]["hint"]
        assert proxy.asked == []


def test_a_registry_that_is_set_may_be_named(ask: Ask, proxy: Proxy, stored: Stored) -> None:
    registries = (proxy.host,)
    _, lines = ask("/api/pull", ELSEWHERE, registries, model=f"{proxy.host}/library/x", insecure=True)
    assert lines[-1] == {"status": "success"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/pull", {"model": "{}/library/x"}),
        ("/api/pull", {"model": "https://{}/library/x"}),
        ("/api/pull", {"name": "http://{}/library/x", "insecure": True}),
        ("/api/push", {"model": "{}/library/x"}),
        ("/api/push", {"model": "{}/library/x", "insecure": True}),
        ("/api/create", {"model": "new", "from": "{}/library/x"}),
        ("/api/pull", {"model": "registry.ollama.ai:{port}/library/x"}),
        ("/api/pull", {"model": "registry.ollama.ai.{}/library/x"}),
        ("/api/pull", {"model": "hf.co./library/x"}),
        ("/api/pull", {"model": "library/x", "insecure": True}),
        ("/api/pull", {"model": "169.254.169.254/latest/meta-data"}),
        ("/api/pull", {"model": "localhost:22/a/b"}),
    ],
)
@pytest.mark.parametrize("stream", [True, False])
def test_no_way_leads_to_another_registry(
    ask: Ask, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, path: str, body: dict[str, Any], stream: bool
) -> None:
    monkeypatch.setattr(http.HttpClient, "request", lambda *rest, **more: pytest.fail("a registry was asked"))
    port = proxy.host.rpartition(":")[2]
    filled = {
        name: text.format(proxy.host, port=port) if isinstance(text, str) else text for name, text in body.items()
    }
    status, lines = ask(path, ELSEWHERE, **filled, stream=stream)
    assert status == 403, lines
    assert "OSSIA_REGISTRIES" in lines[0]["hint"]


@pytest.mark.parametrize("model", ["x", "somebody/x:tag", "hf.co/a/b", "HuggingFace.co/a/b", "registry.ollama.ai/a/b"])
def test_known_registries_are_asked(ask: Ask, monkeypatch: pytest.MonkeyPatch, model: str) -> None:
    asked = threading.Event()

    def refuse(*rest: Any, **more: Any) -> None:
        asked.set()
        raise http.RegistryError("not now")

    monkeypatch.setattr(http.HttpClient, "reach", lambda client, url: frozenset({True}))
    monkeypatch.setattr(http.HttpClient, "request", refuse)
    status, _ = ask("/api/pull", ELSEWHERE, model=model, stream=False)
    assert (status, asked.is_set()) == (502, True)


@pytest.fixture
def talkative(serve_manifest: Callable[..., ModelName]) -> Callable[..., str]:
    """Start a registry that says a secret in this answer; returns its host."""

    def start(status: int, **headers: str) -> str:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return serve_manifest(json.dumps({"error": SECRET}).encode(), status, named).host

    return start


@pytest.mark.parametrize("source", [HERE, ELSEWHERE])
@pytest.mark.parametrize("path", ["/api/pull", "/api/create"])
@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (400, {}),
        (403, {}),
        (500, {"Retry_After": "1000"}),
        (302, {"Location": f"ftp://{SECRET.replace(' ', '-')}"}),
        (401, {"WWW_Authenticate": f"Basic {SECRET}"}),
        (401, {"WWW_Authenticate": f'Bearer realm="http://{SECRET.replace(" ", "-")}/x"'}),
    ],
)
def test_others_do_not_hear_what_a_registry_says(
    ask: Ask, talkative: Callable[..., str], source: str, path: str, status: int, headers: dict[str, str]
) -> None:
    host = talkative(status, **headers)
    body = (
        {"model": f"{host}/a/b", "from": f"{host}/a/b"}
        if path == "/api/pull"
        else {"model": "x", "from": f"{host}/a/b"}
    )
    answer = ask(path, source, (host,), **body, insecure=True, stream=False)
    if path == "/api/pull":
        assert (SECRET in str(answer) or SECRET.replace(" ", "-") in str(answer)) == (source == HERE)
    assert source == HERE or "secret" not in str(answer)
