"""The server on a network, by the clients themselves: over TLS, from another machine, under other names, by proxies.

127.0.0.1 is the server's own machine here, and 127.0.0.2 is another one.
"""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anthropic
import httpx
import httpx2
import ollama
import openai
import pytest

from ossia.addresses import read_networks
from ossia.config import Access, Settings
from ossia.server.app import create_app
from ossia.server.serve import Server
from ossia.server.tls import Certificate
from ossia.store.models import ModelStore
from tests.api.conftest import NAME, write_gguf
from tests.doubles.model_double import ANSWER, ModelDouble
from tests.doubles.scripted_engine import pool_of
from tests.tls import Authority

HERE, ELSEWHERE = "127.0.0.1", "127.0.0.2"
HELLO: Any = [{"role": "user", "content": "Hello"}]


@dataclass
class Lan:
    """A server with TLS, and clients of it from either machine."""

    port: int
    store: ModelStore
    trusting: ssl.SSLContext
    authority: Path
    held: ExitStack

    def url(self, name: str = "localhost") -> str:
        return f"https://{name}:{self.port}"

    def ollama(self, source: str, **headers: str) -> ollama.Client:
        transport = httpx.HTTPTransport(verify=self.trusting, local_address=source)
        return self.held.enter_context(ollama.Client(self.url(), transport=transport, headers=headers))

    def openai(self, source: str, **headers: str) -> openai.OpenAI:
        client = httpx2.Client(transport=httpx2.HTTPTransport(verify=self.trusting, local_address=source))
        made = openai.OpenAI(
            base_url=f"{self.url()}/v1", api_key="any", max_retries=0, http_client=client, default_headers=headers
        )
        return self.held.enter_context(made)

    def anthropic(self, source: str, **headers: str) -> anthropic.Anthropic:
        client = httpx2.Client(transport=httpx2.HTTPTransport(verify=self.trusting, local_address=source))
        made = anthropic.Anthropic(
            base_url=self.url(), api_key="any", max_retries=0, http_client=client, default_headers=headers
        )
        return self.held.enter_context(made)


@pytest.fixture
def lan(
    tmp_path: Path, stopping: list[threading.Thread], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Lan]]:
    running, held = list[Server](), ExitStack()

    def start(**rules: Any) -> Lan:
        engine, store = ModelDouble(), ModelStore(tmp_path / "models")
        store.create(NAME, files=[write_gguf(tmp_path / "gpt-oss.gguf")])
        settings = Settings(models=store.root, access=Access(local=read_networks(HERE), **rules))
        authority, sockets = Authority(tmp_path / "authority"), [socket.create_server((HERE, 0))]
        pool = pool_of(engine, settings)
        certificate = Certificate(*authority.issue("localhost", HERE, "ai.example.org"))
        running.append(Server(create_app(settings, store, pool), pool, certificate))
        stopping.append(threading.Thread(target=running[-1].run, args=(sockets,), daemon=True))
        stopping[-1].start()
        trusting = ssl.create_default_context(cafile=authority.file)
        return Lan(sockets[0].getsockname()[1], store, trusting, authority.file, held)

    yield start
    held.close()
    for each in running:
        each.should_exit = True


def infers(server: Lan, source: str, **headers: str) -> None:
    """Every client gets an answer, whole and streamed."""
    by_ollama = server.ollama(source, **headers)
    assert by_ollama.chat(NAME, HELLO).message.content == ANSWER
    assert "".join(part.message.content or "" for part in by_ollama.chat(NAME, HELLO, stream=True)) == ANSWER
    by_openai = server.openai(source, **headers)
    assert by_openai.chat.completions.create(model=NAME, messages=HELLO).choices[0].message.content == ANSWER
    with by_openai.responses.stream(model=NAME, input="Hello") as stream:
        assert stream.get_final_response().output_text == ANSWER
    by_anthropic = server.anthropic(source, **headers)
    with by_anthropic.messages.stream(model=NAME, max_tokens=99, messages=HELLO) as stream:
        assert stream.get_final_text() == ANSWER


def test_this_machine_does_everything_and_another_one_infers(lan: Callable[..., Lan]) -> None:
    server = lan()
    infers(server, HERE)
    infers(server, ELSEWHERE)
    here, there = server.ollama(HERE), server.ollama(ELSEWHERE)
    assert [model.model for model in there.list().models] == [NAME]
    here.copy(NAME, "mine")
    for manage in (
        lambda: there.copy(NAME, "theirs"),
        lambda: there.delete("mine"),
        lambda: there.pull("mine"),
        lambda: list(there.pull("mine", stream=True)),
        lambda: there.push("mine"),
        lambda: there.create("theirs", from_=NAME),
        lambda: there.create_blob(server.authority),
        lambda: there.generate(NAME, keep_alive=0),
    ):
        with pytest.raises(ollama.ResponseError, match="another machine") as caught:
            manage()
        assert caught.value.status_code == 403
    assert {model.model for model in here.list().models} == {NAME, "mine:latest"}
    assert here.generate(NAME, keep_alive=0).done_reason == "unload"
    assert there.chat(NAME, HELLO, keep_alive=0).message.content == ANSWER  # unloads, but that is inference


def test_behind_a_proxy_on_this_machine_everybody_is_somebody_else(lan: Callable[..., Lan]) -> None:
    server = lan()
    headers = {"X-Forwarded-For": "127.0.0.1"}
    infers(server, HERE, **headers)
    with pytest.raises(ollama.ResponseError, match="passed a proxy"):
        server.ollama(HERE, **headers).delete(NAME)


def test_machines_that_are_named_manage(lan: Callable[..., Lan]) -> None:
    server = lan(manage_from=read_networks(ELSEWHERE))
    assert server.ollama(ELSEWHERE).copy(NAME, "theirs").status == "success"


@pytest.mark.parametrize("host", ["host.docker.internal:11434", "ossia:11434", "ollama", "box.tail1a2b.ts.net"])
def test_names_that_containers_and_networks_use(lan: Callable[..., Lan], host: str) -> None:
    infers(lan(), ELSEWHERE, Host=host)


def test_the_public_name_of_a_proxy_must_be_set(lan: Callable[..., Lan]) -> None:
    infers(lan(hosts=("ai.example.org",)), ELSEWHERE, Host="ai.example.org")


def test_a_foreign_name_is_refused_in_the_words_of_each_api(lan: Callable[..., Lan]) -> None:
    server, foreign = lan(), {"Host": "evil.example"}
    with pytest.raises(ollama.ResponseError, match=r"'evil\.example' .* OSSIA_HOSTS") as by_ollama:
        server.ollama(HERE, **foreign).chat(NAME, HELLO)
    assert by_ollama.value.status_code == 403
    with pytest.raises(openai.PermissionDeniedError, match=r"'evil\.example' .* OSSIA_HOSTS"):
        server.openai(HERE, **foreign).chat.completions.create(model=NAME, messages=HELLO)
    with pytest.raises(anthropic.PermissionDeniedError, match=r"'evil\.example' .* OSSIA_HOSTS"):
        server.anthropic(HERE, **foreign).messages.create(model=NAME, max_tokens=9, messages=HELLO)
