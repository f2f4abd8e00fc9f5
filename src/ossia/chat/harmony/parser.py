"""Parser of harmony: turns the sampled ids of a turn into events, one id at a time.

The model is not always well-behaved: it omits markers, repeats them, invents channels, and puts the recipient in the
wrong place. None of that is an error here. A recipient makes a call, whatever the channel; the last recognisable
channel counts; text marked as chain of thought is never shown as the answer.

    <|start|>assistant<|channel|>analysis<|message|>...<|end|>          ReasoningDelta
    <|start|>assistant<|channel|>commentary<|message|>...<|end|>        TextDelta: a preamble
    <|start|>assistant<|channel|>commentary to=functions.f <|constrain|>json<|message|>{}<|call|>   ToolCallDelta
    <|start|>assistant<|channel|>final<|message|>...<|return|>          TextDelta
"""

import re
import secrets
from collections.abc import Set
from dataclasses import dataclass, replace
from enum import Enum, auto

from ossia.chat import MessageEnd, Parsed
from ossia.chat.harmony.message import CHANNELS, ControlTokens
from ossia.chat.harmony.tool_names import ToolNames
from ossia.chat.harmony.trained import PYTHON, WRAP_END, escaped, wrap_begin
from ossia.tokenizer import Tokenizer, Utf8Decoder
from ossia.types import ReasoningDelta, TextDelta, ToolCallDelta

_CHANNEL = "<|channel|>"
_SPECIAL = re.compile(r"<\|\w+\|>")
_NOT_RECIPIENTS = ("", "all", "assistant", "user")
_TOOL = re.compile(r"(functions|browser|container)\.|python$")
_PART = (
    r"\s*(?:<\|channel\|>\s*(?P<channel>\w*)|(?<!\w)to=\s*(?P<recipient>[^\s<{]*)|<\|constrain\|>\s*\w*"
    r"|(?<=\s)(?:json|code)\b|assistant(?=\s*<\|channel\|>)|<\|\w+\|>)"
)
_WITHOUT_MESSAGE = re.compile(rf"(?P<header>(?:{_PART})*)(?P<text>.*)", re.DOTALL)
"""A header's parts in any order, several times if the model repeats them, and the text behind them."""
_BEGUN = ("to=", "json", "code", "<|channel|>", "<|constrain|>", "<|message|>")
"""Parts of a header of which a cut may leave the beginning alone."""
_MARK = re.compile(r"<\|\w+\|>|<\|\w*\|?(?=<\||$)")
"""A control token's literal, or the beginning of one that was written letter by letter and cut off."""
_BETWEEN_THOUGHTS = "\n\n"
"""Blank line between two messages of chain of thought, which clients get as one text."""
_OPENING = re.compile(r"[{\[]")


class _Kind(Enum):
    """The meaning of a message's content."""

    REASONING = auto()
    TEXT = auto()
    CALL = auto()
    UNKNOWN = auto()  # no known channel: reasoning if another message follows, else possibly the answer
    OTHERS = auto()  # the model writes in another role: a user's, a tool's


class _Header(Enum):
    """The ids that came before the header that is being read."""

    AFTER_ROLE = auto()  # <|start|>assistant
    AFTER_START = auto()  # <|start|>
    AFTER_END = auto()  # nothing that begins a message


@dataclass(frozen=True, slots=True)
class Header:
    """Author, channel (None if unknown) and recipient of a message."""

    role: str = "assistant"
    channel: str | None = None
    recipient: str | None = None


class HarmonyParser:
    """Parser of one turn, which begins after `<|start|>assistant` or in the channel that the prompt opened."""

    def __init__(
        self,
        tokenizer: Tokenizer,
        control: ControlTokens,
        names: ToolNames,
        *,
        opened: str | None = None,
        take_text: Set[str] = frozenset(),
    ) -> None:
        """Create a parser. `take_text` names the tools whose arguments are not JSON."""
        self.reasoning_tokens = 0
        self._tokenizer = tokenizer
        self._control = control
        self._ends_turn = {control.return_, control.call, control.endoftext}
        self._marks = {control.start, control.end, control.message, control.channel, *self._ends_turn}
        self._special_ids = tokenizer.special_ids
        self._names = names
        self._take_text = take_text
        self._utf8 = Utf8Decoder()
        self._kind: _Kind | None = None  # of the message whose content is being read; None inside a header
        self._header: list[int] = []
        self._before = _Header.AFTER_ROLE
        self._unknown: list[int] = []
        self._call = ToolCallDelta(-1, "", "")
        self._arguments_begun = False
        self._is_wrapped = False  # code, which a client gets as a property of JSON
        self._separator = ""  # before the next thought
        self._answered = False
        self._ended = False
        if opened:
            self._open(Header(channel=opened))

    def feed(self, token: int) -> list[Parsed]:
        if self._ended:
            return []
        if token in self._marks:
            return self._at_mark(token)
        if self._kind is None:
            self._header.append(token)
            return []
        if token in self._special_ids:  # it has no meaning in content, and is never shown
            return []
        if self._kind is _Kind.UNKNOWN:
            self._unknown.append(token)
            return []
        self.reasoning_tokens += self._kind is _Kind.REASONING
        return self._delta(self._utf8.feed(self._tokenizer.token_bytes(token)))

    def _at_mark(self, token: int) -> list[Parsed]:
        """Handle a control token that begins or ends a message, or a part of its header."""
        control = self._control
        if token == control.end or token in self._ends_turn:
            self._ended = token != control.end
            return self._close(_Header.AFTER_END, whole=True)
        if token == control.start:
            return self._close(_Header.AFTER_START, whole=True)
        if self._kind is None:
            return self._in_header(token)
        if token == control.channel:  # the model forgot the end of this message and the start of the next
            events = self._close(_Header.AFTER_ROLE, whole=True)
            return events + self._in_header(token)
        return []

    def finish(self) -> list[Parsed]:
        """End the turn. A last message on an unknown channel becomes the answer if there was none."""
        self._ended = True
        events = self._close(_Header.AFTER_END, whole=False)
        return events + self._settle_unknown(last=True)

    def _in_header(self, token: int) -> list[Parsed]:
        if token == self._control.message:
            text = self._tokenizer.decode(self._header)
            return self._open(parse_header(text, starts_with_role=self._before == _Header.AFTER_START))
        if token == self._control.channel and self._before == _Header.AFTER_END:
            self._before, self._header = _Header.AFTER_ROLE, []  # discard what stood between two messages
        self._header.append(token)
        return []

    def _open(self, header: Header) -> list[Parsed]:
        """Begin the content of a message."""
        self._header = []
        self._kind = _kind(header)
        events = self._settle_unknown(last=False)
        self._answered |= header.channel == "final" or self._kind == _Kind.CALL
        if self._kind == _Kind.REASONING and self.reasoning_tokens:
            self._separator = _BETWEEN_THOUGHTS
        if self._kind == _Kind.CALL and header.recipient:
            name = self._names.resolve(header.recipient)
            self._call = ToolCallDelta(self._call.index + 1, f"call_{secrets.token_hex(12)}", name)
            self._arguments_begun = False
            events.append(self._call)
            events += self._wrap(header.recipient, name)
        return events

    def _wrap(self, recipient: str, name: str) -> list[Parsed]:
        """Begin the JSON around a call's code, if there is to be some."""
        property = self._names.trained.wrapped(name)
        self._is_wrapped = property is not None and recipient == PYTHON
        return [replace(self._call, arguments=wrap_begin(property))] if property and self._is_wrapped else []

    def _close(self, before: _Header, *, whole: bool) -> list[Parsed]:
        """End the header or content that is being read; `whole` is False if the ids ended in the middle of it."""
        events = self._without_message(whole=whole) if self._kind is None else self._delta(self._utf8.finish())
        if self._kind == _Kind.CALL and whole and self._is_wrapped:
            events.append(replace(self._call, arguments=WRAP_END))
        elif (
            self._kind == _Kind.CALL and whole and not self._arguments_begun and self._call.name not in self._take_text
        ):
            events += self._delta("{}")
        if self._kind == _Kind.TEXT:
            events.append(MessageEnd())
        self._kind, self._before, self._header = None, before, []
        return events

    def _without_message(self, *, whole: bool) -> list[Parsed]:
        """Handle a header without <|message|>: the text after the words of the header is the content."""
        text = self._tokenizer.decode(self._header).strip()
        if self._before == _Header.AFTER_START and not text.startswith("assistant"):
            return []
        if self._before == _Header.AFTER_END and (self._answered or not self._ended):
            return []  # between two messages, or after the answer, it means nothing
        if self._before != _Header.AFTER_ROLE:
            text = text.removeprefix("assistant")
        header, content = without_message(text)
        if header.recipient and self._names.resolve(header.recipient) not in self._take_text:
            content = _from_bracket(content)
        if not content or (not whole and any(part.startswith(content) for part in _BEGUN)):
            return []
        events = self._open(header)
        if self._kind == _Kind.UNKNOWN:
            self._unknown += self._tokenizer.encode(content)
            return events
        return events + self._delta(content)

    def _delta(self, text: str) -> list[Parsed]:
        if not text:
            return []
        match self._kind:
            case _Kind.REASONING:
                text, self._separator = self._separator + text, ""
                return [ReasoningDelta(text)]
            case _Kind.TEXT:
                return [TextDelta(text)]
            case _Kind.CALL:
                self._arguments_begun = True
                text = escaped(text) if self._is_wrapped else text
                return [ToolCallDelta(self._call.index, self._call.id, self._call.name, text)]
            case _:
                return []

    def _settle_unknown(self, *, last: bool) -> list[Parsed]:
        """Decide what a message on an unknown channel was, at the start of the next message or the end of the turn."""
        if not self._unknown:
            return []
        text = self._tokenizer.decode(self._unknown)
        count, self._unknown = len(self._unknown), []
        if last and not self._answered:
            return [TextDelta(text)]
        between = _BETWEEN_THOUGHTS if self.reasoning_tokens else ""
        self.reasoning_tokens += count
        return [ReasoningDelta(between + text)]


def parse_header(text: str, *, starts_with_role: bool) -> Header:
    """Parse a header whose control tokens are spelled as literals, since the model may write them letter by letter.

    A content type, such as the json of `<|constrain|>json`, is an ordinary word and is ignored.
    """
    before, *channels = (_SPECIAL.sub(" ", part) for part in text.split(_CHANNEL))
    words = before.split()
    role = "assistant"
    if starts_with_role and words and not words[0].startswith("to=") and words[0] not in CHANNELS:
        role = words.pop(0)
    if role.startswith("assistant"):
        words.insert(0, role.removeprefix("assistant"))
        role = "assistant"
    channel = next((word for word in words if word in CHANNELS), None)
    for part in channels:
        first, *rest = part.split() or [""]
        known = _known_channel(first)
        channel = known or channel
        words += [first[len(known) :] if known else first, *rest]
    return Header(role, channel, _recipient(words))


def without_message(text: str) -> tuple[Header, str]:
    """Divide a header that no <|message|> ended into what its parts say, and the content behind them."""
    match = _WITHOUT_MESSAGE.match(text)
    assert match, "every part of the pattern may be missing"
    recipient = None if match["recipient"] in (None, *_NOT_RECIPIENTS) else match["recipient"]
    header = Header(channel=_known_channel(match["channel"] or ""), recipient=recipient)
    return header, _MARK.sub("", match["text"]).strip()


def _from_bracket(text: str) -> str:
    """Return a call's arguments: JSON begins at a bracket, and words before it are the header's."""
    bracket = _OPENING.search(text)
    return text[bracket.start() :] if bracket else ""


def _known_channel(word: str) -> str | None:
    """Return the channel that a word begins with: the model sometimes writes `commentary?`."""
    return next((channel for channel in CHANNELS if word.lower().startswith(channel)), None)


def _recipient(words: list[str]) -> str | None:
    """Return the recipient after `to=`, wherever it is, or else a word that can only be a tool."""
    addressed = (word.removeprefix("to=") for word in words if word.startswith("to="))
    named = next((recipient for recipient in addressed if recipient not in _NOT_RECIPIENTS), None)
    return named or next((word for word in words if _TOOL.match(word)), None)


def _kind(header: Header) -> _Kind:
    if header.role != "assistant":
        return _Kind.OTHERS
    if header.recipient:
        return _Kind.CALL
    match header.channel:
        case "analysis":
            return _Kind.REASONING
        case "commentary" | "final":
            return _Kind.TEXT
        case _:
            return _Kind.UNKNOWN
