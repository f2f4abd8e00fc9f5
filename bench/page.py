"""Times of frames of the chat page while a long answer arrives, in Debian's Chromium without a GPU.

    python bench/page.py [--tokens 10000] [--rate 500] [--kind mixed list code table]

A double of a model writes so many tokens at a steady rate. The page notes the time from each frame to the next, and
how long its own scripts kept the browser from anything else; the median, the 99th percentile and the longest are
printed for each kind of Markdown. A frame should be under 50 ms. Other programs make frames late, too, so the longest
task of the page is given by the time that the processor worked on it. The last line is one JSON object.
`make test-browser` installs what this needs.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncGenerator
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.api.conftest import NAME, write_gguf
from tests.conftest import start_server
from tests.doubles.scripted_engine import ScriptedEngine, pool_of

from ossia.config import Settings
from ossia.server.app import create_app
from ossia.store.models import ModelStore
from ossia.types import Event, Finished, GenerateRequest, TextDelta, Usage

KINDS = {
    "mixed": "## Section\n\nSome *words* and `code`, and [a link](https://example.org).\n\n- one\n- two\n\n"
    "| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nprint(1)\n```\n\n",
    "list": "- an item of a list that does not end, with *some* words\n",
    "code": "value = compute(first, second)  # a line of a program that does not end\n",
    "table": "| a row of a table | that does not | end |\n",
}
HEADS = {"code": "```python\n", "table": "| a | b | c |\n|---|---|---|\n"}
CHARACTERS = 4  # of a token
WATCH = """() => {
  window.frames_ = []; window.tasks_ = [];
  new PerformanceObserver((list) => list.getEntries().forEach((task) => tasks_.push(task.duration)))
    .observe({ type: "longtask" });
  let last = performance.now();
  const frame = (now) => { frames_.push(now - last); last = now; requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
}"""


class Writer(ScriptedEngine):
    """Engine that writes a text at a steady rate."""

    def __init__(self, text: str, rate: float) -> None:
        super().__init__()
        self.text, self.rate = text, rate

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Event]:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        for number, at in enumerate(range(0, len(self.text), CHARACTERS)):
            if (early := begun + number / self.rate - loop.time()) > 0:
                await asyncio.sleep(early)
            yield TextDelta(self.text[at : at + CHARACTERS])
        yield Finished("stop", Usage(1, len(self.text) // CHARACTERS))


def text_of(kind: str, tokens: int) -> str:
    part = KINDS[kind]
    return HEADS.get(kind, "") + part * (tokens * CHARACTERS // len(part))


def watched(page: Page, url: str, seconds: float) -> tuple[list[float], list[float]]:
    """Ask once, and return the times of the frames and of the long tasks meanwhile, in milliseconds."""
    page.goto(url)
    page.get_by_role("button", name=NAME).wait_for()
    page.evaluate(WATCH)
    page.get_by_label("Message", exact=True).fill("Go on")
    page.get_by_role("button", name="Send message").click()
    page.get_by_role("button", name="Answer again").wait_for(timeout=(60 + 3 * seconds) * 1000)
    return page.evaluate("[frames_.slice(1), tasks_]")


def longest_task(trace: list[dict[str, Any]]) -> float:
    """Milliseconds of the processor's time that the longest task of the page took, once it had been loaded."""
    calls = [event for event in trace if event["name"] == "FireAnimationFrame"]
    page, began = (calls[0]["pid"], calls[0]["tid"]), calls[0]["ts"]
    own = (event for event in trace if (event["pid"], event["tid"]) == page and event["ts"] >= began)
    return max(event.get("tdur", 0) for event in own if event["name"].endswith("RunTask")) / 1000


def traced(browser: Browser, kind: str, tokens: int, rate: float) -> dict[str, float]:
    page = browser.new_page()
    browser.start_tracing(page=page, categories=["toplevel", "devtools.timeline"])
    found = measure(page, kind, tokens, rate)
    found["task"] = longest_task(json.loads(browser.stop_tracing())["traceEvents"])
    page.close()
    return found


def measure(page: Page, kind: str, tokens: int, rate: float) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        store = ModelStore(Path(folder) / "models")
        store.create(NAME, files=[write_gguf(Path(folder) / "model.gguf")])
        engine, settings = Writer(text_of(kind, tokens), rate), Settings(models=Path(folder) / "models")
        url, server, thread = start_server(create_app(settings, store, pool_of(engine, settings)))
        try:
            frames, tasks = watched(page, url, tokens / rate)
        finally:
            server.should_exit = True
            thread.join()
    return {"median": median(frames), "p99": quantiles(frames, n=100)[98], "longest": max(frames), "tasks": len(tasks)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tokens", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=500, help="tokens a second")
    parser.add_argument("--kind", nargs="+", choices=KINDS, default=list(KINDS))
    arguments = parser.parse_args()
    results: dict[str, dict[str, float]] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for kind in arguments.kind:
            results[kind] = found = traced(browser, kind, arguments.tokens, arguments.rate)
            print(
                f"{kind:6} frames: median {found['median']:.1f} ms, 99 of 100 within {found['p99']:.1f} ms, "
                f"longest {found['longest']:.1f} ms; {found['tasks']:.0f} tasks of more than 50 ms, "
                f"the longest {found['task']:.1f} ms of the processor's time",
                flush=True,
            )
        browser.close()
    print(json.dumps({"bench": "page", "tokens": arguments.tokens, "rate": arguments.rate, "results": results}))


if __name__ == "__main__":
    main()
