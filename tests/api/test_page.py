"""The web pages without a browser: who gets them, with what headers, and that nothing of others in them was changed."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from ossia.config import Access, Settings
from ossia.server import page
from ossia.server.app import create_app
from ossia.server.page.files import files
from ossia.server.pool import EnginePool
from ossia.store.models import ModelStore
from tests.api.conftest import Api
from tests.conftest import Serve
from tests.doubles.scripted_engine import ScriptedEngine

FOLDER = Path(page.__file__).parent
BROWSERS = [
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "text/html, application/xhtml+xml, image/jxr, */*",
    "application/json;q=0.5, TEXT/HTML;level=1",
]
PROGRAMS = ["*/*", "", "application/json", "text/plain, */*", "text/htmlx", "application/xhtml+xml"]
Start = Callable[..., Api]


@pytest.fixture
def start(serve: Serve, store: ModelStore) -> Start:
    def start(settings: Settings) -> Api:
        app = create_app(
            settings, store, EnginePool(settings, load=lambda model, start: pytest.fail("nothing is loaded"))
        )
        return Api(serve(app), ScriptedEngine(), [], app)

    return start


@pytest.mark.parametrize("accept", BROWSERS)
def test_browsers_get_pages(api: Api, accept: str) -> None:
    for path, title in [("/", b"<title>ossia</title>"), ("/status", b"<title>Status")]:
        answer = api.request("GET", path, headers={"Accept": accept})
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "accept" in answer.headers["vary"]
        assert title in answer.body


@pytest.mark.parametrize("accept", PROGRAMS)
def test_programs_get_what_they_ask_for(api: Api, accept: str) -> None:
    assert api.request("GET", "/", headers={"Accept": accept}).body == b"Ollama is running"
    assert api.request("GET", "/status", headers={"Accept": accept}).json["models"] == []


def test_headers_that_shut_everything_else_out(api: Api) -> None:
    for path in ("/", "/page/js/main.js", "/page/icon.svg"):
        headers = api.request("GET", path, headers={"Accept": "text/html"}).headers
        policy = dict(rule.strip().split(" ", 1) for rule in headers["content-security-policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert {policy[f"{kind}-src"] for kind in ("script", "style", "img", "connect")} == {"'self'"}
        assert policy["require-trusted-types-for"] == "'script'"
        assert policy["frame-ancestors"] == "'none'"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


def test_a_file_that_the_browser_has_is_not_sent_again(api: Api) -> None:
    first = api.request("GET", "/page/js/main.js")
    assert first.headers["cache-control"] == "no-cache"
    for tag in (first.headers["etag"], f'"other", W/{first.headers["etag"]}'):
        again = api.request("GET", "/page/js/main.js", headers={"If-None-Match": tag})
        assert (again.status, again.body) == (304, b"")
    assert api.request("GET", "/page/js/main.js", headers={"If-None-Match": '"other"'}).body == first.body


@pytest.mark.parametrize(
    "path",
    ["", "handlers.py", "../handlers.py", "%2e%2e/handlers.py", "/etc/passwd", "js", "js/", "vendor/README.md", "x%00"],
)
def test_other_files_are_not_there(api: Api, path: str) -> None:
    assert api.request("GET", f"/page/{path}").status == 404


def test_without_pages(start: Start) -> None:
    api = start(Settings(page=False))
    html = {"Accept": "text/html"}
    assert api.request("GET", "/", headers=html).body == b"Ollama is running"
    assert api.request("GET", "/status", headers=html).status == 404
    assert api.request("GET", "/page/js/main.js", headers=html).status == 404


def test_pages_are_for_everybody_and_their_data_are_not(start: Start) -> None:
    api = start(Settings(api_keys=("secret",), access=Access(local_keys=True)))
    for path in ("/", "/status", "/page/js/main.js"):
        assert api.request("GET", path, headers={"Accept": "text/html"}).status == 200
    for path in ("/status", "/api/tags"):
        assert api.request("GET", path).status == 401


def test_everything_that_a_page_loads_is_there() -> None:
    named = {
        name
        for path, file in files().items()
        if "vendor/" not in path and not path.endswith(".svg")
        for name in re.findall(r'(?:from|src=|href=) ?"(\.?/[^"#]+\.\w+)"', file.data.decode())
    }
    assert len(named) > 20
    at_home = {name.replace("./", "js/", 1) if name.startswith("./") else name.removeprefix("/page/") for name in named}
    assert at_home - files().keys() == set()


def test_files_of_others_are_unchanged() -> None:
    sums = dict(reversed(line.split()) for line in (FOLDER / "vendor" / "SHA256SUMS").read_text().splitlines())
    assert sums == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (FOLDER / "vendor").glob("*.js")
    }
    assert all((FOLDER / "vendor" / name).with_suffix(".LICENSE").exists() for name in sums)


@pytest.mark.parametrize(
    "path", sorted([*FOLDER.glob("js/*.js"), *FOLDER.glob("css/*.css")]), ids=lambda path: path.name
)
def test_files_are_short_and_say_what_they_are(path: Path) -> None:
    text = path.read_text()
    assert text.startswith(("// ", "/* "))
    assert text.count("\n") <= 300
    assert max(map(len, text.splitlines())) <= 120
    assert "innerHTML" not in text
    assert not re.search(r"https?://(?!www\.w3\.org)", text)
