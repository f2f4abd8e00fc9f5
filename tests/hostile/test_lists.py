"""Lists of any length: each has a limit, which the error names with the field."""

from typing import Any

import pytest

from tests.api.conftest import NAME
from tests.hostile.conftest import HELLO, Attack, message_of

TOOL = {"type": "function", "function": {"name": "f"}, "name": "f"}
CALL = {"function": {"name": "f", "arguments": "{}"}}
TEXT = {"type": "text", "text": ""}
MANY_PARTS = [{"role": "user", "content": [TEXT] * 16_385}]
MANY_RESULTS = [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "1", "content": [TEXT] * 16_385}]}]
MANY_CALLS = [*HELLO, {"role": "assistant", "tool_calls": [CALL] * 1025}]
FAMILIES = [{"type": "namespace", "name": f"n{index}", "tools": [TOOL] * 600} for index in range(2)]
CHOICE = {"type": "allowed_tools", "mode": "auto", "tools": [{"name": "f"}] * 1025}

TOO_MANY: list[tuple[str, dict[str, Any], str]] = [
    ("/v1/chat/completions", {"stop": ["x"] * 65}, "stop must have at most 64 items"),
    ("/v1/chat/completions", {"stop": "x" * 1001}, "stop must have at most 1000 characters"),
    ("/v1/chat/completions", {"stop": ["x", "x" * 1001]}, "stop[1] must have at most 1000 characters"),
    ("/v1/chat/completions", {"options": {"stop": ["x"] * 65}}, "options.stop must have at most 64 items"),
    (
        "/v1/chat/completions",
        {"logit_bias": dict.fromkeys(map(str, range(16_385)), 1)},
        "logit_bias must have at most 16384 fields",
    ),
    ("/v1/chat/completions", {"tools": [TOOL] * 1025}, "tools must have at most 1024 items"),
    ("/v1/chat/completions", {"messages": MANY_PARTS}, "messages[0].content must have at most 16384 items"),
    ("/v1/chat/completions", {"messages": MANY_CALLS}, "messages[1].tool_calls must have at most 1024 items"),
    ("/v1/chat/completions", {"n": 129}, "n must be between 1 and 128"),
    ("/v1/completions", {"prompt": ["x"] * 65, "n": 2}, "there can be at most 128 answers to one request"),
    ("/v1/completions", {"stop": ["x"] * 65}, "stop must have at most 64 items"),
    ("/v1/messages", {"stop_sequences": ["x"] * 65}, "stop_sequences must have at most 64 items"),
    ("/v1/messages", {"tools": [TOOL] * 1025}, "tools must have at most 1024 items"),
    ("/v1/messages", {"system": [TEXT] * 16_385}, "system must have at most 16384 items"),
    ("/v1/messages", {"messages": MANY_PARTS}, "messages[0].content must have at most 16384 items"),
    ("/v1/messages", {"messages": MANY_RESULTS}, "messages[0].content[0].content must have at most 16384 items"),
    ("/v1/responses", {"tools": [TOOL] * 1025}, "tools must have at most 1024 items"),
    ("/v1/responses", {"tools": FAMILIES}, "tools must have at most 1024 items, with those of namespaces"),
    ("/v1/responses", {"tools": [TOOL], "tool_choice": CHOICE}, "tool_choice.tools must have at most 1024 items"),
    ("/v1/responses", {"include": ["x"] * 65}, "include must have at most 64 items"),
    ("/v1/responses", {"metadata": dict.fromkeys(map(str, range(65)), "x")}, "metadata must have at most 64 fields"),
    ("/v1/responses", {"input": MANY_PARTS}, "input[0].content must have at most 16384 items"),
    ("/api/chat", {"tools": [TOOL] * 1025}, "tools must have at most 1024 items"),
    ("/api/chat", {"options": {"stop": ["x"] * 65}}, "options.stop must have at most 64 items"),
    ("/api/chat", {"messages": MANY_CALLS}, "messages[1].tool_calls must have at most 1024 items"),
    ("/api/generate", {"options": {"stop": ["x" * 1001]}}, "options.stop[0] must have at most 1000 characters"),
    ("/api/create", {"from": NAME, "license": ["x"] * 65}, "license must have at most 64 items"),
    ("/api/create", {"from": NAME, "messages": HELLO * 16_385}, "messages must have at most 16384 items"),
]


@pytest.mark.parametrize(("path", "fields", "message"), TOO_MANY, ids=[f"{path} {text}" for path, _, text in TOO_MANY])
def test_a_list_that_is_too_long_is_refused(server: Attack, path: str, fields: dict[str, Any], message: str) -> None:
    answer = server().post(path, **{"messages": HELLO, "input": "Hello", "max_tokens": 9, **fields})
    assert answer.status == 400
    assert message in message_of(path, answer)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/v1/chat/completions", {"stop": ["x" * 1000] * 64, "tools": [TOOL] * 1024, "n": 128}),
        ("/v1/chat/completions", {"logit_bias": dict.fromkeys(map(str, range(16_384)), 1)}),
        ("/v1/messages", {"stop_sequences": ["x" * 1000] * 64}),
        ("/api/chat", {"options": {"stop": ["x" * 1000] * 64}, "tools": [TOOL] * 1024}),
    ],
)
def test_the_limit_itself_is_allowed(server: Attack, path: str, fields: dict[str, Any]) -> None:
    assert server().post(path, messages=HELLO, max_tokens=9, **fields).status == 200
