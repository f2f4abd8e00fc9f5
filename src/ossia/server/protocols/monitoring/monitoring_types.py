"""Types of /status, and the operations of both routes."""

from typing import Annotated

from msgspec import Meta, Struct

from ossia.errors import Unauthorized
from ossia.server.http.body import NoBody
from ossia.server.http.operation import Operation

Bytes = Annotated[int, Meta(description="Bytes.")]


class Requests(Struct):
    running: Annotated[int, Meta(description="Places of batches that requests have.")]
    waiting: Annotated[int, Meta(description="Requests that wait for a model or for their turn.")]


class Speed(Struct):
    now: Annotated[float, Meta(description="Sampled tokens a second in the last five seconds.")]
    last_hour: Annotated[float, Meta(description="Tokens a second of the answers that ended in the last hour.")]


class LastHour(Struct):
    requests: Annotated[int, Meta(description="Requests to models that ended.")]
    errors: Annotated[int, Meta(description="Those that ended with an error.")]
    tokens_in: Annotated[int, Meta(description="Tokens of their prompts.")]
    tokens_out: Annotated[int, Meta(description="Tokens of their answers.")]
    tokens_cached: Annotated[int, Meta(description="Tokens of their prompts that were in the cache.")]


class FirstToken(Struct):
    count: Annotated[int, Meta(description="Answers of the last hour.")]
    median: Annotated[float | None, Meta(description="Seconds; null without an answer.")]
    p95: Annotated[float | None, Meta(description="Seconds that 95 of 100 did not exceed.")]


class MachineMemory(Struct):
    usable_bytes: Annotated[int, Meta(description="Memory that all models may use.")]
    used_bytes: Annotated[int, Meta(description="Memory that they use now, without that of GPUs.")]


class ModelMemory(Struct):
    is_on_gpu: Annotated[bool, Meta(description="Whether it is a GPU's memory.")]
    weights_bytes: Bytes
    kv_used_bytes: Annotated[int, Meta(description="The KV cache of running sequences.")]
    kv_cached_bytes: Annotated[int, Meta(description="The KV cache that may be reused.")]
    kv_free_bytes: Annotated[int, Meta(description="The rest of the KV cache.")]
    work_bytes: Annotated[int, Meta(description="Work space of a step.")]
    resident_bytes: Annotated[int, Meta(description="Memory in use now: pages that were used at least once.")]


class ModelStatus(Struct):
    name: Annotated[str, Meta(description="The model's name, with its tag.")]
    device: Annotated[str, Meta(description="Where the model runs, and why.")]
    context_length: Annotated[int, Meta(description="The longest context of a request, in tokens.")]
    expires_in_seconds: Annotated[float | None, Meta(description="Until it is unloaded; null for never.")]
    running: Annotated[int, Meta(description="Places of its batch that requests have.")]
    waiting: Annotated[int, Meta(description="Requests that wait for a place.")]
    places: Annotated[int, Meta(description="Sequences that its batch holds.")]
    tokens_per_second: Annotated[float, Meta(description="Sampled in the last five seconds.")]
    memory: Annotated[ModelMemory, Meta(description="What its memory is for.")]


class LoadingStatus(Struct):
    name: Annotated[str, Meta(description="The model's name, with its tag.")]
    status: Annotated[str, Meta(description="The part of the start that goes on.")]
    completed: Annotated[int, Meta(description="How much of that part is done.")]
    total: Annotated[int, Meta(description="0 if it is not known.")]


class Failure(Struct):
    time: Annotated[str, Meta(description="When the request ended, in RFC 3339.")]
    route: Annotated[str, Meta(description="Its route, or unknown.")]
    model: Annotated[str, Meta(description="The installed model that it was about, or unknown.")]
    status: Annotated[int, Meta(description="Its HTTP status; 200 if the error came in the middle of an answer.")]
    error: Annotated[str, Meta(description="The name of the error, if it is known.")]


class Status(Struct):
    version: Annotated[str, Meta(description="The version of ossia.")]
    time: Annotated[str, Meta(description="Now, in RFC 3339.")]
    uptime_seconds: Annotated[float, Meta(description="Since the server was started.")]
    requests: Annotated[Requests, Meta(description="Requests at this moment.")]
    tokens_per_second: Annotated[Speed, Meta(description="How fast answers are written.")]
    tokens_out_by_minute: Annotated[list[int], Meta(description="Of the last 60 minutes, the oldest first.")]
    last_hour: Annotated[LastHour, Meta(description="Counts of the last hour.")]
    first_token_seconds: Annotated[FirstToken, Meta(description="Times from requests to first tokens.")]
    memory: Annotated[MachineMemory, Meta(description="This machine's memory.")]
    models: Annotated[list[ModelStatus], Meta(description="Models that are loaded.")]
    loading: Annotated[list[LoadingStatus], Meta(description="Models that are being loaded.")]
    errors: Annotated[list[Failure], Meta(description="The latest failures of any request, the last one first.")]


METRICS = Operation("Metrics in Prometheus's text format", NoBody, response="text/plain", right="metrics")
STATUS = Operation(
    "Models, requests and speed now and in the last hour",
    NoBody,
    response=Status,
    raises=(Unauthorized,),
    right="open",  # for the page that browsers get, which sends no key; its data take the right "metrics"
)
