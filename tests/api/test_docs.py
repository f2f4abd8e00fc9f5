"""The page for people: whole, self-contained, and with examples that work as they stand."""

import base64
import hashlib
import json
import re
import shlex
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest

from ossia.config import Access, Settings
from ossia.engine import Start
from ossia.server.app import create_app
from ossia.server.pool import EnginePool
from ossia.store.models import Model, ModelStore
from tests.api.conftest import NAME, Api
from tests.conftest import Serve
from tests.doubles.scripted_engine import DONE, ScriptedEngine

WITH_REGISTRIES = ("/api/pull", "/api/push")


async def no_model(model: Model, start: Start) -> ScriptedEngine:
    raise AssertionError("a page loads no model")


class Page(HTMLParser):
    """The elements' attributes, the texts of those called `pre`, the script, and all other text.

    A tag that does not match is an error.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.examples: list[str] = []
        self.script = self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "input"):
            self.open.append(tag)
        if tag == "pre":
            self.examples.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "pre":
            self.examples[-1] += data
        elif self.open and self.open[-1] == "script":
            self.script += data
        else:
            self.text += data

    def every(self, attribute: str) -> set[str | None]:
        return {attributes[attribute] for _, attributes in self.tags if attribute in attributes}


@pytest.fixture
def page(api: Api) -> Page:
    answer = api.request("GET", "/docs")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = Page(answer.body.decode())
    allowed = base64.b64encode(hashlib.sha256(page.script.encode()).digest()).decode()
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert f"script-src 'sha256-{allowed}'" in answer.headers["content-security-policy"]
    return page


def test_it_needs_nothing_from_elsewhere(page: Page) -> None:
    assert {tag for tag, _ in page.tags} & {"link", "img", "iframe"} == set()
    assert page.every("src") == set()
    links = page.every("href")
    assert {link for link in links if not str(link).startswith("#")} == {"openapi.json"}
    assert {str(link).removeprefix("#") for link in links} - {"openapi.json"} <= page.every("id")


def test_it_shows_all_of_the_document(api: Api, page: Page) -> None:
    document = api.request("GET", "/openapi.json").json
    operations = [one["operationId"] for methods in document["paths"].values() for one in methods.values()]
    assert {*operations, *document["components"]["schemas"]} <= page.every("id")
    assert len(page.examples) == len(operations)


def test_it_is_grouped_by_api_and_can_be_searched(page: Page) -> None:
    assert {"Ollama", "OpenAI", "Anthropic", "types", "search"} <= page.every("id")
    assert "addEventListener" in page.script


def test_its_texts_are_rendered(page: Page) -> None:
    assert "`" not in page.text
    assert "An older word for model." in page.text
    assert all("\n" not in line.strip() for line in page.examples), "a command is one line, whole"


def test_the_examples_work(api: Api, store: ModelStore, page: Page) -> None:
    api.say(DONE)
    tried: list[str] = []
    for method, path, body in map(read, page.examples):
        if "{" in path or path in WITH_REGISTRIES:
            continue
        store.copy(NAME, "tiny")
        assert api.request(method, path, body).status == 200, path
        tried.append(path)
    assert {"/api/chat", "/api/create", "/api/embed", "/v1/messages", "/v1/responses"} <= set(tried)


def read(curl: str) -> tuple[str, str, Any]:
    words = shlex.split(curl)
    method = "HEAD" if "-I" in words else words[words.index("-X") + 1] if "-X" in words else "GET"
    (url,) = (word for word in words if re.match("https?:", word))
    return method, urlsplit(url).path, json.loads(words[words.index("-d") + 1]) if "-d" in words else None


@pytest.mark.parametrize(("hosts", "status"), [((), 403), (("*",), 200)])
def test_what_a_reader_sends_is_only_text(serve: Serve, store: ModelStore, hosts: tuple[str, ...], status: int) -> None:
    settings = Settings(access=Access(hosts=hosts))
    api = Api(serve(create_app(settings, store, EnginePool(settings, no_model))), ScriptedEngine(), [])
    answer = api.request("GET", "/docs", headers={"host": "localhost:1<sneaked>"})
    assert answer.status == status
    assert answer.headers["content-type"].startswith("application/json") or b"<sneaked>" not in answer.body
