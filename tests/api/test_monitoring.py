"""Metrics and the server's state: what they count, what their labels hold, and who may read them."""

import asyncio
import gzip
import json
import re
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families

from ossia.addresses import read_networks
from ossia.config import Access, Settings
from ossia.engine.figures import Activity
from ossia.errors import ModelCrashed
from ossia.server.app import create_app
from ossia.server.monitor.ended import Ended
from ossia.server.monitor.history import History
from ossia.server.monitor.monitor import Monitor
from ossia.store.keys import KeyFile, Scope
from ossia.store.models import ModelStore
from ossia.types import Finished, TextDelta, Timings, Usage
from tests.api.conftest import NAME, Api, Serve
from tests.doubles.scripted_engine import ScriptedEngine, pool_of

DONE = Finished("stop", Usage(11, 7, 3, 2), Timings(0.5, 0.3))


def samples(text: str) -> dict[tuple[str, ...], float]:
    """Every sample by its name and the values of its labels, in the labels' order."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def scraped(api: Api) -> dict[tuple[str, ...], float]:
    answer = api.request("GET", "/metrics")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return samples(answer.body.decode())


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/chat", {"messages": [{"role": "user", "content": "Hi"}]}),
        ("/v1/chat/completions", {"messages": [{"role": "user", "content": "Hi"}]}),
        ("/v1/responses", {"input": "Hi", "store": False}),
        ("/v1/messages", {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 9}),
    ],
)
def test_an_answer_is_counted_once_with_its_tokens_and_times(api: Api, path: str, body: Any, stream: bool) -> None:
    api.say(TextDelta("Hello"), DONE)
    assert api.post(path, **body, stream=stream).status == 200
    found = scraped(api)
    assert found["ossia_requests_total", NAME, path, "200"] == 1
    assert found["ossia_prompt_tokens_total", NAME] == 11
    assert found["ossia_completion_tokens_total", NAME] == 7
    assert found["ossia_cached_tokens_total", NAME] == 3
    assert found["ossia_prefix_hits_total", NAME] == found["ossia_prompts_total", NAME] == 1
    assert found["ossia_first_token_seconds_count", NAME] == 1
    assert found["ossia_between_tokens_seconds_sum", NAME] == pytest.approx(0.05)
    assert found["ossia_loads_total", NAME, "success"] == 1
    assert found["ossia_batch_places", NAME] == 32


def test_labels_hold_only_names_of_installed_models(api: Api) -> None:
    api.say(DONE)
    api.post("/api/chat", messages=[{"role": "user", "content": "Hi"}], model=NAME.upper())
    names = ("evil", 'a"b\nc', "https://user:secret@evil/x", "x" * 5000, "registry.example/a/b:c")
    for name in names:
        api.post("/api/chat", messages=[], model=name)
        api.post("/v1/embeddings", input="x", model=name)
        api.request("GET", f"/nowhere/{len(name)}")
        api.request("GET", f"/v1/models/{len(name)}-none")
        api.post("/api/show", model=name)
    text = api.request("GET", "/metrics").body.decode()
    models = {
        sample.labels["model"]
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if "model" in sample.labels
    }
    assert models == {NAME, "unknown"}
    assert samples(text)["ossia_requests_total", "unknown", "unknown", "404"] == len(names)
    assert not any(name in text for name in ("evil", "secret", "registry.example", "nowhere"))


def test_the_state_is_that_of_the_answers(api: Api) -> None:
    api.say(TextDelta("Hello"), DONE)
    api.post("/api/chat", messages=[{"role": "user", "content": "Hi"}])
    api.say(ModelCrashed("gone"))
    api.post("/api/chat", messages=[{"role": "user", "content": "Hi"}], stream=False)
    status = api.request("GET", "/status", headers={"accept": "application/json"}).json
    assert status["last_hour"] == {"requests": 2, "errors": 1, "tokens_in": 11, "tokens_out": 7, "tokens_cached": 3}
    assert status["first_token_seconds"]["count"] == 1
    assert sum(status["tokens_out_by_minute"]) == 7
    assert len(status["tokens_out_by_minute"]) == 60
    (error,) = status["errors"]
    assert (error["route"], error["model"], error["error"]) == ("/api/chat", NAME, "ModelCrashed")
    (model,) = status["models"]
    assert (model["name"], model["running"], model["places"]) == (NAME, 0, 32)
    json.dumps(status)


OTHER = {"x-forwarded-for": "10.0.0.9"}


@pytest.fixture
def behind_a_proxy(serve: Serve, store: ModelStore, tmp_path: Path) -> Callable[..., Api]:
    """Server that believes whom a proxy on this machine names."""

    def start(page: bool = True, **rules: Any) -> Api:
        access = Access(trusted_proxies=read_networks("127.0.0.1"), **rules)
        settings = Settings(models=tmp_path / "models", access=access, page=page)
        app = create_app(settings, store, pool_of(ScriptedEngine(), settings))
        return Api(serve(app), ScriptedEngine(), [], app)

    return start


@pytest.mark.parametrize("path", ["/metrics", "/status"])
def test_another_machine_needs_a_key_of_metrics_or_manage(behind_a_proxy: Callable[..., Api], path: str) -> None:
    api = behind_a_proxy()
    assert api.request("GET", path).status == 200
    assert api.request("GET", path, headers=OTHER).status == 403
    allowed: dict[Scope, int] = {"inference": 403, "manage": 200, "metrics": 200}
    for scope, status in allowed.items():
        secret = KeyFile().create(scope, [scope])
        assert api.request("GET", path, headers=OTHER | {"x-api-key": secret}).status == status
        if scope == "metrics":
            assert api.request("GET", "/api/tags", headers={"x-api-key": secret}).status == 403
    assert api.request("GET", path, headers=OTHER).status == 401


def test_a_named_machine_may_read_metrics_without_a_key(behind_a_proxy: Callable[..., Api]) -> None:
    api = behind_a_proxy(manage_from=read_networks("10.0.0.9"))
    assert api.request("GET", "/metrics", headers=OTHER).status == 200


def test_a_setting_removes_the_state_but_not_the_metrics(behind_a_proxy: Callable[..., Api]) -> None:
    api = behind_a_proxy(page=False)
    assert [api.request("GET", path).status for path in ("/status", "/metrics")] == [404, 200]
    assert "/status" not in api.request("GET", "/openapi.json").json["paths"]


def ended(*, status: int = 200, tokens: int = 1, first: float | None = 0.1) -> Ended:
    usage = Usage(1, tokens)
    return Ended("/api/chat", NAME, True, status, "", "", 0.0, 1.0, 0.0, first, (), usage)


def test_history_forgets_what_is_older_than_an_hour_and_keeps_little() -> None:
    now = [0.0]
    history = History(lambda: now[0])
    for minute in range(120):
        now[0] = 60.0 * minute
        history.add(ended(status=500 if minute % 2 else 200, tokens=minute))
    minutes = history.minutes()
    assert [minute.tokens_out for minute in minutes] == list(range(60, 120))
    assert sum(minute.failures for minute in minutes) == 30
    assert len(history.first_tokens()) == 61
    assert len(history.failures) == 50
    now[0] += 7200
    assert not any(minute.requests for minute in history.minutes())
    assert history.first_tokens() == []


def test_the_speed_is_that_of_the_last_whole_seconds() -> None:
    now = [100.0]
    activity = Activity(lambda: now[0])
    for step in range(50):
        now[0] = 100 + step / 10
        activity.launched(3)
        activity.collected(3)
    now[0] = 105.0
    assert activity.tokens_per_second == pytest.approx(30)
    assert (activity.sampled, activity.batched, sum(activity.steps), activity.steps[2]) == (150, 150, 50, 50)
    now[0] += 60
    assert activity.tokens_per_second == 0


def test_a_request_is_one_span_that_continues_the_callers_trace() -> None:
    export = pytest.importorskip("opentelemetry.sdk.trace.export")
    memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter").InMemorySpanExporter()
    provider = pytest.importorskip("opentelemetry.sdk.trace").TracerProvider()
    provider.add_span_processor(export.SimpleSpanProcessor(memory))
    from ossia.server.monitor.spans import Spans

    trace = "0af7651916cd43dd8448eb211c80319c"
    Spans(provider).trace(replace(ended(tokens=7), parent=f"00-{trace}-b7ad6b7169203331-01", began=1000.0))
    (span,) = memory.get_finished_spans()
    assert f"{span.context.trace_id:032x}" == trace
    assert (span.start_time, span.end_time) == (1000 * 10**9, 1001 * 10**9)
    assert [(event.name, event.timestamp) for event in span.events] == [
        ("model ready", 1000 * 10**9),
        ("first token", 1000_100_000_000),
    ]
    assert span.attributes["gen_ai.usage.output_tokens"] == 7
    assert span.attributes["gen_ai.request.model"] == NAME


class Receiver(BaseHTTPRequestHandler):
    """Receiver of traces, as a collector is one: OTLP over HTTP."""

    bodies: ClassVar[list[bytes]] = []

    def do_POST(self) -> None:
        assert self.path == "/v1/traces"
        body = self.rfile.read(int(self.headers["content-length"]))
        self.bodies.append(gzip.decompress(body) if self.headers["content-encoding"] == "gzip" else body)
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


async def test_spans_arrive_at_a_receiver_and_none_is_lost_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    service = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2")
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        Thread(target=server.serve_forever).start()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        monitor = Monitor()
        monitor.uncounted.extend([ended(tokens=7), ended(status=500)])
        counting = asyncio.create_task(monitor.run())
        await asyncio.sleep(0)  # it begins
        counting.cancel()
        await asyncio.wait([counting])
        server.shutdown()
    spans = [
        span
        for body in Receiver.bodies
        for resource in service.ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    assert [span.name for span in spans] == ["/api/chat"] * 2
    tokens = [
        value.value.int_value for span in spans for value in span.attributes if value.key.endswith("output_tokens")
    ]
    assert tokens == [7, 1]


def test_the_dashboard_asks_only_for_metrics_that_there_are(api: Api) -> None:
    api.say(TextDelta("Hello"), DONE)
    api.post("/api/chat", messages=[{"role": "user", "content": "Hi"}])
    there = set(re.findall(r"^(?:# TYPE )?(ossia_\w+)", api.request("GET", "/metrics").body.decode(), re.MULTILINE))
    there |= {f"{name}_{part}" for name in there for part in ("bucket", "sum", "count")}
    dashboard = json.loads(Path("docs/grafana.json").read_text())
    asked = {name for panel in dashboard["panels"] for name in re.findall(r"ossia_\w+", panel["targets"][0]["expr"])}
    assert asked
    assert asked <= there
