"""Long answers, and the model tiny: the page keeps up with what really arrives."""

import re

import pytest
from playwright.sync_api import Page, expect

from ossia.types import TextDelta
from tests.browser.conftest import SHOTS, Actor, field, say
from tests.browser.test_chat import MARKDOWN
from tests.doubles.scripted_engine import DONE

pytestmark = pytest.mark.browser

SECTION = """## Section {}

Some words about *this* and **that**, `code` and [a link](https://example.org/{}).

1. one
2. two

| a | b |
|---|---|
| 1 | 2 |

```python
print("section {}")
```

"""


def test_ten_thousand_tokens_of_markdown(chat: Page, actor: Actor) -> None:
    text = "".join(SECTION.format(at, at, at) for at in range(200))
    actor.will((*[TextDelta(text[at : at + 4]) for at in range(0, len(text), 4)], DONE))
    assert len(actor.scripts[0]) > 9000
    say(chat, "Everything, please.")
    expect(chat.get_by_role("button", name="Answer again")).to_be_visible(timeout=60_000)
    answer = chat.locator(".assistant")
    for kind, count in [("h2", 200), ("table", 200), ("ol", 200), (".code", 200)]:
        expect(answer.locator(kind)).to_have_count(count)
    expect(answer.get_by_role("heading", name="Section 199")).to_be_in_viewport()  # the end is followed


LIST = "".join(f"{at}. item *{at}*\n" + "   - below it\n" * (at % 3 == 0) for at in range(5, 200))
TABLE = "| a | b |\n|---|--:|\n" + "".join(f"| {at} | `{at}` |\n" for at in range(200))
TEXTS = [
    LIST + "\n    its own paragraph\n",  # which makes all items paragraphs
    LIST + "- another list\n- [x] done\n\n```python\nprint(1)\n```\n" + TABLE + "\nThe end.",
    TABLE + "\n- a list\n\n  ```python\n  def one():\n      pass\n  ```\n- its end",
    "A reference to [one][1], " + "and words.\n\n" * 50 + "[1]: https://example.org\n\nThe end, with [1].",
    MARKDOWN.replace("\n", "\r\n") * 3,
]


def drawn(page: Page) -> str:
    """The elements of the answer, without the blanks between them."""
    return re.sub(r">\s+<", "><", page.locator(".assistant .prose").inner_html())


@pytest.mark.parametrize("text", TEXTS, ids=["loose list", "lists", "table", "references", "other line ends"])
def test_what_grew_looks_as_if_it_had_come_at_once(chat: Page, actor: Actor, text: str) -> None:
    actor.will((*[TextDelta(text[at : at + 7]) for at in range(0, len(text), 7)], DONE))
    say(chat, "Go on")
    expect(chat.get_by_role("button", name="Answer again")).to_be_visible(timeout=60_000)
    grown = drawn(chat)
    chat.reload()
    expect(chat.get_by_role("button", name="Answer again")).to_be_visible()
    assert drawn(chat) == grown


def test_who_reads_above_is_left_there(chat: Page, actor: Actor) -> None:
    text = "A paragraph.\n\n" * 300
    actor.will((TextDelta(text), DONE), (*[TextDelta("More.\n\n")] * 2000, DONE))
    say(chat, "Hello")
    expect(chat.get_by_role("button", name="Answer again")).to_be_visible()
    say(chat, "More")
    expect(chat.get_by_text("More.").first).to_be_visible()
    chat.locator("#transcript").evaluate("(element) => { element.scrollTop = 100; }")
    expect(chat.get_by_role("status")).to_have_text("The answer is complete.", timeout=60_000)
    assert chat.locator("#transcript").evaluate("(element) => element.scrollTop") == 100


def test_tiny_thinks_and_answers(page: Page, tiny: str) -> None:
    page.goto(tiny)
    page.get_by_role("button", name="tiny:latest").wait_for()
    say(page, "Which is larger, the sun or the moon?")
    expect(page.get_by_text("Thought for")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("button", name="Answer again")).to_be_visible(timeout=60_000)
    assert page.locator(".assistant .prose").inner_text().strip()
    page.goto(f"{tiny}/status")
    expect(page.get_by_role("heading", name="tiny:latest")).to_be_visible()


def test_a_button_leads_back_to_the_end(chat: Page, actor: Actor) -> None:
    actor.will((TextDelta("A paragraph.\n\n" * 100), DONE))
    say(chat, "Hello")
    expect(chat.get_by_role("button", name="Answer again")).to_be_in_viewport()
    jump = chat.get_by_role("button", name="Go to the end")
    expect(jump).to_be_hidden()
    chat.locator("#transcript").evaluate("(element) => (element.scrollTop = 0)")
    expect(jump).to_be_in_viewport()
    chat.screenshot(path=SHOTS / "jump.png")
    jump.click()
    expect(chat.get_by_role("button", name="Answer again")).to_be_in_viewport()
    expect(jump).to_be_hidden()
    expect(field(chat, "Message")).to_be_focused()
