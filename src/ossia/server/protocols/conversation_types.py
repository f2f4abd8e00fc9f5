"""Messages and tools of a request, which Ollama's API and OpenAI's chat completions write alike."""

from typing import Annotated, Any

from msgspec import Meta

from ossia.server.http.operation import Fields, Refused

HELLO = [[{"role": "user", "content": "Hello!"}]]
"""Examples of `messages`."""


class ContentPart(Fields):
    """A piece of a message. Only text is read."""

    type: Annotated[str | None, Meta(description="text, input_text, output_text or refusal.")] = None
    text: str | None = None
    refusal: str | None = None


class FunctionCall(Fields):
    name: str
    arguments: Annotated[dict[str, Any] | str | None, Meta(description="An object, or JSON text of one.")] = None


class CustomCall(Fields):
    name: str
    input: str | None = None


class ToolCall(Fields):
    id: str | None = None
    type: Annotated[str | None, Meta(description="function, which is the default, or custom.")] = None
    function: FunctionCall | None = None
    custom: CustomCall | None = None


class Message(Fields):
    """One turn. Models think better when they are given their `reasoning` back, under any of its three names."""

    role: Annotated[str, Meta(description="system, developer, user, assistant or tool.")]
    content: str | list[ContentPart | str] | None = None
    reasoning: str | None = None
    reasoning_content: str | None = None
    thinking: str | None = None
    tool_calls: list[ToolCall] | None = None
    tool_call_id: Annotated[str | None, Meta(description="Of a result: the call that it answers.")] = None
    tool_name: Annotated[str | None, Meta(description="Of a result: the function that was called.")] = None
    name: Annotated[str | None, Meta(description="OpenAI's word for `tool_name`.")] = None
    images: Refused = None
    audio: Refused = None


class Function(Fields):
    name: str
    description: str | None = None
    parameters: Annotated[dict[str, Any] | None, Meta(description="A JSON schema.")] = None
    strict: Annotated[bool | None, Meta(description="Whether a schema that cannot be enforced is an error.")] = None


class GrammarDefinition(Fields):
    syntax: Annotated[str, Meta(description="lark or regex.")]
    definition: str


class CustomFormat(Fields):
    type: Annotated[str | None, Meta(description="text, which is the default, or grammar.")] = None
    grammar: GrammarDefinition | None = None
    syntax: Annotated[str | None, Meta(description="Of a grammar that stands here itself.")] = None
    definition: str | None = None


class Custom(Fields):
    """A tool whose input is text as it is, in a grammar if there is one."""

    name: str
    description: str | None = None
    format: CustomFormat | None = None


class Tool(Fields):
    """What the model may call."""

    type: Annotated[str | None, Meta(description="function, which is the default, or custom.")] = None
    function: Function | None = None
    custom: Custom | None = None
