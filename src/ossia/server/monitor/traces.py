"""Traces: one OpenTelemetry span a request, with its phases, if the extra `otel` is installed and a receiver is named.

The receiver, the service's name and everything else are OpenTelemetry's own settings (`OTEL_EXPORTER_OTLP_ENDPOINT`,
`OTEL_SERVICE_NAME`, ...). A span is made when its request has ended, from times that were noted anyway. Attributes have
the names of OpenTelemetry's conventions; no text of a prompt or an answer is in one.
"""

import logging
import os
from importlib.util import find_spec
from typing import Final, Protocol

from ossia import __version__
from ossia.server.monitor.ended import Ended

logger = logging.getLogger(__name__)

_SETTINGS: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


class Tracer(Protocol):
    """Maker of spans."""

    def trace(self, ended: Ended) -> None:
        """Send a request's span, without waiting for it."""
        ...

    def close(self) -> None:
        """Send what is still here."""
        ...


def tracer() -> Tracer | None:
    """Return the tracer that the environment asks for; None if it asks for none, or if there is no library for it."""
    if not any(map(os.environ.get, _SETTINGS)) or os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    if not find_spec("opentelemetry") or not find_spec("opentelemetry.sdk"):
        logger.warning("traces are wanted, but OpenTelemetry is not installed: `pip install 'ossia[otel]'`")
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    name = os.environ.get("OTEL_SERVICE_NAME", "ossia")
    provider = TracerProvider(resource=Resource.create({"service.name": name, "service.version": __version__}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    from ossia.server.monitor.spans import Spans

    return Spans(provider)
