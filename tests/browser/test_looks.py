"""Looks: no serious finding of axe, nothing wider than a phone, and pictures for one's own eyes in .cache/browser."""

from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from ossia.types import ReasoningDelta, TextDelta
from tests.browser.conftest import SHOTS, Actor, field, say, settings_of
from tests.browser.test_chat import CALL, MARKDOWN, TOOL
from tests.clients.environments import node_with
from tests.doubles.scripted_engine import DONE

pytestmark = pytest.mark.browser
PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def axe() -> str:
    return (node_with("axe-core@4.14.1") / "node_modules" / "axe-core" / "axe.min.js").read_text()


def findings(page: Page, axe: str) -> list[tuple[str, Any]]:
    """Findings of axe that are serious or worse, with their elements."""
    page.evaluate(axe)
    found = page.evaluate("axe.run()")["violations"]
    return [
        (each["id"], [node["html"] for node in each["nodes"]])
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


def shown(page: Page, name: str) -> None:
    page.screenshot(path=SHOTS / f"{name}.png")


def is_wider_than_the_screen(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth > innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["desk", "phone"])
def test_every_state(page: Page, actor: Actor, url: str, axe: str, scheme: Any, size: str) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    if size == "phone":
        page.set_viewport_size(PHONE)
    page.goto(url)
    expect(page.get_by_text("What would you like to know?")).to_be_visible()

    def look(name: str) -> None:
        shown(page, f"{size}-{scheme}-{name}")
        assert findings(page, axe) == []
        assert not is_wider_than_the_screen(page)

    look("empty")
    settings_of(page, tools=[TOOL | {"answer": "form", "text": ""}])
    page.get_by_role("button", name="Settings of this conversation").click()
    look("settings")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="gpt-oss:20b").click()
    look("models")
    page.keyboard.press("Escape")
    actor.will((ReasoningDelta("The person asks for everything."), TextDelta(MARKDOWN), DONE), CALL)
    say(page, "Show me a heading, a list, a table and some code, and then the weather.")
    expect(page.get_by_role("heading", name="A heading")).to_be_visible()
    page.get_by_text("Thought for").click()
    look("answer")
    say(page, "And the weather?")
    expect(field(page, "Result of get_weather")).to_be_visible()
    look("call")
    if size == "phone":
        page.get_by_role("button", name="Conversations").click()
        page.wait_for_timeout(300)  # the list slides in
    look("list")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1180])
def test_the_status(page: Page, actor: Actor, url: str, axe: str, scheme: Any, width: int) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 844})
    actor.will((TextDelta("Hello."), DONE))
    page.goto(url)
    page.get_by_role("button", name="gpt-oss:20b").wait_for()
    say(page, "Hello")
    expect(page.get_by_text("Hello.", exact=True)).to_be_visible()
    page.goto(f"{url}/status")
    expect(page.get_by_text("0 of 32 places in use")).to_be_visible()
    expect(page.get_by_text("Weights")).to_be_visible()
    shown(page, f"status-{scheme}-{width}")
    assert findings(page, axe) == []
    assert not is_wider_than_the_screen(page)


def test_the_keyboard_alone(chat: Page, actor: Actor) -> None:
    actor.will((TextDelta("An answer."), DONE))
    chat.keyboard.type("Hello")
    chat.keyboard.press("Shift+Enter")
    chat.keyboard.type("you")
    chat.keyboard.press("Enter")
    expect(chat.get_by_text("An answer.")).to_be_visible()
    expect(chat.locator(".bubble")).to_have_text("Hello\nyou")
    expect(field(chat, "Message")).to_be_focused()
    chat.get_by_role("button", name="gpt-oss:20b").focus()
    chat.keyboard.press("Enter")
    expect(chat.get_by_role("dialog", name="Models")).to_be_visible()
    chat.keyboard.press("Escape")
    expect(chat.get_by_role("button", name="gpt-oss:20b")).to_be_focused()


def test_screen_readers_hear_the_beginning_and_the_end(chat: Page, actor: Actor) -> None:
    actor.will((TextDelta("An answer."), DONE))
    say(chat, "Hello")
    expect(chat.get_by_role("status")).to_have_text("The answer is complete.")


def test_the_theme_stays(chat: Page) -> None:
    chat.get_by_role("button", name="Colours: auto").click()
    chat.get_by_role("button", name="Colours: light").click()
    chat.reload()
    expect(chat.get_by_role("button", name="Colours: dark")).to_be_visible()
    expect(chat.locator("body")).to_have_css("background-color", "rgb(22, 22, 20)")
