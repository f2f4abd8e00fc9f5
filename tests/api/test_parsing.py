"""Whatever JSON comes, a request is read or refused with an error of the client's; nothing else is ever raised."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct, inspect

from ossia.errors import InvalidRequest
from ossia.server.http.body import Fields, decode
from ossia.server.protocols.anthropic.messages import MESSAGES, parse_prompt
from ossia.server.protocols.anthropic.types import CountTokensRequest, MessagesRequest
from ossia.server.protocols.fields import Options, keep_alive_seconds
from ossia.server.protocols.ollama.chat import CHAT
from ossia.server.protocols.ollama.embedding_types import EmbedRequest
from ossia.server.protocols.ollama.embeddings import EMBED
from ossia.server.protocols.ollama.generate import GENERATE
from ossia.server.protocols.ollama.types import ChatRequest
from ossia.server.protocols.ollama.types import GenerateRequest as OllamaGenerateRequest
from ossia.server.protocols.openai.chat import CHAT_COMPLETIONS
from ossia.server.protocols.openai.completion_types import CompletionRequest
from ossia.server.protocols.openai.completions import COMPLETIONS
from ossia.server.protocols.openai.embedding_types import EmbeddingsRequest
from ossia.server.protocols.openai.embeddings import EMBEDDINGS
from ossia.server.protocols.openai.types import ChatCompletionRequest
from ossia.server.protocols.protocol import WireProtocol
from ossia.server.protocols.responses import parse as responses
from ossia.server.protocols.responses.item_types import CallInput, MessageInput, ReasoningInput, ResultInput
from ossia.server.protocols.responses.items import normal, read_items
from ossia.server.protocols.responses.types import ResponseRequest
from ossia.server.protocols.sampling import placement
from ossia.store.manifest import CONFIG, Layer, Manifest
from ossia.store.models import Model
from ossia.store.name import ModelName
from ossia.types import GenerateRequest, Placement

MODEL = Model(
    name=ModelName.parse("m"),
    digest="",
    size=0,
    modified_at=datetime.now(UTC),
    files=(Path("m"),),
    config={},
    parameters={"temperature": 0.5},
    system="Be kind.",
    template="",
    licenses=(),
    messages=(),
    manifest=Manifest(Layer(CONFIG, "", 0), ()),
)
WORDS = [
    "", "user", "assistant", "system", "tool", "function", "custom", "text", "thinking", "tool_use", "tool_result",
    "redacted_thinking", "grammar", "lark", "regex", "json", "json_object", "json_schema", "auto", "none", "any",
    "required", "allowed_tools", "enabled", "disabled", "omitted", "low", "high", "{}", "f", "1",
]  # fmt: skip
"""Texts that mean something somewhere."""

words = st.sampled_from(WORDS) | st.text(max_size=5)
numbers = st.integers(-2, 9) | st.integers()
floats = st.floats(-2, 9) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | floats | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
"""Any JSON."""

some_ids = st.lists(numbers, min_size=1)
texts_or_ids = st.just("a") | st.lists(st.just("b"), min_size=1) | some_ids | st.lists(some_ids, min_size=1)
LIKELY: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(["images", "audio", "functions", "mcp_servers", "container"], st.none()),
    **dict.fromkeys(["suffix", "template", "context", "conversation"], st.none()),
    **dict.fromkeys(["n", "max_tokens", "top_logprobs"], st.integers(1, 4)),
    "role": st.sampled_from(["user", "assistant", "tool", "system"]),
    "keep_alive": st.sampled_from(["5m", 0]),
    "effort": st.sampled_from(["low", "high"]),
    "reasoning_effort": st.sampled_from(["low", "high"]),
    "temperature": st.floats(0, 1),
    "truncation": st.just("auto"),
    "encoding_format": st.sampled_from(["float", "base64"]),
    "modalities": st.just(["text"]),
}
"""Values of fields, by name, without which a request is refused before most of it is read."""


def declared(kind: type[Struct]) -> st.SearchStrategy[Any]:
    """JSON of every form that a type takes."""
    return _of(inspect.type_info(kind))


def _of(info: inspect.Type) -> st.SearchStrategy[Any]:
    match info:
        case inspect.StructType(cls):
            return st.deferred(lambda: _object(cls))
        case inspect.UnionType(types):
            return st.one_of(map(_of, _without_fractions(types)))
        case inspect.Metadata(inner):
            return _of(inner)
        case inspect.ListType(item):
            return st.lists(_of(item), max_size=3)
        case inspect.DictType():
            return st.dictionaries(words, values, max_size=3)
        case inspect.AnyType():
            return texts_or_ids | texts_or_ids | values
        case _:
            return {
                inspect.StrType: words,
                inspect.BoolType: st.booleans(),
                inspect.IntType: numbers,
                inspect.FloatType: floats,
                inspect.NoneType: st.none(),
            }[type(info)]


def _likely(name: str, declared: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Values that the field's type allows; nine of ten are likely ones, where there are any."""
    likely = LIKELY.get(name, declared)
    return st.sampled_from([likely] * 9 + [declared]).flatmap(lambda chosen: chosen)


def _without_fractions(types: tuple[inspect.Type, ...]) -> list[inspect.Type]:
    """A number with a fraction is only refused where there are integers."""
    has_integers = any(isinstance(kind, inspect.IntType) for kind in types)
    return [kind for kind in types if not (has_integers and isinstance(kind, inspect.FloatType))]


@cache
def _object(kind: type[Struct]) -> st.SearchStrategy[dict[str, Any]]:
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    fields = {True: dict[str, Any](), False: dict[str, Any]()}
    for field in info.fields:
        given = field.required or field.encode_name in ("prompt", "input")
        fields[given][field.encode_name] = _likely(field.encode_name, _of(field.type))
    return st.fixed_dictionaries(fields[True], optional=fields[False])


def reader(protocol: WireProtocol[Any]) -> Callable[[Any], None]:
    """All that is read of a request before a model is asked."""

    def read(body: Any) -> None:
        keep_alive_seconds(body.keep_alive)
        assert isinstance(protocol.streams(body), bool)
        if not protocol.only_loads(body):
            requests = protocol.choices(body, protocol.parse(body, MODEL))
            assert requests
            assert all(isinstance(request, GenerateRequest) for request in requests)
            assert isinstance(protocol.requires_thinking(body), bool)

    return read


BY_TYPE: list[tuple[type[Fields], Callable[[Any], object]]] = [
    (ChatRequest, reader(CHAT)),
    (OllamaGenerateRequest, reader(GENERATE)),
    (ChatCompletionRequest, reader(CHAT_COMPLETIONS)),
    (CompletionRequest, reader(COMPLETIONS)),
    (MessagesRequest, reader(MESSAGES)),
    (CountTokensRequest, lambda body: parse_prompt(body, MODEL)),
    (EmbeddingsRequest, EMBEDDINGS.inputs),
    (EmbedRequest, EMBED.inputs),
]
by_type = pytest.mark.parametrize(("kind", "read"), BY_TYPE, ids=[kind.__name__ for kind, _ in BY_TYPE])


@by_type
@given(data=st.data())
def test_whatever_is_declared_is_read_or_refused(
    kind: type[Fields], read: Callable[[Any], object], data: st.DataObject
) -> None:
    sent = data.draw(declared(kind))
    with suppress(InvalidRequest):
        read(decode(json.dumps(sent).encode(), kind))


@by_type
@given(data=st.data())
def test_any_json_in_any_field_is_read_or_refused(
    kind: type[Fields], read: Callable[[Any], object], data: st.DataObject
) -> None:
    fields = st.dictionaries(st.sampled_from(kind.__struct_fields__), values, max_size=4)
    sent = {"model": "m", "messages": [{"role": "user"}], "max_tokens": 1, "prompt": "a", **data.draw(fields)}
    with suppress(InvalidRequest):
        read(decode(json.dumps(sent).encode(), kind))


ITEMS: dict[str, type[Fields]] = {
    "message": MessageInput,
    "reasoning": ReasoningInput,
    "function_call": CallInput,
    "custom_tool_call": CallInput,
    "function_call_output": ResultInput,
    "custom_tool_call_output": ResultInput,
}
items = st.sampled_from([*ITEMS]).flatmap(lambda kind: declared(ITEMS[kind]).map(lambda item: {"type": kind, **item}))


@given(sent=declared(ResponseRequest), given=st.lists(items, min_size=1, max_size=4))
def test_any_items_of_a_response_are_read_or_refused(sent: dict[str, Any], given: list[Any]) -> None:
    with suppress(InvalidRequest):
        body = decode(json.dumps(sent | {"input": given, "prompt": None}).encode(), ResponseRequest)
        read = read_items(body.input)
        request, _ = responses.parse(body, MODEL, read, responses.Earlier())
        assert isinstance(request, GenerateRequest)
        assert responses.new_response(body, request)["object"] == "response"
        assert all(normal(item)["id"] for item in read)


class Texts(Fields):
    a: str


@given(data=st.binary())
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(InvalidRequest):
        decode(data, Texts)


@given(text=st.text(alphabet=st.characters(), max_size=20))
def test_every_text_survives(text: str) -> None:
    """Also with half of a surrogate pair in it, which cannot be written as UTF-8."""
    read = decode(json.dumps({"a": text}).encode(), Texts).a
    read.encode()
    assert read == text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


@pytest.mark.parametrize(
    ("options", "parameters", "expected"),
    [
        (None, {}, Placement()),
        (None, {"num_gpu": 0, "main_gpu": 1, "num_ctx": 4096}, Placement(0, 1, 4096)),
        (Options(num_gpu=99), {"num_gpu": 0}, Placement(num_gpu=99)),
        (Options(num_gpu=0, num_ctx=-1), {"num_ctx": 2048}, Placement(num_gpu=0, context_length=2048)),
        (Options(main_gpu=0), {"main_gpu": 1}, Placement(main_gpu=0)),
    ],
)
def test_the_place_of_a_model(options: Options | None, parameters: dict[str, int], expected: Placement) -> None:
    """The request says it, or else its model."""
    assert placement(options, replace(MODEL, parameters=parameters)) == expected
