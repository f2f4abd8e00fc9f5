"""GET /status: what the server does now and did in the last hour, as JSON."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from ossia import __version__
from ossia.server.http.body import NoBody
from ossia.server.http.endpoint import Call
from ossia.server.http.stream import Chunk
from ossia.server.loaded import Measured
from ossia.server.monitor.ended import Ended
from ossia.server.monitor.history import MINUTES, History, Minute, quantile
from ossia.server.pool import EnginePool
from ossia.server.protocols.monitoring.monitoring_types import (
    Failure,
    FirstToken,
    LastHour,
    LoadingStatus,
    MachineMemory,
    ModelMemory,
    ModelStatus,
    Requests,
    Speed,
    Status,
)


async def answer(call: Call[NoBody]) -> Chunk:
    call.require("metrics")
    pool, history = call.services.pool, call.services.monitor.history
    return msgspec.to_builtins(status(await pool.measured(), pool, history))


def status(models: Sequence[Measured], pool: EnginePool, history: History) -> Status:
    """Put together what is known at this moment."""
    minutes, queues, first = history.minutes(), pool.queues(), history.first_tokens()
    now = sum(model.figures.tokens_per_second for model in models)
    seconds = max(min(history.uptime, 60.0 * MINUTES), 1.0)
    return Status(
        version=__version__,
        time=_moment(datetime.now(UTC)),
        uptime_seconds=round(history.uptime, 1),
        requests=Requests(sum(queue.running for queue in queues), sum(queue.waiting for queue in queues)),
        tokens_per_second=Speed(round(now, 2), round(sum(minute.tokens_out for minute in minutes) / seconds, 2)),
        tokens_out_by_minute=[minute.tokens_out for minute in minutes],
        last_hour=_last_hour(minutes),
        first_token_seconds=FirstToken(len(first), quantile(first, 0.5), quantile(first, 0.95)),
        memory=MachineMemory(pool.memory_bytes, sum(_host_bytes(model) for model in models)),
        models=[_model(model) for model in models],
        loading=[LoadingStatus(str(each.model.name), each.part, each.done, each.total) for each in pool.loading()],
        errors=[_failure(ended) for ended in history.failures],
    )


def _last_hour(minutes: Sequence[Minute]) -> LastHour:
    return LastHour(
        requests=sum(minute.requests for minute in minutes),
        errors=sum(minute.failures for minute in minutes),
        tokens_in=sum(minute.tokens_in for minute in minutes),
        tokens_out=sum(minute.tokens_out for minute in minutes),
        tokens_cached=sum(minute.tokens_cached for minute in minutes),
    )


def _model(measured: Measured) -> ModelStatus:
    loaded, queue = measured.loaded, measured.loaded.queue
    return ModelStatus(
        name=measured.name,
        device=loaded.device,
        context_length=loaded.context_length,
        expires_in_seconds=None if math.isinf(loaded.expires_in) else round(loaded.expires_in, 1),
        running=queue.running,
        waiting=queue.waiting,
        places=queue.places,
        tokens_per_second=round(measured.figures.tokens_per_second, 2),
        memory=_memory(measured),
    )


def _memory(measured: Measured) -> ModelMemory:
    memory, figures = measured.memory, measured.figures
    block = memory.kv // figures.blocks if figures.blocks else 0
    used, cached = figures.blocks_used * block, figures.blocks_cached * block
    return ModelMemory(
        is_on_gpu=memory.device > 0,
        weights_bytes=memory.weights,
        kv_used_bytes=used,
        kv_cached_bytes=cached,
        kv_free_bytes=memory.kv - used - cached,
        work_bytes=memory.work,
        resident_bytes=measured.loaded.memory_bytes,
    )


def _host_bytes(measured: Measured) -> int:
    return 0 if measured.memory.device else measured.loaded.memory_bytes


def _failure(ended: Ended) -> Failure:
    moment = _moment(datetime.fromtimestamp(ended.began + ended.seconds, UTC))
    return Failure(moment, ended.route, ended.model, ended.status, ended.error)


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
