"""Operations: the request and response types of a route, for its body's decoder, for /openapi.json, and for readers.

Knows no protocol. A field that no type declares does not reach the code behind a route.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from msgspec import Struct

from ossia.errors import InvalidRequest, ModelNotFound, OssiaError, ServerBusy
from ossia.server.http.stream import Framing

Body = TypeVar("Body")


@dataclass(frozen=True, slots=True)
class Operation(Generic[Body]):
    """Contract of a route.

    `request` is the type of the JSON body, or bytes for a body that is taken as it is; `query` is the type of the
    query. `response` is the body of a success: a type, a media type if it is not JSON, or None for an empty body.
    `chunk` is the type of one piece of a streamed answer, sent in `framing`. `successes` maps statuses to what they
    mean; `raises` lists the errors beside those that any operation may end with.
    """

    summary: str
    request: type[Body]
    response: Any = None
    chunk: Any = None
    framing: Framing | None = None
    successes: Mapping[int, str] = field(default_factory=lambda: {200: "Done"})
    raises: tuple[type[OssiaError], ...] = ()
    query: type[Struct] | None = None


OF_A_MODEL = (InvalidRequest, ModelNotFound)
INFERENCE = (*OF_A_MODEL, ServerBusy)
