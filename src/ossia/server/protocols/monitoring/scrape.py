"""GET /metrics, which Prometheus scrapes."""

from typing import Final

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from ossia.server.http.body import NoBody
from ossia.server.http.endpoint import Call

_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4.encode()


async def answer(call: Call[NoBody]) -> None:
    pool, monitor = call.services.pool, call.services.monitor
    await call.reply.body(monitor.exposition(await pool.measured(), pool.queues()), _TYPE)
