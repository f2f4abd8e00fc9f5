"""The access log and the audit log: one line for each request, with its facts and nothing that is secret."""

import json
import logging
import re
import socket
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from ossia.config import Settings
from ossia.errors import InvalidRequest, ModelCrashed, OssiaError
from ossia.logs import Facts, JsonFormatter, TextFormatter
from ossia.server.app import create_app
from ossia.store.models import ModelStore
from ossia.types import Finished, Started, TextDelta, Usage
from tests.api.conftest import NAME, Api
from tests.clients.conftest import running_server
from tests.conftest import Serve
from tests.doubles.scripted_engine import DONE, Hang, ScriptedEngine, pool_of
from tests.waiting import PATIENCE, wait_until

MESSAGES = [{"role": "user", "content": "a secret"}]
INFERENCE: list[tuple[str, dict[str, Any]]] = [
    ("/api/chat", {"messages": MESSAGES}),
    ("/api/generate", {"prompt": "a secret"}),
    ("/v1/chat/completions", {"messages": MESSAGES}),
    ("/v1/completions", {"prompt": "a secret"}),
    ("/v1/responses", {"input": "a secret"}),
    ("/v1/messages", {"messages": MESSAGES, "max_tokens": 9}),
]
EMBEDDINGS: list[tuple[str, dict[str, Any]]] = [
    ("/api/embed", {"input": "secrets"}),
    ("/api/embeddings", {"prompt": "secrets"}),
    ("/v1/embeddings", {"input": "secrets"}),
]
BEGUN = Started(Usage(prompt_tokens=11, cached_tokens=3))

Lines = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Lines:
    """Wait until a log, `access` or `audit`, has `number` lines: their values by name."""
    caplog.set_level(logging.INFO)

    def written(log: str = "access", number: int = 1) -> list[dict[str, Any]]:
        def found() -> list[Any]:
            return [record.msg for record in caplog.records if record.name == f"ossia.{log}"]

        wait_until(lambda: len(found()) >= number)
        return [facts.present() for facts in found()]

    return written


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(("path", "body"), INFERENCE)
def test_an_answer(api: Api, lines: Lines, path: str, body: dict[str, Any], stream: bool) -> None:
    api.say(BEGUN, TextDelta("another secret"), DONE)
    answer = api.post(f"{path}?api_key=sk-1", **body, stream=stream)
    [line] = lines()
    assert line["first_ms"] <= line["total_ms"]
    del line["first_ms"], line["total_ms"]
    assert line == {
        "id": answer.headers["request-id"],
        "client": "127.0.0.1",
        "method": "POST",
        "route": path,
        "model": NAME,
        "status": 200,
        "tokens_in": 11,
        "tokens_out": 7,
        "tokens_cached": 3,
    }
    assert next(iter(line)) == "id"


@pytest.mark.parametrize(("path", "body"), EMBEDDINGS)
def test_embeddings(api: Api, lines: Lines, path: str, body: dict[str, Any]) -> None:
    assert api.post(path, **body).status == 200
    [line] = lines()
    assert (line["route"], line["model"], line["tokens_in"], line["tokens_out"]) == (path, NAME, 7, 0)


def test_several_answers_count_together(api: Api, lines: Lines) -> None:
    api.say(BEGUN, TextDelta("Hi"), DONE)
    api.post("/v1/chat/completions", messages=MESSAGES, n=3)
    [line] = lines()
    assert (line["tokens_in"], line["tokens_out"]) == (11, 21)


def test_nothing_secret_is_in_a_line(api: Api, caplog: pytest.LogCaptureFixture, lines: Lines) -> None:
    """Keys, queries and texts, of a request and of the answer."""
    headers = {"Authorization": "Bearer sk-1", "x-api-key": "sk-1", "Cookie": "sk-1", "User-Agent": "sk-1"}
    api.say(TextDelta("another secret"), DONE)
    body = {"model": NAME, "messages": MESSAGES, "user": "sk-1"}
    assert api.request("POST", "/v1/chat/completions?key=sk-1", body, headers).status == 200
    assert api.request("GET", "/nowhere?key=sk-1", headers=headers).status == 404
    assert api.post("/api/pull?key=sk-1", model="http://user:sk-1@registry/secret?key=sk-1").status == 400
    written = str([lines(number=3), lines("audit")])
    assert "nowhere" in written
    assert "secret" not in written.replace("registry/secret", "")
    assert "sk-1" not in written


@pytest.mark.parametrize(
    ("method", "path", "status", "route"),
    [
        ("GET", "/", 200, "/"),
        ("GET", "/v1/models/none", 404, "/v1/models/{model:path}"),
        ("GET", "/v1/responses/resp_1", 404, "/v1/responses/{id}"),
        ("GET", "/nowhere", 404, "/nowhere"),
        ("PUT", "/api/chat", 405, "/api/chat"),
        ("OPTIONS", "/api/chat", 405, "/api/chat"),
    ],
)
def test_requests_without_a_model(api: Api, lines: Lines, method: str, path: str, status: int, route: str) -> None:
    assert api.request(method, path).status == status
    [line] = lines()
    assert (line["method"], line["status"], line["route"]) == (method, status, route)
    assert "tokens_in" not in line


def test_a_refused_page(api: Api, lines: Lines) -> None:
    assert api.request("GET", "/api/tags", headers={"Origin": "https://evil.example"}).status == 403
    assert lines()[0]["status"] == 403


def test_a_body_that_is_refused(api: Api, lines: Lines) -> None:
    assert api.request("POST", "/api/chat", b"{").status == 400
    [line] = lines()
    assert (line["status"], line["error"], line["route"]) == (400, "InvalidRequest", "/api/chat")


@pytest.mark.parametrize(
    ("failure", "name"),
    [
        (ModelCrashed("a secret"), "ModelCrashed"),
        (InvalidRequest("a secret"), "InvalidRequest"),
        (KeyError(), "KeyError"),
    ],
)
@pytest.mark.parametrize(("path", "body"), INFERENCE)
def test_a_stream_that_fails(
    api: Api, lines: Lines, path: str, body: dict[str, Any], failure: Exception, name: str
) -> None:
    api.say(BEGUN, TextDelta("Hi"), failure)
    api.post(path, **body, stream=True)
    [line] = lines()
    assert (line["status"], line["error"], line["tokens_in"]) == (200, name, 11)
    assert "tokens_out" not in line


def test_an_engine_that_ends_with_an_error(api: Api, lines: Lines) -> None:
    api.say(TextDelta("Hi"), Finished("error", Usage(5, 2, 1), error=OssiaError("a secret")))
    api.post("/v1/chat/completions", messages=MESSAGES, stream=True)
    [line] = lines()
    assert (line["status"], line["error"], line["tokens_in"], line["tokens_out"]) == (200, "OssiaError", 5, 2)


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(("path", "body"), INFERENCE)
def test_a_client_that_leaves(api: Api, lines: Lines, path: str, body: dict[str, Any], stream: bool) -> None:
    api.say(BEGUN, TextDelta("Hi"), Hang())
    connection = api.connect()
    connection.request("POST", path, json.dumps({"model": NAME, **body, "stream": stream}))
    assert api.engine.started.wait(PATIENCE)
    connection.close()
    [line] = lines()
    assert (line["status"], line["model"]) == (499, NAME)
    assert "tokens_out" not in line


def test_a_client_that_leaves_in_its_body(api: Api, lines: Lines) -> None:
    for path in ("/api/chat", f"/api/blobs/sha256:{'0' * 64}"):
        with socket.create_connection((urlsplit(api.url).hostname, urlsplit(api.url).port)) as connection:
            connection.sendall(f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n".encode() + b"{")
    assert [line["status"] for line in lines(number=2)] == [499, 499]


def test_a_response_in_the_background_has_its_line_when_it_is_answered(api: Api, lines: Lines) -> None:
    api.say(BEGUN, TextDelta("Hi"), Hang())
    id = api.post("/v1/responses", input="a secret", background=True).json["id"]
    assert api.engine.started.wait(PATIENCE)
    api.request("GET", f"/v1/responses/{id}")
    assert [line["method"] for line in lines()] == ["GET"]
    api.request("POST", f"/v1/responses/{id}/cancel")
    api.say(BEGUN, TextDelta("Hi"), DONE)
    api.post("/v1/responses", input="a secret", background=True)
    asked = [line for line in lines(number=4) if line["route"] == "/v1/responses"]
    assert [(line["status"], line["tokens_in"], line.get("tokens_out")) for line in asked] == [
        (200, 11, None),
        (200, 11, 7),
    ]


def managed(api: Api, tmp_path: Path) -> list[int]:
    """Statuses of requests that manage models, one for each kind."""
    digest = f"sha256:{sha256(b'x').hexdigest()}"
    return [
        api.request("POST", "/api/copy", {"source": NAME, "destination": "other"}).status,
        api.request("DELETE", "/api/delete", {"model": "other"}).status,
        api.request("DELETE", "/api/delete", {"model": "other"}).status,
        api.request("POST", f"/api/blobs/{digest}", b"x").status,
        api.request("POST", "/api/create", {"model": "third", "from": NAME, "stream": False}).status,
        api.request("POST", "/api/pull", {"model": "http://x/y", "stream": False}).status,
        api.request("POST", "/api/push", {"model": "none", "stream": True}).status,
        api.request("POST", "/api/chat", {"model": NAME, "keep_alive": 0}).status,
        api.request("POST", "/api/generate", {"model": NAME, "keep_alive": 0}).status,
        api.request("POST", "/api/embed", {"model": NAME, "input": [], "keep_alive": 0}).status,
    ]


def test_an_audit_line_for_everything_that_manages(api: Api, lines: Lines, tmp_path: Path) -> None:
    assert managed(api, tmp_path) == [200, 200, 404, 201, 200, 400, 200, 200, 200, 200]
    written = lines("audit", 10)
    assert {(line["client"], line["id"][:4]) for line in written} == {("127.0.0.1", "req_")}
    assert [(line["action"], line["subject"], line["result"]) for line in written] == [
        ("copy", f"{NAME} to other", "ok"),
        ("delete", "other", "ok"),
        ("delete", "other", "ModelNotFound"),
        ("blobs", f"sha256:{sha256(b'x').hexdigest()}", "ok"),
        ("create", "third", "ok"),
        ("pull", "http://x/y", "InvalidRequest"),
        ("push", "none", "ModelNotFound"),
        ("unload", NAME, "ok"),
        ("unload", NAME, "ok"),
        ("unload", NAME, "ok"),
    ]


@pytest.mark.parametrize(
    ("method", "path", "body", "action"),
    [
        ("DELETE", "/api/delete", {"model": NAME}, "delete"),
        ("POST", f"/api/blobs/sha256:{'0' * 64}", {}, "blobs"),
        ("POST", "/api/chat", {"model": NAME, "keep_alive": 0}, "unload"),
        ("POST", "/api/embed", {"model": NAME, "input": [], "keep_alive": "0s"}, "unload"),
    ],
)
def test_a_refusal_to_manage_is_audited(
    api: Api, lines: Lines, method: str, path: str, body: dict[str, Any], action: str
) -> None:
    answer = api.request(method, path, body, {"X-Forwarded-For": "192.0.2.1"})
    assert b"manage" in answer.body
    [line] = lines("audit")
    assert (line["action"], line["result"]) == (action, "Forbidden")


def test_inference_is_not_audited(api: Api, lines: Lines, caplog: pytest.LogCaptureFixture) -> None:
    api.say(DONE)
    api.post("/api/chat", messages=MESSAGES, keep_alive=0)
    api.post("/api/chat")
    api.request("GET", "/api/tags")
    lines(number=3)
    assert [record.name for record in caplog.records if record.name == "ossia.audit"] == []


def served(serve: Serve, store: ModelStore, **settings: Any) -> Api:
    """A server with settings of its own."""
    engine = ScriptedEngine(TextDelta("Hi"), DONE)
    chosen = Settings(models=store.root, **settings)
    return Api(serve(create_app(chosen, store, pool_of(engine, chosen))), engine, [])


def test_without_an_access_log_what_manages_is_still_audited(
    serve: Serve, store: ModelStore, lines: Lines, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    managed(served(serve, store, access_log=False), tmp_path)
    lines("audit", 9)
    assert [record.name for record in caplog.records if record.name == "ossia.access"] == []


def test_bodies_are_logged_if_that_is_asked_for(serve: Serve, store: ModelStore, lines: Lines) -> None:
    api = served(serve, store, log_bodies=True)
    api.post("/api/chat", messages=[{"role": "user", "content": "a secret" + "x" * 10_000}])
    [line] = lines()
    assert "a secret" in line["body"]
    assert len(line["body"]) <= 2000


# ---- the form of a line


FORGED = 'x" status=200\nsecond line\x1b[2J\u202e\x9b'


def formatted(facts: Facts) -> str:
    record = logging.LogRecord("ossia.access", logging.INFO, "", 0, facts, None, None)
    return TextFormatter("%(name)s: %(message)s").format(record)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("gpt-oss:20b", "gpt-oss:20b"),
        ("/v1/responses/{id}", "/v1/responses/{id}"),
        (12.5, "12.5"),
        ("client left", '"client left"'),
        ("a status=200", '"a status=200"'),
        ('a"b', r'"a\"b"'),
        ("a\nb\x1b", r'"a\nb\u001b"'),
        ("a\u202eb\x9b", r'"a\u202eb\u009b"'),
    ],
)
def test_a_value_stays_one_word(value: object, shown: str) -> None:
    assert formatted(Facts({"id": "", "none": None, "a": value, "b": 0})) == f"ossia.access: a={shown} b=0"


def test_json_is_one_object_on_one_line_of_ascii() -> None:
    record = logging.LogRecord("ossia.access", logging.INFO, "", 0, Facts({"model": FORGED, "n": 1}), None, None)
    line = JsonFormatter().format(record)
    assert line.isascii()
    assert re.search(r"[\x00-\x1f\x7f]", line) is None
    read = json.loads(line)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", read.pop("time"))
    assert read == {"level": "INFO", "logger": "ossia.access", "model": FORGED, "n": 1}


def test_json_has_tracebacks_and_other_messages() -> None:
    try:
        raise ValueError("a\nb")
    except ValueError:
        record = logging.LogRecord("ossia", logging.ERROR, "", 0, "%s failed\x1b", ("it",), sys.exc_info())
    line = json.loads(JsonFormatter().format(record))
    assert line["message"] == "it failed\x1b"
    assert "ValueError: a\nb" in line["traceback"]


def test_a_model_s_name_forges_no_line(api: Api, lines: Lines) -> None:
    api.post("/api/show", model=FORGED)
    [line] = lines()
    text = formatted(Facts(line))
    assert "\n" not in text
    assert "\x1b" not in text
    assert text.count(" status=") == 2
    assert r'model="x\" status=200\nsecond line\u001b[2J' in text


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_program_writes_it_to_stderr(tmp_path: Path, form: str) -> None:
    log = tmp_path / "log"
    with running_server(tmp_path, OSSIA_LOG_FORMAT=form) as server, httpx.Client(base_url=server.url) as client:
        assert client.get("/api/version").status_code == 200
        wait_until(lambda: "/api/version" in log.read_text())
    lines = log.read_text().splitlines()
    line = next(line for line in lines if "/api/version" in line)
    if form == "json":
        assert all(json.loads(line)["logger"].startswith("ossia") for line in lines)
        assert (json.loads(line)["route"], json.loads(line)["status"]) == ("/api/version", 200)
    else:
        assert re.search(
            r"INFO ossia.access: id=req_\w+ client=127.0.0.1 method=GET route=/api/version status=200 ", line
        )
