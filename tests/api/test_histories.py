"""Conversations that go on here although they hold what a text model cannot read, or what another server's tools did.

Three are recordings of the real programs, Claude Code 2.1.332 and Codex 0.171.0 and 0.169.0 against a double of a
model, with their long texts cut. The kinds of blocks and items are those of the vendors' own SDKs.
"""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
import typing_extensions
from anthropic.types.beta import beta_content_block_param
from openai.types.responses import response_input_item_param

from ossia.errors import InvalidRequest, NotSupported
from ossia.server.http.body import convert
from ossia.server.protocols.anthropic import messages as anthropic
from ossia.server.protocols.anthropic.types import MessagesRequest
from ossia.server.protocols.ollama import chat as ollama
from ossia.server.protocols.ollama.types import ChatRequest
from ossia.server.protocols.openai import chat as openai
from ossia.server.protocols.openai.types import ChatCompletionRequest
from ossia.server.protocols.responses import parse as responses
from ossia.server.protocols.responses.items import read_items
from ossia.server.protocols.responses.types import ResponseRequest
from ossia.types import GenerateRequest, Message, ToolCall
from tests.api.conftest import NAME
from tests.api.test_parsing import MODEL

BARE = replace(MODEL, system="", parameters={})
PIXELS = "iVBORw0KGgo" * 50
HELLO = {"role": "user", "content": "Hello"}
WELL = {"role": "user", "content": "Well?"}


def recorded(name: str) -> dict[str, Any]:
    return json.loads((Path(__file__).parent / "recordings" / f"{name}.json").read_text())


def claude(**body: Any) -> GenerateRequest:
    return anthropic.parse(convert({"model": NAME, "max_tokens": 5, **body}, MessagesRequest), BARE)


def codex(*items: dict[str, Any], **body: Any) -> GenerateRequest:
    request = convert({"model": NAME, "input": list(items), **body}, ResponseRequest)
    return responses.parse(request, BARE, read_items(request.input), responses.Earlier())[0]


def chat(*messages: dict[str, Any], **body: Any) -> GenerateRequest:
    request = convert({"model": NAME, "messages": list(messages), **body}, ChatCompletionRequest)
    return openai.parse(request, BARE)


def native(*messages: dict[str, Any]) -> GenerateRequest:
    return ollama.parse(convert({"model": NAME, "messages": list(messages)}, ChatRequest), BARE)


def text_of(request: GenerateRequest) -> str:
    assert not isinstance(request.prompt, str)
    return "\n".join(message.content for message in request.prompt)


def kinds(union: Any) -> list[str]:
    """The types of an SDK's union of blocks or items."""
    members = [member for member in get_args(union) if typing_extensions.is_typeddict(member)]
    found = {str(get_args(typing_extensions.get_type_hints(member)["type"])[0]) for member in members}
    return sorted(re.sub(r".*\['(.*)'\]", r"\1", kind) for kind in found)


# ---- whole conversations


def test_claude_code_goes_on() -> None:
    """It has read a picture and a PDF, and has found a tool that it had deferred."""
    request = claude(**recorded("claude-code"))
    assert [tool.name for tool in request.tools] == ["Bash", "Read", "ToolSearch", "WebSearch"]
    results = [message.content for message in request.prompt if isinstance(message, Message) and message.role == "tool"]
    assert results[:2] == ["[image: not shown, only text can be read]", "The tool WebSearch can be called now."]
    assert results[2].endswith("[document: not shown, only text can be read]")
    assert text_of(request).endswith("Done.\nAnd now?")


def test_codex_goes_on() -> None:
    """It has looked at a picture and has run a command."""
    body = recorded("codex")
    request = codex(*body.pop("input"), **body)
    picture, command = [
        message for message in request.prompt if isinstance(message, Message) and message.role == "tool"
    ]
    assert (picture.name, picture.content) == ("view_image", "[image: not shown, only text can be read]")
    assert (command.name, command.content.splitlines()[-1]) == ("exec_command", "hi")
    assert text_of(request).endswith("Done.\nAnd now?")


def test_codex_goes_on_from_a_summary() -> None:
    """It asks for one without tools, behind a call, and then puts it in the place of the calls."""
    recording = recorded("codex-compaction")
    asked = codex(*recording["compaction"].pop("input"), **recording["compaction"])
    assert asked.tools == ()
    assert [message.role for message in asked.prompt if isinstance(message, Message)][-4:] == [
        "user",
        "assistant",
        "tool",
        "user",
    ]
    assert text_of(asked).strip().endswith("helping the next LLM seamlessly continue the work.")
    after = codex(*recording["after"].pop("input"), **recording["after"])
    assert [tool.name for tool in after.tools] == ["exec_command"]
    assert {message.role for message in after.prompt if isinstance(message, Message)} == {"developer", "user"}
    assert text_of(after).endswith("to assist with your own analysis:\nIt is a fine day.")


# ---- images


IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXELS}}
PDF = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": PIXELS}}
INPUT_IMAGE = {"type": "input_image", "image_url": f"data:image/png;base64,{PIXELS}"}
IMAGE_URL = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXELS}"}}
AUDIO = {"type": "input_audio", "input_audio": {"data": PIXELS, "format": "wav"}}
FILE = {"type": "file", "file": {"file_data": PIXELS}}


def by_claude(*messages: dict[str, Any]) -> GenerateRequest:
    return claude(messages=list(messages))


@pytest.mark.parametrize(
    ("read", "part"),
    [
        *((by_claude, part) for part in (IMAGE, PDF)),
        *((codex, part) for part in (INPUT_IMAGE, {"type": "input_file", "file_data": PIXELS}, AUDIO)),
        *((chat, part) for part in (IMAGE_URL, AUDIO, FILE)),
        (native, IMAGE_URL),
    ],
)
def test_an_image_is_refused_only_in_the_message_to_be_answered(
    read: Callable[..., GenerateRequest], part: dict[str, Any]
) -> None:
    kind = "text" if read is not codex else "input_text"
    shown = {"role": "user", "content": [{"type": kind, "text": "Look:"}, part]}
    for earlier in ((), (HELLO, {"role": "assistant", "content": "Yes?"}), (shown,)):
        with pytest.raises(InvalidRequest, match="is not supported in this version, only text"):
            read(*earlier, shown)
    request = read(shown, {"role": "assistant", "content": "I see."}, WELL)
    assert "Look:\n[" in text_of(request)
    assert text_of(request).endswith(": not shown, only text can be read]\nI see.\nWell?")
    assert PIXELS not in text_of(request)
    assert "not shown" in text_of(read(shown, WELL))


def test_images_in_results_of_tools() -> None:
    call = {"type": "tool_use", "id": "a", "name": "look", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "a", "content": [{"type": "text", "text": "Taken"}, IMAGE]}
    made = {"role": "assistant", "tool_calls": [{"id": "a", "function": {"name": "look", "arguments": "{}"}}]}
    answers = [
        by_claude(HELLO, {"role": "assistant", "content": [call]}, {"role": "user", "content": [result, IMAGE]}),
        chat(
            HELLO,
            made,
            {"role": "tool", "tool_call_id": "a", "content": [{"type": "text", "text": "Taken"}, IMAGE_URL]},
        ),
        native(HELLO, made, {"role": "tool", "tool_name": "look", "content": "Taken", "images": [PIXELS]}),
        codex(
            HELLO,
            {"type": "function_call", "call_id": "a", "name": "look", "arguments": "{}"},
            {
                "type": "function_call_output",
                "call_id": "a",
                "output": [{"type": "text", "text": "Taken"}, INPUT_IMAGE],
            },
        ),
        codex(
            HELLO,
            {"type": "computer_call", "call_id": "a", "action": {"type": "screenshot"}},
            {"type": "computer_call_output", "call_id": "a", "output": {"type": "computer_screenshot"}},
        ),
    ]
    for request in answers:
        assert isinstance(request.prompt[-1], Message)
        assert (request.prompt[-1].role, request.prompt[-1].tool_call_id) in (("tool", "a"), ("tool", None))
        assert "not shown, only text can be read]" in request.prompt[-1].content


def test_ollamas_images() -> None:
    shown = {"role": "user", "content": "Look:", "images": [PIXELS]}
    with pytest.raises(InvalidRequest, match=r"messages\[0\].images is not supported"):
        native(shown)
    request = native(shown, {"role": "assistant", "content": "I see."}, WELL)
    assert text_of(request) == "Look:\n[image: not shown, only text can be read]\nI see.\nWell?"


# ---- Anthropic's blocks


def answered(*blocks: dict[str, Any], **body: Any) -> GenerateRequest:
    return claude(messages=[HELLO, {"role": "assistant", "content": list(blocks)}, WELL], **body)


@pytest.mark.parametrize("kind", kinds(beta_content_block_param.BetaContentBlockParam))
def test_every_block_of_anthropics_may_be_in_a_history(kind: str) -> None:
    for content in ({"type": "of_a_tool", "error_code": "unavailable"}, [{"type": "of_a_tool"}], [], "text", None):
        block = {"type": kind, "id": "a", "name": "f", "input": {"x": 1}, "tool_use_id": "a", "content": content}
        request = answered({"type": "server_tool_use", "id": "a", "name": "f", "input": {}}, block)
        assert request.prompt[-1] == Message("user", "Well?")


SEARCHED = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "ossia"}}


@pytest.mark.parametrize(
    ("call", "result", "told"),
    [
        (
            SEARCHED,
            {
                "type": "web_search_tool_result",
                "content": [
                    {
                        "type": "web_search_result",
                        "title": "A plain model",
                        "url": "https://a.example",
                        "encrypted_content": PIXELS,
                    }
                ],
            },
            "[web_search: ossia -> A plain model\nhttps://a.example]",
        ),
        (
            SEARCHED,
            {
                "type": "web_search_tool_result",
                "content": {"type": "web_search_tool_result_error", "error_code": "busy"},
            },
            "[web_search: ossia -> busy]",
        ),
        (
            {"type": "server_tool_use", "id": "s", "name": "web_fetch", "input": {"url": "https://a.example"}},
            {
                "type": "web_fetch_tool_result",
                "content": {
                    "type": "web_fetch_result",
                    "content": {"type": "document", "source": {"type": "text", "data": "All about it."}},
                },
            },
            "All about it.",
        ),
        (
            {"type": "server_tool_use", "id": "s", "name": "code_execution", "input": {"code": "2 + 2"}},
            {
                "type": "code_execution_tool_result",
                "content": {
                    "type": "code_execution_result",
                    "stdout": "4",
                    "stderr": "",
                    "return_code": 0,
                    "content": [],
                },
            },
            '[code_execution: 2 + 2 -> {"stdout": "4", "return_code": 0}]',
        ),
        (
            {"type": "mcp_tool_use", "id": "s", "name": "issues", "server_name": "tracker", "input": {"open": True}},
            {"type": "mcp_tool_result", "is_error": False, "content": [{"type": "text", "text": "Three."}]},
            '[issues: {"open": true} -> Three.]',
        ),
    ],
    ids=["search", "error", "fetch", "code", "mcp"],
)
def test_what_anthropics_tools_found_is_told(call: dict[str, Any], result: dict[str, Any], told: str) -> None:
    request = answered(call, {"tool_use_id": "s", **result}, {"type": "text", "text": "So it is."})
    text = request.prompt[1].content if isinstance(request.prompt[1], Message) else ""
    assert told in text
    assert text.endswith("\nSo it is.")
    assert PIXELS not in text


@pytest.mark.parametrize(
    "offered",
    [
        {"container": "container_1"},
        {"container": {"id": "container_1", "skills": []}},
        {"mcp_servers": [{"type": "url", "url": "https://x", "name": "tracker"}]},
        {"tools": [{"type": "code_execution_20250825", "name": "code_execution"}]},
        {"tools": [{"type": "mcp_toolset", "mcp_server_name": "tracker"}]},
    ],
    ids=["container", "skills", "mcp", "code", "toolset"],
)
def test_what_anthropic_runs_is_refused_only_in_a_new_conversation(offered: dict[str, Any]) -> None:
    begun = claude(messages=[HELLO, {"role": "assistant", "content": "Hi."}, WELL], **offered)
    assert (begun.tools, len(begun.prompt)) == ((), 3)
    with pytest.raises(NotSupported):
        claude(messages=[HELLO], **offered)


def test_a_long_trace_is_shortened() -> None:
    page = {"type": "web_fetch_tool_result", "tool_use_id": "s", "content": [{"type": "text", "text": "so on " * 9999}]}
    assert len(text_of(answered(page))) < 2200


def test_a_compaction_stands_for_what_came_before() -> None:
    compacted = {
        "role": "assistant",
        "content": [{"type": "compaction", "content": "They met."}, {"type": "text", "text": "Yes."}],
    }
    request = claude(system="Be kind.", messages=[HELLO, WELL, compacted, WELL])
    assert request.prompt == (
        Message("system", "Be kind."),
        Message("user", "Summary of the conversation so far:\n\nThey met."),
        Message("assistant", "Yes."),
        Message("user", "Well?"),
    )
    failed = {"role": "assistant", "content": [{"type": "compaction", "content": None}]}
    assert "Hello" in text_of(claude(messages=[HELLO, failed, WELL]))


@pytest.mark.parametrize(
    ("block", "text"),
    [
        ({"type": "document", "title": "Plan", "source": {"type": "text", "data": "Go."}}, "Plan\nGo."),
        ({"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": "Go."}]}}, "Go."),
        ({"type": "document", "context": "Old", "source": {"type": "content", "content": "Go."}}, "Old\nGo."),
        (
            {
                "type": "search_result",
                "title": "T",
                "source": "a.example",
                "content": [{"type": "text", "text": "Go."}],
            },
            "T\na.example\nGo.",
        ),
    ],
)
def test_documents_with_text_are_read(block: dict[str, Any], text: str) -> None:
    assert claude(messages=[{"role": "user", "content": [block]}]).prompt == (Message("user", text),)
    result = {"type": "tool_result", "tool_use_id": "a", "content": [block]}
    assert text_of(claude(messages=[{"role": "user", "content": [result]}])) == text


@pytest.mark.parametrize("kind", ["search_result", "tool_result", "web_fetch_tool_result"])
def test_blocks_in_blocks_in_blocks_are_no_trouble(kind: str) -> None:
    block: dict[str, Any] = {"type": "text", "text": "Go."}
    for _ in range(400):
        block = {"type": kind, "tool_use_id": "a", "content": [block]}
    assert claude(messages=[HELLO, {"role": "assistant", "content": [block]}, WELL]).prompt[-1] == Message(
        "user", "Well?"
    )


DEFERRED = [
    {"name": name, "input_schema": {"type": "object"}, "defer_loading": name != "f"} for name in ("f", "g", "h")
]
FOUND = {"type": "tool_reference", "tool_name": "g"}


@pytest.mark.parametrize(
    ("message", "names"),
    [
        (WELL, "f"),
        ({"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a", "content": [FOUND]}]}, "fg"),
        (
            {
                "role": "assistant",
                "content": [
                    {
                        "type": "tool_search_tool_result",
                        "tool_use_id": "a",
                        "content": {"type": "tool_search_tool_search_result", "tool_references": [FOUND]},
                    }
                ],
            },
            "fg",
        ),
        (
            {"role": "system", "content": [{"type": "tool_addition", "tool": {"type": "tool_reference", "name": "g"}}]},
            "fg",
        ),
        ({"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "h", "input": {}}]}, "fh"),
    ],
)
def test_deferred_tools_are_hidden_until_they_are_named(message: dict[str, Any], names: str) -> None:
    request = claude(messages=[HELLO, message], tools=DEFERRED)
    assert "".join(tool.name for tool in request.tools) == names
    assert len(claude(messages=[HELLO], tools=DEFERRED, tool_choice={"type": "tool", "name": "h"}).tools) == 2


@pytest.mark.parametrize("kind", ["web_search", "web_search_20250305", "web_search_preview_2025_03_11"])
def test_offers_of_web_search_are_ignored(kind: str) -> None:
    offer = {"type": kind, "name": "web_search"}
    assert claude(messages=[HELLO], tools=[offer]).tools == ()
    assert chat(HELLO, tools=[offer], web_search_options={"search_context_size": "low"}).tools == ()
    assert codex(HELLO, tools=[offer]).tools == ()


# ---- items of Responses


ITEM = {"name": "f", "arguments": "{}", "input": "x", "role": "user", "content": "Yes?"}


CODEXS = ["agent_message", "ghost_snapshot", "compaction_summary", "context_compaction", "magic"]


@pytest.mark.parametrize("kind", [*kinds(response_input_item_param.ResponseInputItemParam), *CODEXS])
def test_every_item_of_openais_may_be_in_a_history(kind: str) -> None:
    own = ITEM if kind in ("message", "function_call", "custom_tool_call") else {}
    for ids in ({}, {"id": "a", "call_id": "b", "status": "completed"}):
        request = codex(HELLO, {"type": kind, **own, **ids}, WELL)
        assert (request.prompt[0], request.prompt[-1]) == (Message("user", "Hello"), Message("user", "Well?"))


@pytest.mark.parametrize(
    ("item", "told"),
    [
        (
            {"type": "mcp_call", "server_label": "tracker", "name": "issues", "arguments": "{}", "output": "Three."},
            "Three.",
        ),
        (
            {"type": "code_interpreter_call", "code": "2 + 2", "outputs": [{"type": "logs", "logs": "4"}]},
            '"code": "2 + 2"',
        ),
        (
            {"type": "file_search_call", "queries": ["ossia"], "results": [{"filename": "a.md", "text": "A stone."}]},
            "A stone.",
        ),
        (
            {"type": "image_generation_call", "revised_prompt": "A red cat", "result": PIXELS},
            "[image_generation_call: A red cat]",
        ),
        ({"type": "magic", "spell": "Open"}, "[magic: Open]"),
    ],
    ids=lambda item: item["type"] if isinstance(item, dict) else "",
)
def test_what_openais_tools_did_is_told(item: dict[str, Any], told: str) -> None:
    request = codex(
        HELLO, {"id": "x", "status": "completed", **item}, {"role": "assistant", "content": "So it is."}, WELL
    )
    assert len(request.prompt) == 3
    assert told in text_of(request)
    assert "]\nSo it is.\nWell?" in text_of(request)
    assert PIXELS not in text_of(request)


@pytest.mark.parametrize(
    ("call", "output", "name", "arguments", "text"),
    [
        (
            {"type": "local_shell_call", "action": {"type": "exec", "command": ["ls"]}},
            {"type": "function_call_output", "output": "a.md"},
            "local_shell",
            '{"type": "exec", "command": ["ls"]}',
            "a.md",
        ),
        (
            {"type": "shell_call", "action": {"commands": ["ls"]}},
            {
                "type": "shell_call_output",
                "output": [{"stdout": "a.md", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}}],
            },
            "shell",
            '{"commands": ["ls"]}',
            '{"stdout": "a.md", "outcome": {"exit_code": 0}}',
        ),
        (
            {"type": "apply_patch_call", "operation": {"type": "delete_file", "path": "a.md"}},
            {"type": "apply_patch_call_output", "status": "completed", "output": "Done"},
            "apply_patch",
            '{"type": "delete_file", "path": "a.md"}',
            "Done",
        ),
        (
            {"type": "tool_search_call", "execution": "client", "arguments": {"query": "look"}},
            {"type": "tool_search_output", "tools": [{"type": "function", "name": "look", "parameters": {}}]},
            "tool_search",
            '{"query": "look"}',
            "These tools can be called now: look",
        ),
    ],
    ids=["local_shell", "shell", "apply_patch", "tool_search"],
)
def test_calls_with_types_of_their_own(
    call: dict[str, Any], output: dict[str, Any], name: str, arguments: str, text: str
) -> None:
    request = codex(HELLO, {"call_id": "a", **call}, {"call_id": "a", **output})
    assert request.prompt[1:] == (
        Message("assistant", tool_calls=(ToolCall("a", name, arguments),)),
        Message("tool", text, tool_call_id="a", name=name),
    )
    assert [tool.name for tool in request.tools] == (["look"] if name == "tool_search" else [])


def test_agents_and_summaries() -> None:
    request = codex(
        {"type": "compaction", "encrypted_content": "They met."},
        {"type": "compaction", "encrypted_content": "gAAAAABo"},
        {
            "type": "agent_message",
            "author": "/root/worker",
            "recipient": "/root",
            "content": [{"type": "input_text", "text": "It is done."}],
        },
        {"type": "agent_message", "text": "I see."},
        WELL,
    )
    assert request.prompt == (
        Message("user", "Summary of the conversation so far:\n\nThey met."),
        Message("user", "[summary of the conversation so far: not shown, only text can be read]"),
        Message("user", "Message from /root/worker:\n\nIt is done."),
        Message("assistant", "I see."),
        Message("user", "Well?"),
    )
