"""Answers that would run scripts: none does, wherever the text stands, and neither with nor without the page's policy.

The policy is the second wall. With it switched off, what the page itself does must be enough; with it on, nothing that
it refuses may have reached the document.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ossia.types import ReasoningDelta, TextDelta, ToolCallDelta
from tests.browser.conftest import Actor, say
from tests.browser.hostile_strings import STRINGS
from tests.doubles.scripted_engine import DONE
from tests.waiting import PATIENCE

pytestmark = pytest.mark.browser


@pytest.fixture(params=[False, True], ids=["with the policy", "without"])
def watched(request: pytest.FixtureRequest, chromium: Browser, url: str) -> Iterator[Page]:
    """A page that notes whether a script of an answer ran, or would have run without the policy."""
    context = chromium.new_context(bypass_csp=request.param)
    page, ran = context.new_page(), list[str]()
    page.set_default_timeout(PATIENCE * 1000)
    context.expose_function("ran", lambda: ran.append("a script ran"))
    page.on("console", lambda message: ran.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: ran.append(str(error)))
    page.goto(url)
    page.get_by_role("button", name="gpt-oss:20b").wait_for()
    yield page
    context.close()
    assert ran == []


def harmless(page: Page) -> None:
    """Click all links, and look for what no answer may bring."""
    forbidden = "script, iframe, object, embed, style, base, meta, link, form:not(.call form), img, [onerror], [onload]"
    assert page.locator("#transcript").locator(forbidden).count() == 0
    for link in page.locator("#transcript a").all():
        assert (link.get_attribute("href") or "https:").startswith(("http:", "https:", "mailto:"))
    names = "[...document.querySelectorAll('#transcript *')].flatMap((element) => element.getAttributeNames())"
    assert [name for name in page.evaluate(names) if name.startswith("on")] == []


def test_strings_in_content_and_thinking(watched: Page, actor: Actor) -> None:
    assert len(STRINGS) >= 40
    actor.will(*[(ReasoningDelta(text), TextDelta(text), DONE) for text in STRINGS])
    for _ in STRINGS:
        answers = watched.locator(".assistant").count()
        say(watched, "Go on")
        expect(watched.locator(".assistant")).to_have_count(answers + 1)
        expect(watched.get_by_role("button", name="Send message")).to_be_visible()
    for details in watched.locator(".thinking summary").all():
        details.click()
    harmless(watched)


def test_strings_in_pieces_of_one_answer(watched: Page, actor: Actor) -> None:
    whole = "\n\n".join(STRINGS)
    actor.will((*[TextDelta(whole[at : at + 3]) for at in range(0, len(whole), 3)], DONE))
    say(watched, "Hello")
    expect(watched.get_by_role("button", name="Answer again")).to_be_visible()
    harmless(watched)


def test_strings_in_calls(watched: Page, actor: Actor) -> None:
    calls = [ToolCallDelta(at, f"call_{text}", text, json.dumps({text: text})) for at, text in enumerate(STRINGS)]
    actor.will((*calls, DONE))
    say(watched, "Hello")
    expect(watched.locator(".call form")).to_have_count(len(STRINGS))
    harmless(watched)


def test_strings_in_titles_questions_results_and_imports(watched: Page, tmp_path: Path) -> None:
    conversations = [
        {
            "title": text,
            "model": text,
            "leaf": "n3",
            "settings": {"system": text, "tools": [{"name": text}]},
            "nodes": {
                "n1": {"role": "user", "content": text},
                "n2": {
                    "role": "assistant",
                    "parent": "n1",
                    "content": text,
                    "thinking": text,
                    "model": text,
                    "state": state,
                    "error": text,
                    "hint": text,
                    "calls": [{"id": text, "name": text, "arguments": text}],
                },
                "n3": {"role": "tool", "parent": "n2", "call": text, "name": text, "content": text},
            },
        }
        for text in STRINGS
        for state in ("done", "failed")
    ]
    path = tmp_path / "export.json"
    path.write_text(json.dumps({"format": "ossia-conversations", "version": 1, "conversations": conversations}))
    watched.get_by_label("File to import").set_input_files(path)
    titles = watched.locator("#sidebar .title")
    expect(titles).to_have_count(len(conversations))
    for at in range(len(conversations)):
        titles.nth(at).click()
        harmless(watched)
    watched.get_by_role("button", name="Settings of this conversation").click()
    harmless(watched)
