"""The messages between the server and a model's process: MessagePack, each with its length in front.

They carry token ids. The only text is that of grammars, errors and the names of spaces and clients.
"""

import struct

import msgspec

from ossia.chat import TurnGrammar
from ossia.config import EngineOptions
from ossia.engine.figures import Figures
from ossia.engine.runner import Capacity
from ossia.engine.sequence import Sampled, StepOutput
from ossia.types import SamplingParams

LENGTH = struct.Struct("<I")


class Load(msgspec.Struct, tag=True):
    """The first message to a new process: load these files, in `memory_bytes` or, without it, in what is free.

    On a GPU a context of `context_length` must fit, if one is asked for. A process that is `alone` on its GPU decides
    by itself what to do where the model does not fit there; another one asks the server to make room.
    """

    files: list[str]
    options: EngineOptions
    memory_bytes: int | None
    context_length: int | None = None
    alone: bool = True


class Add(msgspec.Struct, tag=True):
    """Continue these ids. Cached blocks are shared within `space` only, and clients share all, here and below."""

    id: int
    token_ids: list[int]
    sampling: SamplingParams
    stop_token_ids: list[int]
    unpenalised_ids: list[int]
    max_tokens: int
    seed: int
    grammar: TurnGrammar | None
    space: str = ""
    client: str = ""


class Embed(msgspec.Struct, tag=True):
    """Compute the mean of the ids' final states."""

    id: int
    token_ids: list[int]
    space: str = ""
    client: str = ""


class Score(msgspec.Struct, tag=True):
    """Compute the log probability of each id after those before it, and the `top` likeliest ids there."""

    id: int
    token_ids: list[int]
    top: int
    space: str = ""
    client: str = ""


class Abort(msgspec.Struct, tag=True):
    """Stop working on a request."""

    id: int


class Loading(msgspec.Struct, tag=True):
    """A part of the start begins, or `done` of its `total` are done."""

    part: str
    done: int = 0
    total: int = 0


class Ping(msgspec.Struct, tag=True):
    """Ask for a sign of life."""


class Pong(msgspec.Struct, tag=True):
    """The answer to Ping: the pulse of the process's main thread."""

    beats: int
    is_working: bool


class Measure(msgspec.Struct, tag=True):
    """Ask for the process's figures."""


class Measured(msgspec.Struct, tag=True):
    """The answer to Measure."""

    figures: Figures


class Ready(msgspec.Struct, tag=True):
    """The model is loaded, and its batch has so many places. `device` tells where and why.

    `gpus` are the numbers of its GPUs, none for the processor, and `gpu_bytes` what models may use of each, this one
    included and the others not.
    """

    capacity: Capacity
    places: int
    device: str = ""
    gpus: tuple[int, ...] = ()
    gpu_bytes: int = 0


class NoRoom(msgspec.Struct, tag=True):
    """The process ends, because other models on its GPU leave only `usable_bytes` of the `needed_bytes`."""

    message: str
    needed_bytes: int
    usable_bytes: int


class Failed(msgspec.Struct, tag=True):
    """The process ends, because the model cannot be loaded or a step failed."""

    message: str
    hint: str | None = None
    bad_file: bool = False


class Refused(msgspec.Struct, tag=True):
    """A sequence cannot be run, or not to its end, because of what was asked of it: mostly its grammar."""

    id: int
    message: str


class Broken(msgspec.Struct, tag=True):
    """A sequence ends, because its logits or states are not numbers."""

    id: int


class Unmasked(msgspec.Struct, tag=True):
    """A sequence ends, because its mask could not be computed. The reason is logged."""

    id: int


class Outputs(msgspec.Struct, tag=True):
    """All ids that one step sampled."""

    outputs: list[StepOutput]


class Scored(msgspec.Struct, tag=True):
    """The answer to Score: every id but the first."""

    id: int
    tokens: list[Sampled]


class Embedded(msgspec.Struct, tag=True):
    """The answer to Embed: float32, little-endian."""

    id: int
    vector: bytes


ToChild = Load | Add | Embed | Score | Abort | Ping | Measure
Notice = Loading | Ready | NoRoom | Failed | Refused | Broken | Unmasked | Embedded | Scored | Pong | Measured
"""A message to the server that does not come with every step."""
ToParent = Outputs | Notice

_encoder = msgspec.msgpack.Encoder()
decode_to_child = msgspec.msgpack.Decoder[ToChild](ToChild).decode
decode_to_parent = msgspec.msgpack.Decoder[ToParent](ToParent).decode


def frame(message: ToChild | ToParent) -> bytes:
    """Encode a message and its length."""
    body = _encoder.encode(message)
    return LENGTH.pack(len(body)) + body


def take_messages(received: bytearray) -> list[ToParent]:
    """Decode the messages that have arrived whole, and remove them from what was received."""
    messages: list[ToParent] = []
    start = 0
    while len(received) >= start + LENGTH.size:
        stop = start + LENGTH.size + LENGTH.unpack_from(received, start)[0]
        if len(received) < stop:
            break
        messages.append(decode_to_parent(received[start + LENGTH.size : stop]))
        start = stop
    del received[:start]
    return messages
