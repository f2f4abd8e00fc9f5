"""Schemas and grammars of clients: one that takes minutes to compile delays nobody, and ends with its client."""

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ossia.chat.grammar.checks import KNOWN
from ossia.chat.harmony.format import Harmony
from ossia.store.models import ModelStore
from tests.hostile.conftest import EVIL, HELLO, Attack, Attacked, answer_of, post_head
from tests.hostile.strangers import add_to, helpers, memory_stays_bounded, stranger
from tests.vocabulary import harmony_tokenizer
from tests.waiting import wait_until

TOKENIZER = harmony_tokenizer()
SAYS = TOKENIZER.encode("<|channel|>final<|message|>{}<|return|>", special=True)


def product(number: int, start: int = 0) -> dict[str, Any]:
    """Alternatives that are to be combined each with each other: 3 to the power of the number."""
    places = range(start, start + number)
    return {
        "allOf": [{"anyOf": [{"properties": {f"p{i}": {"pattern": f".*{j}.*"}}} for j in range(3)]} for i in places]
    }


ENDLESS: dict[str, Any] = {
    "alternatives of alternatives": product(6),
    "the same in a property": {"type": "object", "properties": {"a": product(6)}},
    "the same or nothing": {"anyOf": [product(6), {"type": "null"}]},
    "the same in a list": {"type": "array", "items": product(6)},
    "nested": {"allOf": [product(3), product(3, 3)]},
    "multiples": {"properties": {f"p{i}": {"type": "integer", "multipleOf": 9973 - i} for i in range(60)}},
}
TOO_LARGE: dict[str, Any] = {
    "many properties": {"type": "object", "properties": {f"p{i}": {"type": "string"} for i in range(20_000)}},
    "many alternatives": {"enum": [f"value {i}" for i in range(100_000)]},
    "deep": json.loads('{"items":' * 900 + "{}" + "}" * 900),
    "a long description": {"description": "d" * (2 << 20)},
}


@pytest.fixture
def attacked(server: Attack, store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Attacked]:
    KNOWN.cache_clear()
    add_to(store, tmp_path)
    with memory_stays_bounded():
        yield server(evil=stranger(monkeypatch, TOKENIZER, lambda boxes: Harmony(TOKENIZER), SAYS))


def chat(attacked: Attacked, **fields: Any) -> socket.socket:
    """Ask the model for something, on a connection that stays open."""
    body = json.dumps({"model": EVIL, "messages": HELLO, "stream": False, **fields}).encode()
    return attacked.attack(post_head("/v1/chat/completions", f"Content-Length: {len(body)}") + body)


def formatted(schema: Any) -> dict[str, Any]:
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}}


def tool(schema: Any, name: str = "f", **more: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "parameters": schema, **more}}


@pytest.mark.parametrize("schema", ENDLESS.values(), ids=ENDLESS)
def test_a_schema_without_end_is_refused_and_delays_nobody(attacked: Attacked, schema: Any) -> None:
    begun = attacked.begin()
    attempts = [chat(attacked, **formatted({**schema, "title": str(i)})) for i in range(2)]
    attacked.finish(begun)
    attacked.serves_others()
    assert answer_of(chat(attacked, **formatted({"type": "object"}))).status == 200, "of the same model"
    answer = answer_of(attempts[0])
    assert answer.status == 400
    assert re.search("takes too long|grammar. too big", answer.json["error"]["message"])


@pytest.mark.parametrize("schema", TOO_LARGE.values(), ids=TOO_LARGE)
def test_a_schema_that_is_too_large_is_refused(attacked: Attacked, schema: Any) -> None:
    answer = answer_of(chat(attacked, **formatted(schema)))
    assert answer.status == 400
    assert len(answer.body) < 20_000
    attacked.serves_others()


@pytest.mark.parametrize("strict", [False, True])
def test_tools_are_compiled_here_before_the_models_process_sees_them(attacked: Attacked, strict: bool) -> None:
    tools = [tool(ENDLESS["nested"], strict=strict), tool({"type": "object"}, "g")]
    answer = answer_of(chat(attacked, tools=tools))
    assert answer.status == (400 if strict else 200)
    attacked.serves_others()


@pytest.mark.usefixtures("soon_idle")
def test_work_stops_when_its_client_has_gone(attacked: Attacked) -> None:
    for i in range(30):
        chat(attacked, **formatted(product(6, i)))
    wait_until(lambda: helpers() != [])
    attacked.held.close()
    attacked.serves_others()
    wait_until(lambda: helpers() == [])


@pytest.mark.usefixtures("soon_idle")
def test_a_refused_schema_is_remembered(attacked: Attacked) -> None:
    """The second time nothing is compiled: no process is there that could."""
    first = answer_of(chat(attacked, **formatted(ENDLESS["nested"])))
    wait_until(lambda: helpers() == [])
    second = answer_of(chat(attacked, **formatted(ENDLESS["nested"])))
    assert first.body == second.body
    assert helpers() == []


@pytest.mark.parametrize(
    ("syntax", "definition"),
    [
        ("regex", "(" * 150 + "a" + ")*" * 150),
        ("regex", "(((((a{99}){99}){99}){99}){99}){99}"),
        ("lark", "start: " + " ".join(["(a | b)?"] * 100) + '\na: "x" a?\nb: "y" b?'),
        ("lark", 'start: a{1000000}\na: b{1000}\nb: "x"'),
        ("lark", "start: " + "a " * 20_000 + '\na: "x"'),
        ("lark", "start: /" + "a?" * 3_900 + "/"),
    ],
)
def test_grammars_of_custom_tools(attacked: Attacked, syntax: str, definition: str) -> None:
    grammar = {"type": "grammar", "grammar": {"syntax": syntax, "definition": definition}}
    asked = [chat(attacked, tools=[{"type": "custom", "custom": {"name": "f", "format": grammar}}]) for _ in range(3)]
    attacked.serves_others()
    assert {answer_of(each).status for each in asked} <= {200, 400}
