"""Types of the items of a response's input, each with the fields that are used here.

The items themselves are stored and returned unchanged.
"""

from typing import Annotated

from msgspec import Meta

from ossia.server.http.body import Fields, Json
from ossia.server.protocols.conversation import MOST_MESSAGES, ContentPart
from ossia.server.protocols.fields import MOST_TOOLS

Content = str | Annotated[list[ContentPart], Meta(max_length=MOST_MESSAGES)] | None


class Input(Fields):
    """The field `input` of a request, unless it is a text."""

    input: Annotated[list[Json], Meta(max_length=MOST_MESSAGES)] | None = None


class AnyItem(Fields):
    """The fields that tell what an item is."""

    type: str | None = None
    id: str | None = None
    role: str | None = None


class MessageInput(Fields):
    role: str | None = None
    content: Content = None
    status: str | None = None


class ReasoningInput(Fields):
    content: Content = None
    summary: Content = None
    encrypted_content: str | None = None


class CallInput(Fields):
    """Call of a function, which has `arguments`, or of a custom tool, which has `input`."""

    call_id: str | None = None
    name: str | None = None
    namespace: str | None = None
    arguments: str | None = None
    input: str | None = None


class ResultInput(Fields):
    call_id: str | None = None
    id: Annotated[str | None, Meta(description="Of a local_shell_call_output: the call that it answers.")] = None
    output: str | Annotated[list[str | Json], Meta(max_length=MOST_MESSAGES)] | Json | None = None


class OwnCallInput(Fields):
    """Call of a tool that has a type of its own, by which it is known instead of a name."""

    call_id: str | None = None
    arguments: Json | str | None = None
    action: Json | None = None
    operation: Json | None = None


class AgentMessageInput(Fields):
    """Message between agents, or of an agent, if it has no author."""

    author: str | None = None
    content: Content = None
    text: str | None = None


class CompactionInput(Fields):
    encrypted_content: str | None = None


class OfferInput(Fields):
    """Tools that are offered in the middle of a conversation."""

    tools: Annotated[list[Json], Meta(max_length=MOST_TOOLS)] | None = None
