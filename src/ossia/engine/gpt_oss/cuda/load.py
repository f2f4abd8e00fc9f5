"""Weights from a file to the device: read by several threads into pinned memory, copied, and repacked there.

Nothing is copied from the mapping: its page faults would wait for the copy, and the copy for them. Pieces go in the
order of the layers, so that reading, copying and repacking overlap, and no matrix is ever whole in host memory. Types
that no kernel multiplies become Q8_0 in the threads that read.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ossia.engine.gpt_oss.cuda.disk import ALIGNMENT, ModelFile
from ossia.engine.gpt_oss.cuda.layout import DeviceLayer, DeviceMatrix, DeviceWeights
from ossia.engine.gpt_oss.cuda.pack import empty_matrix, fill
from ossia.engine.gpt_oss.matrix import Matrix, dequantize, row_bytes
from ossia.engine.gpt_oss.repack import alike, convert
from ossia.engine.gpt_oss.weights import Layer, Weights
from ossia.engine.timeline import Report, silent
from ossia.gguf import GGUF

Bytes = npt.NDArray[np.uint8]

PIECE_BYTES: Final = 16 << 20
THREADS: Final = 8
BUFFERS: Final = 12  # more than threads: some are being copied while others are read


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a matrix of a file that go to rows first, first + step, ... of a matrix on the device."""

    source: Matrix
    matrix: DeviceMatrix
    first: int = 0
    step: int = 1

    def pieces(self, size: int) -> "Iterator[Part]":
        """The same in parts of at most `size` bytes, or of one row."""
        data, row = self.source.data, self.first
        most = max(1, size // max(data.strides[-2], row_bytes(self.source.kind, self.source.cols)))
        groups: list[Bytes] = list(data) if data.ndim == 3 else [data]
        for group in groups:
            for start in range(0, len(group), most):
                source = replace(self.source, data=group[start : start + most])
                yield Part(source, self.matrix, row, self.step)
                row += source.rows * self.step

    @property
    def rows(self) -> slice:
        return slice(self.first, self.first + (self.source.rows - 1) * self.step + 1, self.step)

    @property
    def nbytes(self) -> int:
        """Bytes that a piece takes in host memory, as stored or as repacked, whichever is more."""
        return max(_span(self.source.data), self.source.nbytes)


@dataclass(slots=True)
class Plan:
    """Everything that is to be copied: matrices in parts, in order. The device's tensors are made here, still empty."""

    device: torch.device
    parts: list[Part] = field(default_factory=list[Part])

    def matrix(self, *sources: Matrix, in_host: bool = False) -> DeviceMatrix:
        """One matrix of these below each other; of different kinds, all become 8 bit."""
        sources = alike(*sources)
        first = sources[0]
        rows = sum(source.rows for source in sources)
        matrix = empty_matrix(first.kind, rows, first.cols, self.device, in_host=in_host)
        row = 0
        for source in sources:
            self.parts.append(Part(source, matrix, row))
            row += source.rows
        return matrix

    def interleaved(self, gate: Matrix, up: Matrix) -> DeviceMatrix:
        """One matrix of the rows of both in turn."""
        if (whole := _alternating(gate, up)) is not None:
            return self.matrix(whole)
        gate, up = alike(gate, up)
        matrix = empty_matrix(gate.kind, gate.rows + up.rows, gate.cols, self.device)
        self.parts += [Part(source, matrix, i, 2) for i, source in enumerate((gate, up))]
        return matrix

    def vector(self, values: npt.NDArray[np.float32]) -> Tensor:
        """Small ones, which are in host memory already, are copied at once."""
        return torch.from_numpy(np.ascontiguousarray(values).copy()).to(self.device)


def load(
    gguf: GGUF,
    weights: Weights,
    device: torch.device,
    report: Report = silent,
    *,
    embedding_in_host: bool = False,
) -> DeviceWeights:
    """Copy `weights`, which are views on `gguf`, to the device. Raises InvalidModelFile for a file that got shorter."""
    on_device, parts = planned(weights, device, embedding_in_host=embedding_in_host)
    copy(gguf, parts, device, report)
    return on_device


def planned(
    weights: Weights, device: torch.device, *, embedding_in_host: bool = False
) -> tuple[DeviceWeights, list[Part]]:
    """The weights on the device, whose matrices are still empty, and the parts that are to be copied there.

    The embedding may be in host memory that the device reads.
    """
    plan = Plan(device)
    embedding = plan.matrix(weights.embedding, in_host=embedding_in_host)
    layers = tuple(_layer(layer, plan) for layer in weights.layers)
    tied = weights.output is weights.embedding
    output = embedding if tied else plan.matrix(weights.output)
    return DeviceWeights(weights.config, embedding, output, plan.vector(weights.output_norm), layers), plan.parts


def device_bytes(weights: Weights) -> int:
    """Bytes of the weights on the device: routers are float32 there, and what becomes one matrix has one kind."""
    routers = sum(layer.router.rows * layer.router.cols * 4 - layer.router.nbytes for layer in weights.layers)
    merged = sum(_growth(layer.q, layer.k, layer.v) + _growth(layer.gate, layer.up) for layer in weights.layers)
    return weights.num_bytes + routers + merged


def _growth(*matrices: Matrix) -> int:
    return sum(matrix.nbytes for matrix in alike(*matrices)) - sum(matrix.nbytes for matrix in matrices)


def _layer(layer: Layer, plan: Plan) -> DeviceLayer:
    return DeviceLayer(
        attn_norm=plan.vector(layer.attn_norm),
        qkv=plan.matrix(layer.q, layer.k, layer.v),
        qkv_bias=plan.vector(np.concatenate([layer.q_bias, layer.k_bias, layer.v_bias])),
        sinks=plan.vector(layer.sinks),
        out=plan.matrix(layer.out),
        out_bias=plan.vector(layer.out_bias),
        mlp_norm=plan.vector(layer.mlp_norm),
        router=plan.vector(dequantize(layer.router.data, layer.router.kind)),
        router_bias=plan.vector(layer.router_bias),
        gate_up=plan.interleaved(layer.gate, layer.up),
        gate_up_bias=plan.vector(np.stack([layer.gate_bias, layer.up_bias], axis=-1).reshape(len(layer.gate_bias), -1)),
        down=plan.matrix(layer.down),
        down_bias=plan.vector(layer.down_bias),
    )


def _alternating(gate: Matrix, up: Matrix) -> Matrix | None:
    """The matrix of which these are the even and the odd rows, if there is one."""
    if gate.data.ndim == 3:
        return None
    rows, size = gate.data.shape
    if gate.data.strides[0] != 2 * size or up.data.ctypes.data - gate.data.ctypes.data != size:
        return None
    return replace(gate, data=np.lib.stride_tricks.as_strided(gate.data, (2 * rows, size), (size, 1)))


# ---- the copy


class _Source:
    """A GGUF's files, and where the map of each begins."""

    def __init__(self, gguf: GGUF) -> None:
        self._files = [
            (address, ModelFile(path, address)) for address, path in zip(gguf.addresses, gguf.paths, strict=True)
        ]

    def close(self) -> None:
        for _, file in self._files:
            file.close()

    def read(self, matrix: Matrix, buffer: Bytes) -> int:
        """Copy the rows of a matrix into the buffer, repacked to its kind; returns where they begin.

        Raises InvalidModelFile.
        """
        start = self._read_stored(matrix.data, buffer)
        if matrix.stored is None:
            return start
        data = buffer[start : start + matrix.data.nbytes].copy()
        packed = buffer[: matrix.nbytes].reshape(matrix.rows, -1)
        convert(data.reshape(matrix.data.shape), matrix.stored, packed)
        return 0

    def _read_stored(self, data: Bytes, buffer: Bytes) -> int:
        """Copy the bytes of `data` into the buffer, from the file if it is a view on the map.

        Of rows that are not adjacent, what lies between is read too: few large reads are faster than many small ones.
        """
        for address, file in self._files:
            if 0 <= data.ctypes.data - address < file.size:
                start = file.read(data.ctypes.data - address, _span(data), buffer.data)
                if not data.flags.c_contiguous:
                    rows = np.lib.stride_tricks.as_strided(buffer[start:], data.shape, data.strides)
                    buffer[start : start + data.nbytes] = rows.reshape(-1)
                return start
        buffer[: data.nbytes] = data.reshape(-1)
        return 0


def _span(rows: Bytes) -> int:
    """Bytes from the first to the last of rows u8[n, row_bytes]."""
    return (len(rows) - 1) * rows.strides[0] + rows.shape[1]


class _Buffer:
    """Pinned memory for a piece, and the point at which the device is done with it."""

    def __init__(self, size: int, on_gpu: bool) -> None:
        whole = torch.empty(size + 3 * ALIGNMENT, dtype=torch.uint8, pin_memory=on_gpu)
        first = -whole.data_ptr() % ALIGNMENT
        self.tensor = whole[first : first + size + 2 * ALIGNMENT]
        self.bytes: Bytes = self.tensor.numpy()
        self.copied = torch.cuda.Event() if on_gpu else None


def copy(gguf: GGUF, parts: Sequence[Part], device: torch.device, report: Report = silent) -> None:
    """Copy all parts to their matrices, and wait until they are there. Progress is in bytes."""
    pieces = [piece for part in parts for piece in part.pieces(PIECE_BYTES)]
    if not pieces:
        return
    largest = max(piece.nbytes for piece in pieces)
    is_repacked = any(piece.source.stored is not None for piece in pieces)
    doing = "repacking weights" if is_repacked else "reading weights"
    done, total = 0, sum(piece.source.nbytes for piece in pieces)
    buffers = [_Buffer(largest, device.type == "cuda") for _ in pieces[:BUFFERS]]
    source = _Source(gguf)
    try:
        with ThreadPoolExecutor(THREADS, thread_name_prefix="weights") as pool:
            reads: list[Future[int]] = []

            def read_next() -> None:
                number = len(reads)
                if number < len(pieces):
                    reads.append(pool.submit(_read, source, pieces[number].source, buffers[number % len(buffers)]))

            for _ in buffers:
                read_next()
            for number, piece in enumerate(pieces):
                _send(piece, buffers[number % len(buffers)], reads[number].result())
                read_next()
                done += piece.source.nbytes
                report(doing, done, total)
        if device.type == "cuda":
            torch.cuda.synchronize(device)
    finally:
        source.close()


def _send(piece: Part, buffer: _Buffer, start: int) -> None:
    """Queue the piece, whose bytes begin at `start` in the buffer; a matrix in host memory is filled at once."""
    source, device = piece.source, piece.matrix.values.device
    data = buffer.tensor[start : start + source.nbytes].to(device, non_blocking=True).view(source.rows, -1)
    if buffer.copied:
        buffer.copied.record()
    fill(piece.matrix, piece.rows, data, source.kind)


def _read(source: _Source, matrix: Matrix, buffer: _Buffer) -> int:
    """Fill the buffer with rows, once the device is done with what it held; returns where they begin."""
    if buffer.copied:
        buffer.copied.synchronize()
    return source.read(matrix, buffer.bytes)
