"""Types of Anthropic's API: what /v1/messages and /v1/messages/count_tokens take and answer."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from ossia.server.http.body import Fields, Integer, Json
from ossia.server.http.operation import INFERENCE, Operation
from ossia.server.http.stream import NAMED_SSE
from ossia.server.protocols.answer_fields import (
    AnswerId,
    AnswerTokens,
    AskedModel,
    CachedTokens,
    CalledName,
    CallId,
    ErrorMessage,
)
from ossia.server.protocols.conversation import HELLO, MOST_MESSAGES
from ossia.server.protocols.fields import MOST_TOOLS, ModelRequest, Options, Refused, StopTexts, Think, TopK, TopP
from ossia.server.protocols.response_format import FormatSchema


class ContentBlock(Fields):
    """A piece of a message; its type says which fields it has.

    Images and documents without text are refused in the message that is to be answered; elsewhere a text takes their
    place. What another server's tools found is told as text. Blocks of other types are left out.
    """

    type: Annotated[
        str,
        Meta(description="text, thinking, redacted_thinking, tool_use, tool_result, document, search_result, ..."),
    ]
    text: Annotated[str | None, Meta(description="Of a text.")] = None
    thinking: Annotated[str | None, Meta(description="Of a thinking.")] = None
    id: Annotated[str | None, Meta(description="Of a tool_use.")] = None
    name: Annotated[str | None, Meta(description="Of a tool_use.")] = None
    input: Annotated[Json | None, Meta(description="Of a tool_use.")] = None
    tool_use_id: Annotated[str | None, Meta(description="Of a tool_result.")] = None
    content: Annotated["BlockContent", Meta(description="Of a tool_result, a search_result or a compaction.")] = None
    is_error: Annotated[bool | None, Meta(description="Of a tool_result.")] = None
    source: Annotated[Json | str | None, Meta(description="Of a document or a search_result.")] = None
    title: Annotated[str | None, Meta(description="Of a document or a search_result.")] = None
    context: Annotated[str | None, Meta(description="Of a document.")] = None
    url: Annotated[str | None, Meta(description="Of a result of a web search.")] = None
    tool_name: Annotated[str | None, Meta(description="Of a tool_reference.")] = None
    tool: Annotated[Json | None, Meta(description="Of a tool_addition.")] = None
    tool_changes: Annotated[
        Annotated[list["ContentBlock"], Meta(max_length=MOST_TOOLS)] | None, Meta(description="Of a compaction.")
    ] = None


Blocks = Annotated[list[ContentBlock], Meta(max_length=MOST_MESSAGES)]
Content = str | Blocks | None
BlockContent = str | Blocks | Json | None


class DocumentSource(Fields):
    """Source of a document: text, or content of several parts. Others, such as a PDF, are not read."""

    type: str | None = None
    data: str | None = None
    content: Content = None


class ToolReferences(Fields):
    """Result of a search of tools."""

    tool_references: Blocks | None = None


class InputMessage(Fields):
    role: Annotated[str, Meta(description="user, assistant or system.")]
    content: Annotated[Content, Meta(description="A text, or content blocks.")] = None


class CustomTool(Fields):
    type: Annotated[
        str | None,
        Meta(description="custom, or a bash, text_editor or memory of Anthropic's. A web_search is ignored."),
    ] = None
    name: Annotated[str | None, Meta(description="The tool's name.")] = None
    description: Annotated[str | None, Meta(description="What it does, for the model.")] = None
    input_schema: Annotated[Json | None, Meta(description="A JSON schema.")] = None
    strict: Annotated[bool | None, Meta(description="Whether a schema that cannot be enforced is an error.")] = None
    defer_loading: Annotated[
        bool | None, Meta(description="Whether the model learns of the tool only when a tool_reference names it.")
    ] = None


class Thinking(Fields):
    type: Annotated[str | None, Meta(description="enabled, adaptive, between_tools or disabled.")] = None
    budget_tokens: Annotated[
        Integer | None, Meta(description="Of enabled: below 4096 is low effort, from 16384 on high.")
    ] = None
    display: Annotated[str | None, Meta(description="omitted leaves the text of the thinking out.")] = None


class OutputFormat(FormatSchema):
    """Form of the answer. A JSON schema stands in the format itself."""

    type: Annotated[str | None, Meta(description="text, json_object or json_schema.")] = None


class OutputConfig(Fields):
    effort: Annotated[str | None, Meta(description="low, medium, high, xhigh or max.")] = None
    format: Annotated[OutputFormat | None, Meta(description="The form that the answer must have.")] = None


class CountTokensRequest(ModelRequest, kw_only=True):
    """Fields that make the prompt."""

    messages: Annotated[
        list[InputMessage], Meta(description="The conversation so far.", examples=HELLO, max_length=MOST_MESSAGES)
    ]
    system: Annotated[Content, Meta(description="A system message: a text, or text blocks.")] = None
    tools: Annotated[
        Annotated[list[CustomTool], Meta(max_length=MOST_TOOLS)] | None,
        Meta(description="Tools that the model may call."),
    ] = None
    tool_choice: Annotated[
        Json | str | None,
        Meta(description="Its type is auto, any, tool (with its name) or none; disable_parallel_tool_use: one call."),
    ] = None
    thinking: Annotated[Thinking | None, Meta(description="Whether and how much the model thinks.")] = None
    output_config: Annotated[OutputConfig | None, Meta(description="Effort and form of the answer.")] = None
    think: Think = None
    output_format: Annotated[OutputFormat | None, Meta(description="An older place of `output_config.format`.")] = None
    mcp_servers: Refused = None
    container: Refused = None


class MessagesRequest(CountTokensRequest, kw_only=True):
    max_tokens: Annotated[
        Integer, Meta(description="The longest answer, in tokens, with its thinking.", examples=[1024])
    ]
    stream: Annotated[bool | None, Meta(description="false by default.")] = None
    temperature: Annotated[float | None, Meta(description="0 to 1.")] = None
    top_p: TopP = None
    top_k: TopK = None
    stop_sequences: StopTexts = None
    options: Annotated[
        Options | None,
        Meta(description="Sampling and placement in Ollama's names; the API's own fields overrule these."),
    ] = None


class AnthropicErrorDetail(Struct):
    type: Annotated[str, Meta(description="The kind of the error.")]
    message: ErrorMessage


class AnthropicError(Struct, tag_field="type", tag="error"):
    error: Annotated[AnthropicErrorDetail, Meta(description="The error.")]
    request_id: Annotated[str, Meta(description="The request's id, as in the header `request-id`.")]


class TextBlock(Struct, tag_field="type", tag="text"):
    text: Annotated[str, Meta(description="The text.")]


class ThinkingBlock(Struct, tag_field="type", tag="thinking"):
    thinking: Annotated[str, Meta(description="The thinking; empty if it was to be left out.")]
    signature: Annotated[str, Meta(description="A mark that clients send back with it.")]


class ToolUseBlock(Struct, tag_field="type", tag="tool_use"):
    id: CallId
    name: CalledName
    input: Annotated[Json, Meta(description="The arguments by name.")]


Block = TextBlock | ThinkingBlock | ToolUseBlock
StopReason = Literal["end_turn", "max_tokens", "stop_sequence", "tool_use"]


class AnthropicUsage(Struct):
    input_tokens: Annotated[int, Meta(description="Without those that were cached.")]
    cache_creation_input_tokens: Annotated[
        int, Meta(description="Always 0: whatever can be reused is kept without asking.")
    ]
    cache_read_input_tokens: CachedTokens
    output_tokens: AnswerTokens


class AnthropicMessage(Struct, tag_field="type", tag="message"):
    id: AnswerId
    role: Literal["assistant"]
    model: AskedModel
    content: Annotated[list[Block], Meta(description="The thinking, the text and the calls.")]
    stop_reason: Annotated[StopReason | None, Meta(description="Why the answer ends; null while it is written.")]
    stop_sequence: Annotated[str | None, Meta(description="The stop sequence that ended it, if one did.")]
    usage: Annotated[AnthropicUsage, Meta(description="Counts of tokens.")]


class TokenCount(Struct):
    input_tokens: Annotated[int, Meta(description="Tokens of the prompt.")]


BlockIndex = Annotated[int, Meta(description="The number of the content block, from 0.")]


class MessageStart(Struct, tag_field="type", tag="message_start"):
    message: Annotated[AnthropicMessage, Meta(description="The message, still empty.")]


class Ping(Struct, tag_field="type", tag="ping"):
    pass


class ContentBlockStart(Struct, tag_field="type", tag="content_block_start"):
    index: BlockIndex
    content_block: Annotated[Block, Meta(description="The block, still empty.")]


class TextDelta(Struct, tag_field="type", tag="text_delta"):
    text: Annotated[str, Meta(description="A piece of the text.")]


class ThinkingDelta(Struct, tag_field="type", tag="thinking_delta"):
    thinking: Annotated[str, Meta(description="A piece of the thinking.")]


class SignatureDelta(Struct, tag_field="type", tag="signature_delta"):
    signature: Annotated[str, Meta(description="A mark that clients send back with the thinking.")]


class InputJsonDelta(Struct, tag_field="type", tag="input_json_delta"):
    partial_json: Annotated[str, Meta(description="A piece of the arguments' JSON text.")]


class ContentBlockDelta(Struct, tag_field="type", tag="content_block_delta"):
    index: BlockIndex
    delta: Annotated[
        TextDelta | ThinkingDelta | SignatureDelta | InputJsonDelta, Meta(description="The next piece of the block.")
    ]


class ContentBlockStop(Struct, tag_field="type", tag="content_block_stop"):
    index: BlockIndex


class Stop(Struct):
    stop_reason: Annotated[StopReason, Meta(description="Why the answer ends.")]
    stop_sequence: Annotated[str | None, Meta(description="The stop sequence that ended it, if one did.")]


class MessageEnd(Struct, tag_field="type", tag="message_delta"):
    delta: Annotated[Stop, Meta(description="How the answer ends.")]
    usage: Annotated[AnthropicUsage, Meta(description="Counts of tokens.")]


class MessageStop(Struct, tag_field="type", tag="message_stop"):
    pass


StreamEvent = MessageStart | Ping | ContentBlockStart | ContentBlockDelta | ContentBlockStop | MessageEnd | MessageStop

MESSAGES = Operation(
    "The next message of a conversation",
    MessagesRequest,
    AnthropicMessage,
    StreamEvent,
    NAMED_SSE,
    raises=INFERENCE,
)
COUNT_TOKENS = Operation("The length of a prompt", CountTokensRequest, TokenCount, raises=INFERENCE)
