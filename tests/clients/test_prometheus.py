"""Debian's Prometheus scrapes a server under load: its queries give what clients counted.

It is set up as docs/monitoring.md says, and the queries of the dashboard have an answer, too. `make test-prometheus`
installs it.
"""

import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from ossia.store.models import ModelStore
from tests.clients.conftest import Server, running_server
from tests.registry.server import free_port
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("prometheus"), reason="prometheus is not installed: `make test-prometheus`"),
]

ROOT = Path(__file__).parents[2]
CLIENTS, ROUNDS = 16, 6
KEYS = {"OSSIA_API_KEYS": "for-clients,for-prometheus:metrics", "OSSIA_LOCAL_KEYS": "1"}


def recipe(server: str, folder: Path) -> Path:
    """Write the configuration of the page, with a server's address and the key for it."""
    (block,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "monitoring.md").read_text(), re.DOTALL)
    key = folder / "key"
    key.write_text("for-prometheus")
    job = block.replace("localhost:11434", server.removeprefix("http://")).replace("# authorization", "authorization")
    path = folder / "prometheus.yml"
    path.write_text(
        "global: {scrape_interval: 1s}\nscrape_configs:\n" + job.replace("/etc/prometheus/ossia.key", str(key))
    )
    return path


@contextmanager
def prometheus(server: str, folder: Path) -> Generator[httpx.Client]:
    address = f"127.0.0.1:{free_port()}"
    options = [f"--config.file={recipe(server, folder)}", f"--storage.tsdb.path={folder}/data"]
    command = ["prometheus", *options, f"--web.listen-address={address}"]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stderr=log) as process:
        try:
            with httpx.Client(base_url=f"http://{address}") as client:
                wait_until(lambda: is_ready(client))
                yield client
        finally:
            process.terminate()


def is_ready(client: httpx.Client) -> bool:
    try:
        return client.get("/-/ready").status_code == 200
    except httpx.TransportError:
        return False


def ask(client: httpx.Client, query: str) -> dict[tuple[str, ...], float]:
    """Return the values of a query by the values of their labels."""
    found = client.get("/api/v1/query", params={"query": query}).json()["data"]["result"]
    return {tuple(value for _, value in sorted(each["metric"].items())): float(each["value"][1]) for each in found}


def dashboard() -> list[str]:
    """Return the queries of the dashboard, over the last minute."""
    panels = json.loads((ROOT / "docs" / "grafana.json").read_text())["panels"]
    queries = [target["expr"] for panel in panels for target in panel["targets"]]
    assert len(queries) > 10
    return [query.replace("$__rate_interval", "1m") for query in queries]


class Tally:
    """Counts by what clients sent and got, of requests by route and status, and of tokens."""

    def __init__(self) -> None:
        self.requests: Counter[tuple[str, str]] = Counter()
        self.tokens: Counter[str] = Counter()

    def add(self, route: str, status: int, **tokens: int) -> None:
        self.requests[route, str(status)] += 1
        self.tokens.update(tokens)


def chat(server: Server, number: int, client: int) -> tuple[str, int, dict[str, int]]:
    """Send one request, streamed or not, by one of three APIs, or for a model that is not there."""
    messages = [{"role": "user", "content": f"Say something about {number} and {client}."}]
    model = "missing" if number == ROUNDS - 1 else "tiny"
    body: dict[str, Any] = {"model": model, "messages": messages, "max_tokens": 16, "stream": bool(client % 2)}
    route = ("/v1/chat/completions", "/v1/messages", "/api/chat")[client % 3]
    if route == "/v1/chat/completions":
        body["stream_options"] = {"include_usage": True}
    if route == "/api/chat":
        body["options"] = {"num_predict": 16}
    with httpx.Client(base_url=server.url, headers={"authorization": "Bearer for-clients"}, timeout=100) as http:
        answer = http.post(route, json=body)
    return route, answer.status_code, usage(answer.text) if answer.status_code == 200 else {}


def usage(text: str) -> dict[str, int]:
    """Return the counts of an answer, in the words of any of the APIs; those of a stream that come last."""

    def last(*names: str) -> int:
        found = re.findall(rf'"(?:{"|".join(names)})": ?(\d+)', text)
        return int(found[-1]) if found else 0

    read = last("cache_read_input_tokens")  # which Anthropic's input_tokens do not have in them
    return {
        "in": last("prompt_tokens", "input_tokens", "prompt_eval_count") + read,
        "out": last("completion_tokens", "output_tokens", "eval_count"),
    }


def test_queries_are_what_clients_counted(tmp_path: Path, tiny_models: dict[str, Path]) -> None:
    ModelStore(tmp_path / "models").create("tiny", files=[tiny_models["mxfp4"]])
    tally = Tally()
    with (
        running_server(tmp_path, **KEYS, OSSIA_PRECISION="int8") as server,
        prometheus(server.url, tmp_path) as metrics,
        ThreadPoolExecutor(CLIENTS) as pool,
    ):
        for number in range(ROUNDS):
            for route, status, tokens in pool.map(partial(chat, server, number), range(CLIENTS)):
                tally.add(route, status, **tokens)
        every = 'sum by (route, status) (ossia_requests_total{route!~"/metrics|/|unknown"})'
        wait_until(lambda: sum(ask(metrics, every).values()) >= tally.requests.total())
        assert ask(metrics, every) == tally.requests
        answers = sum(count for (_, status), count in tally.requests.items() if status == "200")
        assert ask(metrics, "sum(ossia_prompt_tokens_total)") == {(): tally.tokens["in"]}
        assert ask(metrics, "sum(ossia_completion_tokens_total)") == {(): tally.tokens["out"]}
        assert ask(metrics, "sum(ossia_first_token_seconds_count)") == {(): answers}
        assert ask(metrics, "sum(ossia_prompts_total)") == {(): answers}
        wait_until(lambda: sum(ask(metrics, "count_over_time(up[1m:1s])").values()) > 3)
        assert ask(metrics, "min_over_time(up[1m])").popitem()[1] == 1
        for query in dashboard():
            assert ask(metrics, query), query
