"""OpenAI's Responses: the response object, its items, and the events of its stream."""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from ossia.server.http.body import Json
from ossia.server.protocols.logprobs import TokenLogprob

Status = Literal["queued", "in_progress", "completed", "incomplete", "failed", "cancelled"]
ItemStatus = Literal["in_progress", "completed", "incomplete"]


class SummaryText(Struct, tag_field="type", tag="summary_text"):
    text: str


class ReasoningText(Struct, tag_field="type", tag="reasoning_text"):
    text: str


class OutputText(Struct, tag_field="type", tag="output_text"):
    text: str
    annotations: list[Json]
    logprobs: list[TokenLogprob]


class ReasoningItem(Struct, tag_field="type", tag="reasoning"):
    id: str
    status: ItemStatus
    summary: list[SummaryText]
    encrypted_content: str | None
    content: list[ReasoningText] | UnsetType = UNSET


class MessageItem(Struct, tag_field="type", tag="message"):
    id: str
    status: ItemStatus
    role: Literal["assistant"]
    content: list[OutputText]


class FunctionCallItem(Struct, tag_field="type", tag="function_call", kw_only=True):
    id: str
    status: ItemStatus
    call_id: str
    name: str
    namespace: str | UnsetType = UNSET
    arguments: str


class CustomCallItem(Struct, tag_field="type", tag="custom_tool_call", kw_only=True):
    id: str
    status: ItemStatus
    call_id: str
    name: str
    namespace: str | UnsetType = UNSET
    input: str


class CompactionItem(Struct, tag_field="type", tag="compaction"):
    id: str
    encrypted_content: str


OutputItem = ReasoningItem | MessageItem | FunctionCallItem | CustomCallItem | CompactionItem


class ResponseFailure(Struct):
    code: str
    message: str


class IncompleteDetails(Struct):
    reason: str


class UsedReasoning(Struct):
    effort: str
    summary: str | None


class UsedText(Struct):
    format: Json
    verbosity: str


class InputTokensDetails(Struct):
    cached_tokens: int
    cache_write_tokens: int


class OutputTokensDetails(Struct):
    reasoning_tokens: int


class ResponseUsage(Struct):
    input_tokens: int
    input_tokens_details: InputTokensDetails
    output_tokens: int
    output_tokens_details: OutputTokensDetails
    total_tokens: int


class ResponseObject(Struct):
    id: str
    object: Literal["response"]
    created_at: int
    status: Status
    background: bool
    completed_at: int | None
    error: ResponseFailure | None
    incomplete_details: IncompleteDetails | None
    instructions: str | None
    max_output_tokens: int | None
    max_tool_calls: int | None
    model: str
    output: list[OutputItem]
    parallel_tool_calls: bool
    previous_response_id: str | None
    prompt_cache_key: str | None
    reasoning: UsedReasoning
    safety_identifier: str | None
    service_tier: Literal["default"]
    store: bool
    temperature: float
    text: UsedText
    tool_choice: str | Json
    tools: list[Json]
    top_logprobs: int
    top_p: float
    truncation: str
    usage: ResponseUsage | None
    user: str | None
    metadata: Json


class ResponseStreamEvent(Struct, tag_field="type"):
    sequence_number: int


class Lifecycle(ResponseStreamEvent):
    response: ResponseObject


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
    output_index: int
    item: OutputItem


class ItemDone(ResponseStreamEvent, tag="response.output_item.done"):
    output_index: int
    item: OutputItem


class ItemEvent(ResponseStreamEvent):
    item_id: str
    output_index: int


class PartAdded(ItemEvent, tag="response.content_part.added"):
    content_index: int
    part: OutputText | ReasoningText


class PartDone(ItemEvent, tag="response.content_part.done"):
    content_index: int
    part: OutputText | ReasoningText


class TextPiece(ItemEvent, tag="response.output_text.delta"):
    content_index: int
    delta: str
    logprobs: list[TokenLogprob]


class TextDone(ItemEvent, tag="response.output_text.done"):
    content_index: int
    text: str
    logprobs: list[TokenLogprob]


class ReasoningPiece(ItemEvent, tag="response.reasoning_text.delta"):
    content_index: int
    delta: str


class ReasoningDone(ItemEvent, tag="response.reasoning_text.done"):
    content_index: int
    text: str


class SummaryPartAdded(ItemEvent, tag="response.reasoning_summary_part.added"):
    summary_index: int
    part: SummaryText


class SummaryPartDone(ItemEvent, tag="response.reasoning_summary_part.done"):
    summary_index: int
    part: SummaryText


class SummaryPiece(ItemEvent, tag="response.reasoning_summary_text.delta"):
    summary_index: int
    delta: str


class SummaryDone(ItemEvent, tag="response.reasoning_summary_text.done"):
    summary_index: int
    text: str


class ArgumentsPiece(ItemEvent, tag="response.function_call_arguments.delta"):
    delta: str


class ArgumentsDone(ItemEvent, tag="response.function_call_arguments.done"):
    name: str
    arguments: str


class InputPiece(ItemEvent, tag="response.custom_tool_call_input.delta"):
    delta: str


class InputDone(ItemEvent, tag="response.custom_tool_call_input.done"):
    input: str


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
