"""Conversations that a summary shortens: POST /v1/responses/compact, and a `compaction_trigger` as Codex sends it."""

import json
from typing import Any

import openai
import pytest

from ossia.types import Message, ReasoningDelta, TextDelta
from tests.api.conftest import NAME, Api
from tests.doubles.scripted_engine import DONE

ITEMS: list[Any] = [
    {"role": "user", "content": "Hello"},
    {"type": "function_call", "call_id": "a", "name": "look", "arguments": "{}"},
    {"type": "function_call_output", "call_id": "a", "output": "A red cat"},
]
LOOK: Any = {"type": "function", "name": "look", "parameters": {"type": "object"}}


def said(api: Api) -> None:
    api.say(ReasoningDelta("What"), ReasoningDelta(" was it?"), TextDelta("They saw "), TextDelta("a cat."), DONE)


def test_a_conversation_is_compacted_and_goes_on(api: Api) -> None:
    """The items that OpenAI's own client gets back are the input of the next request."""
    said(api)
    with openai.OpenAI(base_url=f"{api.url}/v1", api_key="ollama", max_retries=0) as client:
        compacted = client.responses.compact(model=NAME, input=ITEMS, instructions="Be kind.")
        assert compacted.object == "response.compaction"
        assert [item.type for item in compacted.output] == ["message", "compaction"]
        (asked,) = api.engine.requests
        assert (asked.prompt[0], asked.prompt[-2].content) == (Message("system", "Be kind."), "A red cat")
        assert "Summarize this conversation" in asked.prompt[-1].content
        output = [item.model_dump(exclude_none=True, warnings=False) for item in compacted.output]
    api.post("/v1/responses", input=[*output, {"role": "user", "content": "Well?"}])
    assert api.engine.requests[-1].prompt == (
        Message("user", "Hello"),
        Message("user", "Summary of the conversation so far:\n\nThey saw a cat."),
        Message("user", "Well?"),
    )


def test_a_trigger_asks_for_nothing_but_a_summary(api: Api) -> None:
    """Codex wants exactly one item of the type `compaction`, in a stream."""
    said(api)
    items = [*ITEMS, {"type": "compaction_trigger"}]
    answer = api.post("/v1/responses", input=items, tools=[LOOK], tool_choice="required", stream=True)
    events = [json.loads(line[6:]) for line in answer.body.decode().splitlines() if line.startswith("data: ")]
    assert [event["type"].removeprefix("response.") for event in events] == [
        "created",
        "in_progress",
        "output_item.added",
        "output_item.done",
        "completed",
    ]
    (item,) = events[-1]["response"]["output"]
    assert (item["type"], item["encrypted_content"]) == ("compaction", "They saw a cat.")
    assert item == events[-2]["item"]
    assert (api.engine.requests[-1].tools, api.engine.requests[-1].tool_choice.required) == ((), False)


def test_nothing_is_lost_when_the_model_writes_no_summary(api: Api) -> None:
    api.say(ReasoningDelta("Hm"), DONE)
    items = api.post("/v1/responses/compact", input=ITEMS).json["output"]
    assert [item["type"] for item in items] == ["message", "function_call", "function_call_output"]


@pytest.mark.parametrize(("body", "text"), [({}, "input is required"), ({"input": 3}, "input must be a string")])
def test_what_cannot_be_compacted(api: Api, body: dict[str, Any], text: str) -> None:
    answer = api.post("/v1/responses/compact", **body)
    assert answer.status == 400
    assert answer.json["error"]["message"].startswith(text)
