"""The chat page: questions, answers as they arrive, branches, and everything that may go wrong on the way."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from ossia.config import Access
from ossia.errors import ModelCrashed
from ossia.types import ReasoningDelta, TextDelta, ToolCallDelta
from tests.api.conftest import NAME
from tests.browser.conftest import Actor, Start, field, refuse, say, settings_of
from tests.doubles.scripted_engine import DONE, Hang
from tests.waiting import PATIENCE

pytestmark = pytest.mark.browser

MARKDOWN = """# A heading

Some *text* with `code`, and a list:

- one
- two
  1. nested

| name | value |
|---|---:|
| a | 1 |

```python
def add(a: int, b: int) -> int:
    return a + b  # the sum
```

> quoted

[a link](https://example.org) and <b>HTML</b> as text.
"""
TOOL = {"name": "get_weather", "description": "Tells the weather", "parameters": '{"type": "object"}'}
CALL = (
    ReasoningDelta("I need a tool."),
    ToolCallDelta(0, "call_1", "get_weather", '{"city":'),
    ToolCallDelta(0, "call_1", "", '"Bern"}'),
    DONE,
)


def test_an_answer_with_thinking(chat: Page, actor: Actor) -> None:
    actor.will((ReasoningDelta("Let me think."), TextDelta(MARKDOWN), DONE))
    say(chat, "Hello")
    answer = chat.locator(".assistant")
    expect(answer.get_by_role("heading", name="A heading")).to_be_visible()
    expect(answer.get_by_text("Let me think.")).to_be_hidden()
    answer.get_by_text(re.compile(r"Thought for (a moment|\d+\.\d s)")).click()
    expect(answer.get_by_text("Let me think.")).to_be_visible()
    expect(answer.locator(".hljs-keyword").first).to_have_text("def")
    expect(answer.get_by_text("<b>HTML</b>")).to_be_visible()
    expect(answer.get_by_role("cell", name="1")).to_have_css("text-align", "right")
    expect(answer.get_by_role("link")).to_have_attribute("rel", "noopener noreferrer nofollow")
    expect(answer.get_by_text("7 tokens")).to_be_visible()


def test_an_answer_is_shown_while_it_is_written_and_stopped(chat: Page, actor: Actor) -> None:
    actor.will((ReasoningDelta("Hm."), TextDelta("The beginning"), Hang()), (TextDelta("More."), DONE))
    say(chat, "Hello")
    expect(chat.get_by_text("The beginning")).to_be_visible()
    expect(chat.locator(".assistant")).to_have_attribute("aria-busy", "true")
    chat.keyboard.press("Escape")
    expect(chat.get_by_text("Stopped.", exact=True)).to_be_visible()
    assert actor.aborted.wait(PATIENCE)
    say(chat, "Go on")
    expect(chat.get_by_text("More.")).to_be_visible()
    said = [message.content for message in actor.requests[-1].prompt if not isinstance(message, str)]
    assert said == ["Hello", "The beginning", "Go on"]


def test_branches_of_edited_questions_and_of_other_answers(chat: Page, actor: Actor) -> None:
    actor.will((TextDelta("First."), DONE), (TextDelta("Second."), DONE), (TextDelta("Third."), DONE))
    say(chat, "Hello")
    chat.get_by_role("button", name="Answer again").click()
    expect(chat.get_by_text("Second.")).to_be_visible()
    expect(chat.get_by_text("First.")).to_be_hidden()
    chat.get_by_role("button", name="Previous branch").click()
    expect(chat.get_by_text("First.")).to_be_visible()
    chat.get_by_role("button", name="Edit message").click()
    field(chat, "Edited message").fill("Good morning")
    chat.get_by_role("button", name="Ask again").click()
    expect(chat.get_by_text("Third.")).to_be_visible()
    expect(chat.locator(".user")).to_contain_text("2/2")
    chat.get_by_role("button", name="Previous branch").click()
    expect(chat.get_by_text("Hello", exact=True).last).to_be_visible()
    expect(chat.locator(".assistant")).to_contain_text("2/2")


def test_a_tool_is_answered_by_a_form(chat: Page, actor: Actor) -> None:
    settings_of(chat, tools=[TOOL | {"answer": "form", "text": ""}])
    actor.will(CALL, (TextDelta("It rains."), DONE))
    say(chat, "Weather?")
    call = chat.locator(".call")
    expect(call).to_contain_text('"city": "Bern"')
    field(chat, "Result of get_weather").fill("rain, 9 degrees")
    chat.get_by_role("button", name="Send result").click()
    expect(chat.get_by_text("It rains.")).to_be_visible()
    expect(call.get_by_text("rain, 9 degrees")).to_be_visible()
    first, second = actor.requests
    assert [tool.name for tool in first.tools] == ["get_weather"]
    assert [(message.role, message.content) for message in second.prompt if not isinstance(message, str)] == [
        ("user", "Weather?"),
        ("assistant", ""),
        ("tool", "rain, 9 degrees"),
    ]
    assert any(message.reasoning == "I need a tool." for message in second.prompt if not isinstance(message, str))


def test_a_tool_is_answered_by_a_fixed_text(chat: Page, actor: Actor) -> None:
    settings_of(chat, tools=[TOOL | {"answer": "text", "text": "sun"}])
    actor.will(CALL, CALL, (TextDelta("The sun shines."), DONE))
    say(chat, "Weather?")
    expect(chat.get_by_text("The sun shines.")).to_be_visible()
    expect(chat.locator(".call").get_by_text("sun", exact=True)).to_have_count(2)
    assert len(actor.requests) == 3


def test_answers_with_a_schema_and_parameters(chat: Page, actor: Actor) -> None:
    schema = {"type": "object", "properties": {"answer": {"type": "integer"}}}
    chat.get_by_role("button", name="Settings of this conversation").click()
    field(chat, "System prompt").fill("Be brief.")
    field(chat, "Temperature").fill("0.25")
    field(chat, "Seed").fill("7")
    chat.get_by_label("Answer with JSON of this schema").check()
    field(chat, "JSON schema").fill('{"type": ')
    chat.get_by_role("button", name="Save").click()
    expect(chat.get_by_role("alert")).to_contain_text("The schema is not JSON")
    field(chat, "JSON schema").fill(json.dumps(schema))
    chat.get_by_role("button", name="Save").click()
    actor.will((TextDelta('{"answer":'), TextDelta("42}"), DONE))
    say(chat, "Six times seven?")
    expect(chat.locator(".assistant pre")).to_have_text('{\n  "answer": 42\n}')
    (request,) = actor.requests
    assert request.response_format
    assert request.response_format.schema == schema
    assert (request.sampling.temperature, request.sampling.seed) == (0.25, 7)
    assert request.prompt[0].content == "Be brief."  # type: ignore[union-attr]


# ---- what may go wrong


def test_a_lost_server(chat: Page, actor: Actor) -> None:
    actor.will((TextDelta("Hello."), DONE))
    chat.route("**/v1/**", refuse)
    say(chat, "Hello")
    expect(chat.get_by_role("alert")).to_contain_text("The server does not answer.")
    chat.unroute("**/v1/**")
    chat.get_by_role("button", name="Answer again").click()
    expect(chat.get_by_text("Hello.", exact=True)).to_be_visible()


def test_a_server_that_is_lost_in_the_middle(chat: Page, actor: Actor) -> None:
    whole = 'data: {"choices": [{"index": 0, "delta": {"content": "Half"}}]}\n\n'
    chat.route("**/v1/**", lambda route: route.fulfill(status=200, content_type="text/event-stream", body=whole))
    say(chat, "Hello")
    expect(chat.get_by_role("alert")).to_contain_text("The connection to the server broke off.")
    expect(chat.get_by_text("Half")).to_be_visible()


def test_a_model_that_fails(chat: Page, actor: Actor) -> None:
    actor.will((TextDelta("Half"), ModelCrashed("the model's process ended")))
    say(chat, "Hello")
    expect(chat.get_by_role("alert")).to_contain_text("the model's process ended")
    expect(chat.get_by_text("Half")).to_be_visible()


def test_a_wrong_key_and_the_right_one(page: Page, start: Start, actor: Actor) -> None:
    actor.will((TextDelta("Welcome."), DONE))
    page.goto(start(api_keys=("right",), access=Access(local_keys=True)))
    dialog = page.get_by_role("dialog", name="API key")
    for key in ("wrong", "right"):
        dialog.get_by_label("Key").fill(key)
        dialog.get_by_role("button", name="Save").click()
        if key == "wrong":
            expect(dialog.get_by_role("alert")).to_contain_text("not known")
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name=NAME).wait_for()
    say(page, "Hello")
    expect(page.get_by_text("Welcome.")).to_be_visible()


ENDLESS = """() => {
  const fetched = window.fetch;
  const line = new TextEncoder().encode('{"status": "pulling", "completed": 5, "total": 10}\\n');
  window.fetch = (url, options) => {
    if (!String(url).includes("/api/pull")) return fetched(url, options);
    const begin = (controller) => {
      controller.enqueue(line);
      options.signal.addEventListener("abort", () => controller.error(options.signal.reason));
    };
    return Promise.resolve(new Response(new ReadableStream({ start: begin })));
  };
}"""


def test_a_download_goes_on_behind_the_page_and_is_cancelled(chat: Page) -> None:
    chat.evaluate(ENDLESS)
    chat.get_by_role("button", name=NAME).click()
    field(chat, "Download a model").fill("other")
    chat.get_by_role("button", name="Download").click()
    expect(chat.get_by_text("pulling: 5 B of 10 B")).to_be_visible()
    chat.keyboard.press("Escape")
    expect(chat.get_by_role("dialog")).to_have_count(0)
    chat.get_by_role("button", name=NAME).click()
    expect(chat.get_by_role("progressbar", name="Download")).to_be_visible()
    chat.get_by_role("button", name="Cancel").click()
    expect(chat.get_by_text("Cancelled: what has arrived is kept for the next time.")).to_be_visible()
    expect(chat.get_by_role("button", name="Download")).to_be_enabled()


def test_a_download_and_one_that_fails(chat: Page) -> None:
    lines = [{"status": "pulling", "completed": 5, "total": 10}, {"error": "no such model", "hint": "check the name"}]
    body = "".join(json.dumps(line) + "\n" for line in lines)
    chat.route("**/api/pull", lambda route: route.fulfill(status=200, content_type="application/x-ndjson", body=body))
    chat.get_by_role("button", name=NAME).click()
    dialog = chat.get_by_role("dialog", name="Models")
    dialog.get_by_label("Download a model").fill("nothing")
    dialog.get_by_role("button", name="Download").click()
    expect(dialog.get_by_text("no such model check the name")).to_be_visible()
