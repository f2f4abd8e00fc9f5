"""Types of OpenAI's Conversations: requests and responses of /v1/conversations."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from ossia.errors import ConversationNotFound, InvalidRequest
from ossia.server.http.body import Fields, Json, NoBody
from ossia.server.http.operation import Operation
from ossia.server.protocols.conversation import MOST_MESSAGES
from ossia.server.protocols.responses.types import ItemList, ItemsQuery

ConversationId = Annotated[str, Meta(description="The id of the conversation.")]
Metadata = Annotated[
    Annotated[Json, Meta(max_length=64)] | None,
    Meta(description="Texts of your own, which are kept with the conversation."),
]
Items = Annotated[list[Json], Meta(max_length=MOST_MESSAGES)]


class NewConversation(Fields):
    items: Annotated[Items | None, Meta(description="What it begins with.")] = None
    metadata: Metadata = None


class ConversationChange(Fields):
    metadata: Metadata = None


class NewItems(Fields):
    items: Annotated[Items | None, Meta(description="Messages, reasoning, calls and their outputs. Required.")] = None


class ConversationObject(Struct):
    id: ConversationId
    object: Literal["conversation"]
    created_at: Annotated[int, Meta(description="When it was made, in seconds since 1970.")]
    metadata: Annotated[Json, Meta(description="Texts of the client's own.")]


class DeletedConversation(Struct):
    id: ConversationId
    object: Literal["conversation.deleted"]
    deleted: Literal[True]


_STORED = (InvalidRequest, ConversationNotFound)
_BY_ID = {"id": "The id of the conversation."}
_BY_ITEM = _BY_ID | {"item": "The id of the item."}

CREATE = Operation("A new conversation", NewConversation, ConversationObject, raises=(InvalidRequest,), completes=True)
RETRIEVE = Operation("A conversation", NoBody, ConversationObject, raises=_STORED, parameters=_BY_ID)
CHANGE = Operation(
    "Other texts with a conversation",
    ConversationChange,
    ConversationObject,
    raises=_STORED,
    completes=True,
    parameters=_BY_ID,
)
DELETE = Operation(
    "Forget a conversation", NoBody, DeletedConversation, raises=_STORED, completes=True, parameters=_BY_ID
)
LIST_ITEMS = Operation(
    "The items of a conversation", NoBody, ItemList, raises=_STORED, query=ItemsQuery, parameters=_BY_ID
)
ADD_ITEMS = Operation(
    "More items in a conversation", NewItems, ItemList, raises=_STORED, completes=True, parameters=_BY_ID
)
RETRIEVE_ITEM = Operation("An item of a conversation", NoBody, Json, raises=_STORED, parameters=_BY_ITEM)
REMOVE_ITEM = Operation(
    "Forget an item", NoBody, ConversationObject, raises=_STORED, completes=True, parameters=_BY_ITEM
)
