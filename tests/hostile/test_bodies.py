"""Bodies: large ones, ones of many small things, compressed ones, and ones that never end."""

import gzip
import json
import select
import socket
import threading
import time
import zlib
from collections.abc import Callable
from typing import Any

import pytest
import zstandard

from ossia.errors import BodyTooLarge
from ossia.server.http import body, endpoint
from ossia.server.http.body import MOST_VALUES, decode
from ossia.server.http.stream import presentable
from ossia.server.protocols.conversation import MOST_MESSAGES
from ossia.server.protocols.openai.types import ChatCompletionRequest
from tests.api.conftest import NAME
from tests.hostile.conftest import HELLO, Attack, Attacked, answer_of, is_closed, message_of, post_head
from tests.waiting import wait_until

LIMIT = 256 << 10
PATHS = ["/api/chat", "/v1/chat/completions", "/v1/messages", "/v1/responses"]
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstandard.compress,
}


def chat(**fields: Any) -> bytes:
    return json.dumps({"model": NAME, "messages": HELLO, "stream": False, **fields}).encode()


def padded(size: int) -> bytes:
    """Return a chat request of so many bytes."""
    data = chat(padding="")
    return chat(padding="x" * (size - len(data)))


# Their size


@pytest.mark.parametrize("path", PATHS)
def test_a_body_that_is_too_large_is_refused_in_the_apis_shape(server: Attack, path: str) -> None:
    answer = server(body_bytes=LIMIT).request("POST", path, padded(LIMIT + 1))
    assert answer.status == 413
    assert "OSSIA_BODY_BYTES" in message_of(path, answer)


def test_the_limit_itself_is_allowed(server: Attack) -> None:
    assert server(body_bytes=LIMIT).request("POST", "/api/chat", padded(LIMIT)).status == 200


@pytest.mark.parametrize("piece", [b" " * 65536, b'{"a":' * 13107, b"\x00" * 65536], ids=["blanks", "nests", "zeros"])
def test_a_chunked_body_without_an_end_is_not_kept(server: Attack, piece: bytes) -> None:
    """Bytes over the limit are not kept, and after four times the limit the connection is closed."""
    attacked = server(body_bytes=LIMIT)
    begun = attacked.begin()
    endless = attacked.attack(post_head("/api/chat", "Transfer-Encoding: chunked"))
    sent = 0
    try:
        while sent < 1000 * LIMIT:
            endless.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
            sent += len(piece)
    except OSError:
        pass
    assert sent < 1000 * LIMIT
    attacked.finish(begun)
    attacked.serves_others()


def test_a_client_that_sends_first_and_reads_later_is_told(server: Attack) -> None:
    answer = server(body_bytes=LIMIT).request("POST", "/api/chat", padded(3 * LIMIT))
    assert answer.status == 413
    assert answer.headers["connection"] != "close", "all of it was read, so the connection is good for another"


@pytest.mark.parametrize("length", [LIMIT + 1, 10**12, 10**30])
def test_a_client_that_asks_first_need_not_send(server: Attack, length: int) -> None:
    attacked = server(body_bytes=LIMIT)
    asking = attacked.attack(post_head("/api/chat", f"Content-Length: {length}", "Expect: 100-continue"))
    assert answer_of(asking).status in (400, 413)
    assert is_closed(asking)


@pytest.mark.parametrize("encoding", COMPRESS)
def test_a_small_body_that_becomes_a_large_one_is_refused(server: Attack, encoding: str) -> None:
    data = COMPRESS[encoding](padded(LIMIT + 1))
    assert len(data) < LIMIT // 50
    attacked = server(body_bytes=LIMIT)
    answers = [
        attacked.request("POST", path, data, {"Content-Encoding": encoding}) for path in ("/api/chat", "/v1/messages")
    ]
    assert [answer.status for answer in answers] == [413, 413]
    allowed = COMPRESS[encoding](padded(LIMIT))
    assert attacked.request("POST", "/api/chat", allowed, {"Content-Encoding": encoding}).status == 200


# Their time


STOPS = {
    "half": b"Content-Length: 1000\r\n\r\n{",
    "none": b"Content-Length: 1000\r\n\r\n",
    "half a chunk": b"Transfer-Encoding: chunked\r\n\r\n5\r\n{",
    "none, which was asked for": b"Content-Length: 9\r\nExpect: 100-continue\r\n\r\n",
}


def test_bodies_that_stop_are_errors(server: Attack) -> None:
    attacked = server(body_seconds=0.3)
    begun = attacked.begin()
    stopped = {
        (path, stop): attacked.attack(f"POST {path} HTTP/1.1\r\nHost: localhost\r\n".encode() + rest)
        for path in PATHS
        for stop, rest in STOPS.items()
    }
    attacked.finish(begun)
    attacked.serves_others()
    for case, connection in stopped.items():
        data = b"".join(iter(lambda connection=connection: connection.recv(65536), b""))
        status, _, shown = data.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n").partition(b"\r\n\r\n")
        assert status.startswith(b"HTTP/1.1 408 "), case
        assert b"connection: close" in status, case
        assert b"silent for 0.3 seconds" in shown, case


def test_a_body_that_goes_on_slowly_is_taken(server: Attack) -> None:
    """The time is for silence, not for the whole."""
    attacked, data = server(body_seconds=2), chat()
    slow = attacked.attack(post_head("/api/chat", f"Content-Length: {len(data)}"))
    for index in range(6):
        time.sleep(0.5)
        slow.sendall(data[index : index + 1] if index < 5 else data[5:])
    assert answer_of(slow).status == 200


# Their number


def begin_body(attacked: Attacked, size: int) -> socket.socket:
    """Send so many bytes of a body that is larger."""
    data = padded(LIMIT)
    return attacked.attack(post_head("/api/chat", f"Content-Length: {len(data)}") + data[:size])


def told(connections: list[socket.socket]) -> list[socket.socket]:
    """Return the connections on which something can be read."""
    return select.select(connections, [], [], 0)[0]


def test_large_bodies_that_stall_give_way_to_those_that_arrive(server: Attack) -> None:
    attacked = server(body_bytes=LIMIT)
    stalled = [begin_body(attacked, LIMIT - 1) for _ in range(2 * endpoint.BUDGET)]
    wait_until(lambda: attacked.request("POST", "/api/chat", padded(LIMIT)).status == 200)  # once they have stalled
    wait_until(lambda: len(told(stalled)) >= endpoint.BUDGET)
    for each in told(stalled):
        answer = answer_of(each)
        assert (answer.status, answer.json["error"]) == (503, "too many large requests at one time")
    attacked.serves_others()


def test_bodies_of_requests_that_are_answered_count(server: Attack) -> None:
    attacked = server(body_bytes=LIMIT)
    attacked.engine.released.clear()
    data = padded(LIMIT)
    held = [
        attacked.attack(post_head("/api/chat", f"Content-Length: {len(data)}") + data) for _ in range(endpoint.BUDGET)
    ]
    wait_until(lambda: len(attacked.engine.requests) == len(held))
    assert attacked.request("POST", "/api/chat", data).status == 503
    attacked.engine.released.set()
    assert {answer_of(each).status for each in held} == {200}
    assert attacked.request("POST", "/api/chat", data).status == 200


# Their values


def many(text: str) -> str:
    return ",".join([text] * MOST_VALUES)


@pytest.mark.parametrize(
    "fields",
    [
        f'"unknown":[{many("[]")}]',
        f'"response_format":{{"type":"json_schema","json_schema":{{"name":"x","schema":{{"enum":[{many("{}")}]}}}}}}',
        f'"tools":[{many("0")}]',
        f'"x":"\\ud83d","unknown":[{many("[]")}]',
        f'"logit_bias":{{{many(chr(34) + "1" + chr(34) + ":1")}}}',
    ],
    ids=["lists", "objects", "numbers", "a lone surrogate", "names"],
)
def test_a_body_of_many_values_is_refused_before_it_is_decoded(fields: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "_decoded", None)
    with pytest.raises(BodyTooLarge, match=f"more than {MOST_VALUES} commas"):
        decode(f'{{"model":"x","messages":[],{fields}}}'.encode(), ChatCompletionRequest)


@pytest.mark.parametrize("path", PATHS)
def test_a_million_messages_are_refused(server: Attack, path: str) -> None:
    attacked = server()
    begun = attacked.begin()
    data = f'{{"model":"{NAME}","max_tokens":1,"messages":[{many(chr(123) + chr(125))}]}}'.encode()
    answer = attacked.request("POST", path, data)
    assert answer.status == 413
    assert "values" in message_of(path, answer)
    attacked.finish(begun)
    attacked.serves_others()


@pytest.mark.parametrize("path", PATHS)
def test_lists_of_messages_are_limited(server: Attack, path: str) -> None:
    name = "input" if path == "/v1/responses" else "messages"
    messages = [*HELLO] * MOST_MESSAGES
    attacked = server()
    answer = attacked.post(path, **{name: [*messages, *HELLO]}, max_tokens=1)
    assert answer.status == 400
    assert message_of(path, answer) == f"{name} must have at most {MOST_MESSAGES} items"
    assert attacked.post(path, **{name: messages}, max_tokens=1).status == 200


def test_a_body_that_needs_no_mending_is_decoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pairs of surrogates and other alphabets are in many bodies, and a copy in Python's objects takes much memory."""
    monkeypatch.setattr(body, "_mended", None)
    for text in ("\\ud83d\\ude00", "é日本", "\\\\ud83d"):
        assert decode(f'{{"model":"{text}","messages":[]}}'.encode(), ChatCompletionRequest).model


@pytest.mark.parametrize(
    ("path", "one"), [("/api/embed", "a"), ("/v1/embeddings", "a"), ("/v1/embeddings", [1])], ids=["o", "texts", "ids"]
)
def test_inputs_of_embeddings_are_limited(server: Attack, path: str, one: object) -> None:
    attacked = server(embedding_inputs=20)
    answer = attacked.post(path, input=[one] * 21)
    assert answer.status == 400
    assert "OSSIA_MAX_INPUTS" in message_of(path, answer)
    assert attacked.post(path, input=[one] * 20).status == 200


@pytest.mark.parametrize("compressed", [False, True])
def test_large_bodies_are_decoded_off_the_event_loop(
    server: Attack, compressed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[str] = []

    def watched(data: bytes, declared: Any) -> Any:
        threads.append(threading.current_thread().name)
        return decode(data, declared)

    monkeypatch.setattr(endpoint, "decode", watched)
    attacked, data = server(), padded(LIMIT)
    headers = {"Content-Encoding": "gzip"} if compressed else {}
    assert attacked.request("POST", "/api/chat", gzip.compress(data) if compressed else data, headers).status == 200
    assert len(threads) == 1
    assert threads[0] == "aside"


def test_memory_that_runs_out_is_no_fault_of_the_request() -> None:
    shown = presentable(MemoryError())
    assert (shown.status, shown.message) == (503, "the server is out of memory")
