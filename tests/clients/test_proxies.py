"""Reverse proxies as docs/deploy.md sets them up: nginx and Caddy themselves, before a real server."""

import json
import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any

import pytest

from ossia.addresses import read_networks
from ossia.config import Access
from tests.api.conftest import NAME, Answer
from tests.hostile.conftest import HELLO, Attack, Attacked, server, store
from tests.registry.server import free_port
from tests.tls import Authority
from tests.waiting import PATIENCE, wait_until

__all__ = ["server", "store"]

PAGE = (Path(__file__).parents[2] / "docs" / "deploy.md").read_text()
MANAGER, OTHER = "127.0.0.2", "127.0.0.3"
COPY = {"source": NAME, "destination": "copied"}
RULES = Access(
    hosts=("ai.example.org",), trusted_proxies=read_networks("127.0.0.1"), manage_from=read_networks(MANAGER)
)


def block(language: str) -> str:
    """Return the page's block in a language."""
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


def nginx(folder: Path, port: int, behind: int, certificate: tuple[Path, Path], config: str) -> list[str]:
    for told, here in (
        ("listen 443", f"listen 127.0.0.1:{port}"),
        ("/etc/ssl/ai.example.org.pem", str(certificate[0])),
        ("/etc/ssl/ai.example.org.key", str(certificate[1])),
        ("127.0.0.1:11434", f"127.0.0.1:{behind}"),
    ):
        assert told in config
        config = config.replace(told, here)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    whole = f"daemon off; pid {folder}/pid; error_log {folder}/log; events {{}}\n"
    (folder / "nginx.conf").write_text(f"{whole} http {{ access_log off;\n{temporary}{config} }}")
    return ["nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "log")]


def caddy(folder: Path, port: int, behind: int, certificate: tuple[Path, Path], config: str) -> list[str]:
    config = config.replace("ai.example.org {", f"https://ai.example.org:{port} {{\n bind 127.0.0.1\n tls {{}} {{}}", 1)
    config = config.replace("{} {}", f"{certificate[0]} {certificate[1]}").replace(":11434", f":{behind}")
    options = f"{{\n admin off\n auto_https off\n storage file_system {folder}\n}}\n"
    (folder / "Caddyfile").write_text(options + config)
    return ["caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


@pytest.fixture(params=["nginx", "caddy"])
def proxied(
    request: pytest.FixtureRequest, server: Attack, tmp_path: Path
) -> Iterator[Callable[..., tuple[Attacked, Callable[..., HTTPSConnection]]]]:
    """Start a server and the proxy before it: the server, and a function that connects to the proxy."""
    if not shutil.which(request.param):
        pytest.skip(f"{request.param} is not installed")
    authority, held = Authority(tmp_path / "authority"), ExitStack()

    def start(config: str = "") -> tuple[Attacked, Callable[..., HTTPSConnection]]:
        behind, port = server(access=RULES), free_port()
        make = {"nginx": nginx, "caddy": caddy}[request.param]
        certificate = authority.issue("ai.example.org")
        command = make(tmp_path, port, behind.address[1], certificate, config or block(request.param))
        held.enter_context(running(command, tmp_path, port))

        def connect(source: str = OTHER) -> HTTPSConnection:
            raw = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE, source_address=(source, 0))
            connection = HTTPSConnection("ai.example.org")
            connection.sock = held.enter_context(
                closing(authority.trusting().wrap_socket(raw, server_hostname="ai.example.org"))
            )
            return connection

        return behind, connect

    yield start
    held.close()


@contextmanager
def running(command: list[str], folder: Path, port: int) -> Iterator[None]:
    log = folder / "output"
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            wait_until(lambda: listens(port) or process.poll() is not None)
            assert process.poll() is None, log.read_text()
            yield
        finally:
            process.terminate()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def asked(connection: HTTPSConnection, path: str, body: Any, **headers: str) -> Answer:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    with closing(connection):
        connection.request("POST", path, body if isinstance(body, bytes) else json.dumps(body), named)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())


def test_words_come_as_they_are_written(proxied: Callable[..., Any]) -> None:
    behind, connect = proxied()
    behind.engine.released.clear()
    with closing(connect()) as connection:
        connection.request("POST", "/api/chat", json.dumps({"model": NAME, "messages": HELLO}))
        response = connection.getresponse()
        assert json.loads(response.readline())["message"]["content"] == "one "  # while the rest is not yet written
        behind.finish(response)


def test_the_proxy_tells_who_asks(proxied: Callable[..., Any]) -> None:
    _, connect = proxied()
    assert asked(connect(MANAGER), "/api/copy", COPY).status == 200
    for headers in (
        {},
        {"X_Forwarded_For": MANAGER},
        {"Forwarded": f"for={MANAGER}"},
        {"X_Forwarded_For": f"{MANAGER}, 127.0.0.1"},
        {"X_Real_IP": MANAGER},
    ):
        refused = asked(connect(OTHER), "/api/copy", COPY, **headers)
        assert refused.status == 403
        assert f"({OTHER})" in refused.json["error"]


def test_large_bodies_go_through(proxied: Callable[..., Any]) -> None:
    behind, connect = proxied()
    message = {"role": "user", "content": "x" * (3 << 20)}
    assert asked(connect(), "/api/chat", {"model": NAME, "messages": [message]}).status == 200
    assert behind.engine.requests[-1].prompt[-1].content == message["content"]


def test_a_proxy_that_tells_nothing_is_no_way_in(proxied: Callable[..., Any], request: pytest.FixtureRequest) -> None:
    """nginx with no more than it takes: it calls the server by its address, and says nothing of its client."""
    if request.node.callspec.params["proxied"] != "nginx":
        pytest.skip("Caddy tells by itself")
    _, connect = proxied(re.sub(r"^ *(proxy_(?!pass)|client_max).*\n", "", block("nginx"), flags=re.MULTILINE))
    assert asked(connect(MANAGER), "/api/chat", {"model": NAME, "messages": HELLO}).status == 200
    assert asked(connect(MANAGER), "/api/copy", COPY).status == 403
