"""Spans: ended requests in OpenTelemetry's form. Imported only where its library is installed."""

from collections.abc import Iterator

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from ossia.server.monitor.ended import Ended


class Spans:
    """Maker of one span a request: its phases are events of the span."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("ossia")
        self._propagator = TraceContextTextMapPropagator()

    def trace(self, ended: Ended) -> None:
        """Make the span of a request. It continues the caller's trace, if that sent one."""
        context = self._propagator.extract({"traceparent": ended.parent}) if ended.parent else None
        span = self._tracer.start_span(
            ended.route,
            context=context,
            kind=SpanKind.SERVER,
            attributes=dict(_attributes(ended)),
            start_time=_nanoseconds(ended.began),
        )
        for phase, seconds in (("model ready", ended.waited), ("first token", ended.first_token)):
            if seconds is not None:
                span.add_event(phase, timestamp=_nanoseconds(ended.began + seconds))
        if ended.error or ended.status >= 500:
            span.set_status(Status(StatusCode.ERROR, ended.error))
        span.end(_nanoseconds(ended.began + ended.seconds))

    def close(self) -> None:
        """Send what is still here. The library gives up after some seconds."""
        self._provider.shutdown()


def _attributes(ended: Ended) -> Iterator[tuple[str, str | int]]:
    yield "http.route", ended.route
    yield "http.response.status_code", ended.status
    yield "ossia.request.id", ended.id
    if ended.asks_model:
        yield "gen_ai.request.model", ended.model
    if usage := ended.usage:
        yield "gen_ai.usage.input_tokens", usage.prompt_tokens
        yield "gen_ai.usage.output_tokens", usage.completion_tokens
        yield "gen_ai.usage.cache_read.input_tokens", usage.cached_tokens
    if ended.error:
        yield "error.type", ended.error


def _nanoseconds(seconds: float) -> int:
    return round(seconds * 1e9)
