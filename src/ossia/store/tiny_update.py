"""The update that makes `tiny` of SmolLM2: low-rank factors of matrices in 8 bits, and rows of harmony's tokens.

    W' = W + b_scale[:, None] * (a_scale[None, :] * (b @ a))

The file has, for each matrix M of `MATRICES` that it changes, layers stacked (L layers, rank r):

    M.a  i8[L, r, in]     M.a_scale  f32[L, in]
    M.b  i8[L, out, r]    M.b_scale  f32[L, out]

perhaps an expert for each layer beside the base's own MLP, of F rows, as blocks of MXFP4 that tiny's file takes as they
are (17 bytes for 32 weights):

    expert.gate  expert.up  u8[L, F, D / 32 * 17]    expert.down  u8[L, D, F / 32 * 17]

and, for embeddings ("in") and output ("out") of the tokens `rows.ids` i32[n], which they replace:

    rows.in  rows.out  i8[n, D]     rows.in_scale  rows.out_scale  f32[n]

Every processor computes the same bits. Products of 8-bit numbers are at most 2^14, and so many of them are added that
all sums stay below 2^24: in float32 they are exact, in whichever order a BLAS adds. All else is element by element.
Knows nothing of GGUF files and of how the weights are stored.
"""

from functools import cache
from pathlib import Path
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from ossia.safetensors import open_file, read_metadata

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

FILE: Final = Path(__file__).with_name("tiny_update.safetensors")
MATRICES: Final = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
ExpertMatrix = Literal["gate", "up", "down"]
LARGEST_RANK: Final = (1 << 24) // 128**2  # with which sums are exact

_DTYPES: Final = {"I8": np.int8, "I32": np.int32, "F32": np.float32}


@cache
def recipe() -> str:
    """Return the name of the training that made the file. Reads its header only."""
    return str(read_metadata(FILE)["recipe"])


class Update:
    """The factors, rows and experts of a file."""

    def __init__(self, path: Path = FILE) -> None:
        """Map the file. Raises InvalidModelFile."""
        self._tensors = open_file(path)
        self.has_experts = "expert.gate" in self._tensors

    def apply(self, matrix: str, layer: int, weights: Floats) -> Floats:
        """Return f32[out, in] changed; `matrix` is one of `MATRICES`, its rows in the order of SmolLM2's GGUF."""
        if f"{matrix}.a" not in self._tensors:
            return weights
        a, b = self._read(f"{matrix}.a")[layer], self._read(f"{matrix}.b")[layer]
        a_scale, b_scale = self._read(f"{matrix}.a_scale")[layer], self._read(f"{matrix}.b_scale")[layer]
        assert len(a) <= LARGEST_RANK
        return weights + b_scale[:, None] * (a_scale[None, :] * (b @ a))

    def expert(self, matrix: ExpertMatrix, layer: int) -> Bytes:
        """Return u8[out, in / 32 * 17], MXFP4 in the order of GGUF, if there are experts."""
        return self._tensors[f"expert.{matrix}"].data[layer]

    def rows(self, side: Literal["in", "out"]) -> tuple[list[int], Floats]:
        """Return the ids of tokens and f32[n, D], their new rows of the embeddings or of the output matrix."""
        ids = self._read("rows.ids").astype(int).tolist()
        return ids, self._read(f"rows.{side}_scale")[:, None] * self._read(f"rows.{side}")

    def _read(self, name: str) -> Floats:
        """Return a tensor as floats, which hold its integers exactly."""
        tensor = self._tensors[name]
        return tensor.data.view(_DTYPES[tensor.dtype]).reshape(tensor.shape).astype(np.float32)
