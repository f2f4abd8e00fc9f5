"""Long prompts, conversations and lists: while one is worked on, the event loop goes on, and no more is done than fits.

Order is asserted, not time: a client that asks and waits is answered many times while one request is worked on.
"""

import asyncio
import json
import re
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ossia import tokenizer
from ossia.aside import SMALL, aside
from ossia.chat.harmony.format import Harmony
from ossia.chat.length import length_of
from ossia.engine.recall import Recall
from ossia.errors import InvalidModelFile, InvalidRequest
from ossia.server.protocols.responses.store import ResponseStore
from ossia.server.protocols.responses.stored import PackedResponse, Room, StoredResponse, outputs
from ossia.server.serve import report_slow_callbacks
from ossia.store.models import ModelStore
from ossia.tokenizer import Tokenizer, literal_pattern
from ossia.types import Collected, Finished, GenerateRequest, Message, Tool, ToolCall
from tests.hostile.conftest import EVIL, Attack, Attacked, answer_of, message_of, post_head
from tests.hostile.strangers import add_to, memory_stays_bounded, stranger
from tests.vocabulary import harmony_tokenizer

TOKENIZER = harmony_tokenizer()
HARMONY = Harmony(TOKENIZER)
SAYS = TOKENIZER.encode("<|channel|>final<|message|>fine<|return|>", special=True)
LONG = 400_000
TEXTS = {
    "blanks": " " * 2_000_000,
    "line ends": "\n" * LONG,
    "one letter": "a" * LONG,
    "one word": "ab" * (LONG // 2),
    "ideographs": "\u4e2d\u6587" * (LONG // 2),
    "digits": "7" * LONG,
    "signs": "!" * LONG,
    "accents": "\u0301" * LONG,
    "beginnings of control tokens": "<|" * (LONG // 2),
    "control tokens": "<|end|>" * (LONG // 7),
    "words": "hello world " * (LONG // 12),
}


@pytest.fixture
def attacked(server: Attack, store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Attacked]:
    add_to(store, tmp_path)
    with memory_stays_bounded():
        yield server(evil=stranger(monkeypatch, TOKENIZER, lambda boxes: HARMONY, SAYS))


def send(attacked: Attacked, path: str, **fields: Any) -> socket.socket:
    body = json.dumps({"model": EVIL, "stream": False, **fields}).encode()
    return attacked.attack(post_head(path, f"Content-Length: {len(body)}") + body)


@pytest.mark.parametrize("text", [*TEXTS.values()][::2], ids=[*TEXTS][::2])
def test_a_long_prompt_is_refused_while_others_are_served(attacked: Attacked, text: str) -> None:
    begun = attacked.begin()
    attempts = [
        send(attacked, "/api/chat", messages=[{"role": "user", "content": text}]),
        send(attacked, "/v1/completions", prompt=text),
        send(attacked, "/v1/messages", messages=[{"role": "user", "content": text}], max_tokens=1),
        send(attacked, "/v1/responses", input=text),
    ]
    attacked.finish(begun)
    attacked.serves_others()
    for attempt, path in zip(attempts, ("/api/chat", "/v1/completions", "/v1/messages", "/v1/responses"), strict=True):
        answer = answer_of(attempt)
        assert answer.status == 400
        assert "too long" in message_of(path, answer)


CONVERSATIONS: dict[str, list[dict[str, Any]]] = {
    "messages": [{"role": "user", "content": "hi"}] * 5000,
    "results of nothing": [{"role": "tool", "content": "x", "tool_call_id": f"q{i}"} for i in range(3000)],
    "calls without results": [
        {"role": "assistant", "tool_calls": [{"id": f"c{i}", "function": {"name": f"f{i}"}} for i in range(3000)]},
        *({"role": "tool", "content": "x", "tool_call_id": f"q{i}"} for i in range(3000)),
    ],
    "names that are alike": [
        {"role": "assistant", "tool_calls": [{"function": {"name": chr(0x4E00 + i)}} for i in range(3000)]}
    ],
}


@pytest.mark.parametrize("messages", CONVERSATIONS.values(), ids=CONVERSATIONS)
def test_a_conversation_of_many_parts(attacked: Attacked, messages: list[dict[str, Any]]) -> None:
    begun = attacked.begin()
    attempts = [send(attacked, "/api/chat", messages=messages) for _ in range(2)]
    attacked.finish(begun)
    attacked.serves_others()
    assert {answer_of(attempt).status for attempt in attempts} == {400}


@pytest.mark.parametrize("path", ["/v1/messages/count_tokens", "/v1/responses/input_tokens"])
def test_counting_goes_no_further_than_anybody_needs(attacked: Attacked, path: str) -> None:
    text = "hello " * 1_000_000
    fields = {"input": text} if "responses" in path else {"messages": [{"role": "user", "content": text}]}
    counting = send(attacked, path, **fields)
    attacked.serves_others()
    assert "too long" in message_of(path, answer_of(counting))
    short = (
        {"input": "hello " * 9000} if "responses" in path else {"messages": [{"role": "user", "content": "x " * 9000}]}
    )
    assert 9000 <= answer_of(send(attacked, path, **short)).json["input_tokens"] < 9200, "although it does not fit"


@pytest.mark.parametrize("path", ["/api/embed", "/v1/embeddings"])
def test_long_texts_to_embed(attacked: Attacked, path: str) -> None:
    embedding = send(attacked, path, input=["a" * 200_000] * 100, truncate=False)
    attacked.serves_others()
    assert "exceeds the context length" in message_of(path, answer_of(embedding))


def test_a_text_that_is_too_long_is_encoded_only_so_far() -> None:
    for text in TEXTS.values():
        ids = TOKENIZER.encode(text, most=1000)
        assert 1000 < len(ids) <= 1000 + 100_000
        beginning = TOKENIZER.decode(ids)
        assert text.startswith(beginning.rstrip("\ufffd")[:1000])


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_limit_changes_nothing_for_what_fits(text: str) -> None:
    short = text[:3000]
    assert TOKENIZER.encode(short, most=10_000) == TOKENIZER.encode(short)
    assert TOKENIZER.encode(short, special=True, most=10_000) == TOKENIZER.encode(short, special=True)


PILES: dict[str, GenerateRequest] = {
    "references to one large schema": GenerateRequest(
        (Message("user", "x"),),
        (
            Tool(
                "f",
                parameters={
                    "properties": {f"p{i}": {"$ref": "#/$defs/a"} for i in range(999)},
                    "$defs": {"a": {"properties": {f"q{i}": {"description": "d" * 50} for i in range(1000)}}},
                },
            ),
        ),
    ),
    "references that double": GenerateRequest(
        (Message("user", "x"),),
        (
            Tool(
                "f",
                parameters={
                    "$ref": "#/$defs/a0",
                    "$defs": {
                        f"a{i}": {"properties": {name: {"$ref": f"#/$defs/a{i + 1}"} for name in "xy"}}
                        for i in range(40)
                    },
                },
            ),
        ),
    ),
    "parts of an intersection": GenerateRequest(
        (Message("user", "x"),),
        (Tool("f", parameters={"allOf": [{"properties": {f"p{i}": {"type": "string"}}} for i in range(3000)]}),),
    ),
    "required properties": GenerateRequest(
        (Message("user", "x"),),
        (
            Tool(
                "f",
                parameters={
                    "type": "object",
                    "properties": {f"p{i}": {} for i in range(3000)},
                    "required": [f"p{3000 - i}" for i in range(3000)],
                },
            ),
        ),
    ),
    "calls and results in the wrong order": GenerateRequest(
        (
            Message("assistant", tool_calls=tuple(ToolCall(f"c{i}", f"f{i}", "{}") for i in range(3000))),
            *(Message("tool", "x", tool_call_id=f"c{2999 - i}") for i in range(3000)),
        )
    ),
}


@pytest.mark.parametrize("request_", PILES.values(), ids=PILES)
def test_rendering_takes_a_bounded_number_of_steps(request_: GenerateRequest) -> None:
    """Calls of functions are counted, since each of these once took the square of its size, or more."""
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        ids = HARMONY._render(request_, 150_000)  # pyright: ignore[reportPrivateUsage]
    finally:
        sys.setprofile(None)
    assert ids
    assert calls < 1_000_000


def test_schemas_without_measure_are_refused_before_they_are_read() -> None:
    for schema in ({"enum": list(range(200_000))}, {"description": "d" * (2 << 20)}, {"a": [[{}] * 50_000] * 50}):
        request = GenerateRequest((Message("user", "x"),), (Tool("f", parameters=schema),))
        with pytest.raises(InvalidRequest, match="too large"):
            length_of(request)


@pytest.mark.parametrize(
    ("tokens", "words"),
    [
        ({"a" * 2000: 300}, "a token of 2000 bytes"),
        ({f"<|{number}|>": 300 + number for number in range(5000)}, "5000 special tokens"),
    ],
)
def test_vocabularies_that_would_make_each_text_slow(tokens: dict[str, int], words: str) -> None:
    with pytest.raises(InvalidModelFile, match=words):
        Tokenizer.from_gguf(vocabulary(*tokens))


def vocabulary(*more: str) -> dict[str, Any]:
    """Metadata of a vocabulary of bytes and some tokens more."""
    tokens = [*map(chr, tokenizer._BYTE_OF), *more]  # pyright: ignore[reportPrivateUsage]
    return {
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "gpt-2",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": [1] * len(tokens),
    }


# ---- aside


async def test_short_work_is_done_at_once_and_long_work_elsewhere() -> None:
    here = threading.current_thread()
    assert await aside(SMALL, threading.current_thread) is here
    assert await aside(SMALL + 1, threading.current_thread) is not here


async def test_of_long_works_the_shortest_goes_first() -> None:
    gate, order = threading.Event(), list[int]()
    blocking = [asyncio.ensure_future(aside(1 << 30, gate.wait)) for _ in range(8)]
    await asyncio.sleep(0)
    works = [asyncio.ensure_future(aside(size << 20, order.append, size)) for size in (5, 3, 4, 1, 2)]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*works, *blocking)
    assert sorted(order) == [1, 2, 3, 4, 5]
    assert order.index(1) <= 1
    assert order.index(5) >= 3


async def test_work_that_nobody_waits_for_any_more_is_dropped() -> None:
    gate, done = threading.Event(), list[int]()
    blocking = [asyncio.ensure_future(aside(1 << 20, gate.wait)) for _ in range(8)]
    dropped = asyncio.ensure_future(aside(1 << 30, done.append, 1))
    await asyncio.sleep(0)
    dropped.cancel()
    await asyncio.wait([dropped])
    gate.set()
    await asyncio.gather(*blocking)
    await aside(1 << 30, done.append, 2)
    assert done == [2]


async def test_failures_are_raised_where_the_work_was_asked_for() -> None:
    def fail() -> None:
        raise InvalidRequest("no")

    with pytest.raises(InvalidRequest, match="no"):
        await aside(SMALL + 1, fail)


# ---- what is stored and remembered


async def test_items_of_a_stored_response_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each reference once read the whole response again, in the one thread that serves everybody."""
    store, reads = ResponseStore(tmp_path / "responses.db"), list[str]()
    get = ResponseStore._get  # pyright: ignore[reportPrivateUsage]

    def counted(self: ResponseStore, id: str, space: str) -> PackedResponse | None:
        reads.append(id)
        return get(self, id, space)

    monkeypatch.setattr(ResponseStore, "_get", counted)
    output = [{"id": f"msg_{i}", "type": "message", "role": "assistant", "content": []} for i in range(500)]
    await store.add(stored("resp_a", []))
    await store.update(stored("resp_a", output))
    names = [item["id"] for item in output]
    assert outputs(await store.with_items(names, ""), names, Room()) == {item["id"]: item for item in output}
    assert reads == ["resp_a"]
    await store.close()


async def test_a_stored_conversation_has_a_longest_length(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ossia.server.protocols.responses.store.MOST_READ", 10_000)
    store = ResponseStore(tmp_path / "responses.db")
    previous = None
    for number in range(4):
        await store.add(stored(id := f"resp_{number}", [], previous, "x" * 3000))
        previous = id
    assert len(await store.chain("resp_2", "")) == 3
    with pytest.raises(InvalidRequest, match="too long to be continued"):
        await store.chain("resp_3", "")
    await store.close()


def stored(id: str, output: list[Any], previous: str | None = None, text: str = "") -> StoredResponse:
    response = {"id": id, "status": "completed", "output": output, "previous_response_id": previous, "model": "m"}
    return StoredResponse(response, [{"id": f"{id}_in", "role": "user", "content": text}])


def test_a_turn_that_is_repeated_is_restored_once() -> None:
    """Each repetition once compared, and read, all arguments again."""
    recall, arguments = Recall(), json.dumps({"a": "x" * 1000})
    call = ToolCall("call_1", "f", arguments)
    recall.remember(Collected(Message("assistant", "", "Thought", (call,)), Finished("tool_calls", token_ids=(1, 2))))
    sent = Message("assistant", tool_calls=(replace(call, arguments=arguments + " "),))
    first, *others = recall.completed(GenerateRequest((sent,) * 5)).prompt
    assert isinstance(first, Message)
    assert first.reasoning == "Thought"
    assert others == [sent] * 4


# ---- literals


@given(st.lists(st.text("ab<|", min_size=1, max_size=5), min_size=1, max_size=60), st.text("ab<|c", max_size=60))
def test_a_trie_of_literals_finds_what_alternatives_find(literals: list[str], text: str) -> None:
    ordered = sorted(set(literals), key=len, reverse=True)
    alternatives = re.compile(f"({'|'.join(map(re.escape, ordered))})")
    assert literal_pattern(literals).split(text) == alternatives.split(text)


def test_many_literals_are_found() -> None:
    literals = [f"<{chr(0x100 + i)}{i}>" for i in range(4000)]
    assert literal_pattern(literals).split("x".join(literals))[1::2] == literals


def test_literals_that_begin_with_each_other() -> None:
    with pytest.raises(InvalidModelFile, match="begin with each other"):
        literal_pattern("a" * length for length in range(1, 1500))


# ---- the debug switch


async def test_what_holds_the_event_loop_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    report_slow_callbacks(asyncio.get_running_loop(), 0.001)

    async def hold() -> None:
        text = "x"
        for _ in range(1_000_000):
            text = text[:1]

    await asyncio.create_task(hold(), name="the one that holds it")
    assert "the one that holds it" in caplog.text
