"""Families of metrics of `prometheus_client`, made of plain numbers. All names begin with `ossia_`."""

from collections.abc import Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, SummaryMetricFamily
from prometheus_client.metrics_core import Metric

from ossia.server.monitor.tally import Distribution

Counts = Mapping[tuple[str, ...], float]
"""Numbers by the values of their labels, the first of which is the model."""


def counter(name: str, text: str, counts: Counts, *labels: str) -> Metric:
    return _filled(CounterMetricFamily(f"ossia_{name}", text, labels=["model", *labels]), counts)


def gauge(name: str, text: str, counts: Counts, *labels: str) -> Metric:
    return _filled(GaugeMetricFamily(f"ossia_{name}", text, labels=["model", *labels]), counts)


def _filled(family: CounterMetricFamily | GaugeMetricFamily, counts: Counts) -> Metric:
    for values, count in counts.items():
        family.add_metric(values, count)
    return family


def summary(name: str, text: str, counts: Counts, seconds: Counts) -> Metric:
    family = SummaryMetricFamily(f"ossia_{name}", text, labels=["model"])
    for labels, count in counts.items():
        family.add_metric(labels, int(count), seconds[labels])
    return family


def histogram(name: str, text: str, distributions: Mapping[str, Distribution], label: str = "") -> Metric:
    """Return the histogram of each value of the label; of one distribution, if there is no label."""
    labels = [label] if label else []
    family = HistogramMetricFamily(f"ossia_{name}", text, labels=labels)
    for value, distribution in distributions.items():
        family.add_metric([value][: len(labels)], distribution.buckets(), distribution.sum)
    return family
