"""Products of dense matrices with one token, some, or many: which kernel runs each, and at which tile.

It knows sizes of batches and kinds of matrices, and not what a matrix is for.
"""

from typing import Final

import torch
from torch import Tensor

from ossia.engine.gpt_oss.cuda.kernels.gemv import few_gemv, norm_gemv
from ossia.engine.gpt_oss.cuda.kernels.matmul import matmul
from ossia.engine.gpt_oss.cuda.kernels.norm import rms_norm
from ossia.engine.gpt_oss.cuda.kernels.words import PAIRS, PLAIN
from ossia.engine.gpt_oss.cuda.layout import DeviceMatrix
from ossia.engine.gpt_oss.cuda.tuned import ByKind, Rows, Tuning

FEW: Final = 8
"""Tokens up to which dense matrices are read once for all, without matrix units."""
MANY: Final = 64
"""Tokens above which tiles are large and activations are rounded to 16 bits."""


class Products:
    """`normed` f32[T, D] has room for the norms of tokens. `invariant` uses one kernel, at one tile, for any number."""

    def __init__(self, normed: Tensor, eps: float, tuning: Tuning, *, invariant: bool, pdl: bool) -> None:
        self._normed, self._eps, self._tuning = normed, eps, tuning
        self._invariant, self._pdl = invariant, pdl

    def norm_one(
        self, x: Tensor, gain: Tensor, matrix: DeviceMatrix, bias: Tensor | None, out: Tensor, tuned: ByKind
    ) -> None:
        """out [rows] = matrix times the norm of a token x [D], plus bias."""
        rows = _rows(tuned, matrix)
        grid = {"group": rows.rows, "programs": rows.programs, "warps": rows.warps}
        norm_gemv(x, gain, self._eps, matrix, bias, out, **grid, pdl=self._pdl)

    def norm_some(
        self, x: Tensor, gain: Tensor, matrix: DeviceMatrix, bias: Tensor | None, out: Tensor, tuned: ByKind
    ) -> None:
        """out = matrix times the norm of tokens x [batch, D], plus bias."""
        normed = self.operand(self._normed[: len(x)])
        order = PAIRS if matrix.kind == "q8_0" else PLAIN
        rms_norm(x, gain, self._eps, normed, order=order, pdl=self._pdl)
        self.some(normed, matrix, bias, out, tuned)

    def operand(self, buffer: Tensor) -> Tensor:
        """The buffer [batch, cols] for what is multiplied with a dense matrix: of float16 for few tokens."""
        if self._invariant or len(buffer) > FEW:
            return buffer
        return buffer.view(torch.float16).flatten()[: buffer.numel()].view(buffer.shape)

    def some(
        self,
        x: Tensor,
        matrix: DeviceMatrix,
        bias: Tensor | None,
        out: Tensor,
        tuned: ByKind,
        residual: Tensor | None = None,
    ) -> None:
        """out = matrix times tokens x [batch, cols] of an `operand`, plus bias and residual."""
        if x.dtype == torch.float32:
            return self.many(x, matrix, bias, out, residual, pdl=self._pdl)
        rows = _rows(tuned, matrix)
        grid = {"group": rows.rows, "programs": rows.programs, "warps": rows.warps}
        few_gemv(x, matrix, bias, out, residual=residual, **grid, pdl=self._pdl)

    def many(
        self,
        x: Tensor,
        matrix: DeviceMatrix,
        bias: Tensor | None,
        out: Tensor,
        residual: Tensor | None = None,
        pdl: bool = False,
    ) -> None:
        """out = matrix times tokens x f32[T, cols], plus bias and residual."""
        few, tuning = self.is_few(len(x)), self._tuning
        tile = tuning.dense_few if few else tuning.dense_many
        tile = tuning.dense_f32 if matrix.kind == "f32" else tile
        matmul(x, matrix, bias, out, residual=residual, tile=tile, split=few, pdl=pdl)

    def is_few(self, tokens: int) -> bool:
        return tokens <= MANY or self._invariant


def _rows(tuned: ByKind, matrix: DeviceMatrix) -> Rows:
    return tuned.q8_0 if matrix.kind == "q8_0" else tuned.float
