"""Whatever JSON comes, a request is read or refused with an error of the client's; nothing else is ever raised."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ossia.errors import InvalidRequest
from ossia.server.http.body import parse_body
from ossia.server.http.gate import admit
from ossia.server.protocols import sampling as options
from ossia.server.protocols.anthropic.messages import MESSAGES
from ossia.server.protocols.ollama.chat import CHAT, GENERATE
from ossia.server.protocols.openai.chat import CHAT_COMPLETIONS
from ossia.server.protocols.protocol import Dialect
from ossia.store.manifest import CONFIG, Layer, Manifest
from ossia.store.models import Model
from ossia.store.name import ModelName
from ossia.types import GenerateRequest

MODEL = Model(
    name=ModelName.parse("m"),
    digest="",
    size=0,
    modified_at=datetime.now(UTC),
    path=Path("m"),
    config={},
    parameters={"temperature": 0.5},
    system="Be kind.",
    template="",
    licenses=(),
    messages=(),
    manifest=Manifest(Layer(CONFIG, "", 0), ()),
)
FIELDS = [
    "model", "messages", "prompt", "system", "stream", "tools", "tool_choice", "options", "keep_alive", "think",
    "format", "raw", "context", "images", "suffix", "template", "logprobs", "top_logprobs", "reasoning",
    "reasoning_effort", "response_format", "n", "stop", "seed", "temperature", "top_p", "max_tokens",
    "max_completion_tokens", "logit_bias", "stream_options", "role", "content", "tool_calls", "function", "name",
    "arguments", "type", "text", "parameters", "effort", "num_ctx", "num_predict", "reasoning_content", "thinking",
    "tool_name", "tool_call_id", "top_k", "min_p", "stop_sequences", "input_schema", "budget_tokens", "tool_use_id",
]  # fmt: skip

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(FIELDS)
roles = st.fixed_dictionaries({"role": st.sampled_from(["system", "user", "assistant", "tool"])})
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4)
        | st.builds(lambda role, rest: [{**rest, **role}], roles, st.dictionaries(st.sampled_from(FIELDS), inner))
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    "dialect", [CHAT, GENERATE, CHAT_COMPLETIONS, MESSAGES], ids=["chat", "generate", "completions", "messages"]
)
@pytest.mark.parametrize("gated", [True, False], ids=["", "without the gate"])
@given(fields=st.dictionaries(st.sampled_from(FIELDS), values))
def test_any_json_is_read_or_refused(dialect: Dialect, gated: bool, fields: dict[str, Any]) -> None:
    with suppress(InvalidRequest):
        body = parse_body(json.dumps({"model": "m", **fields}).encode())
        if gated:
            body = admit(body, dialect.operation.fields)
        options.keep_alive(body)
        if not dialect.only_loads(body):
            assert isinstance(dialect.streams(body), bool)
            assert isinstance(dialect.parse(body, MODEL), GenerateRequest)
            assert isinstance(dialect.thinking_asked(body), bool)


@given(data=st.binary())
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(InvalidRequest):
        parse_body(data)


@given(text=st.text(alphabet=st.characters(), max_size=20))
def test_every_text_survives(text: str) -> None:
    """Also with half of a surrogate pair in it, which cannot be written as UTF-8."""
    read = parse_body(json.dumps({"a": text}).encode()).text("a")
    read.encode()
    assert read == text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
