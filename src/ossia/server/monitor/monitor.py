"""Monitor: the one place that is told of each request and each load, and passes that on to whoever counts it."""

from ossia.server.monitor.ended import Ended
from ossia.server.monitor.history import History
from ossia.server.monitor.metrics import Metrics
from ossia.server.monitor.traces import Tracer, tracer


class Monitor:
    """Metrics, the last hour and traces of one server."""

    def __init__(self) -> None:
        self.metrics = Metrics()
        self.history = History()
        self._tracer: Tracer | None = tracer()

    def ended(self, ended: Ended) -> None:
        """Take note of a request that has ended."""
        self.metrics.ended(ended)
        self.history.add(ended)
        if self._tracer:
            self._tracer.trace(ended)

    def close(self) -> None:
        """Send the traces that are still here."""
        if self._tracer:
            self._tracer.close()
