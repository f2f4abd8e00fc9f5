"""CPU kernels of gpt-oss, on weights as stored in their file.

Arrays are C-contiguous unless said otherwise; results are written into `out`. A wrong shape raises ValueError, a wrong
dtype or layout TypeError; nothing is silently converted. `exact` computes with fp32 weights and activations and adds in
one fixed order, so that a token's result has the same bits alone and in any batch.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

_F32 = npt.NDArray[np.float32]
_I32 = npt.NDArray[np.int32]
_I64 = npt.NDArray[np.int64]
_Cache = npt.NDArray[np.float16] | npt.NDArray[np.float32]

class Matrix:
    """Rows of weights in a file's own format, [rows, bytes per row]; may be strided. Keeps the array alive."""

    def __init__(
        self,
        data: npt.NDArray[np.uint8],
        kind: Literal["f32", "f16", "bf16", "q8_0", "mxfp4", "mxfp4_openai"],
        cols: int,
    ) -> None: ...
    @property
    def rows(self) -> int: ...
    @property
    def cols(self) -> int: ...
    @property
    def kind(self) -> str: ...

def isa() -> str:
    """Name of the instruction set in use: the best of this machine, or the one in OSSIA_ISA."""

def available_isas() -> list[str]:
    """Return the instruction sets that this machine can run, the best last."""

def set_isa(name: str) -> None:
    """Switch to another of available_isas()."""

def threads() -> int:
    """Number of threads in use."""

def set_threads(n: int) -> None:
    """Set the number of threads, including the caller's. The default is as many as this process may use."""

def embed(w: Matrix, ids: _I32, out: _F32) -> None:
    """Look up rows ids [T] of w as f32: out [T, cols]."""

def rms_norm(x: _F32, gain: _F32, eps: float, out: _F32) -> None:
    """Compute x / sqrt(mean(x^2) + eps) * gain for each row of x [T, D]."""

def linear(x: _F32, matrices: Sequence[Matrix], biases: Sequence[_F32 | None], out: _F32, exact: bool) -> None:
    """Multiply x [T, K] by each transposed matrix [N_i, K], add its bias [N_i], and concatenate: out [T, sum N_i]."""

def rope(x: _F32, cos: _F32, sin: _F32) -> None:
    """Rotate the halves of each head of x [T, H, hd] in place; cos and sin are [T, hd / 2]. Rows may be strided."""

def store_kv(k: _F32, v: _F32, cache: _Cache, slots: _I64) -> None:
    """Write k, v [T, KV, hd] to the slots [T] = block * block_size + offset of one layer's cache.

    The cache is [num_blocks, 2, KV, block_size, hd]; rows of k and v may be strided.
    """

def attention(
    q: _F32,
    cache: _Cache,
    block_tables: _I32,
    query_start: _I32,
    context_lens: _I32,
    sinks: _F32,
    window: int,
    scale: float,
    out: _F32,
) -> None:
    """Compute causal attention of q [T, H, hd] with sinks [H] over the paged cache: out [T, H * hd].

    Sequence s has the queries query_start[s] to query_start[s + 1], which are the last of its context_lens[s] tokens;
    block_tables is [S, max_blocks]. Query i sees key j iff 0 <= i - j, and i - j < window unless window is 0. A query
    gives the same bits in a prefill of any size and in a decode step. Rows of q may be strided.
    """

def route(logits: _F32, k: int, experts: _I32, weights: _F32) -> None:
    """Select the k largest of logits [T, E] (ties: lowest index first) and their softmax: experts, weights [T, k]."""

def moe(
    x: _F32,
    experts: _I32,
    weights: _F32,
    gate: Matrix,
    up: Matrix,
    down: Matrix,
    gate_bias: _F32,
    up_bias: _F32,
    down_bias: _F32,
    limit: float,
    alpha: float,
    out: _F32,
    exact: bool,
) -> None:
    """Add up the chosen experts' clamped SwiGLU networks, weighted, for each row of x [T, D]: out [T, D].

    gate, up [E * F, D]; down [E * D, F]; gate_bias, up_bias [E, F]; down_bias [E, D]; experts, weights [T, k].
    """
