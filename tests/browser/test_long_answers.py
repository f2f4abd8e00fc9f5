"""Long answers, and the model tiny: the page keeps up with what really arrives."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ossia.store.models import ModelStore
from ossia.types import TextDelta
from tests.browser.conftest import Actor, say
from tests.clients.conftest import running_server
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


def test_a_long_list_is_drawn_as_it_would_be_at_once(chat: Page, actor: Actor) -> None:
    text = (
        "".join(f"- item *{at}*\n" + "  - below it\n" * (at % 3 == 0) for at in range(300)) + "\n  its own paragraph\n"
    )
    actor.will((*[TextDelta(text[at : at + 7]) for at in range(0, len(text), 7)], DONE))
    say(chat, "A list, please.")
    expect(chat.get_by_role("button", name="Answer again")).to_be_visible(timeout=60_000)
    grown = chat.locator(".assistant .prose").inner_html()
    chat.reload()
    expect(chat.locator(".assistant li")).to_have_count(400)
    assert chat.locator(".assistant .prose").inner_html() == grown


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


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory, tiny_models: dict[str, Path]) -> Iterator[str]:
    home = tmp_path_factory.mktemp("home")
    ModelStore(home / "models").create("tiny", gguf=tiny_models["mxfp4"], parameters={"temperature": 0})
    with running_server(home) as server:
        yield server.url


def test_tiny_thinks_and_answers(page: Page, tiny: str) -> None:
    page.goto(tiny)
    page.get_by_role("button", name="tiny:latest").wait_for()
    say(page, "Which is larger, the sun or the moon?")
    expect(page.get_by_text("Thought for")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("button", name="Answer again")).to_be_visible(timeout=60_000)
    assert page.locator(".assistant .prose").inner_text().strip()
    page.goto(f"{tiny}/status")
    expect(page.get_by_role("heading", name="tiny:latest")).to_be_visible()
