"""Modelfiles: `FROM`, `ADAPTER`, `PARAMETER`, `TEMPLATE`, `SYSTEM`, `LICENSE`, `MESSAGE`, parsed and written.

`RENDERER`, `PARSER` and `REQUIRES` are kept and shown, without an effect: the chat format is the model's own.

Knows the grammar and Ollama's error messages, but not whether the model or file after FROM exists. Modelfiles are read
strictly: a line that is not understood is an error.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn, cast

from ossia.errors import InvalidModelFile, NotSupported
from ossia.parameters import ParameterValue, parse_parameter
from ossia.types import Message

logger = logging.getLogger(__name__)

_MIROSTAT = {"mirostat", "mirostat_eta", "mirostat_tau"}
_OF_LOADING = {"f16_kv", "logits_all", "low_vram", "numa", "use_mlock", "vocab_only"}
_DEPRECATED = _MIROSTAT | _OF_LOADING | {"penalize_newline", "tfs_z"}
_COMMANDS = (
    'command must be one of "from", "license", "template", "system", "adapter", "draft", "renderer", "parser", '
    '"parameter", "message", or "requires"'
)
_NAMES = frozenset(re.findall(r'"(\w+)"', _COMMANDS))
NOT_A_VERSION = "requires must be a valid semver (e.g. 0.14.0)"
_LINE_ENDS = re.compile(r"(?<=\n)|(?<=\r)(?!\n)")
_NUMBER = r"(?:0|[1-9][0-9]*)"
_LABEL = rf"(?:{_NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_VERSION = re.compile(
    rf"v?{_NUMBER}(?:\.{_NUMBER}(?:\.{_NUMBER}(?:-{_LABEL}(?:\.{_LABEL})*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?)?)?"
)


@dataclass(frozen=True, slots=True)
class Modelfile:
    """Contents of a Modelfile. None means no such instruction.

    `sources` are a model's name, or a file's path, or the paths of all parts of a split model, each in a FROM line of
    its own; `adapters` are the paths of LoRAs.
    """

    sources: tuple[str, ...]
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict[str, ParameterValue])
    template: str | None = None
    system: str | None = None
    licenses: tuple[str, ...] = ()
    messages: tuple[Message, ...] = ()
    adapters: tuple[str, ...] = ()
    renderer: str | None = None
    parser: str | None = None
    requires: str | None = None

    def __str__(self) -> str:
        """Return text that parses back to this Modelfile.

        The grammar has no escapes, so a value with a line that ends in three double quotes cannot be expressed; like
        Ollama, this writes such a value in triple quotes.
        """
        lines = [f"FROM {_quoted(source)}" for source in self.sources]
        lines += [f"ADAPTER {_quoted(adapter)}" for adapter in self.adapters]
        texts = ("template", "renderer", "parser", "requires", "system")
        for command, text in ((name.upper(), getattr(self, name)) for name in texts):
            if text is not None:
                lines.append(f"{command} {_quoted(text)}")
        for name, value in self.parameters.items():
            for item in value if isinstance(value, list) else [value]:
                lines.append(f"PARAMETER {name} {_quoted(_plain(item))}")
        lines += [f"MESSAGE {message.role} {_quoted(message.content)}" for message in self.messages]
        lines += [f"LICENSE {_quoted(text)}" for text in self.licenses]
        return "\n".join(lines) + "\n"


def decode(data: bytes) -> str:
    """Decode a Modelfile: UTF-8, or UTF-16 with a byte order mark. Raises InvalidModelFile."""
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise InvalidModelFile("not a Modelfile: it is neither UTF-8 nor UTF-16 text") from None


def parse(text: str) -> Modelfile:
    """Parse a Modelfile. Raises InvalidModelFile, or NotSupported for an instruction that ossia cannot follow."""
    sources: list[str] = []
    adapters: list[str] = []
    texts: dict[str, str] = {}
    licenses: list[str] = []
    parameters: dict[str, ParameterValue] = {}
    messages: list[Message] = []
    for command in _commands(text):
        match command.name:
            case "from":
                sources.append(command.value)
            case "adapter":
                adapters.append(command.value)
            case "requires" if not is_version(command.value):
                command.fail(NOT_A_VERSION)
            case "template" | "system" | "renderer" | "parser" | "requires":
                texts[command.name] = command.value
            case "license":
                licenses.append(command.value)
            case "parameter":
                _set_parameter(parameters, command)
            case "message":
                messages.append(_message(command))
            case _:
                raise NotSupported(f"{command.name.upper()} is not supported", hint="ossia runs one GGUF file as it is")
    if not sources:
        raise InvalidModelFile("no FROM line", hint="a Modelfile begins with FROM and a model's name or a GGUF file")
    return Modelfile(
        tuple(sources),
        parameters=parameters,
        licenses=tuple(licenses),
        messages=tuple(messages),
        adapters=tuple(adapters),
        **texts,
    )


def is_version(text: str) -> bool:
    """True if a text is a version as REQUIRES has it: semantic, perhaps shortened, perhaps with a v before it."""
    return _VERSION.fullmatch(text) is not None


class _Command(NamedTuple):
    line: int
    name: str
    key: str  # the name of a parameter or the role of a message
    value: str

    def fail(self, message: str) -> NoReturn:
        raise InvalidModelFile(message, hint=f"line {self.line} of the Modelfile")


def _commands(text: str) -> Iterator[_Command]:
    numbered = enumerate(_LINE_ENDS.split(text), start=1)
    following = (line for _, line in numbered)
    for number, line in numbered:
        name, rest = _word(line)
        if not name or name.startswith("#"):
            continue
        key, rest = _word(rest) if name.lower() in ("parameter", "message") else ("", rest)
        command = _Command(number, name.lower(), key, "")
        if command.name not in _NAMES:
            command.fail(_COMMANDS)
        if not rest:
            command.fail("missing value")
        value = _value(rest, following)
        if value is None:
            command.fail("unexpected EOF")
        yield command._replace(value=value)


def _word(text: str) -> tuple[str, str]:
    """Split off the first word and the whitespace after it."""
    words = text.split(None, 1)
    return words[0] if words else "", words[1] if len(words) > 1 else ""


def _value(first: str, following: Iterator[str]) -> str | None:
    """Return the value that begins with `first`, or None if its quotes are never closed.

    A quoted value ends at the first line that ends with the same quotes; there are no escapes. Line endings within it,
    CRLF too, are kept.
    """
    quotes = next((mark for mark in ('"""', '"') if first.startswith(mark)), "")
    size, lines = len(quotes), [first]
    while True:
        if lines[-1].rstrip().endswith(quotes):
            whole = "".join(lines).rstrip()
            if len(whole) >= 2 * size:
                return whole[size : len(whole) - size]
        line = next(following, None)
        if line is None:
            return None
        lines.append(line)


def _set_parameter(parameters: dict[str, ParameterValue], command: _Command) -> None:
    name, text = command.key, command.value
    if name in _DEPRECATED:
        logger.warning("parameter %s is deprecated", name)
        return
    try:
        value = parse_parameter(name, [text])
    except ValueError as error:
        command.fail(str(error))
    if isinstance(value, list):
        cast(list[str], parameters.setdefault(name, [])).extend(value)
    else:
        parameters[name] = value


def _message(command: _Command) -> Message:
    if command.key not in ("system", "user", "assistant"):
        command.fail('message role must be one of "system", "user", or "assistant"')
    return Message(command.key, command.value)


def _plain(value: ParameterValue) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _quoted(value: str) -> str:
    """Return the first of the forms bare, quoted and triple-quoted that reads back as `value`."""
    forms = (value, f'"{value}"', f'"""{value}"""')
    return next((form for form in forms if _reads_back(form, value)), forms[-1])


def _reads_back(form: str, value: str) -> bool:
    lines = iter(_LINE_ENDS.split(form))
    first = next(lines).lstrip()
    return first != "" and _value(first, lines) == value and next(lines, None) is None
