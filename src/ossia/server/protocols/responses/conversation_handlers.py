"""Handlers of /v1/conversations: HTTP around the store of conversations."""

from collections.abc import Sequence

from ossia.aside import aside
from ossia.errors import BodyTooLarge, InvalidRequest
from ossia.server.http.body import Json, NoBody
from ossia.server.http.endpoint import Call
from ossia.server.http.stream import Chunk
from ossia.server.protocols.responses.conversation_types import ConversationChange, NewConversation, NewItems
from ossia.server.protocols.responses.conversations import Conversation, ConversationStore
from ossia.server.protocols.responses.items import Item, normal, to_messages
from ossia.server.protocols.responses.paging import item_list, wanted
from ossia.server.protocols.responses.parse import check_echoed
from ossia.server.protocols.responses.stored import MOST_READ
from ossia.server.protocols.responses.types import ItemsQuery


class ConversationHandlers:
    """Handlers of all routes of conversations."""

    def __init__(self, store: ConversationStore) -> None:
        self._store = store

    async def create(self, call: Call[NewConversation]) -> Chunk:
        check_echoed("metadata", call.body.metadata)
        _check_size(call.size)
        items = await aside(call.size, _read, call.body.items or ())
        return _told(await self._store.create(items, call.body.metadata or {}, call.caller.space))

    async def retrieve(self, call: Call[NoBody]) -> Chunk:
        return _told(await self._store.get(call.path("id"), call.caller.space))

    async def change(self, call: Call[ConversationChange]) -> Chunk:
        if call.body.metadata is None:
            raise InvalidRequest("metadata is required")
        check_echoed("metadata", call.body.metadata)
        return _told(await self._store.describe(call.path("id"), call.body.metadata, call.caller.space))

    async def delete(self, call: Call[NoBody]) -> Chunk:
        id = call.path("id")
        await self._store.delete(id, call.caller.space)
        return {"id": id, "object": "conversation.deleted", "deleted": True}

    async def list_items(self, call: Call[NoBody]) -> Chunk:
        page = await self._store.page(call.path("id"), wanted(call.query(ItemsQuery)), call.caller.space)
        return item_list(page.items, has_more=page.has_more)

    async def add_items(self, call: Call[NewItems]) -> Chunk:
        if not call.body.items:
            raise InvalidRequest("items is required")
        _check_size(call.size)
        items = await aside(call.size, _read, call.body.items)
        await self._store.add(call.path("id"), items, call.caller.space)
        return item_list(items, has_more=False)

    async def retrieve_item(self, call: Call[NoBody]) -> Chunk:
        return await self._store.item(call.path("id"), call.path("item"), call.caller.space)

    async def remove_item(self, call: Call[NoBody]) -> Chunk:
        return _told(await self._store.remove(call.path("id"), call.path("item"), call.caller.space))


def _read(items: Sequence[Json]) -> list[Json]:
    """Return the items as they are stored. Raises InvalidRequest for those that no response could read."""
    read = Item.read_all(items, "items")
    to_messages(read, {}, go_on=True)
    return [normal(item) for item in read]


def _check_size(size: int) -> None:
    if size > MOST_READ:
        text = f"the items are too large: a conversation goes on from at most {MOST_READ} bytes"
        raise BodyTooLarge(text, hint="send less")


def _told(conversation: Conversation) -> Chunk:
    return {
        "id": conversation.id,
        "object": "conversation",
        "created_at": int(conversation.created),
        "metadata": conversation.metadata,
    }
