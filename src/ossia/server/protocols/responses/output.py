"""Items of a response's output while they are written, and the stream's events about each of them.

An item knows its own events and the next event's number, but neither the response nor the other items.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

from ossia.server.http.stream import Chunk
from ossia.server.protocols.logprobs import logprobs_json
from ossia.server.protocols.responses.items import new_id
from ossia.types import TokenLogprob


class OutputItem(ABC):
    """One item. `numbers` yields sequence numbers for the stream's events; `index` is the item's index."""

    def __init__(self, kind: str, numbers: Iterator[int], index: int) -> None:
        self.kind = kind
        self.id = new_id(kind)
        self.numbers = numbers
        self.index = index
        self.pieces: list[str] = []

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join(self.pieces)

    @abstractmethod
    def json(self, status: str) -> Chunk:
        """Return the item as it is now."""

    def begin(self) -> list[Chunk]:
        """Return the events between the start of the item and its first piece."""
        return []

    @abstractmethod
    def end(self) -> list[Chunk]:
        """Return the events between the item's last piece and its end."""

    def event(self, name: str, /, **fields: object) -> Chunk:
        return {
            "type": f"response.{name}",
            "sequence_number": next(self.numbers),
            "item_id": self.id,
            "output_index": self.index,
            **fields,
        }


class MessageOutput(OutputItem):
    """The text of the answer."""

    def __init__(self, numbers: Iterator[int], index: int) -> None:
        super().__init__("message", numbers, index)
        self._logprobs: list[Chunk] = []

    def json(self, status: str) -> Chunk:
        content = [self._part()] if self.text else []
        return {"id": self.id, "type": self.kind, "status": status, "role": "assistant", "content": content}

    def begin(self) -> list[Chunk]:
        return [self.event("content_part.added", content_index=0, part=self._part())]

    def add(self, text: str, logprobs: Sequence[TokenLogprob]) -> list[Chunk]:
        """Return the event of a piece, built without `event` for speed: most events of a stream are these."""
        self.pieces.append(text)
        shown = logprobs_json(logprobs) if logprobs else []
        self._logprobs += shown
        return [
            {
                "type": "response.output_text.delta",
                "sequence_number": next(self.numbers),
                "item_id": self.id,
                "output_index": self.index,
                "content_index": 0,
                "delta": text,
                "logprobs": shown,
            }
        ]

    def end(self) -> list[Chunk]:
        return [
            self.event("output_text.done", content_index=0, text=self.text, logprobs=self._logprobs),
            self.event("content_part.done", content_index=0, part=self._part()),
        ]

    def _part(self) -> Chunk:
        return {"type": "output_text", "text": self.text, "annotations": [], "logprobs": list(self._logprobs)}


class ReasoningOutput(OutputItem):
    """The chain of thought, as the summary that every client reads and, with `raw`, also as the content."""

    def __init__(self, numbers: Iterator[int], index: int, *, raw: bool, encrypted: bool) -> None:
        super().__init__("reasoning", numbers, index)
        self._raw = raw
        self._encrypted = encrypted

    def json(self, status: str) -> Chunk:
        text = self.text
        item: Chunk = {
            "id": self.id,
            "type": self.kind,
            "status": status,
            "summary": [_summary(text)] if text else [],
            "encrypted_content": text if self._encrypted and text else None,
        }
        return item | ({"content": [_thought(text)]} if self._raw and text else {})

    def begin(self) -> list[Chunk]:
        raw = [self.event("content_part.added", content_index=0, part=_thought(""))] if self._raw else []
        return [*raw, self.event("reasoning_summary_part.added", summary_index=0, part=_summary(""))]

    def add(self, text: str) -> list[Chunk]:
        self.pieces.append(text)
        raw = [self.event("reasoning_text.delta", content_index=0, delta=text)] if self._raw else []
        return [*raw, self.event("reasoning_summary_text.delta", summary_index=0, delta=text)]

    def end(self) -> list[Chunk]:
        text, events = self.text, list[Chunk]()
        if self._raw:
            events.append(self.event("reasoning_text.done", content_index=0, text=text))
            events.append(self.event("content_part.done", content_index=0, part=_thought(text)))
        events.append(self.event("reasoning_summary_text.done", summary_index=0, text=text))
        events.append(self.event("reasoning_summary_part.done", summary_index=0, part=_summary(text)))
        return events


def _summary(text: str) -> Chunk:
    return {"type": "summary_text", "text": text}


def _thought(text: str) -> Chunk:
    return {"type": "reasoning_text", "text": text}


class CompactionOutput(OutputItem):
    """A summary of the conversation, which clients send back unread in the place of what it stands for."""

    def __init__(self, numbers: Iterator[int], index: int) -> None:
        super().__init__("compaction", numbers, index)

    def json(self, status: str) -> Chunk:
        return {"id": self.id, "type": self.kind, "encrypted_content": self.text}

    def add(self, text: str) -> list[Chunk]:
        self.pieces.append(text)
        return []

    def end(self) -> list[Chunk]:
        return []


class CallOutput(OutputItem):
    """Call number `call` of the turn. `called` has the fields that name the tool.

    A function's arguments are JSON; the input of a custom tool is any text.
    """

    def __init__(
        self, numbers: Iterator[int], index: int, *, call: int, call_id: str, called: Chunk, is_custom: bool
    ) -> None:
        super().__init__("custom_tool_call" if is_custom else "function_call", numbers, index)
        self.call = call
        self._call_id = call_id
        self._called = called
        self._is_custom = is_custom
        self._field = "input" if is_custom else "arguments"

    def json(self, status: str) -> Chunk:
        head = {"id": self.id, "type": self.kind, "status": status, "call_id": self._call_id}
        return {**head, **self._called, self._field: self.text}

    def add(self, arguments: str) -> list[Chunk]:
        if not arguments:
            return []
        self.pieces.append(arguments)
        return [self.event(f"{self.kind}_{self._field}.delta", delta=arguments)]

    def end(self) -> list[Chunk]:
        name = {} if self._is_custom else {"name": self._called["name"]}
        return [self.event(f"{self.kind}_{self._field}.done", **name, **{self._field: self.text})]
