"""Admission: web pages by their Origin, names of the server by Host, and other machines by their address."""

import json
import socket
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from ossia.addresses import read_networks
from ossia.config import Access, Settings
from ossia.server.app import create_app
from ossia.server.http import access
from ossia.server.http.access import answers_to, is_loopback
from ossia.server.http.endpoint import EndpointRoute
from ossia.store.models import ModelStore
from ossia.types import TextDelta
from tests.api.conftest import NAME, Answer, Api
from tests.conftest import Serve
from tests.doubles.scripted_engine import DONE, ScriptedEngine, pool_of
from tests.hostile.conftest import answer_of, message_of
from tests.waiting import PATIENCE

Start = Callable[..., Api]
HELLO = [{"role": "user", "content": "Hello"}]
OTHER_MACHINE = "127.0.0.2"
MANAGING: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/api/pull", {"model": "x"}),
    ("POST", "/api/push", {"model": NAME}),
    ("POST", "/api/create", {"model": "x", "from": NAME}),
    ("POST", "/api/copy", {"source": NAME, "destination": "x"}),
    ("DELETE", "/api/delete", {"model": NAME}),
    ("HEAD", f"/api/blobs/sha256:{'0' * 64}", {}),
    ("POST", f"/api/blobs/sha256:{'0' * 64}", {}),
    ("POST", "/api/generate", {"model": NAME, "keep_alive": 0}),
    ("POST", "/api/chat", {"model": NAME, "messages": [], "keep_alive": "0s", "stream": False}),
    ("POST", "/api/generate", {"model": NAME, "keep_alive": "1ns"}),
    ("POST", "/api/chat", {"model": NAME, "messages": [], "keep_alive": 0.001}),
    ("POST", "/api/embed", {"model": NAME, "keep_alive": "1us", "input": []}),
    ("POST", "/api/embed", {"model": NAME, "keep_alive": 0}),
    ("POST", "/api/embeddings", {"model": NAME, "prompt": "", "keep_alive": 0}),
]


@pytest.fixture
def start(serve: Serve, store: ModelStore) -> Start:
    def start(settings: Settings) -> Api:
        engine = ScriptedEngine(TextDelta("Hi."), DONE)
        app = create_app(settings, store, pool_of(engine, settings))
        return Api(serve(app), engine, [], app)

    return start


@pytest.fixture
def lan(start: Start) -> Callable[..., Api]:
    """A server for which 127.0.0.1 is its own machine, and 127.0.0.2 another one."""
    return lambda **rules: start(Settings(access=Access(local=read_networks("127.0.0.1"), **rules)))


def ask(
    api: Api, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, source: str = ""
) -> Answer:
    connection = api.connect()
    connection.source_address = (source or OTHER_MACHINE, 0)
    with closing(connection):
        connection.request(method, path, json.dumps(body) if body is not None else None, headers or {})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())


# ---- other machines


@pytest.mark.parametrize(("method", "path", "body"), MANAGING)
def test_another_machine_manages_nothing(lan: Start, method: str, path: str, body: dict[str, Any]) -> None:
    api = lan()
    answer = ask(api, method, path, body)
    assert answer.status == 403
    if method != "HEAD":
        assert OTHER_MACHINE in answer.json["error"]
        assert "OSSIA_MANAGE_FROM" in answer.json["hint"]
    assert ask(api, method, path, body, source="127.0.0.1").status != 403
    assert ask(api, method, path, body, {"X-Forwarded-For": "127.0.0.1"}, source="127.0.0.1").status == 403


@pytest.mark.parametrize(("method", "path", "body"), MANAGING)
def test_machines_that_are_named_may_manage(lan: Start, method: str, path: str, body: dict[str, Any]) -> None:
    api = lan(manage_from=read_networks("127.0.0.2/31"))
    assert ask(api, method, path, body).status != 403
    assert ask(api, method, path, body, {"Via": "1.1 proxy"}).status == 403  # behind which anybody may be


def test_a_proxy_that_is_trusted_says_who_manages(lan: Start) -> None:
    api = lan(trusted_proxies=read_networks(OTHER_MACHINE), manage_from=read_networks("192.168.0.0/16"))
    body = {"source": NAME, "destination": "x"}
    assert ask(api, "POST", "/api/copy", body, {"X-Forwarded-For": "10.0.0.1, 192.168.1.1"}).status == 200
    assert ask(api, "POST", "/api/copy", body, {"X-Forwarded-For": "192.168.1.1, 10.0.0.1"}).status == 403


def test_nothing_happens_before_a_refusal(lan: Start, store: ModelStore) -> None:
    api = lan()
    before = sorted(path.name for path in store.blobs.root.iterdir())
    for method, path, body in MANAGING:
        ask(api, method, path, body)
    assert sorted(path.name for path in store.blobs.root.iterdir()) == before
    assert [model.name.model for model in store.list()] == ["gpt-oss"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/chat", {"messages": HELLO, "keep_alive": 0}),
        ("/api/generate", {"prompt": "Hello", "keep_alive": 0}),
        ("/api/generate", {}),
        ("/api/chat", {"messages": []}),
        ("/api/show", {}),
        ("/v1/chat/completions", {"messages": HELLO}),
        ("/v1/completions", {"prompt": "Hello"}),
        ("/v1/responses", {"input": "Hello"}),
        ("/v1/messages", {"messages": HELLO, "max_tokens": 9}),
    ],
)
def test_another_machine_may_infer(lan: Start, path: str, body: dict[str, Any]) -> None:
    assert ask(lan(), "POST", path, {"model": NAME, **body}).status == 200


def test_every_operation_has_its_right(lan: Start) -> None:
    app = lan().app
    assert app
    operations = [route for route in app.routes if isinstance(route, EndpointRoute)]
    by_right = {
        right: {route.path for route in operations if route.described.operation.right == right}
        for right in ("open", "manage", "metrics")
    }
    assert by_right == {
        "open": {"/", "/api/version", "/openapi.json", "/docs", "/status", "/page/{file:path}"},
        "manage": {"/api/pull", "/api/push", "/api/create", "/api/copy", "/api/delete", "/api/blobs/{digest}"},
        "metrics": {"/metrics"},
    }


# ---- host names


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "192.168.1.5"])
def test_another_host_name_is_refused_on_every_address(start: Start, host: str) -> None:
    api = start(Settings(host=host))
    assert api.request("GET", "/", headers={"Host": "evil.example"}).status == 403
    for name in ("localhost", "host.docker.internal:11434", "ossia:11434", "ollama", "8.8.8.8"):
        assert api.request("GET", "/", headers={"Host": name}).status == 200


@pytest.mark.parametrize("path", ["/api/chat", "/v1/chat/completions", "/v1/responses", "/v1/messages", "/nowhere"])
@pytest.mark.parametrize("method", ["POST", "GET", "OPTIONS"])
def test_a_refusal_names_the_host_and_the_setting(start: Start, path: str, method: str) -> None:
    answer = start(Settings()).request(method, path, headers={"Host": "ai.example.org:11434"})
    assert answer.status == 403
    message = message_of(path, answer)
    assert "ai.example.org:11434" in message
    assert "OSSIA_HOSTS" in message
    if path.startswith("/api"):
        assert "OSSIA_HOSTS=ai.example.org," in answer.json["hint"]


@pytest.mark.parametrize(
    "host", ["[", "[::1", "evil.example/v1/messages", "a?b", "evil.example#/v1", "http://[", "\xff"]
)
@pytest.mark.parametrize("path", ["/api/tags", "/v1/models", "/v1/messages"])
def test_a_host_of_nonsense_is_refused_like_any_other(start: Start, host: str, path: str) -> None:
    answer = start(Settings()).request("GET", path, headers={"Host": host})
    assert answer.status == 403
    assert "OSSIA_HOSTS" in message_of(path, answer)


def test_names_that_are_set(start: Start) -> None:
    api = start(Settings(host="box.example.com", access=Access(hosts=("ai.example.org", "*.example.net"))))
    for host, status in {
        "ai.example.org": 200,
        "AI.Example.ORG.:443": 200,
        "a.b.example.net": 200,
        "box.example.com": 200,
        "example.net": 403,
        "x.ai.example.org": 403,
        "ai.example.org.evil.example": 403,
    }.items():
        assert api.request("GET", "/", headers={"Host": host}).status == status, host
    assert start(Settings(access=Access(hosts=("*",)))).request("GET", "/", headers={"Host": "any.example"}).status


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        *((name, True) for name in ("localhost:11434", "127.0.0.1", "[::1]:11434", "192.168.0.7:1", "0.0.0.0", "")),
        *((name, True) for name in ("8.8.8.8", "[2001:db8::1]", "[fe80::1%eth0]:80", "[::ffff:1.2.3.4]")),
        *((name, True) for name in ("ollama.localhost", "box.local:80", "host.docker.internal", "LOCALHOST.", "a.lan")),
        *((name, True) for name in ("ossia", "open-webui_1:8080", "Box.Fritz.HOME.ARPA", "me.tail1234.ts.net", "box:")),
        *((name, True) for name in ("this.machine.example", "THIS.machine.example.:80")),
        *((name, False) for name in ("evil.example", "localhost.evil.example", "[", "127.0.0.1.nip.io", "evil.a.")),
        *((name, False) for name in ("user@localhost", "localhost@evil.example", "localhost/evil", "local#", "a b")),
        *((name, False) for name in ("localhost:80:80", "localhost:port", "[::1", "::1", "[::1].evil.example", "[]")),
        *((name, False) for name in ("evil.example:80", "local.evil", "evillan.x", "xn--lhost-fsa.a", "\xff", "ö")),
        *((name, False) for name in ("localhost, evil.example", "a" * 400, "evil.example%00.localhost", "ts.net.evil")),
        *((name, False) for name in ("localhost\n", " localhost", "*", "[evil.example]", "[127.0.0.1:x]")),
    ],
)
def test_host_headers(header: str, accepted: bool) -> None:
    assert answers_to(header, (), {"this.machine.example"}) == accepted


def test_this_machine_has_a_name() -> None:
    assert socket.gethostname().lower() in access.own_names()


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (["Host: localhost", "Host: evil.example"], 400),
        (["Host: localhost", "Host: localhost"], 400),
        (["Host: evil.example", "host: localhost"], 400),
        (["Host:"], 200),
        ([], 200),
    ],
)
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_several_hosts_and_none(start: Start, lines: list[str], status: int, version: str) -> None:
    api = start(Settings())
    host, _, port = api.url.removeprefix("http://").partition(":")
    with closing(socket.create_connection((host, int(port)), timeout=PATIENCE)) as connection:
        connection.sendall("\r\n".join([f"GET /api/version HTTP/{version}", *lines, "\r\n"]).encode())
        assert answer_of(connection).status == status


def test_loopback_addresses() -> None:
    assert all(is_loopback(host) for host in ("127.0.0.1", "127.9.9.9", "::1", "localhost", "::ffff:127.0.0.1"))
    assert not any(is_loopback(host) for host in ("0.0.0.0", "::", "192.168.0.7", "example.org"))


# ---- web pages


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost", 200),
        ("http://localhost:3000", 200),
        ("https://127.0.0.1:8080", 200),
        ("app://obsidian.md", 200),
        ("vscode-webview://abc", 200),
        ("https://evil.example", 403),
        ("http://localhost.evil.example", 403),
        ("http://localhost:3000.evil.example", 403),
        ("https://good.example", 200),
        ("null", 403),
        ("https://good.example" + "x" * 10_000, 403),
    ],
)
def test_origins(start: Start, origin: str, status: int) -> None:
    api = start(Settings(origins=("https://good.example",)))
    answer = api.request("GET", "/api/version", headers={"Origin": origin})
    assert answer.status == status
    if status == 200:
        assert answer.headers["access-control-allow-origin"] == origin
        assert "x-request-id" in answer.headers["access-control-expose-headers"]  # which SDKs in web pages read


def test_a_request_that_fails_outside_of_all_routes_has_an_id(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    api = start(Settings())
    monkeypatch.setattr(access.AccessCheck, "_refusal", lambda *_: 1 / 0)
    answer = api.request("GET", "/api/version")
    assert (answer.status, answer.headers["request-id"][:4]) == (500, "req_")


@pytest.mark.parametrize("path", ["/api/chat", "/v1/chat/completions", "/v1/messages", "/nowhere"])
@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
def test_a_refused_page_is_told_in_the_form_of_its_api(start: Start, path: str, method: str) -> None:
    answer = start(Settings()).request(method, path, headers={"Origin": "https://evil.example"})
    assert answer.status == 403
    assert "https://evil.example" in message_of(path, answer)
    assert "OLLAMA_ORIGINS" in message_of(path, answer)


def test_any_origin(start: Start) -> None:
    api = start(Settings(origins=("*",)))
    assert api.request("GET", "/api/version", headers={"Origin": "https://any.example"}).status == 200


def test_a_page_of_a_name_that_is_set_is_at_home(start: Start) -> None:
    api = start(Settings(access=Access(hosts=("ai.example.org",))))
    at_home = {"Host": "ai.example.org", "Origin": "https://ai.example.org"}
    assert api.request("GET", "/api/version", headers=at_home).status == 200
    assert api.request("GET", "/api/version", headers=at_home | {"Origin": "https://example.org"}).status == 403


def test_a_preflight_request(start: Start) -> None:
    asks = {"Access-Control-Request-Method": "DELETE", "Access-Control-Request-Headers": "x-api-key, authorization"}
    answer = start(Settings()).request("OPTIONS", "/api/delete", headers={"Origin": "http://localhost:3000", **asks})
    assert answer.status == 200
    assert "DELETE" in answer.headers["access-control-allow-methods"]
    assert "x-api-key" in answer.headers["access-control-allow-headers"]
