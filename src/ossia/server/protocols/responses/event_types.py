"""OpenAI's Responses: the response object, its items, and the events of its stream."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from ossia.server.http.body import Json
from ossia.server.protocols.answer_fields import (
    AllTokens,
    AnswerTokens,
    ArgumentsText,
    AskedModel,
    CachedTokens,
    CalledName,
    CallId,
    ErrorMessage,
    InputText,
    MadeAt,
    PromptTokens,
    ReasoningTokens,
)
from ossia.server.protocols.logprobs import TokenLogprob

Status = Literal["queued", "in_progress", "completed", "incomplete", "failed", "cancelled"]
ItemStatus = Literal["in_progress", "completed", "incomplete"]

OfItem = Annotated[ItemStatus, Meta(description="How far the item is.")]
ResponseId = Annotated[str, Meta(description="The id of the response.")]
ItemId = Annotated[str, Meta(description="The id of the item.")]
CalledNamespace = Annotated[str | UnsetType, Meta(description="The namespace of the tool, if it has one.")]
TextLogprobs = Annotated[list[TokenLogprob], Meta(description="Those of the text's tokens, if they were asked for.")]
OutputIndex = Annotated[int, Meta(description="The number of the item, from 0.")]
ContentIndex = Annotated[int, Meta(description="The number of the part in its item, from 0.")]
SummaryIndex = Annotated[int, Meta(description="The number of the part in the summary, from 0.")]
AS_SENT = Meta(description="As the request has it, or its default.")


class SummaryText(Struct, tag_field="type", tag="summary_text"):
    text: Annotated[str, Meta(description="The text.")]


class ReasoningText(Struct, tag_field="type", tag="reasoning_text"):
    text: Annotated[str, Meta(description="The text.")]


class OutputText(Struct, tag_field="type", tag="output_text"):
    text: Annotated[str, Meta(description="The text.")]
    annotations: Annotated[list[Json], Meta(description="Always empty.")]
    logprobs: TextLogprobs


class ReasoningItem(Struct, tag_field="type", tag="reasoning"):
    id: ItemId
    status: OfItem
    summary: Annotated[list[SummaryText], Meta(description="The reasoning.")]
    encrypted_content: Annotated[
        str | None, Meta(description="The reasoning in a form to be sent back, if `include` asks for it.")
    ]
    content: Annotated[
        list[ReasoningText] | UnsetType,
        Meta(description="The reasoning once more, unless `reasoning.summary` asks for the summary only."),
    ] = UNSET


class MessageItem(Struct, tag_field="type", tag="message"):
    id: ItemId
    status: OfItem
    role: Literal["assistant"]
    content: Annotated[list[OutputText], Meta(description="The text.")]


class FunctionCallItem(Struct, tag_field="type", tag="function_call", kw_only=True):
    id: ItemId
    status: OfItem
    call_id: CallId
    name: CalledName
    namespace: CalledNamespace = UNSET
    arguments: ArgumentsText


class CustomCallItem(Struct, tag_field="type", tag="custom_tool_call", kw_only=True):
    id: ItemId
    status: OfItem
    call_id: CallId
    name: CalledName
    namespace: CalledNamespace = UNSET
    input: InputText


class CompactionItem(Struct, tag_field="type", tag="compaction"):
    id: ItemId
    encrypted_content: Annotated[str, Meta(description="The summary, which is to be sent back unchanged.")]


OutputItem = ReasoningItem | MessageItem | FunctionCallItem | CustomCallItem | CompactionItem


class ResponseFailure(Struct):
    code: Annotated[str, Meta(description="The error's name.")]
    message: ErrorMessage


class IncompleteDetails(Struct):
    reason: Annotated[str, Meta(description="Why it ends before its time: max_output_tokens.")]


class UsedReasoning(Struct):
    effort: Annotated[str, Meta(description="The effort that was asked for.")]
    summary: Annotated[str | None, Meta(description="The summary that was asked for.")]


class UsedText(Struct):
    format: Annotated[Json, Meta(description="The form that the answer has.")]
    verbosity: Annotated[str, Meta(description="As it was sent.")]


class InputTokensDetails(Struct):
    cached_tokens: CachedTokens
    cache_write_tokens: Annotated[int, Meta(description="Always 0.")]


class OutputTokensDetails(Struct):
    reasoning_tokens: ReasoningTokens


class ResponseUsage(Struct):
    input_tokens: PromptTokens
    input_tokens_details: Annotated[InputTokensDetails, Meta(description="Of the prompt's tokens.")]
    output_tokens: AnswerTokens
    output_tokens_details: Annotated[OutputTokensDetails, Meta(description="Of the answer's tokens.")]
    total_tokens: AllTokens


class UsedConversation(Struct):
    id: Annotated[str, Meta(description="The id of the conversation.")]


class ResponseObject(Struct):
    id: ResponseId
    object: Literal["response"]
    created_at: MadeAt
    status: Annotated[Status, Meta(description="How far it is, or how it ended.")]
    background: Annotated[bool, Meta(description="Whether it is answered without anybody waiting.")]
    completed_at: Annotated[int | None, Meta(description="When it was complete, in seconds since 1970.")]
    error: Annotated[ResponseFailure | None, Meta(description="The error that ended it.")]
    incomplete_details: Annotated[IncompleteDetails | None, Meta(description="Why it is incomplete.")]
    instructions: Annotated[str | None, AS_SENT]
    max_output_tokens: Annotated[int | None, AS_SENT]
    max_tool_calls: Annotated[int | None, AS_SENT]
    model: AskedModel
    output: Annotated[list[OutputItem], Meta(description="The items of the answer: reasoning, messages and calls.")]
    parallel_tool_calls: Annotated[bool, Meta(description="Whether several calls may be made at a time.")]
    previous_response_id: Annotated[str | None, Meta(description="The response that it goes on from.")]
    prompt_cache_key: Annotated[str | None, AS_SENT]
    reasoning: Annotated[UsedReasoning, Meta(description="How much the model thought.")]
    safety_identifier: Annotated[str | None, AS_SENT]
    service_tier: Literal["default"]
    store: Annotated[bool, Meta(description="Whether it can be gone on from.")]
    temperature: Annotated[float, Meta(description="The temperature that was used.")]
    text: Annotated[UsedText, Meta(description="The form of the answer.")]
    tool_choice: Annotated[str | Json, AS_SENT]
    tools: Annotated[list[Json], AS_SENT]
    top_logprobs: Annotated[int, AS_SENT]
    top_p: Annotated[float, Meta(description="The top_p that was used.")]
    truncation: Annotated[str, Meta(description="Whether the oldest turns are left out when all is too long.")]
    usage: Annotated[ResponseUsage | None, Meta(description="Counts of tokens; null until the end.")]
    user: Annotated[str | None, AS_SENT]
    metadata: Annotated[Json, AS_SENT]
    conversation: Annotated[
        UsedConversation | UnsetType, Meta(description="The conversation that it has joined, if it is of one.")
    ] = UNSET


class ResponseStreamEvent(Struct, tag_field="type"):
    sequence_number: Annotated[int, Meta(description="The number of the event, from 0.")]


class Lifecycle(ResponseStreamEvent):
    response: Annotated[ResponseObject, Meta(description="The response as it stands.")]


class Created(Lifecycle, tag="response.created"):
    pass


class Queued(Lifecycle, tag="response.queued"):
    pass


class InProgress(Lifecycle, tag="response.in_progress"):
    pass


class Completed(Lifecycle, tag="response.completed"):
    pass


class Incomplete(Lifecycle, tag="response.incomplete"):
    pass


class Failed(Lifecycle, tag="response.failed"):
    pass


class ItemAdded(ResponseStreamEvent, tag="response.output_item.added"):
    output_index: OutputIndex
    item: Annotated[OutputItem, Meta(description="The item, still empty.")]


class ItemDone(ResponseStreamEvent, tag="response.output_item.done"):
    output_index: OutputIndex
    item: Annotated[OutputItem, Meta(description="The item, complete.")]


class ItemEvent(ResponseStreamEvent):
    item_id: ItemId
    output_index: OutputIndex


class PartAdded(ItemEvent, tag="response.content_part.added"):
    content_index: ContentIndex
    part: Annotated[OutputText | ReasoningText, Meta(description="The part, still empty.")]


class PartDone(ItemEvent, tag="response.content_part.done"):
    content_index: ContentIndex
    part: Annotated[OutputText | ReasoningText, Meta(description="The part, complete.")]


class TextPiece(ItemEvent, tag="response.output_text.delta"):
    content_index: ContentIndex
    delta: Annotated[str, Meta(description="The next piece.")]
    logprobs: TextLogprobs


class TextDone(ItemEvent, tag="response.output_text.done"):
    content_index: ContentIndex
    text: Annotated[str, Meta(description="The whole text.")]
    logprobs: TextLogprobs


class ReasoningPiece(ItemEvent, tag="response.reasoning_text.delta"):
    content_index: ContentIndex
    delta: Annotated[str, Meta(description="The next piece.")]


class ReasoningDone(ItemEvent, tag="response.reasoning_text.done"):
    content_index: ContentIndex
    text: Annotated[str, Meta(description="The whole text.")]


class SummaryPartAdded(ItemEvent, tag="response.reasoning_summary_part.added"):
    summary_index: SummaryIndex
    part: Annotated[SummaryText, Meta(description="The part, still empty.")]


class SummaryPartDone(ItemEvent, tag="response.reasoning_summary_part.done"):
    summary_index: SummaryIndex
    part: Annotated[SummaryText, Meta(description="The part, complete.")]


class SummaryPiece(ItemEvent, tag="response.reasoning_summary_text.delta"):
    summary_index: SummaryIndex
    delta: Annotated[str, Meta(description="The next piece.")]


class SummaryDone(ItemEvent, tag="response.reasoning_summary_text.done"):
    summary_index: SummaryIndex
    text: Annotated[str, Meta(description="The whole text.")]


class ArgumentsPiece(ItemEvent, tag="response.function_call_arguments.delta"):
    delta: Annotated[str, Meta(description="A piece of the arguments' JSON text.")]


class ArgumentsDone(ItemEvent, tag="response.function_call_arguments.done"):
    name: CalledName
    arguments: ArgumentsText


class InputPiece(ItemEvent, tag="response.custom_tool_call_input.delta"):
    delta: Annotated[str, Meta(description="A piece of the tool's input.")]


class InputDone(ItemEvent, tag="response.custom_tool_call_input.done"):
    input: InputText


ResponseEvent = (
    Created
    | Queued
    | InProgress
    | Completed
    | Incomplete
    | Failed
    | ItemAdded
    | ItemDone
    | PartAdded
    | PartDone
    | TextPiece
    | TextDone
    | ReasoningPiece
    | ReasoningDone
    | SummaryPartAdded
    | SummaryPartDone
    | SummaryPiece
    | SummaryDone
    | ArgumentsPiece
    | ArgumentsDone
    | InputPiece
    | InputDone
)
