"""Operations: the request and response types of a route, for its body's decoder, for /openapi.json, and for readers.

Knows no protocol. A field that no type declares does not reach the code behind a route.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar, get_args

from msgspec import Meta, Struct
from msgspec.structs import fields

from ossia.errors import InvalidRequest, ModelNotFound, OssiaError, ServerBusy
from ossia.server.http.stream import Framing

if TYPE_CHECKING:
    Integer = int
else:
    Integer = Annotated[int | float, Meta(extra_json_schema={"type": "integer"})]
"""Integer of a JSON body. JSON has one kind of number: 5.0 becomes 5, and 5.5 is refused."""

Json = dict[str, Any]
"""JSON object of any content: a schema, or an item that is kept as it came."""

_LARGEST = 2**63


class Fields(Struct, omit_defaults=True):
    """Object in a request. null means that a field is absent; undeclared fields are ignored."""

    def __post_init__(self) -> None:
        """Make integers of whole numbers. Raises ValueError, to which msgspec adds the object's path."""
        for name in _integers(type(self)):
            value = getattr(self, name)
            if value is not None:
                setattr(self, name, _whole(name, value))


@cache
def _integers(kind: type[Struct]) -> tuple[str, ...]:
    return tuple(item.name for item in fields(kind) if {int, float} <= _kinds(item.type))


def _kinds(annotation: Any) -> set[Any]:
    """The types that a value may have at the top of an annotation."""
    found = {annotation}
    for inner in get_args(annotation):
        if not hasattr(annotation, "__origin__") or annotation.__origin__ not in (list, dict):
            found |= _kinds(inner)
    return found


def _whole(name: str, value: float) -> int:
    if value != int(value) or abs(value) >= _LARGEST:
        raise ValueError(f"{name} must be an integer")
    return int(value)


class NoBody(Fields):
    """Body of a request that has none."""


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
