"""API keys by real clients over real sockets: who needs one, what each permits, and changes while the server runs.

127.0.0.1 is the server's own machine here, 127.0.0.2 another one.
"""

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anthropic
import httpx
import httpx2  # Anthropic's client's
import ollama
import openai
import pytest

from ossia.addresses import read_networks
from ossia.cli.arguments import main
from ossia.config import Access, Settings
from ossia.server.app import create_app
from ossia.server.http.endpoint import EndpointRoute
from ossia.server.protocols.rerank import rerank
from ossia.store.keyring import KeyRing
from ossia.store.keys import KeyFile
from ossia.store.models import ModelStore
from ossia.types import TextDelta
from tests.api.conftest import NAME, Answer, Api, write_gguf
from tests.clients.conftest import Server, running_server
from tests.conftest import Serve
from tests.doubles.scripted_engine import DONE, Hang, ScriptedEngine, pool_of
from tests.registry.server import free_port
from tests.waiting import PATIENCE, wait_until

OTHER_MACHINE = "127.0.0.2"
HELLO: Any = [{"role": "user", "content": "Hello"}]

ROUTES = [
    *(
        ("GET", "/api/tags"),
        ("GET", "/api/ps"),
        ("POST", "/api/show"),
        ("POST", "/api/chat"),
        ("POST", "/api/generate"),
    ),
    *(("POST", "/api/embed"), ("POST", "/api/embeddings"), ("POST", "/api/pull"), ("POST", "/api/push")),
    *(("POST", "/api/create"), ("POST", "/api/copy"), ("DELETE", "/api/delete")),
    *(("HEAD", "/api/blobs/sha256:0"), ("POST", "/api/blobs/sha256:0")),
    *(("GET", "/v1/models"), ("GET", "/v1/models/x"), ("POST", "/v1/chat/completions"), ("POST", "/v1/completions")),
    *(("POST", "/v1/embeddings"), ("POST", "/v1/responses"), ("POST", "/v1/responses/input_tokens")),
    ("POST", "/v1/responses/compact"),
    *(("GET", "/v1/responses/x"), ("DELETE", "/v1/responses/x"), ("GET", "/v1/responses/x/input_items")),
    *(("POST", "/v1/responses/x/cancel"), ("POST", "/v1/messages"), ("POST", "/v1/messages/count_tokens")),
    *(("POST", "/v1/conversations"), ("GET", "/v1/conversations/x"), ("POST", "/v1/conversations/x")),
    *(("DELETE", "/v1/conversations/x"), ("GET", "/v1/conversations/x/items"), ("POST", "/v1/conversations/x/items")),
    *(("GET", "/v1/conversations/x/items/y"), ("DELETE", "/v1/conversations/x/items/y")),
    *(("POST", path) for path in rerank.PATHS),
    *(("GET", "/metrics"), ("GET", "/status")),
]

Start = Callable[..., Api]
Command = Callable[..., str]


@pytest.fixture
def start(serve: Serve, tmp_path: Path) -> Start:
    store = ModelStore(tmp_path / "models")
    store.create(NAME, files=[write_gguf(tmp_path / "gpt-oss.gguf")])

    def start(api_keys: tuple[str, ...] = (), **rules: Any) -> Api:
        engine = ScriptedEngine(TextDelta("Hi."), DONE)
        access = Access(local=read_networks("127.0.0.1"), **rules)
        settings = Settings(models=tmp_path / "models", access=access, api_keys=api_keys)
        app = create_app(settings, store, pool_of(engine, settings))
        return Api(serve(app), engine, [], app)

    return start


@pytest.fixture
def api(start: Start) -> Api:
    return start()


@pytest.fixture
def key(capsys: pytest.CaptureFixture[str]) -> Command:
    """`ossia key`, which returns its standard output."""

    def run(*words: str) -> str:
        capsys.readouterr()
        assert main(["key", *words]) == 0
        return capsys.readouterr().out.strip()

    return run


@pytest.fixture
def closing_clients() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


class Clients:
    """Python clients of one server with one key, on this machine or another."""

    def __init__(self, stack: ExitStack, url: str, key: str, source: str = OTHER_MACHINE) -> None:
        def claude(**key: str) -> anthropic.Anthropic:
            transport = httpx2.HTTPTransport(local_address=source)
            http = stack.enter_context(httpx2.Client(transport=transport))
            return anthropic.Anthropic(base_url=url, max_retries=0, http_client=http, **key)

        transport = httpx.HTTPTransport(local_address=source)
        http = stack.enter_context(httpx.Client(transport=transport))
        self.openai = openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0, http_client=http)
        self.anthropic, self.bearer = claude(api_key=key), claude(auth_token=key)
        self.ollama = ollama.Client(
            url,
            headers={"Authorization": f"Bearer {key}"},
            transport=httpx.HTTPTransport(local_address=source),
        )
        stack.callback(self.ollama._client.close)

    def chat(self) -> list[str | None]:
        """Ask once by each client."""
        messages = [
            client.messages.create(model=NAME, max_tokens=50, messages=HELLO)
            for client in (self.anthropic, self.bearer)
        ]
        return [
            self.openai.chat.completions.create(model=NAME, messages=HELLO).choices[0].message.content,
            self.ollama.chat(NAME, HELLO).message.content,
            *(block.text for message in messages for block in message.content if block.type == "text"),
        ]


Connect = Callable[..., Clients]


@pytest.fixture
def connect(closing_clients: ExitStack) -> Connect:
    def connect(api: Api, key: str, source: str = OTHER_MACHINE) -> Clients:
        return Clients(closing_clients, api.url, key, source)

    return connect


def ask(
    api: Api, method: str, path: str, body: Any = None, key: str = "", source: str = OTHER_MACHINE, **headers: str
) -> Answer:
    connection = http.client.HTTPConnection(urlsplit(api.url).netloc, timeout=PATIENCE, source_address=(source, 0))
    headers |= {"Authorization": f"Bearer {key}"} if key else {}
    with closing(connection):
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())


# ---- who needs a key


def test_while_there_is_no_key_any_is_taken(api: Api, connect: Connect) -> None:
    for text in ("ollama", "placeholder", "ossia-" + "0" * 48):
        assert connect(api, text).chat() == ["Hi."] * 4


def test_once_there_is_a_key_other_machines_need_it_and_this_one_does_not(
    api: Api, key: Command, connect: Connect
) -> None:
    secret = key("create", "laptop")
    assert connect(api, secret).chat() == ["Hi."] * 4
    assert connect(api, "ollama", "127.0.0.1").chat() == ["Hi."] * 4
    assert connect(api, secret, "127.0.0.1").chat() == ["Hi."] * 4
    wrong = connect(api, "ollama")
    with pytest.raises(openai.AuthenticationError) as of_openai:
        wrong.openai.chat.completions.create(model=NAME, messages=HELLO)
    assert of_openai.value.code == "invalid_api_key"
    assert of_openai.value.response.headers["www-authenticate"] == "Bearer"
    for client in (wrong.anthropic, wrong.bearer):
        with pytest.raises(anthropic.AuthenticationError) as of_anthropic:
            client.messages.create(model=NAME, max_tokens=50, messages=HELLO)
        body: Any = of_anthropic.value.body
        assert (body["type"], body["error"]["type"]) == ("error", "authentication_error")
    with pytest.raises(ollama.ResponseError, match="the API key is not known here") as of_ollama:
        wrong.ollama.chat(NAME, HELLO)
    assert of_ollama.value.status_code == 401


def test_an_error_says_what_to_do(api: Api, key: Command) -> None:
    key("create", "laptop")
    answer = ask(api, "GET", "/api/tags")
    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.json["error"] == "this server needs an API key, as `Authorization: Bearer KEY` or `x-api-key: KEY`"
    for path in ("/v1/models", "/v1/messages"):
        told = ask(api, "POST" if path == "/v1/messages" else "GET", path).json["error"]["message"]
        assert told == f"{answer.json['error']} (hint: {answer.json['hint']})", "these APIs have no field for a hint"
    assert "OSSIA_API_KEY" in answer.json["hint"]


def test_every_route_needs_a_key(api: Api, key: Command) -> None:
    secret = key("create", "laptop", "--scope", "manage")
    wrong = ("", "ollama", secret[:-1], f"{secret}0", secret.upper(), "x" * 50_000)
    for method, path in ROUTES:
        for text in wrong:
            assert ask(api, method, path, {}, text).status == 401, (method, path, text)
            assert ask(api, method, path, {}, **{"x-api-key": text}).status == 401, (method, path, text)
        assert ask(api, method, path, {}, secret).status != 401, (method, path)
        assert ask(api, method, path, {}, **{"x-api-key": secret}).status != 401, (method, path)


def test_only_these_routes_are_open(api: Api) -> None:
    """A new route needs a key, or is open on purpose."""
    assert api.app is not None
    routes = [route for route in api.app.routes if isinstance(route, EndpointRoute)]
    opened = {route.path for route in routes if route.described.operation.right == "open"}
    assert opened == {"/", "/openapi.json", "/docs", "/api/version", "/status", "/page/{file:path}"}
    opened.remove("/status")  # its page is open, and its data, which `ROUTES` has, are not
    others = {(route.described.method, route.path) for route in routes if route.path not in opened}
    assert len({*ROUTES}) == len(others), "a route is missing in the list"


def test_that_the_server_is_there_may_be_known(api: Api, key: Command) -> None:
    key("create", "laptop")
    asked = [(method, path) for method in ("GET", "HEAD") for path in ("/", "/api/version")]
    assert {ask(api, method, path).status for method, path in asked} == {200}


def test_a_preflight_needs_no_key(api: Api, key: Command) -> None:
    key("create", "laptop")
    asking = {"Origin": "http://localhost", "Access-Control-Request-Method": "POST"}
    asking["Access-Control-Request-Headers"] = "authorization, x-api-key"
    answer = ask(api, "OPTIONS", "/api/chat", **asking)
    assert answer.status == 200
    assert "x-api-key" in answer.headers["access-control-allow-headers"]
    refused = ask(api, "POST", "/api/chat", {}, Origin="http://localhost")
    assert (refused.status, refused.headers["access-control-allow-origin"]) == (401, "http://localhost")


def test_spellings_of_the_header(api: Api, key: Command) -> None:
    secret = key("create", "laptop")
    good = ("Bearer KEY", "bearer KEY", "BEARER   KEY", "Bearer KEY  ")
    bad = ("KEY", "Basic KEY", "Bearer", "Bearer ", "BearerKEY", "Token KEY", 'Bearer "KEY"', "Bearer KEY KEY")
    for header in (*good, *bad):
        status = ask(api, "GET", "/api/tags", Authorization=header.replace("KEY", secret)).status
        assert (header, status) == (header, 200 if header in good else 401)


def test_a_key_in_the_query_is_none(api: Api, key: Command) -> None:
    """It would be in the logs of proxies and in browsers' histories."""
    secret = key("create", "laptop")
    assert ask(api, "GET", f"/api/tags?key={secret}&api_key={secret}&token={secret}").status == 401


def test_one_of_two_headers_is_enough(api: Api, key: Command) -> None:
    secret = key("create", "laptop")
    assert ask(api, "GET", "/api/tags", None, "ollama", **{"x-api-key": secret}).status == 200
    assert ask(api, "GET", "/api/tags", None, secret, **{"x-api-key": "placeholder"}).status == 200


def test_a_request_with_thousands_of_keys_has_a_few(api: Api, key: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each costs a hash and a comparison with every key, in the event loop."""
    secret = key("create", "laptop")
    looked: list[bytes] = []
    find = KeyRing.find
    monkeypatch.setattr(KeyRing, "find", lambda ring, sent: looked.append(sent) or find(ring, sent))
    for header in ("x-api-key: wrong", "Authorization: Bearer wrong"):
        lines = [
            "GET /api/tags HTTP/1.1",
            "Host: x",
            "Connection: close",
            *[header] * 1500,
            f"x-api-key: {secret}",
            "",
            "",
        ]
        assert raw(api, "\r\n".join(lines)).startswith(b"HTTP/1.1 401")
    assert len(looked) == 8


def test_local_keys(start: Start, key: Command, connect: Connect) -> None:
    api = start(local_keys=True)
    assert connect(api, "ollama", "127.0.0.1").chat() == ["Hi."] * 4  # there is no key yet
    secret = key("create", "laptop")
    assert connect(api, secret, "127.0.0.1").chat() == ["Hi."] * 4
    assert ask(api, "GET", "/api/tags", source="127.0.0.1").status == 401


def test_behind_a_proxy_on_this_machine_nobody_is_local(api: Api, key: Command) -> None:
    secret = key("create", "laptop")
    for header in ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"):
        assert ask(api, "GET", "/api/tags", source="127.0.0.1", **{header: "127.0.0.1"}).status == 401
        assert ask(api, "GET", "/api/tags", None, secret, source="127.0.0.1", **{header: "127.0.0.1"}).status == 200


def test_keys_of_the_environment(start: Start, connect: Connect) -> None:
    api = start(api_keys=("sk-one", "sk-two:manage"))
    assert connect(api, "sk-one").chat() == ["Hi."] * 4
    assert ask(api, "GET", "/api/tags").status == 401
    unload = {"model": NAME, "keep_alive": 0}
    assert [ask(api, "POST", "/api/generate", unload, text).status for text in ("sk-one", "sk-two")] == [403, 200]


# ---- scopes


def test_scopes(api: Api, key: Command, connect: Connect) -> None:
    infers, manages = key("create", "laptop"), key("create", "admin", "--scope", "manage")
    unload = {"model": NAME, "keep_alive": 0, "stream": False}
    copy = {"source": NAME, "destination": "copy"}
    for path, body in (("/api/generate", unload), ("/api/copy", copy)):
        refused = ask(api, "POST", path, body, infers)
        assert (refused.status, refused.json["error"]) == (
            403,
            "the API key laptop is for inference, not for manage",
        )
        assert "--scope manage" in refused.json["hint"]
        assert ask(api, "POST", path, body, manages).status == 200
    with pytest.raises(ollama.ResponseError, match="not for manage"):
        connect(api, infers).ollama.delete("copy")
    assert connect(api, manages).ollama.delete("copy").status == "success"
    assert connect(api, manages).chat() == ["Hi."] * 4
    assert ask(api, "POST", "/api/generate", {**unload, "prompt": "Hello"}, infers).status == 200


def test_a_key_decides_on_this_machine_too(api: Api, key: Command) -> None:
    infers = key("create", "laptop")
    unload = {"model": NAME, "keep_alive": 0, "stream": False}
    assert ask(api, "POST", "/api/generate", unload, infers, source="127.0.0.1").status == 403
    assert ask(api, "POST", "/api/generate", unload, "ollama", source="127.0.0.1").status == 200


# ---- changes while the server runs


def test_create_and_revoke_work_at_once(api: Api, key: Command, connect: Connect) -> None:
    first = key("create", "laptop")
    client = connect(api, first)
    assert client.chat() == ["Hi."] * 4
    second = key("create", "phone")
    assert connect(api, second).chat() == ["Hi."] * 4
    key("revoke", "laptop")
    with pytest.raises(openai.AuthenticationError):
        client.openai.chat.completions.create(model=NAME, messages=HELLO)
    assert connect(api, second).chat() == ["Hi."] * 4
    key("revoke", "phone")
    assert ask(api, "GET", "/api/tags", None, second).status == 401
    assert ask(api, "GET", "/api/tags").status == 401, "the last key's end opens nothing"


def test_a_key_is_known_throughout_the_changes_of_others(api: Api, key: Command) -> None:
    """The file is replaced while it is read."""
    secret = key("create", "laptop")
    statuses: list[int] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            statuses.append(ask(api, "GET", "/api/tags", None, secret).status)

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(20):
        key("create", f"key{number}")
        key("revoke", f"key{number}")
    done.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert {*statuses} == {200}


def test_a_request_that_runs_when_its_key_is_revoked_ends_well(api: Api, key: Command, connect: Connect) -> None:
    secret = key("create", "laptop")
    with connect(api, secret).openai.chat.completions.create(model=NAME, messages=HELLO, stream=True) as stream:
        first = next(iter(stream))
        key("revoke", "laptop")
        assert "".join(chunk.choices[0].delta.content or "" for chunk in [first, *stream] if chunk.choices) == "Hi."


def test_a_file_that_others_may_read_lets_nobody_in(api: Api, key: Command, tmp_path: Path) -> None:
    secret = key("create", "laptop")
    (tmp_path / "home" / ".ollama" / "ossia-keys.json").chmod(0o644)
    assert ask(api, "GET", "/api/tags", None, secret).status == 401
    assert ask(api, "GET", "/api/tags", source="127.0.0.1").status == 200
    (tmp_path / "home" / ".ollama" / "ossia-keys.json").chmod(0o600)
    assert ask(api, "GET", "/api/tags", None, secret).status == 200


# ---- limits


def test_requests_in_a_minute(api: Api, key: Command, connect: Connect) -> None:
    secret, other = key("create", "laptop", "--per-minute", "4"), key("create", "phone")
    client = connect(api, secret)
    assert client.chat() == ["Hi."] * 4
    with pytest.raises(openai.RateLimitError) as of_openai:
        client.openai.chat.completions.create(model=NAME, messages=HELLO)
    assert of_openai.value.code == "rate_limit_exceeded"
    assert 1 <= int(of_openai.value.response.headers["retry-after"]) <= 60
    with pytest.raises(anthropic.RateLimitError) as of_anthropic:
        client.anthropic.messages.create(model=NAME, max_tokens=50, messages=HELLO)
    body: Any = of_anthropic.value.body
    assert body["error"]["type"] == "rate_limit_error"
    with pytest.raises(ollama.ResponseError, match="4 requests a minute") as of_ollama:
        client.ollama.chat(NAME, HELLO)
    assert of_ollama.value.status_code == 429
    assert client.openai.models.list().data, "a look is free"
    assert connect(api, other).chat() == ["Hi."] * 4
    assert connect(api, "none", "127.0.0.1").chat() == ["Hi."] * 4


def test_requests_at_once(api: Api, key: Command) -> None:
    secret, other = key("create", "laptop", "--at-once", "2"), key("create", "phone")
    api.say(TextDelta("Hi."), Hang())
    chat = {"model": NAME, "messages": HELLO}
    connections = [
        http.client.HTTPConnection(urlsplit(api.url).netloc, timeout=PATIENCE, source_address=(OTHER_MACHINE, 0))
        for _ in range(2)
    ]
    for connection in connections:
        connection.request("POST", "/api/chat", json.dumps(chat), {"Authorization": f"Bearer {secret}"})
        connection.getresponse().readline()
    api.say(TextDelta("Hi."), DONE)
    assert ask(api, "POST", "/api/chat", chat, secret).status == 429
    assert ask(api, "GET", "/api/tags", None, secret).status == 200
    assert ask(api, "POST", "/api/chat", chat, other).status == 200
    connections[0].close()
    assert api.engine.aborted.wait(PATIENCE)
    wait_until(lambda: ask(api, "POST", "/api/chat", chat, secret).status == 200)  # its client has left
    connections[1].close()


def test_a_response_in_the_background_holds_its_place(api: Api, key: Command, connect: Connect) -> None:
    client = connect(api, key("create", "laptop", "--at-once", "1")).openai
    api.say(Hang())
    response = client.responses.create(model=NAME, input="Hello", background=True)
    assert api.engine.started.wait(PATIENCE)
    with pytest.raises(openai.RateLimitError):
        client.responses.create(model=NAME, input="Hello", background=True)
    assert client.responses.retrieve(response.id).status in ("queued", "in_progress")
    assert client.responses.cancel(response.id).status == "cancelled"
    api.say(TextDelta("Hi."), DONE)
    assert client.responses.create(model=NAME, input="Hello").output_text == "Hi."


# ---- separation


def test_responses_are_those_of_one_key(api: Api, key: Command, connect: Connect) -> None:
    mine, theirs = connect(api, key("create", "mine")).openai, connect(api, key("create", "theirs")).openai
    nobodys = connect(api, "ollama", "127.0.0.1").openai
    response, conversation = mine.responses.create(model=NAME, input="A secret"), mine.conversations.create().id
    item = response.output[0].id
    assert item is not None
    for other in (theirs, nobodys):
        with pytest.raises(openai.NotFoundError, match="not found"):
            other.responses.retrieve(response.id)
        with pytest.raises(openai.NotFoundError, match="not found"):
            other.responses.delete(response.id)
        with pytest.raises(openai.NotFoundError, match="not found"):
            other.responses.cancel(response.id)
        with pytest.raises(openai.NotFoundError, match="not found"):
            other.responses.input_items.list(response.id)
        with pytest.raises(openai.BadRequestError, match="not found"):
            other.responses.create(model=NAME, input="And?", previous_response_id=response.id)
        with pytest.raises(openai.NotFoundError):
            other.responses.create(model=NAME, input="And?", conversation=conversation)
        with pytest.raises(openai.NotFoundError):
            other.conversations.items.list(conversation)
        with pytest.raises(openai.BadRequestError):
            other.responses.create(model=NAME, input=[{"type": "item_reference", "id": item}])
    follow = mine.responses.create(model=NAME, input="And?", previous_response_id=response.id)
    assert mine.responses.retrieve(follow.id).output_text == "Hi."
    assert (
        mine.responses.create(model=NAME, input=[{"type": "item_reference", "id": item}, *HELLO]).output_text == "Hi."
    )


def test_another_keys_background_is_neither_seen_nor_stopped(api: Api, key: Command, connect: Connect) -> None:
    mine, theirs = connect(api, key("create", "mine")).openai, connect(api, key("create", "theirs")).openai
    api.say(TextDelta("Hi."), Hang())
    response = mine.responses.create(model=NAME, input="A secret", background=True)
    assert api.engine.started.wait(PATIENCE)
    for refused in (
        lambda: theirs.responses.delete(response.id),
        lambda: theirs.responses.cancel(response.id),
        lambda: list(theirs.responses.retrieve(response.id, stream=True)),
    ):
        with pytest.raises(openai.NotFoundError):
            refused()
    assert not api.engine.aborted.is_set()
    assert mine.responses.cancel(response.id).status == "cancelled"


def test_a_key_of_an_old_name_finds_nothing_of_the_old_key(api: Api, key: Command, connect: Connect) -> None:
    response = connect(api, key("create", "laptop")).openai.responses.create(model=NAME, input="A secret")
    key("revoke", "laptop")
    with pytest.raises(openai.NotFoundError):
        connect(api, key("create", "laptop")).openai.responses.retrieve(response.id)


def test_each_request_tells_its_space(api: Api, key: Command, connect: Connect) -> None:
    """Cached prompts and remembered turns are kept apart by it."""
    mine, theirs = key("create", "mine"), key("create", "theirs")

    def spaces(text: str, source: str = OTHER_MACHINE) -> set[str]:
        client = connect(api, text, source)
        client.chat()
        client.openai.responses.create(model=NAME, input="Hello")
        client.openai.completions.create(model=NAME, prompt=["a", "b"], n=2)
        client.openai.embeddings.create(model=NAME, input="Hello")
        client.ollama.generate(NAME, "Hello")
        client.ollama.embed(NAME, "Hello")
        found = {request.space for request in api.engine.requests} | set(api.engine.spaces)
        api.engine.requests.clear()
        api.engine.spaces.clear()
        return found

    (first,), (second,) = spaces(mine), spaces(theirs)
    assert first
    assert second
    assert first != second
    assert spaces(mine, "127.0.0.1") == {first}
    assert spaces("ollama", "127.0.0.1") == {""}


# ---- a server of its own


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory, tiny_models: dict[str, Path]) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("keys")
    ModelStore(home / "models").create("tiny", files=[tiny_models["mxfp4"]])
    with running_server(home, OSSIA_LOCAL_KEYS="1", OSSIA_API_KEYS="sk-fixed, sk-admin:manage", OLLAMA_DEBUG="2") as it:
        yield it


def command(server: Server, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    run = [sys.executable, "-m", "ossia", *words]
    return subprocess.run(run, env=server.environment | more, capture_output=True, text=True, check=False, timeout=60)


def test_the_command_line_sends_a_key_and_says_what_to_do(serving: Server) -> None:
    refused = command(serving, "list")
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: this server needs an API key")
    assert "hint: OSSIA_API_KEY must be a key of that server" in refused.stderr
    secret = command(serving, "key", "create", "laptop").stdout.strip()
    assert command(serving, "list", OSSIA_API_KEY=secret).returncode == 0
    assert command(serving, "list", OLLAMA_API_KEY="sk-fixed").returncode == 0
    assert command(serving, "list", OSSIA_API_KEY=secret, OLLAMA_API_KEY="sk-wrong").returncode == 0
    wrong = command(serving, "list", OSSIA_API_KEY="sk-wrong-key", OLLAMA_API_KEY=secret)
    assert wrong.stderr.startswith("error: the API key is not known here\nhint: OSSIA_API_KEY")
    assert "sk-wrong-key" not in wrong.stderr
    assert "not for manage" in command(serving, "cp", "a", "b", OSSIA_API_KEY=secret).stderr
    assert "not found" in command(serving, "cp", "a", "b", OSSIA_API_KEY="sk-admin").stderr
    assert command(serving, "key", "revoke", "laptop").returncode == 0
    assert command(serving, "list", OSSIA_API_KEY=secret).returncode == 1


def test_a_prompt_is_cached_for_its_own_key_only(serving: Server) -> None:
    """By the real model: else the usage, and the time, would tell what a neighbour has asked."""

    def asked(key: str, ids: list[int]) -> int:
        """Number of the prompt's ids that were cached."""
        with openai.OpenAI(base_url=f"{serving.url}/v1", api_key=key, max_retries=0) as client:
            usage = client.completions.create(model="tiny", prompt=ids, max_tokens=1).usage
        assert usage is not None
        assert usage.prompt_tokens_details is not None
        return usage.prompt_tokens_details.cached_tokens or 0

    first, second = list(range(1000, 1080)), list(range(2000, 2080))
    assert [asked(key, first) for key in ("sk-fixed", "sk-admin")] == [0, 0]
    assert [asked(key, first) > 32 for key in ("sk-fixed", "sk-admin")] == [True, True]
    with openai.OpenAI(base_url=f"{serving.url}/v1", api_key="sk-fixed", max_retries=0) as client:
        client.embeddings.create(model="tiny", input=second)
    assert asked("sk-admin", second) == 0
    assert asked("sk-fixed", second) > 32
    secret = command(serving, "key", "create", "tablet").stdout.strip()
    assert [asked(secret, first), asked(secret, first) > 32] == [0, True]
    command(serving, "key", "revoke", "tablet")
    assert asked(command(serving, "key", "create", "tablet").stdout.strip(), first) == 0


def test_the_start_says_who_needs_a_key(serving: Server) -> None:
    assert "everybody needs a key" in (Path(serving.environment["HOME"]) / "log").read_text()


def test_no_log_has_a_key_or_a_query(serving: Server) -> None:
    api = Api(serving.url, ScriptedEngine(), [])
    secret = command(serving, "key", "create", "phone").stdout.strip()
    sent = [secret, "sk-fixed", "sk-wrong-key", secret[:-1]]
    for text in sent:
        for path in ("/api/tags", "/v1/models", "/v1/responses/resp_x", "/nowhere", "/", f"/v1/models/{NAME}"):
            ask(api, "GET", f"{path}?api_key={text}&stream=5", None, text)
        ask(api, "POST", "/api/chat", {"model": 5, "api_key": text}, text)
        ask(api, "POST", "/v1/chat/completions", {"model": "x", "messages": [], "user": text}, text)
        ask(api, "POST", "/v1/messages", {"model": "x"}, **{"x-api-key": text})
        ask(api, "DELETE", "/api/delete", {"model": "x"}, text)
        key = f"Authorization: Bearer {text}"
        for lines in (
            (f"GET /api/tags?{text} HTTP/1.1", key, "Host"),  # malformed
            (f"GET /api/tags?{text} HTTP/1.0", key),
            (f"GET /?{text} HTTP/1.1", "Host: x", key, "Upgrade: h2c", "Connection: upgrade, close"),
        ):
            assert raw(api, "\r\n".join((*lines, "", ""))).startswith(b"HTTP/1.1 "), "it was not answered"
    log = (Path(serving.environment["HOME"]) / "log").read_text()
    assert "listening on" in log
    assert [text for text in (secret[:-1], "sk-fixed", "sk-wrong-key", "api_key=", "stream=5") if text in log] == []


def raw(api: Api, request: str) -> bytes:
    """Send bytes that a client would not, and return what is answered, to its end."""
    address = urlsplit(api.url)
    with socket.create_connection((address.hostname, address.port), PATIENCE, (OTHER_MACHINE, 0)) as connection:
        connection.sendall(request.encode())
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_a_server_does_not_start_with_a_file_that_others_may_read(tmp_path: Path) -> None:
    environment = {**os.environ, "HOME": str(tmp_path), "OLLAMA_HOST": f"127.0.0.1:{free_port()}"}
    file = tmp_path / ".ollama" / "ossia-keys.json"
    KeyFile(file).create("laptop")
    file.chmod(0o644)
    run = [sys.executable, "-m", "ossia", "serve"]
    refused = subprocess.run(run, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"error: {file} holds API keys, and others may read or change it")
    assert refused.stderr.endswith(f"hint: chmod 600 {file}\n")
