"""Texts of every kind: formulas, both directions of writing, lines without an end, and files as part of a question."""

import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from ossia.types import TextDelta
from tests.api.conftest import NAME
from tests.browser.conftest import SHOTS, Actor, field, say
from tests.browser.test_looks import PHONE, is_wider_than_the_screen
from tests.doubles.scripted_engine import DONE

pytestmark = pytest.mark.browser
HEBREW = "שלום עולם"
FORMULAS = r"""So \( a_1*b_1 = c_1*d \), and with $$x_1 < y_1$$:

\[
E = m_1 c^2 \\ + \frac{1}{2}
\]

It costs $5 and $$ is no formula. Neither is \(this."""


@pytest.mark.parametrize("cut", [1, 7, len(FORMULAS)])
def test_formulas_stay_as_they_were_written(chat: Page, actor: Actor, cut: int) -> None:
    pieces = [TextDelta(FORMULAS[at : at + cut]) for at in range(0, len(FORMULAS), cut)]
    actor.will((*pieces, DONE))
    say(chat, "Hello")
    expect(chat.get_by_role("button", name="Answer again")).to_be_visible()
    assert chat.locator(".prose code").all_inner_texts() == [
        "a_1*b_1 = c_1*d",
        "x_1 < y_1",
        "E = m_1 c^2 \\\\ + \\frac{1}{2}",
    ]
    expect(chat.get_by_text("It costs $5 and $$ is no formula. Neither is (this.")).to_be_visible()


def gap_at_the_right(page: Page, selector: str) -> float:
    """Return how far the text of an element ends from its right edge, in pixels."""
    return page.locator(selector).first.evaluate(
        """(element) => {
          const range = document.createRange();
          range.selectNodeContents(element);
          const own = element.getBoundingClientRect().right - parseFloat(getComputedStyle(element).paddingRight);
          return own - range.getBoundingClientRect().right;
        }"""
    )


def test_texts_from_right_to_left_and_others_in_one_answer(chat: Page, actor: Actor) -> None:
    actor.will((TextDelta(f"{HEBREW}\n\nHello 👩‍👩‍👧‍👦\n\n- {HEBREW}\n"), DONE))
    say(chat, f"{HEBREW}\nand English, which is longer than the Hebrew above it")
    expect(chat.get_by_role("button", name="Answer again")).to_be_visible()
    assert gap_at_the_right(chat, ".prose p:nth-of-type(1)") < 2
    assert gap_at_the_right(chat, ".prose p:nth-of-type(2)") > 100
    expect(chat.locator(".prose ul")).to_have_css("direction", "rtl")
    chat.screenshot(path=SHOTS / "directions.png")


def test_lines_without_an_end_on_a_phone(chat: Page, actor: Actor) -> None:
    chat.set_viewport_size(PHONE)
    line = "x" * 3000
    table = f"| {line} | b |\n|---|---|\n| 1 | 2 |\n"
    actor.will((TextDelta(f"{line}\n\n# {line}\n\n- {line}\n\n`{line}`\n\n```\n{line}\n```\n\n{table}"), DONE))
    say(chat, line)
    expect(chat.get_by_role("button", name="Answer again")).to_be_visible()
    assert not is_wider_than_the_screen(chat)
    chat.screenshot(path=SHOTS / "long-lines.png")


def test_text_files_become_a_part_of_the_message(chat: Page, tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("Use ```code``` here.\n")
    field(chat, "Message").fill("Summarise this:")
    chat.get_by_label("Files", exact=True).set_input_files([tmp_path / "notes.md"])
    expect(field(chat, "Message")).to_have_value("Summarise this:\n\nnotes.md:\n````\nUse ```code``` here.\n````")


def test_a_picture_that_is_dropped_is_refused_and_nothing_is_lost(chat: Page) -> None:
    field(chat, "Message").fill("What is this?")
    chat.evaluate(
        """() => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([new Uint8Array([137, 80, 0, 255])], "cat.png", { type: "image/png" }));
          document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
        }"""
    )
    expect(chat.get_by_role("alert")).to_contain_text("cat.png is no text. The models here read text")
    expect(field(chat, "Message")).to_have_value("What is this?")
    chat.screenshot(path=SHOTS / "picture-refused.png")


def test_a_model_that_is_deleted_meanwhile(chat: Page, actor: Actor, url: str) -> None:
    actor.will((TextDelta("One."), DONE))
    say(chat, "Hello")
    expect(chat.get_by_text("One.", exact=True)).to_be_visible()
    httpx.request("DELETE", f"{url}/api/delete", json={"model": NAME}).raise_for_status()
    say(chat, "And now?")
    expect(chat.get_by_role("alert")).to_contain_text(re.compile("not found|no model", re.IGNORECASE))
    expect(chat.get_by_role("alert")).to_contain_text("Choose another model")
    chat.screenshot(path=SHOTS / "deleted.png")
    chat.get_by_role("button", name=NAME).click()
    expect(chat.get_by_text("None is installed.")).to_be_visible()


@pytest.mark.parametrize("signs", ["$$ ", r"\(", r"\[ "])
def test_beginnings_of_formulas_that_never_end_do_not_stop_the_page(chat: Page, actor: Actor, signs: str) -> None:
    actor.will((TextDelta(signs * 30_000), DONE))
    say(chat, "Hello")
    expect(chat.get_by_role("button", name="Answer again")).to_be_visible()
