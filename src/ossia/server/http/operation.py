"""Operation: the request and response types of a route, for the decoder of its body and for /openapi.json.

It knows no protocol. A field that no type declares does not reach the code behind a route.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from msgspec import Struct

from ossia.errors import InvalidRequest, ModelNotFound, OssiaError, ServerBusy, TooManyRequests
from ossia.server.http.permission import Right
from ossia.server.http.stream import Framing

Body = TypeVar("Body")


@dataclass(frozen=True, slots=True)
class Operation(Generic[Body]):
    """Contract of a route.

    `request` is the type of the JSON body, or bytes for a body that is not decoded; `query` is the type of the query.
    `response` is the type of a successful body, its media type if it is not JSON, or None if it is empty. `chunk` is
    the type of one piece of a streamed answer, sent in `framing`. `successes` maps statuses to their meanings; `raises`
    lists errors in addition to those that every operation may end with. `completes` is true for a change that is
    carried out even if the client leaves; everything else is aborted then. `right` is the one that it takes.
    `parameters` describes those in the route's path.
    """

    summary: str
    request: type[Body]
    response: Any = None
    chunk: Any = None
    framing: Framing | None = None
    successes: Mapping[int, str] = field(default_factory=lambda: {200: "Done"})
    raises: tuple[type[OssiaError], ...] = ()
    query: type[Struct] | None = None
    completes: bool = False
    right: Right = "inference"
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])


OF_A_MODEL = (InvalidRequest, ModelNotFound)
INFERENCE = (*OF_A_MODEL, ServerBusy, TooManyRequests)
