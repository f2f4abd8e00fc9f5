"""Present: models and queues as they are at the moment at which somebody reads the metrics."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from prometheus_client.core import HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from ossia.engine.figures import BATCH_BOUNDS, Figures
from ossia.server.loaded import Measured, Queue
from ossia.server.monitor.families import Counts, counter, gauge, summary

Value = Callable[[Figures], float]
Count = tuple[tuple[str, ...], float]
"""A number and the values of its labels."""


class Present(Collector):
    """Models and queues as they are now. Those of one name on two devices are added up."""

    def __init__(self, models: list[Measured], queues: list[Queue]) -> None:
        self._models = models
        self._queues = queues

    def collect(self) -> Iterator[Metric]:
        """Yield each metric with all of its models."""
        queues = self._queues
        yield gauge("requests_running", "Places of the batch that requests have.", _by(queues, lambda q: q.running))
        yield gauge("requests_waiting", "Requests that wait for the model.", _by(queues, lambda q: q.waiting))
        yield gauge(
            "batch_places", "Places of the model's batch, without the extra ones.", _by(queues, lambda q: q.places)
        )
        yield gauge("kv_blocks", "Blocks of the KV cache.", _added(self._blocks()), "state")
        yield gauge("model_memory_bytes", "Memory of a model, by what it is for.", _added(self._memory()), "part")
        yield counter("sampled_tokens", "Ids that the model has sampled.", self._sum(lambda f: f.sampled))
        yield counter("preemptions", "Sequences that gave up their blocks.", self._sum(lambda f: f.preemptions))
        yield self._batches()
        grammars = self._sum(lambda f: f.compiled), self._sum(lambda f: f.compile_seconds)
        yield summary("grammar_compile_seconds", "Times of compiling grammars.", *grammars)
        masks = self._sum(lambda f: f.masked), self._sum(lambda f: f.mask_seconds)
        yield summary("grammar_mask_seconds", "Times of computing masks.", *masks)

    def _sum(self, value: Value) -> Counts:
        return _added(((model.name,), value(model.figures)) for model in self._models)

    def _blocks(self) -> Iterator[Count]:
        for model in self._models:
            figures = model.figures
            yield (model.name, "used"), figures.blocks_used
            yield (model.name, "cached"), figures.blocks_cached
            yield (model.name, "free"), figures.blocks - figures.blocks_used - figures.blocks_cached

    def _memory(self) -> Iterator[Count]:
        for model in self._models:
            yield (model.name, "weights"), model.memory.weights
            yield (model.name, "kv"), model.memory.kv
            yield (model.name, "work"), model.memory.work

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
    return _added(((queue.name,), value(queue)) for queue in queues)


def _added(counts: Iterable[Count]) -> Counts:
    """Add up the numbers that have the same labels."""
    sums: defaultdict[tuple[str, ...], float] = defaultdict(float)
    for labels, count in counts:
        sums[labels] += count
    return sums
