"""ResponseBuilder: from ossia's events to the events of a Responses stream and the response object that they build.

A response that is streamed, returned whole or stored is always this one object. The builder knows no request and no
store.
"""

import time
from itertools import count

from ossia.errors import OssiaError
from ossia.server.http.stream import Chunk
from ossia.server.protocols.protocol import succeeded
from ossia.server.protocols.responses.output import (
    CallOutput,
    CompactionOutput,
    MessageOutput,
    OutputItem,
    ReasoningOutput,
)
from ossia.server.protocols.responses.tools import Tools
from ossia.types import Event, Finished, ReasoningDelta, Started, TextDelta, ToolCallDelta, Usage


class ResponseBuilder:
    """Builder that completes `response` from events. One item is open at a time, the last of the output."""

    def __init__(
        self,
        response: Chunk,
        tools: Tools,
        *,
        raw_reasoning: bool = False,
        encrypted_reasoning: bool = False,
        compacts: bool = False,
    ) -> None:
        self.response = response
        self._compacts = compacts
        self._tools = tools
        self._raw_reasoning = raw_reasoning
        self._encrypted_reasoning = encrypted_reasoning
        self._numbers = count()
        self._open: OutputItem | None = None

    def begin(self) -> list[Chunk]:
        """Return the first events. A background response is queued first."""
        created = self._lifecycle("created")
        return [created, self._lifecycle("queued")] if self.response["status"] == "queued" else [created]

    def start(self) -> list[Chunk]:
        """Return the event that tells that the model has begun to answer."""
        self.response["status"] = "in_progress"
        return [self._lifecycle("in_progress")]

    def feed(self, event: Event) -> list[Chunk]:
        """Return the stream's events for a model's event. Raises the error that the model's events end with."""
        item = self._open
        match event:
            case TextDelta() | ReasoningDelta() if self._compacts:
                return self._compact(event)
            case TextDelta(text, logprobs) if text or logprobs:
                if isinstance(item, MessageOutput):
                    return item.add(text, logprobs)
                message = MessageOutput(self._numbers, self._index)
                return [*self._enter(message), *message.add(text, logprobs)]
            case ReasoningDelta(text) if text:
                if isinstance(item, ReasoningOutput):
                    return item.add(text)
                reasoning = self._reasoning()
                return [*self._enter(reasoning), *reasoning.add(text)]
            case ToolCallDelta():
                if isinstance(item, CallOutput) and item.call == event.index:
                    return item.add(event.arguments)
                call = self._call(event)
                return [*self._enter(call), *call.add(event.arguments)]
            case Finished():
                return self._finish(succeeded(event))
            case Started() | TextDelta() | ReasoningDelta():
                return []

    def fail(self, failure: OssiaError) -> list[Chunk]:
        """End with an error."""
        code = "invalid_prompt" if failure.status < 500 else "server_error"
        self.response["error"] = {"code": failure.code or code, "message": failure.message}
        return self._end("failed", "incomplete", "failed")

    def cancel(self) -> list[Chunk]:
        """End as cancelled. The last event is `incomplete`, since there is none for a cancelled response."""
        return self._end("cancelled", "incomplete", "incomplete")

    @property
    def _index(self) -> int:
        """Index in the output of the next item."""
        return len(self.response["output"])

    def _compact(self, event: TextDelta | ReasoningDelta) -> list[Chunk]:
        """Add to the summary, which is the whole output."""
        if isinstance(event, ReasoningDelta) or not event.text:
            return []
        if isinstance(self._open, CompactionOutput):
            return self._open.add(event.text)
        summary = CompactionOutput(self._numbers, self._index)
        return [*self._enter(summary), *summary.add(event.text)]

    def _reasoning(self) -> ReasoningOutput:
        raw, encrypted = self._raw_reasoning, self._encrypted_reasoning
        return ReasoningOutput(self._numbers, self._index, raw=raw, encrypted=encrypted)

    def _call(self, event: ToolCallDelta) -> CallOutput:
        called, is_custom = self._tools.called(event.name), self._tools.takes_text(event.name)
        return CallOutput(
            self._numbers, self._index, call=event.index, call_id=event.id, called=called, is_custom=is_custom
        )

    def _finish(self, finished: Finished) -> list[Chunk]:
        self.response["usage"] = _usage(finished.usage)
        if finished.reason == "length":
            self.response["incomplete_details"] = {"reason": "max_output_tokens"}
            return self._end("incomplete", "incomplete", "incomplete")
        return self._end("completed", "completed", "completed")

    def _end(self, status: str, item_status: str, event: str) -> list[Chunk]:
        chunks = self._leave(item_status)
        self.response["status"] = status
        self.response["completed_at"] = int(time.time()) if status == "completed" else None
        return [*chunks, self._lifecycle(event)]

    def _enter(self, item: OutputItem) -> list[Chunk]:
        """Close the open item, and open another."""
        chunks = self._leave("completed")
        self._open = item
        begun = item.json("in_progress")
        self.response["output"].append(begun)
        return [*chunks, self._event("output_item.added", output_index=item.index, item=begun), *item.begin()]

    def _leave(self, status: str) -> list[Chunk]:
        """Close the open item, if there is one."""
        item, self._open = self._open, None
        if item is None:
            return []
        chunks, ended = item.end(), item.json(status)
        self.response["output"][-1] = ended
        return [*chunks, self._event("output_item.done", output_index=item.index, item=ended)]

    def _lifecycle(self, name: str) -> Chunk:
        return self._event(name, response=self.response | {"output": list(self.response["output"])})

    def _event(self, name: str, /, **fields: object) -> Chunk:
        return {"type": f"response.{name}", "sequence_number": next(self._numbers), **fields}


def _usage(usage: Usage) -> Chunk:
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {"cached_tokens": usage.cached_tokens, "cache_write_tokens": 0},
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
    }
