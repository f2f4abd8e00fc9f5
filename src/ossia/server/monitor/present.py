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
        yield gauge("kv_blocks", "Blocks of the KV cache.", self._blocks(), "state")
        yield gauge("model_memory_bytes", "Memory of a model, by what it is for.", self._memory(), "part")
        yield counter("sampled_tokens", "Ids that the model has sampled.", self._sum(lambda f: f.sampled))
        yield counter("preemptions", "Sequences that gave up their blocks.", self._sum(lambda f: f.preemptions))
        yield self._batches()
        grammars = self._sum(lambda f: f.compiled), self._sum(lambda f: f.compile_seconds)
        yield summary("grammar_compile_seconds", "Times of compiling grammars.", *grammars)
        masks = self._sum(lambda f: f.masked), self._sum(lambda f: f.mask_seconds)
        yield summary("grammar_mask_seconds", "Times of computing masks.", *masks)

    def _sum(self, value: Value) -> Counts:
        sums: defaultdict[tuple[str, ...], float] = defaultdict(float)
        for model in self._models:
            sums[(model.name,)] += value(model.figures)
        return sums

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
