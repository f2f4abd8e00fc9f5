"""Pictures of the pages for the documents, in .cache/browser: `make pictures` puts them into docs/."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from ossia.types import Finished, ReasoningDelta, TextDelta, ToolCallDelta, Usage
from tests.browser.conftest import SHOTS, Actor, field, say, settings_of

pytestmark = pytest.mark.browser
SIZE: ViewportSize = {"width": 1100, "height": 1040}
END = Finished("stop", Usage(96, 214))
LARGEST = 200_000  # bytes of a picture
TOOL = {
    "name": "get_weather",
    "description": "Get current weather in a given city",
    "parameters": '{"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}',
    "answer": "text",
    "text": "14 degrees and sunny",
}
THOUGHTS = "The person wants to know about merging. Two indices are enough. "
ANSWER = """Walk through both lists at once, and always take the **smaller** head:

```python
def merge(left: list[int], right: list[int]) -> list[int]:
    merged = []
    while left and right:
        smaller = left if left[0] <= right[0] else right  # keeps their order
        merged.append(smaller.pop(0))
    return merged + left + right
```
"""


def keep(page: Page, name: str) -> None:
    page.screenshot(path=SHOTS / f"{name}.png")
    assert (SHOTS / f"{name}.png").stat().st_size < LARGEST


@pytest.mark.parametrize(("scheme", "name"), [("light", "page"), ("dark", "page-dark")])
def test_a_conversation(page: Page, actor: Actor, url: str, scheme: Any, name: str) -> None:
    page.set_viewport_size(SIZE)
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(url)
    settings_of(page, tools=[TOOL])
    actor.will(
        (ReasoningDelta(THOUGHTS), TextDelta(ANSWER), END),
        (ToolCallDelta(0, "call_1", "get_weather", '{"city": "Bern"}'), END),
        (TextDelta("It is **14 degrees** and sunny in Bern."), END),
    )
    say(page, "How do I merge two sorted lists?")
    expect(page.get_by_role("button", name="Answer again")).to_be_visible()
    say(page, "And what is the weather in Bern?")
    expect(page.get_by_text("It is 14 degrees")).to_be_visible()
    expect(field(page, "Message")).to_be_enabled()
    page.mouse.move(0, 0)
    keep(page, name)


@pytest.mark.parametrize(("scheme", "name"), [("light", "status"), ("dark", "status-dark")])
def test_the_status_of_tiny(chromium: Browser, tiny: str, scheme: Any, name: str) -> None:
    with chromium.new_context(viewport=SIZE, color_scheme=scheme) as context:
        page = context.new_page()
        page.goto(tiny)
        page.get_by_role("button", name="tiny:latest").wait_for()
        say(page, "Name three colours.")
        expect(page.get_by_role("button", name="Answer again")).to_be_visible(timeout=60_000)
        page.goto(f"{tiny}/status")
        expect(page.get_by_text("Weights")).to_be_visible()
        keep(page, name)
