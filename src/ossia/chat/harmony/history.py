"""History of a conversation in harmony: its messages in order, each on its channel.

Chain of thought is dropped as in the model's training: everything before the last final answer. If a turn was cut off
before its answer, the user's next message ends it. Within a loop of tool calls reasoning is kept. A call's result
follows the call, even if the client sent several calls together or omitted the ids that pair results with calls.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import groupby

from ossia.chat.harmony.message import HarmonyMessage
from ossia.chat.harmony.tool_names import ToolNames
from ossia.chat.harmony.trained import TrainedTools, unwrapped
from ossia.types import Message, Tool, ToolCall

_Position = tuple[int, int]
"""Position of a call: the index of its message, and its index within that message."""


def instructions(messages: Sequence[Message]) -> str | None:
    """Join the texts of all system and developer messages, wherever they are."""
    texts = [message.content for message in messages if message.is_instruction and message.content]
    return "\n\n".join(texts) if texts else None


def history(messages: Sequence[Message], tools: Sequence[Tool], names: ToolNames) -> Iterator[HarmonyMessage]:
    """Yield the conversation without its instructions. Never fails: a result without a call is rendered too."""
    spoken = [message for message in messages if not message.is_instruction]
    results = _results(spoken)
    paired = set(results.values())
    spelling = _Spelling(names, takes_text(tools, names.trained))
    answered = max((i for i, message in enumerate(spoken) if _is_final(message)), default=-1)
    boundary = max((i for i, message in enumerate(spoken) if _ends_thinking(message)), default=-1)
    called = _Names(tools)
    for i, message in enumerate(spoken):
        if message.role == "user":
            yield HarmonyMessage("user", message.content)
        elif message.role == "tool" and i not in paired:
            yield from _recent([spelling.result(message, called.of(message))], i > answered)
        elif message.role == "assistant":
            answers = [
                spelling.result(spoken[results[i, j]], call.name) if (i, j) in results else None
                for j, call in enumerate(message.tool_calls)
            ]
            turn = _turn(message, answers, thinking=i > boundary, spelling=spelling)
            yield from _recent(turn, i > answered)
        called.add(message.tool_calls)


def takes_text(tools: Sequence[Tool], trained: TrainedTools) -> frozenset[str]:
    """Return the names of tools whose calls are text to the model."""
    return frozenset(tool.name for tool in tools if tool.takes_text or trained.wrapped(tool.name))


def mentioned_names(messages: Sequence[Message], tools: Sequence[Tool]) -> Iterator[str]:
    """Yield every function name in a request, those of declared tools first."""
    yield from (tool.name for tool in tools)
    for message in messages:
        yield from (call.name for call in message.tool_calls)
        if message.role == "tool" and message.name:
            yield message.name


def _ends_thinking(message: Message) -> bool:
    return _is_final(message) or message.role == "user"


def _is_final(message: Message) -> bool:
    return message.role == "assistant" and bool(message.content) and not message.tool_calls


def _recent(messages: Iterable[HarmonyMessage], is_recent: bool) -> Iterator[HarmonyMessage]:
    """Yield messages; once they are answered, without calls and results of the chain of thought, as in training."""
    return (message for message in messages if is_recent or message.channel != "analysis")


def _turn(
    message: Message,
    answers: Sequence[HarmonyMessage | None],
    *,
    thinking: bool,
    spelling: "_Spelling",
) -> Iterator[HarmonyMessage]:
    """Yield the assistant's reasoning, text and calls, each call followed by its result.

    While reasoning is kept, a turn with known ids is repeated exactly as sampled, so that the KV cache still covers it.
    """
    if message.token_ids and thinking:
        yield HarmonyMessage("assistant", "", ids=message.token_ids)
        yield from filter(None, answers)
        return
    yield from _said(message, thinking=thinking)
    for call, answer in zip(message.tool_calls, answers, strict=True):
        yield spelling.call(call)
        if answer:
            yield answer


def _said(message: Message, *, thinking: bool) -> Iterator[HarmonyMessage]:
    """Yield an assistant's reasoning and text. Text before a call is a preamble, on a channel of its own."""
    if message.reasoning and thinking:
        yield HarmonyMessage("assistant", message.reasoning, "analysis")
    if message.content:
        yield HarmonyMessage("assistant", message.content, "commentary" if message.tool_calls else "final")


@dataclass(frozen=True, slots=True)
class _Spelling:
    """The form of calls and results. `takes_text` names the tools whose calls are text to the model."""

    names: ToolNames
    takes_text: Set[str]

    def call(self, call: ToolCall) -> HarmonyMessage:
        trained, is_json = self.names.trained, call.name not in self.takes_text
        content = call.arguments or "{}" if is_json else call.arguments
        if (property := trained.wrapped(call.name)) is not None:
            content = unwrapped(content, property)
        is_code = call.name in trained.recipients
        recipient, channel = self.names.recipient(call.name), trained.channel(call.name)
        return HarmonyMessage("assistant", content, channel, recipient, json=is_json and not is_code, code=is_code)

    def result(self, message: Message, name: str) -> HarmonyMessage:
        return HarmonyMessage(
            self.names.recipient(name), message.content, self.names.trained.channel(name), "assistant"
        )


def _results(messages: Sequence[Message]) -> dict[_Position, int]:
    """Pair calls with their results, within a turn: by id if possible, else by name, else in order."""
    results: dict[_Position, int] = {}
    pending = _Pending()
    for role, group in groupby(range(len(messages)), key=lambda i: messages[i].role):
        if role == "user":
            pending = _Pending()
        elif role == "assistant":
            for i in group:
                pending.add(i, messages[i].tool_calls)
        else:
            unpaired = list(group)
            for take in (pending.of_id, pending.of_name, pending.next):
                taken = [(take(messages[i]), i) for i in unpaired]
                results |= {position: i for position, i in taken if position is not None}
                unpaired = [i for position, i in taken if position is None]
    return results


class _Pending:
    """Calls of a turn that wait for their results. Each is taken once, and all of them in linear time."""

    def __init__(self) -> None:
        self._by_id: defaultdict[str | None, deque[_Position]] = defaultdict(deque)
        self._by_name: defaultdict[str | None, deque[_Position]] = defaultdict(deque)
        self._in_order: deque[_Position] = deque()
        self._taken: set[_Position] = set()

    def add(self, index: int, calls: Sequence[ToolCall]) -> None:
        for j, call in enumerate(calls):
            position = index, j
            if call.id:
                self._by_id[call.id].append(position)
            self._by_name[call.name].append(position)
            self._in_order.append(position)

    def of_id(self, result: Message) -> _Position | None:
        return self._first(self._by_id.get(result.tool_call_id))

    def of_name(self, result: Message) -> _Position | None:
        return self._first(self._by_name.get(result.name))

    def next(self, result: Message) -> _Position | None:
        return self._first(self._in_order)

    def _first(self, positions: deque[_Position] | None) -> _Position | None:
        """Take the first position that was not taken yet."""
        while positions:
            if (position := positions.popleft()) not in self._taken:
                self._taken.add(position)
                return position
        return None


@dataclass(slots=True)
class _Names:
    """Names of the functions called so far, from which that of a result without a call is guessed."""

    tools: Sequence[Tool]
    by_id: dict[str | None, str] = field(default_factory=dict[str | None, str])
    last: str | None = None

    def add(self, calls: Sequence[ToolCall]) -> None:
        for call in calls:
            if call.id:
                self.by_id.setdefault(call.id, call.name)
            self.last = call.name

    def of(self, result: Message) -> str:
        only = self.tools[0].name if len(self.tools) == 1 else None
        return result.name or self.by_id.get(result.tool_call_id) or self.last or only or "unknown"
