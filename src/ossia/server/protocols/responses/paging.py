"""Pages of items, as OpenAI's lists have them.

Items that are only shown are not decoded: they may be half a million small values, to be encoded again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from ossia.errors import InvalidRequest
from ossia.server.http.body import Json
from ossia.server.http.stream import Chunk
from ossia.server.protocols.responses.types import ItemsQuery

_LISTED: Final = 20
_MOST_LISTED: Final = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """The page that a query asks for: at most `count` items, which follow the item `after`."""

    count: int
    after: str | None
    newest_first: bool


def wanted(query: ItemsQuery) -> Wanted:
    """Read a query. Raises InvalidRequest."""
    order = "desc" if query.order is None else query.order
    if order not in ("asc", "desc"):
        raise InvalidRequest("order must be asc or desc")
    count = _LISTED if query.limit is None else query.limit
    if not 1 <= count <= _MOST_LISTED:
        raise InvalidRequest(f"limit must be between 1 and {_MOST_LISTED}")
    return Wanted(count, query.after, newest_first=order == "desc")


class _Named(msgspec.Struct):
    id: str


_named = msgspec.json.Decoder(_Named).decode


def page(items: Sequence[msgspec.Raw], wanted: Wanted) -> Chunk:
    """Return one page of items, which come oldest first. Raises InvalidRequest if the item before it is not there."""
    ordered = items[::-1] if wanted.newest_first else items
    if wanted.after is not None:
        ids = [_named(item).id for item in ordered]
        if wanted.after not in ids:
            raise InvalidRequest(f"after: there is no item {wanted.after!r}")
        ordered = ordered[ids.index(wanted.after) + 1 :]
    return item_list(ordered[: wanted.count], has_more=len(ordered) > wanted.count)


def item_list(items: Sequence[msgspec.Raw] | Sequence[Json], *, has_more: bool) -> Chunk:
    """Return the items as a list's object."""
    first, last = (_id(items[0]), _id(items[-1])) if items else (None, None)
    return {"object": "list", "data": list(items), "first_id": first, "last_id": last, "has_more": has_more}


def _id(item: msgspec.Raw | Json) -> str:
    return item["id"] if isinstance(item, dict) else _named(item).id
