"""Conversations in the browser: found again after a reload, searched, renamed, deleted, exported and imported."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from ossia.types import TextDelta
from tests.browser.conftest import Actor, say
from tests.doubles.scripted_engine import DONE, Hang

pytestmark = pytest.mark.browser


def export(node: dict[str, str]) -> str:
    """A file with one message, whose id is n1."""
    return json.dumps({"format": "ossia-conversations", "conversations": [{"nodes": {"n1": node}}]})


def titles(page: Page) -> list[str]:
    return page.locator("#sidebar .title").all_inner_texts()


def test_a_reload_shows_the_same_conversation(chat: Page, actor: Actor) -> None:
    actor.will((TextDelta("An answer."), DONE), (TextDelta("Half an"), Hang()))
    say(chat, "Hello")
    expect(chat.get_by_text("An answer.")).to_be_visible()
    chat.reload()
    expect(chat.get_by_text("An answer.")).to_be_visible()
    say(chat, "More")
    expect(chat.get_by_text("Half an")).to_be_visible()
    chat.wait_for_timeout(1100)  # what has arrived is saved each second
    chat.reload()
    expect(chat.get_by_text("Half an")).to_be_visible()
    expect(chat.get_by_text("The page was closed while this was written.")).to_be_visible()


def test_search_rename_and_delete(chat: Page, actor: Actor) -> None:
    actor.will((TextDelta("Bach wrote fugues."), DONE), (TextDelta("Six strings."), DONE))
    for question, answer in [("Counterpoint", "Bach wrote fugues."), ("Guitars", "Six strings.")]:
        chat.get_by_role("button", name="New conversation").first.click()
        say(chat, question)
        expect(chat.get_by_text(answer)).to_be_visible()
        expect(chat.get_by_role("button", name=question, exact=True)).to_be_visible()
    search = chat.get_by_label("Search conversations")
    search.fill("FUGUES")
    expect(chat.locator("#sidebar .title")).to_have_text(["Counterpoint"])
    chat.get_by_role("button", name="Counterpoint", exact=True).click()
    expect(chat.get_by_text("Bach wrote fugues.")).to_be_visible()
    chat.get_by_role("button", name="Counterpoint", exact=True).hover()
    chat.get_by_role("button", name="Rename Counterpoint").click()
    chat.get_by_label("Title").fill("Old music")
    chat.keyboard.press("Enter")
    search.fill("")
    expect(chat.get_by_role("button", name="Old music", exact=True)).to_be_visible()
    chat.once("dialog", lambda dialog: dialog.accept())
    chat.get_by_role("button", name="Old music", exact=True).hover()
    chat.get_by_role("button", name="Delete Old music").click()
    expect(chat.locator("#sidebar .title")).to_have_text(["Guitars"])


def test_export_and_import(chat: Page, actor: Actor, tmp_path: Path) -> None:
    actor.will((TextDelta("First."), DONE), (TextDelta("Second."), DONE))
    say(chat, "Hello")
    expect(chat.get_by_text("First.")).to_be_visible()
    chat.get_by_role("button", name="Answer again").click()
    expect(chat.get_by_text("Second.")).to_be_visible()
    with chat.expect_download() as download:
        chat.get_by_role("button", name="Export all conversations").click()
    path = tmp_path / "export.json"
    download.value.save_as(path)
    (exported,) = json.loads(path.read_text())["conversations"]
    assert [node["role"] for node in exported["nodes"].values()] == ["user", "assistant", "assistant"]
    chat.once("dialog", lambda dialog: dialog.accept())
    chat.get_by_role("button", name="Hello", exact=True).hover()
    chat.get_by_role("button", name="Delete Hello").click()
    expect(chat.get_by_text("No conversations yet")).to_be_visible()
    chat.get_by_label("File to import").set_input_files(path)
    chat.get_by_role("button", name="Hello", exact=True).click()
    expect(chat.get_by_text("Second.")).to_be_visible()
    chat.get_by_role("button", name="Previous branch").click()
    expect(chat.get_by_text("First.")).to_be_visible()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "This file is not JSON."),
        ("[]", "no conversations of ossia"),
        (export({"role": "system"}), "damaged"),
        (export({"role": "user", "parent": "n1"}), "damaged"),
        ('{"format": "ossia-conversations", "conversations": [{"nodes": []}]}', "damaged"),
        (export({"role": "user"}).replace("n1", f"n{2**53}"), "damaged"),
    ],
)
def test_a_file_that_is_no_export(chat: Page, tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "export.json"
    path.write_text(text)
    chat.get_by_label("File to import").set_input_files(path)
    expect(chat.get_by_role("alert")).to_contain_text(problem)
    assert titles(chat) == []


def test_odd_fields_of_an_import_are_left_out(chat: Page, tmp_path: Path) -> None:
    odd = {"role": "user", "content": {"a": 1}, "created": "soon", "tokens": []}
    one = {"title": "Odd", "updated": "never", "leaf": "__proto__", "nodes": {"n1": odd}}
    path = tmp_path / "export.json"
    path.write_text(json.dumps({"format": "ossia-conversations", "conversations": [one]}))
    chat.get_by_label("File to import").set_input_files(path)
    chat.get_by_role("button", name="Odd", exact=True).click()
    expect(chat.locator(".bubble")).to_have_text("")


def test_two_tabs_show_the_same(chat: Page, context: BrowserContext, actor: Actor) -> None:
    actor.will((TextDelta("An answer."), DONE), (TextDelta("Another."), DONE))
    say(chat, "Hello")
    expect(chat.get_by_text("An answer.")).to_be_visible()
    other = context.new_page()
    other.goto(chat.url)
    expect(other.get_by_text("An answer.")).to_be_visible()
    say(other, "More")
    expect(chat.get_by_text("Another.")).to_be_visible()


def test_another_tab_follows_an_answer_and_stops_it(chat: Page, context: BrowserContext, actor: Actor) -> None:
    actor.will((TextDelta("Half an"), Hang()))
    say(chat, "Hello")
    expect(chat.get_by_text("Half an")).to_be_visible()
    chat.wait_for_timeout(1100)  # what has arrived is saved each second
    other = context.new_page()
    other.goto(chat.url)
    expect(other.get_by_text("Half an")).to_be_visible()
    other.wait_for_timeout(1500)  # longer than a tab may take to say that it is writing
    other.get_by_role("button", name="Stop answering").click()
    expect(chat.get_by_text("Stopped.", exact=True)).to_be_visible()
    expect(other.get_by_text("Stopped.", exact=True)).to_be_visible()


def test_what_two_tabs_write_without_knowing_of_each_other_is_kept(
    chat: Page, context: BrowserContext, actor: Actor
) -> None:
    actor.will((TextDelta("An answer."), DONE))
    context.add_init_script("BroadcastChannel.prototype.postMessage = () => {}")
    chat.reload()
    say(chat, "Hello")
    expect(chat.get_by_role("button", name="Answer again")).to_be_visible()
    other = context.new_page()
    other.goto(chat.url)
    expect(other.get_by_text("An answer.")).to_be_visible()
    for tab, text in ((chat, "From one"), (other, "From the other")):
        say(tab, text)
        expect(tab.get_by_role("button", name="Answer again")).to_have_count(2)
    chat.reload()
    expect(chat.locator(".bubble")).to_have_text(["Hello", "From the other"])
    chat.get_by_role("button", name="Previous branch").click()
    expect(chat.locator(".bubble")).to_have_text(["Hello", "From one"])


def test_a_conversation_that_is_deleted_while_it_is_written_stays_deleted(
    chat: Page, context: BrowserContext, actor: Actor
) -> None:
    actor.will((TextDelta("Half an"), Hang()))
    say(chat, "Hello")
    expect(chat.get_by_text("Half an")).to_be_visible()
    other = context.new_page()
    other.goto(chat.url)
    other.on("dialog", lambda dialog: dialog.accept())
    other.get_by_role("button", name="Hello", exact=True).hover()
    other.get_by_role("button", name="Delete Hello").click()
    for tab in (chat, other):
        expect(tab.get_by_text("What would you like to know?")).to_be_visible()
        tab.wait_for_timeout(1100)  # as long as it takes to save what is written
        tab.reload()
        expect(tab.get_by_text("No conversations yet")).to_be_visible()
