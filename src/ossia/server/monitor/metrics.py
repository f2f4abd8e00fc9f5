"""Metrics: counts and times of requests, loads and pulls for Prometheus, by its own client library.

A request is counted once, when it ends, in plain tallies; the library's metrics are made of them when somebody reads.
So a token costs nothing here. Labels hold routes, numbers, our own words and names of installed models.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from ossia.server.loaded import Measured, Queue
from ossia.server.monitor.ended import Ended
from ossia.server.monitor.families import counter, histogram
from ossia.server.monitor.present import Present
from ossia.server.monitor.tally import Distribution, ModelTally, durations, latencies


class Metrics(Collector):
    """Everything that is counted of one server."""

    def __init__(self) -> None:
        self._process = CollectorRegistry()
        ProcessCollector(registry=self._process)
        self._requests: defaultdict[tuple[str, str, int], int] = defaultdict(int)
        self._seconds: defaultdict[str, Distribution] = defaultdict(latencies)
        self._models: defaultdict[str, ModelTally] = defaultdict(ModelTally)
        self._pulls: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._pull_seconds = durations()
        self._loads: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._load_seconds: defaultdict[str, Distribution] = defaultdict(durations)

    def ended(self, ended: Ended) -> None:
        """Count a request."""
        self._requests[ended.route, ended.model, ended.status] += 1
        self._seconds[ended.route].add(ended.seconds)
        if ended.usage or ended.first_token is not None:
            self._models[ended.model].add(ended)
        if ended.action == "pull":
            self._pulls[ended.model, _outcome(not ended.failed and ended.status < 400)] += 1
            self._pull_seconds.add(ended.seconds)

    def loaded(self, model: str, seconds: float, succeeded: bool) -> None:
        """Count the loading of a model."""
        self._loads[model, _outcome(succeeded)] += 1
        self._load_seconds[model].add(seconds)

    def exposition(self, models: Iterable[Measured], queues: Iterable[Queue]) -> bytes:
        """Return all metrics in Prometheus's text format, with those of the models as they are now."""
        present = Present(list(models), list(queues))
        return generate_latest(self._process) + generate_latest(self) + generate_latest(present)

    def collect(self) -> Iterator[Metric]:
        """Yield each metric of what has ended."""
        requests = CounterMetricFamily(
            "ossia_requests", "Requests that have ended.", labels=["route", "model", "status"]
        )
        for (route, model, status), count in self._requests.items():
            requests.add_metric([route, model, str(status)], count)
        yield requests
        yield histogram("request_seconds", "Time from a request to its end.", self._seconds, "route")
        yield from self._of_models()
        yield counter("pulls", "Pulls that have ended.", self._pulls, "outcome")
        yield histogram("pull_seconds", "Times of pulls.", {"": self._pull_seconds})
        yield counter("loads", "Models that were loaded.", self._loads, "outcome")
        yield histogram("load_seconds", "Times of loading.", self._load_seconds, "model")

    def _of_models(self) -> Iterator[Metric]:
        models = self._models

        def count(name: str, text: str, value: Callable[[ModelTally], int]) -> Metric:
            return counter(name, text, {(model,): value(tally) for model, tally in models.items()})

        yield count("prompt_tokens", "Tokens of prompts.", lambda tally: tally.prompt)
        yield count("completion_tokens", "Tokens of answers.", lambda tally: tally.completion)
        yield count("cached_tokens", "Tokens of prompts that were in the cache.", lambda tally: tally.cached)
        yield count("prompts", "Prompts that were read.", lambda tally: tally.prompts)
        yield count("prefix_hits", "Prompts whose beginning was in the cache.", lambda tally: tally.hits)
        first = {model: tally.first_token for model, tally in models.items()}
        yield histogram("first_token_seconds", "Time from a request to its answer's first token.", first, "model")
        gaps = {model: tally.gaps for model, tally in models.items()}
        yield histogram("between_tokens_seconds", "Mean time between the tokens of an answer.", gaps, "model")


def _outcome(succeeded: bool) -> str:
    return "success" if succeeded else "failure"
