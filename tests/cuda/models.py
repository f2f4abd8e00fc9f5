"""Random gpt-oss models of any shape and kind, made in memory; and batches for a Forward that runs them."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch

from ossia import mxfp4
from ossia.engine.gpt_oss.config import GptOssConfig, Yarn
from ossia.engine.gpt_oss.cuda.forward import DecodeInputs, DeviceCache, ExtendInputs, Forward, attention_tiles
from ossia.engine.gpt_oss.cuda.padded import PaddedStep
from ossia.engine.gpt_oss.cuda.rows import Flat
from ossia.engine.gpt_oss.matrix import Kind, Matrix
from ossia.engine.gpt_oss.weights import Layer, Weights
from tests.cuda.packed import DEVICE, device_weights

SMALL = GptOssConfig(
    num_layers=2, hidden_size=64, intermediate_size=32, num_heads=4, num_kv_heads=2, head_dim=64, num_experts=6,
    experts_per_token=4, vocab_size=64, sliding_window=8, sliding_pattern=(True, False), context_length=131072,
    rope_theta=150000.0, yarn=Yarn(32.0, 4096),
)  # fmt: skip
MAX_BLOCKS = 8


def random_weights(config: GptOssConfig, dense: Kind, experts: Kind, seed: int = 0) -> Weights:
    rng = np.random.default_rng(seed)
    c = config

    def matrix(kind: Kind, rows: int, cols: int) -> Matrix:
        return Matrix(_data(rng, kind, rows, cols), kind, cols)

    def vector(*shape: int, scale: float = 0.3, mean: float = 0.0) -> np.ndarray:
        return (mean + scale * rng.standard_normal(shape)).astype(np.float32)

    d, f, e, hd = c.hidden_size, c.intermediate_size, c.num_experts, c.head_dim
    layers = [
        Layer(
            attn_norm=vector(d, scale=0.1, mean=1), q=matrix(dense, c.num_heads * hd, d),
            k=matrix(dense, c.num_kv_heads * hd, d), v=matrix(dense, c.num_kv_heads * hd, d),
            q_bias=vector(c.num_heads * hd), k_bias=vector(c.num_kv_heads * hd), v_bias=vector(c.num_kv_heads * hd),
            sinks=vector(c.num_heads, scale=1), out=matrix(dense, d, c.num_heads * hd), out_bias=vector(d),
            mlp_norm=vector(d, scale=0.1, mean=1), router=matrix("f32", e, d), router_bias=vector(e),
            gate=matrix(experts, e * f, d), up=matrix(experts, e * f, d), down=matrix(experts, e * d, f),
            gate_bias=vector(e, f), up_bias=vector(e, f), down_bias=vector(e, d),
        )
        for _ in range(c.num_layers)
    ]  # fmt: skip
    return Weights(
        c, matrix(dense, c.vocab_size, d), matrix(dense, c.vocab_size, d), vector(d, scale=0.1, mean=1), tuple(layers)
    )


def _data(rng: np.random.Generator, kind: Kind, rows: int, cols: int) -> np.ndarray:
    """Rows of bytes; values of about cols ** -0.5. Large MXFP4 matrices are of random codes."""
    if kind == "mxfp4" and rows * cols > 1 << 20:
        data = rng.integers(0, 256, (rows, cols // 32, 17), np.uint8)
        data[..., 0] = 127 - round(np.log2(cols) / 2) - 2 + data[..., 0] % 2
        return data.reshape(rows, -1)
    values = rng.standard_normal((rows, cols), np.float32) * np.float32(cols**-0.5)
    match kind:
        case "mxfp4":
            return mxfp4.quantize(values)
        case "q8_0":
            blocks = values.reshape(rows, -1, 32)
            scales = (np.abs(blocks).max(-1, keepdims=True) / 127).astype(np.float16)
            codes = np.rint(blocks / scales.astype(np.float32)).clip(-127, 127).astype(np.int8)
            return np.concatenate([scales.view(np.uint8), codes.view(np.uint8)], axis=-1).reshape(rows, -1)
        case "bf16":
            return (values.view(np.uint32) >> 16).astype(np.uint16).view(np.uint8)
        case "f16":
            return values.astype(np.float16).view(np.uint8)
        case _:
            return values.view(np.uint8)


class Model:
    """A Forward with a cache, whose sequences have a row each and blocks in disorder."""

    def __init__(self, weights: Weights, *, rows: int = 4, max_tokens: int = 128, **options: object) -> None:
        config = weights.config
        self.cache = DeviceCache(config, rows * MAX_BLOCKS, DEVICE)
        for layer in self.cache.blocks:
            layer[: rows * MAX_BLOCKS] = float("nan")  # whatever nobody wrote must not be read
        self.inputs = DecodeInputs.empty(rows, MAX_BLOCKS, self.cache)
        blocks = torch.from_numpy(np.random.default_rng(1).permutation(rows * MAX_BLOCKS).astype(np.int32))
        self.inputs.tables[0, :rows] = blocks.view(rows, MAX_BLOCKS).to(DEVICE)
        self.forward = Forward(device_weights(weights), self.cache, self.inputs, max_tokens=max_tokens, **options)

    def extend(self, *items: tuple[int, int, Sequence[int]]) -> torch.Tensor:
        """Logits after every token of items (row, position of the first, ids)."""
        starts = np.cumsum([0, *(len(ids) for _, _, ids in items)])

        def ints(values: object) -> torch.Tensor:
            return torch.from_numpy(np.asarray(values, np.int32)).to(DEVICE)

        inputs = ExtendInputs(
            ids=ints([id for _, _, ids in items for id in ids]),
            positions=ints([start + i for _, start, ids in items for i in range(len(ids))]),
            sequences=ints(np.repeat(np.arange(len(items)), np.diff(starts))),
            rows=ints([row for row, _, _ in items]),
            query_start=ints(starts),
            tiles=ints(attention_tiles(starts)),
            final_rows=torch.arange(int(starts[-1]), device=DEVICE),
        )
        states = self.forward.extend(inputs).clone()
        return torch.cat([self.forward.logits(part).clone() for part in states.split(64)])

    def extend_padded(self, size: int, *items: tuple[int, int, Sequence[int]]) -> torch.Tensor:
        """Logits after the last token of each of items (row, position of the first, ids), in a step of a size."""
        starts = np.cumsum([0, *(len(ids) for _, _, ids in items)])

        def ints(values: object) -> npt.NDArray[np.int32]:
            return np.asarray(values, np.int32)

        flat = Flat(
            ids=ints([id for _, _, ids in items for id in ids]),
            positions=ints([start + i for _, start, ids in items for i in range(len(ids))]),
            sequences=ints(np.repeat(np.arange(len(items)), np.diff(starts))),
            rows=ints([row for row, _, _ in items]),
            query_start=ints(starts),
            final_rows=starts[1:] - 1,
            num_final=[1] * len(items),
        )
        rows = self.inputs.staging.shape[1]
        step = PaddedStep(size, rows, rows, self.inputs.staging.device)
        assert step.takes(flat)
        step.fill(flat)
        states = self.forward.extend_padded(step.inputs)
        return self.forward.logits(states[torch.from_numpy(flat.final_rows).to(DEVICE)]).clone()

    def stage(self, *items: tuple[int, int, int]) -> None:
        """Items (row, position, id), one a place."""
        rows, positions, ids = zip(*items, strict=True)
        self.inputs.staging[:, : len(items)] = torch.tensor([ids, rows, positions], dtype=torch.int32)

    def decode(self, *items: tuple[int, int, int]) -> torch.Tensor:
        """Logits after one token of each of items (row, position, id)."""
        self.stage(*items)
        return self.forward.decode(len(items)).clone()
