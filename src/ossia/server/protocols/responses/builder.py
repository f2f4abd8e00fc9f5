"""A model's answer as OpenAI's Responses write it: the events of a stream, and the response object they add up to.

`Answer` is fed ossia's events and keeps the response as it is at each moment: what is not streamed, what is streamed
and what is kept are one and the same object. It knows no request and no store.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from ossia.errors import OssiaError
from ossia.server.http.stream import Chunk
from ossia.server.protocols.ollama.chat import logprob_json
from ossia.server.protocols.protocol import succeeded
from ossia.server.protocols.responses.items import new_id
from ossia.server.protocols.responses.tools import Tools
from ossia.types import Event, Finished, ReasoningDelta, Started, TextDelta, ToolCallDelta, Usage


class _Item(Protocol):
    """One item of the output while it is written. Its events are without what all events of an item have."""

    @property
    def id(self) -> str: ...
    def json(self, status: str) -> Chunk: ...
    def begin(self) -> Iterator[Chunk]: ...
    def end(self) -> Iterator[Chunk]: ...


@dataclass(slots=True)
class _Reasoning:
    """The chain of thought, as the summary that every client reads. With `raw` it is the item's content too."""

    raw: bool
    encrypted: bool
    id: str = field(default_factory=lambda: new_id("reasoning"))
    text: str = ""

    def json(self, status: str) -> Chunk:
        item: Chunk = {
            "id": self.id,
            "type": "reasoning",
            "status": status,
            "summary": [self._summary()] if self.text else [],
            "encrypted_content": self.text if self.encrypted and self.text else None,
        }
        return item | ({"content": [self._content()]} if self.raw and self.text else {})

    def begin(self) -> Iterator[Chunk]:
        if self.raw:
            yield {"type": "response.content_part.added", "content_index": 0, "part": self._content()}
        yield {"type": "response.reasoning_summary_part.added", "summary_index": 0, "part": self._summary()}

    def add(self, event: ReasoningDelta) -> Iterator[Chunk]:
        self.text += event.text
        if self.raw:
            yield {"type": "response.reasoning_text.delta", "content_index": 0, "delta": event.text}
        yield {"type": "response.reasoning_summary_text.delta", "summary_index": 0, "delta": event.text}

    def end(self) -> Iterator[Chunk]:
        if self.raw:
            yield {"type": "response.reasoning_text.done", "content_index": 0, "text": self.text}
            yield {"type": "response.content_part.done", "content_index": 0, "part": self._content()}
        yield {"type": "response.reasoning_summary_text.done", "summary_index": 0, "text": self.text}
        yield {"type": "response.reasoning_summary_part.done", "summary_index": 0, "part": self._summary()}

    def _summary(self) -> Chunk:
        return {"type": "summary_text", "text": self.text}

    def _content(self) -> Chunk:
        return {"type": "reasoning_text", "text": self.text}


@dataclass(slots=True)
class _Message:
    id: str = field(default_factory=lambda: new_id("message"))
    text: str = ""
    logprobs: list[Chunk] = field(default_factory=list[Chunk])

    def json(self, status: str) -> Chunk:
        content = [self._part()] if self.text else []
        return {"id": self.id, "type": "message", "status": status, "role": "assistant", "content": content}

    def begin(self) -> Iterator[Chunk]:
        yield {"type": "response.content_part.added", "content_index": 0, "part": self._part()}

    def add(self, event: TextDelta) -> Iterator[Chunk]:
        logprobs = [logprob_json(item) for item in event.logprobs]
        self.text += event.text
        self.logprobs += logprobs
        yield {"type": "response.output_text.delta", "content_index": 0, "delta": event.text, "logprobs": logprobs}

    def end(self) -> Iterator[Chunk]:
        text: Chunk = {"text": self.text, "logprobs": list(self.logprobs)}
        yield {"type": "response.output_text.done", "content_index": 0, **text}
        yield {"type": "response.content_part.done", "content_index": 0, "part": self._part()}

    def _part(self) -> Chunk:
        return {"type": "output_text", "text": self.text, "annotations": [], "logprobs": list(self.logprobs)}


@dataclass(slots=True)
class _Call:
    """A function's arguments are JSON, a custom tool's input is any text. `called` says which tool it is."""

    index: int
    call_id: str
    called: Chunk
    custom: bool
    arguments: str = ""
    id: str = field(init=False)

    def __post_init__(self) -> None:
        self.id = new_id(self._kind)

    @property
    def _kind(self) -> str:
        return "custom_tool_call" if self.custom else "function_call"

    @property
    def _field(self) -> str:
        return "input" if self.custom else "arguments"

    def json(self, status: str) -> Chunk:
        head = {"id": self.id, "type": self._kind, "status": status, "call_id": self.call_id}
        return {**head, **self.called, self._field: self.arguments}

    def begin(self) -> Iterator[Chunk]:
        yield from ()

    def add(self, event: ToolCallDelta) -> Iterator[Chunk]:
        self.arguments += event.arguments
        if event.arguments:
            yield {"type": f"response.{self._kind}_{self._field}.delta", "delta": event.arguments}

    def end(self) -> Iterator[Chunk]:
        name: Chunk = {} if self.custom else {"name": self.called["name"]}
        yield {"type": f"response.{self._kind}_{self._field}.done", **name, self._field: self.arguments}


@dataclass(slots=True)
class Answer:
    """The response that `response` becomes while events come in. One item is open at a time, the output's last."""

    response: Chunk
    tools: Tools
    raw_reasoning: bool = False
    encrypted_reasoning: bool = False
    _events: int = 0
    _open: _Item | None = None

    def begin(self) -> Iterator[Chunk]:
        """The response exists. One that is answered in the background is queued first."""
        yield self._lifecycle("created")
        if self.response["status"] == "queued":
            yield self._lifecycle("queued")

    def start(self) -> Iterator[Chunk]:
        """The model has begun to answer."""
        self.response["status"] = "in_progress"
        yield self._lifecycle("in_progress")

    def feed(self, event: Event) -> Iterator[Chunk]:
        """What the event adds. Raises the error that the events end with."""
        match event:
            case Started() | TextDelta("", ()) | ReasoningDelta(""):
                pass
            case TextDelta():
                message = self._open if isinstance(self._open, _Message) else _Message()
                yield from self._enter(message)
                yield from self._of(message, message.add(event))
            case ReasoningDelta():
                reasoning = self._open if isinstance(self._open, _Reasoning) else self._reasoning()
                yield from self._enter(reasoning)
                yield from self._of(reasoning, reasoning.add(event))
            case ToolCallDelta():
                call = self._call(event)
                yield from self._enter(call)
                yield from self._of(call, call.add(event))
            case Finished():
                yield from self._finish(succeeded(event))

    def fail(self, failure: OssiaError) -> Iterator[Chunk]:
        """End with an error."""
        code = "invalid_prompt" if failure.status < 500 else "server_error"
        self.response["error"] = {"code": failure.code or code, "message": failure.message}
        yield from self._end("failed", "incomplete")

    def cancel(self) -> Iterator[Chunk]:
        """End because nobody waits any more. There is no event of that name: the status says it."""
        yield from self._end("cancelled", "incomplete", event="incomplete")

    def _reasoning(self) -> _Reasoning:
        return _Reasoning(self.raw_reasoning, self.encrypted_reasoning)

    def _call(self, event: ToolCallDelta) -> _Call:
        if isinstance(self._open, _Call) and self._open.index == event.index:
            return self._open
        return _Call(event.index, event.id, self.tools.called(event.name), self.tools.takes_text(event.name))

    def _finish(self, finished: Finished) -> Iterator[Chunk]:
        self.response["usage"] = _usage(finished.usage)
        if finished.reason == "length":
            self.response["incomplete_details"] = {"reason": "max_output_tokens"}
            yield from self._end("incomplete", "incomplete")
        else:
            yield from self._end("completed", "completed")

    def _end(self, status: str, item_status: str, event: str = "") -> Iterator[Chunk]:
        yield from self._leave(item_status)
        self.response["status"] = status
        self.response["completed_at"] = int(time.time()) if status == "completed" else None
        yield self._lifecycle(event or status)

    def _enter(self, item: _Item) -> Iterator[Chunk]:
        if item is not self._open:
            yield from self._leave("completed")
            self._open = item
            self.response["output"].append(item.json("in_progress"))
            yield self._item("added", item.json("in_progress"))
            yield from self._of(item, item.begin())

    def _leave(self, status: str) -> Iterator[Chunk]:
        if item := self._open:
            yield from self._of(item, item.end())
            self.response["output"][-1] = item.json(status)
            yield self._item("done", item.json(status))
            self._open = None

    def _of(self, item: _Item, events: Iterator[Chunk]) -> Iterator[Chunk]:
        for event in events:
            yield self._event(item_id=item.id, output_index=len(self.response["output"]) - 1, **event)

    def _item(self, what: str, item: Chunk) -> Chunk:
        index = len(self.response["output"]) - 1
        return self._event(type=f"response.output_item.{what}", output_index=index, item=item)

    def _lifecycle(self, name: str) -> Chunk:
        snapshot = self.response | {"output": list(self.response["output"])}
        return self._event(type=f"response.{name}", response=snapshot)

    def _event(self, type: str, **fields: Any) -> Chunk:
        self._events += 1
        return {"type": type, "sequence_number": self._events - 1, **fields}


def _usage(usage: Usage) -> Chunk:
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {"cached_tokens": usage.cached_tokens, "cache_write_tokens": 0},
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
    }
