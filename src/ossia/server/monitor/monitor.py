"""Monitor: the one place that is told of each request and each load, and passes that on to whoever counts it.

Requests are put down when they end, and counted together, once a second or when somebody reads: no answer waits for it.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Final

from ossia.server.loaded import Measured, Queue
from ossia.server.monitor.ended import Ended
from ossia.server.monitor.history import History
from ossia.server.monitor.metrics import Metrics
from ossia.server.monitor.traces import Tracer, tracer

_SECONDS: Final = 1.0


class Monitor:
    """Metrics, the last hour and traces of one server."""

    def __init__(self) -> None:
        self.uncounted: deque[Ended] = deque()
        """Requests that have ended: to `append` one is all that it takes to tell of it."""
        self.metrics = Metrics()
        self._history = History()
        self._tracer: Tracer | None = tracer()

    @property
    def history(self) -> History:
        self._count()
        return self._history

    def exposition(self, models: Iterable[Measured], queues: Iterable[Queue]) -> bytes:
        """Return all metrics in Prometheus's text format, with those of the models as they are now."""
        self._count()
        return self.metrics.exposition(models, queues)

    async def run(self) -> None:
        """Count what has ended, again and again, and at last send the traces that are still here."""
        try:
            while True:
                await asyncio.sleep(_SECONDS)
                self._count()
        finally:
            self._count()
            if self._tracer:
                await asyncio.to_thread(self._tracer.close)

    def _count(self) -> None:
        while self.uncounted:
            ended = self.uncounted.popleft()
            self.metrics.ended(ended)
            self._history.add(ended)
            if self._tracer:
                self._tracer.trace(ended)
