"""Metrics: counts and times for Prometheus, by its own client library.

A request is counted once, when it ends; what models and queues are at this moment is asked for when somebody reads. So
a token costs nothing here. Labels hold routes, numbers, our own words and names of installed models.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, SummaryMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from ossia.engine.figures import BATCH_BOUNDS, Figures
from ossia.server.loaded import Measured, Queue
from ossia.server.monitor.ended import Ended
from ossia.types import Usage

_LATENCIES: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_GAPS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1)
_LONG: Final = (0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)

Counts = Mapping[tuple[str, ...], float]
Value = Callable[[Figures], float]

disable_created_metrics()  # a time for every count: twice the text, and of no use to Prometheus


class Metrics:
    """Everything that is counted of one server."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        registry, of_model = self._registry, ["model"]
        self._requests = Counter(
            "ossia_requests", "Requests that have ended.", ["route", "model", "status"], registry=registry
        )
        self._seconds = Histogram(
            "ossia_request_seconds", "Time from a request to its end.", ["route"], buckets=_LATENCIES, registry=registry
        )
        self._tokens_in = Counter("ossia_prompt_tokens", "Tokens of prompts.", of_model, registry=registry)
        self._tokens_out = Counter("ossia_completion_tokens", "Tokens of answers.", of_model, registry=registry)
        self._cached = Counter(
            "ossia_cached_tokens", "Tokens of prompts that were in the cache.", of_model, registry=registry
        )
        self._prompts = Counter("ossia_prompts", "Prompts that were read.", of_model, registry=registry)
        self._hits = Counter(
            "ossia_prefix_hits", "Prompts whose beginning was in the cache.", of_model, registry=registry
        )
        self._first = Histogram(
            "ossia_first_token_seconds",
            "Time from a request to its answer's first token.",
            of_model,
            buckets=_LATENCIES,
            registry=registry,
        )
        self._gaps = Histogram(
            "ossia_between_tokens_seconds",
            "Mean time between the tokens of an answer.",
            of_model,
            buckets=_GAPS,
            registry=registry,
        )
        self._pulls = Counter("ossia_pulls", "Pulls that have ended.", ["model", "outcome"], registry=registry)
        self._pull_seconds = Histogram("ossia_pull_seconds", "Times of pulls.", buckets=_LONG, registry=registry)
        self._loads = Counter("ossia_loads", "Models that were loaded.", ["model", "outcome"], registry=registry)
        self._load_seconds = Histogram(
            "ossia_load_seconds", "Times of loading.", of_model, buckets=_LONG, registry=registry
        )

    def ended(self, ended: Ended) -> None:
        """Count a request."""
        self._requests.labels(ended.route, ended.model, str(ended.status)).inc()
        self._seconds.labels(ended.route).observe(ended.seconds)
        if ended.usage is not None:
            self._count_tokens(ended.model, ended.usage)
        if ended.first_token is not None:
            self._first.labels(ended.model).observe(ended.first_token)
        for gap in ended.gaps:
            self._gaps.labels(ended.model).observe(gap)
        if ended.action == "pull":
            self._pulls.labels(ended.model, _outcome(not ended.failed and ended.status < 400)).inc()
            self._pull_seconds.observe(ended.seconds)

    def loaded(self, model: str, seconds: float, succeeded: bool) -> None:
        """Count the loading of a model."""
        self._loads.labels(model, _outcome(succeeded)).inc()
        self._load_seconds.labels(model).observe(seconds)

    def exposition(self, models: Iterable[Measured], queues: Iterable[Queue]) -> bytes:
        """Return all metrics in Prometheus's text format, with those of the models as they are now."""
        return generate_latest(self._registry) + generate_latest(_Present(list(models), list(queues)))

    def _count_tokens(self, model: str, usage: Usage) -> None:
        self._tokens_in.labels(model).inc(usage.prompt_tokens)
        self._tokens_out.labels(model).inc(usage.completion_tokens)
        self._cached.labels(model).inc(usage.cached_tokens)
        self._prompts.labels(model).inc()
        self._hits.labels(model).inc(usage.cached_tokens > 0)


def _outcome(succeeded: bool) -> str:
    return "success" if succeeded else "failure"


class _Present(Collector):
    """Models and queues as they are now. Those of one name on two devices are added up."""

    def __init__(self, models: list[Measured], queues: list[Queue]) -> None:
        self._models = models
        self._queues = queues

    def collect(self) -> Iterator[Metric]:
        """Yield each metric with all of its models."""
        queues = self._queues
        yield _gauge("requests_running", "Places of the batch that requests have.", _by(queues, lambda q: q.running))
        yield _gauge("requests_waiting", "Requests that wait for the model.", _by(queues, lambda q: q.waiting))
        yield _gauge("batch_places", "Sequences that the model's batch holds.", _by(queues, lambda q: q.places))
        yield _gauge("kv_blocks", "Blocks of the KV cache.", self._blocks(), "state")
        yield _gauge("model_memory_bytes", "Memory of a model, by what it is for.", self._memory(), "part")
        yield self._counter("sampled_tokens", "Ids that the model has sampled.", lambda f: f.sampled)
        yield self._counter("preemptions", "Sequences that gave up their blocks.", lambda f: f.preemptions)
        yield self._batches()
        grammars = self._sum(lambda f: f.compiled), self._sum(lambda f: f.compile_seconds)
        yield _summary("grammar_compile_seconds", "Times of compiling grammars.", *grammars)
        masks = self._sum(lambda f: f.masked), self._sum(lambda f: f.mask_seconds)
        yield _summary("grammar_mask_seconds", "Times of computing masks.", *masks)

    def _sum(self, value: Value) -> Counts:
        sums: defaultdict[tuple[str, ...], float] = defaultdict(float)
        for model in self._models:
            sums[(model.name,)] += value(model.figures)
        return sums

    def _counter(self, name: str, text: str, value: Value) -> Metric:
        family = CounterMetricFamily(f"ossia_{name}", text, labels=["model"])
        for labels, count in self._sum(value).items():
            family.add_metric(labels, count)
        return family

    def _blocks(self) -> Counts:
        sums: defaultdict[tuple[str, ...], float] = defaultdict(float)
        for model in self._models:
            figures = model.figures
            sums[model.name, "used"] += figures.blocks_used
            sums[model.name, "cached"] += figures.blocks_cached
            sums[model.name, "free"] += figures.blocks - figures.blocks_used - figures.blocks_cached
        return sums

    def _memory(self) -> Counts:
        sums: defaultdict[tuple[str, ...], float] = defaultdict(float)
        for model in self._models:
            for part, size in (("weights", model.memory.weights), ("kv", model.memory.kv), ("work", model.memory.work)):
                sums[model.name, part] += size
        return sums

    def _batches(self) -> Metric:
        family = HistogramMetricFamily("ossia_batch_size", "Sequences in a step.", labels=["model"])
        for name in dict.fromkeys(model.name for model in self._models):
            own = [model.figures for model in self._models if model.name == name]
            counts = [sum(steps) for steps in zip(*(figures.steps for figures in own), strict=True)]
            bounds = [*map(str, map(float, BATCH_BOUNDS)), "+Inf"]
            buckets = [(bound, float(sum(counts[: i + 1]))) for i, bound in enumerate(bounds)]
            family.add_metric([name], buckets, sum(figures.batched for figures in own))
        return family


def _by(queues: Iterable[Queue], value: Callable[[Queue], int]) -> Counts:
    sums: defaultdict[tuple[str, ...], float] = defaultdict(float)
    for queue in queues:
        sums[(queue.name,)] += value(queue)
    return sums


def _gauge(name: str, text: str, counts: Counts, *labels: str) -> Metric:
    family = GaugeMetricFamily(f"ossia_{name}", text, labels=["model", *labels])
    for values, count in counts.items():
        family.add_metric(values, count)
    return family


def _summary(name: str, text: str, counts: Counts, seconds: Counts) -> Metric:
    family = SummaryMetricFamily(f"ossia_{name}", text, labels=["model"])
    for labels, count in counts.items():
        family.add_metric(labels, int(count), seconds[labels])
    return family
