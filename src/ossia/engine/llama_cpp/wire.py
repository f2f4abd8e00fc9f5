"""The messages between the server and a process that runs llama.cpp, and the answers of llama.cpp's own HTTP API.

Load, Ready and Failed are JSON, one a line. Of llama.cpp's answers only the fields that are used are declared.
"""

from typing import Literal

import msgspec

from ossia.engine.facts import Purpose
from ossia.engine.llama_cpp.sizes import Sizes


class Load(msgspec.Struct, frozen=True):
    """The first line to a new process: load these files, the first of which is named so, and listen on this socket.

    `device` is that of the settings: "cpu", or any GPU that llama.cpp sees. It decides what is None. On a processor it
    gets no more memory than `most_bytes`, besides the files that it maps; 0 for any. What it writes while
    it loads goes to the descriptor `log`.
    """

    files: list[str]
    sizes: Sizes
    threads: int
    device: str
    purpose: Purpose
    layers_on_gpu: int | None = None
    use_mmap: bool | None = None
    adapters: list[str] = []
    most_bytes: int = 0
    socket: str = ""
    log: int = 2


class Ready(msgspec.Struct, tag="ready"):
    """The model is loaded. `has_grammars` is True if this llama.cpp was seen to follow a grammar of llguidance.

    `gpus` has the number of the GPU on which it runs, unless that is the processor, and `gpu_bytes` were free there
    before.
    """

    device: str
    has_grammars: bool
    gpus: tuple[int, ...] = ()
    gpu_bytes: int = 0


class Failed(msgspec.Struct, tag="failed"):
    """The model cannot be loaded; llama.cpp's own reason."""

    message: str


class TopLogprob(msgspec.Struct):
    id: int = 0
    token: str = ""
    bytes: list[int] | None = None
    logprob: float = 0.0


class Logprob(TopLogprob):
    top_logprobs: list[TopLogprob] = []


class Logprobs(msgspec.Struct):
    content: list[Logprob] | None = None


class Function(msgspec.Struct):
    name: str | None = None
    arguments: str | None = None


class Call(msgspec.Struct):
    index: int = 0
    id: str | None = None
    function: Function = msgspec.field(default_factory=Function)


class Delta(msgspec.Struct):
    content: str | None = None
    reasoning_content: str | None = None
    tool_calls: list[Call] | None = None


class Choice(msgspec.Struct):
    delta: Delta = msgspec.field(default_factory=Delta)
    finish_reason: str | None = None
    logprobs: Logprobs | None = None


class Times(msgspec.Struct):
    """Tokens of the prompt that were cached, tokens of the answer so far, and the milliseconds that those took."""

    cache_n: int = 0
    predicted_n: int = 0
    predicted_ms: float = 0.0


class Problem(msgspec.Struct):
    message: str = ""
    type: str = ""
    n_prompt_tokens: int = 0
    n_ctx: int = 0


class Chunk(msgspec.Struct):
    """One line of a stream: of a chat (`choices`) or of a completion (`content` and what follows), or an error."""

    choices: list[Choice] = []
    content: str = ""
    tokens: list[int] = []
    stop: bool = False
    stop_type: Literal["none", "eos", "word", "limit"] = "none"
    completion_probabilities: list[Logprob] = []
    timings: Times | None = None
    error: Problem | None = None


class Refusal(msgspec.Struct):
    error: Problem


class Tokens(msgspec.Struct):
    tokens: list[int]


class Text(msgspec.Struct):
    content: str


class Count(msgspec.Struct):
    input_tokens: int


class Rank(msgspec.Struct):
    relevance_score: float


class Spent(msgspec.Struct):
    prompt_tokens: int


class Ranking(msgspec.Struct):
    results: list[Rank]
    usage: Spent


class Vector(msgspec.Struct):
    embedding: list[list[float]]


Reply = Ready | Failed
decode_reply = msgspec.json.Decoder[Reply](Reply).decode
decode_chunk = msgspec.json.Decoder(Chunk).decode
