"""The messages between the server and a model's process: MessagePack with a length in front. Ids only, no text
but grammars'."""

import struct

import msgspec

from ossia.chat import TurnGrammar
from ossia.engine.sequence import Sampled, StepOutput
from ossia.types import SamplingParams

LENGTH = struct.Struct("<I")


class Load(msgspec.Struct, tag=True):
    """The first message to a new process: which file, and how to run it."""

    path: str
    context_length: int | None
    max_sequences: int
    threads: int
    exact: bool
    kv_cache_bytes: int
    memory_bytes: int | None


class Add(msgspec.Struct, tag=True):
    id: int
    token_ids: list[int]
    sampling: SamplingParams
    stop_token_ids: list[int]
    unpenalised_ids: list[int]
    max_tokens: int
    seed: int
    grammar: TurnGrammar | None


class Embed(msgspec.Struct, tag=True):
    """Asks for the mean of the ids' final states."""

    id: int
    token_ids: list[int]


class Score(msgspec.Struct, tag=True):
    """Asks how likely each id is after those before it, with the `top` likeliest."""

    id: int
    token_ids: list[int]
    top: int


class Abort(msgspec.Struct, tag=True):
    id: int


class Ready(msgspec.Struct, tag=True):
    """The model is loaded."""

    context_length: int
    memory_bytes: int
    embedding_length: int


class Failed(msgspec.Struct, tag=True):
    """The process gives up: the model cannot be loaded, or a step went wrong."""

    message: str
    hint: str | None = None
    bad_file: bool = False


class Refused(msgspec.Struct, tag=True):
    """A sequence cannot be run: its grammar cannot be used."""

    id: int
    message: str


class Step(msgspec.Struct, tag=True):
    outputs: list[StepOutput]


class Scored(msgspec.Struct, tag=True):
    """The answer to Score, from the second id on."""

    id: int
    tokens: list[Sampled]


class Embedded(msgspec.Struct, tag=True):
    """The answer to Embed: float32, little-endian."""

    id: int
    vector: bytes


ToChild = Load | Add | Embed | Score | Abort
ToParent = Ready | Failed | Refused | Step | Embedded | Scored

_encoder = msgspec.msgpack.Encoder()
decode_to_child = msgspec.msgpack.Decoder[ToChild](ToChild).decode
decode_to_parent = msgspec.msgpack.Decoder[ToParent](ToParent).decode


def frame(message: ToChild | ToParent) -> bytes:
    body = _encoder.encode(message)
    return LENGTH.pack(len(body)) + body
