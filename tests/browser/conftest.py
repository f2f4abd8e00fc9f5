"""A browser that may reach only the server under test, whose model says one script after another."""

import re
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Route,
    expect,
    sync_playwright,
)

from ossia.config import Settings
from ossia.server.app import create_app
from ossia.store.models import ModelStore
from ossia.types import Event, GenerateRequest
from tests.api.conftest import NAME, write_gguf
from tests.clients.conftest import running_server
from tests.conftest import Serve
from tests.doubles.scripted_engine import DONE, Hang, ScriptedEngine, pool_of
from tests.waiting import PATIENCE

CHROMIUM = "/usr/bin/chromium"
SHOTS = Path(__file__).parents[2] / ".cache" / "browser"
Step = Event | Exception | Hang


class Actor(ScriptedEngine):
    """Engine that plays one script for each request, and the last one again and again."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[tuple[Step, ...]] = [(DONE,)]

    def will(self, *scripts: tuple[Step, ...]) -> None:
        self.scripts = list(scripts)

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Event]:
        self.script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        async for event in super().generate(request):
            yield event


@pytest.fixture
def actor() -> Actor:
    return Actor()


Start = Callable[..., str]


@pytest.fixture
def start(serve: Serve, tmp_path: Path, actor: Actor) -> Start:
    """Start a server with the actor for its model; the URL."""
    store = ModelStore(tmp_path / "models")
    store.create(NAME, files=[write_gguf(tmp_path / "gpt-oss.gguf")])

    def start(**rules: Any) -> str:
        settings = Settings(**rules)
        return serve(create_app(settings, store, pool_of(actor, settings)))

    return start


@pytest.fixture
def url(start: Start) -> str:
    return start()


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory, tiny_models: dict[str, Path]) -> Iterator[str]:
    """A server with the model tiny; the URL."""
    home = tmp_path_factory.mktemp("home")
    ModelStore(home / "models").create("tiny", files=[tiny_models["mxfp4"]], parameters={"temperature": 0})
    with running_server(home) as server:
        yield server.url


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 1180, "height": 800}, permissions=["clipboard-write"])
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that must end without an error of a script, a violation of its policy, or a request to elsewhere."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    problems: list[str] = []
    hosts: set[str] = set()

    def said(message: ConsoleMessage) -> None:
        if message.type == "error" and not re.search(r"Failed to load resource", message.text):
            problems.append(message.text)

    def failed(error: Error) -> None:
        problems.append(str(error))

    page.on("console", said)
    page.on("pageerror", failed)
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]) if request.url[:4] == "http" else None)
    yield page
    assert problems == []
    assert len(hosts) <= 1, f"requests went to {hosts}"


@pytest.fixture
def chat(page: Page, url: str) -> Page:
    page.goto(url)
    page.get_by_role("button", name=NAME).wait_for()
    return page


def say(page: Page, text: str) -> None:
    page.get_by_label("Message", exact=True).fill(text)
    page.get_by_role("button", name="Send message").click()


def refuse(route: Route) -> None:
    route.abort("connectionrefused")


def field(page: Page, label: str) -> Locator:
    return page.get_by_label(label, exact=True)


def settings_of(page: Page, tools: Sequence[dict[str, str]]) -> None:
    """Declare tools in the dialog of the settings."""
    page.get_by_role("button", name="Settings of this conversation").click()
    for tool in tools:
        page.get_by_role("button", name="Add a tool").click()
        field(page, "Name").last.fill(tool["name"])
        field(page, "Description").last.fill(tool["description"])
        field(page, "Parameters, as a JSON schema").last.fill(tool["parameters"])
        field(page, "How calls are answered").last.select_option(tool["answer"])
        if tool["answer"] == "text":
            field(page, "Fixed text").last.fill(tool["text"])
    page.get_by_role("button", name="Save").click()
