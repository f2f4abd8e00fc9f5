"""Check of every kernel by its reference, on two layers of the model that is to run: the same launches, real weights.

A prompt and decodes at each range of batch sizes are computed by kernels, and compared with the chained references.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import torch
import triton
from torch import Tensor

from ossia.config import CacheKind
from ossia.engine.gpt_oss.cuda.buffers import rotary_tables
from ossia.engine.gpt_oss.cuda.compile import kernel_folder
from ossia.engine.gpt_oss.cuda.device import Gpu
from ossia.engine.gpt_oss.cuda.forward import Forward, has_pdl
from ossia.engine.gpt_oss.cuda.inputs import DecodeInputs, DeviceCache, ExtendInputs
from ossia.engine.gpt_oss.cuda.kernels.prefill import attention_tiles
from ossia.engine.gpt_oss.cuda.kernels.reference import Expected, draws_right, expect
from ossia.engine.gpt_oss.cuda.layout import BLOCK_SIZE, DeviceWeights
from ossia.engine.gpt_oss.cuda.padded import PaddedStep
from ossia.engine.gpt_oss.cuda.rows import Flat
from ossia.engine.gpt_oss.cuda.rules import restrict, select
from ossia.engine.gpt_oss.cuda.verdict import Subject, trusts_dependent_launch
from ossia.types import SamplingParams

BATCHES: Final = (1, 4, 16, 40)  # of each range of batch sizes one; the first as often as ALONE says
ALONE: Final = 8
FILTERS: Final = (SamplingParams(top_k=40), SamplingParams(top_p=0.9), SamplingParams(top_k=50, top_p=0.8, min_p=0.01))
BEYOND: Final = 20  # ids of the prompt beyond the window


def may_launch_dependently(weights: DeviceWeights, gpu: Gpu, *, invariant: bool, cache_kind: CacheKind = "f16") -> bool:
    """True if kernels may be launched dependently. Raises NoGpu if they are wrong; see verdict.py."""
    config = weights.config
    kinds = [(layer.qkv.kind, layer.out.kind, layer.gate_up.kind, layer.down.kind) for layer in weights.layers[:2]]
    model = repr((config, weights.embedding.kind, weights.output.kind, kinds, invariant, cache_kind))
    subject = Subject(torch.__version__, triton.__version__, f"{gpu.name} {gpu.capability}", model)
    can = has_pdl(weights.output_norm.device)
    max_blocks = -(-config.context_length // BLOCK_SIZE)

    def check(pdl: bool) -> list[str]:
        return faults(weights, max_blocks, invariant=invariant, pdl=pdl and can, cache_kind=cache_kind)

    return trusts_dependent_launch(subject, kernel_folder(), check) and can


def faults(
    weights: DeviceWeights, max_blocks: int, *, invariant: bool, pdl: bool, cache_kind: CacheKind = "f16"
) -> list[str]:
    """Names of what is wrong. `max_blocks` is the length of a block table, which some kernels are compiled for."""
    vocab_size, device = weights.config.vocab_size, weights.output_norm.device
    try:
        found = [
            name
            for name, logits, expected in _Trial(_first_layers(weights), max_blocks, invariant, pdl, cache_kind).run()
            if not expected.is_near(logits)
        ]
        if not draws_right(vocab_size, device):
            found.append("the draw")
        if not _selects_right(vocab_size, device, pdl):
            found.append("the filters")
    except torch.OutOfMemoryError:
        raise
    except Exception as error:  # whatever a compiler or a driver throws
        found = [f"{type(error).__name__}: {error}"]
    return found


class _Trial:
    """A prompt in row 0 that is continued in batches of growing size, beside sequences that begin."""

    def __init__(
        self, weights: DeviceWeights, max_blocks: int, invariant: bool, pdl: bool, cache_kind: CacheKind
    ) -> None:
        config = weights.config
        self.device = weights.output_norm.device
        self._weights = weights
        self._length = min(config.sliding_window + BEYOND, max_blocks * BLOCK_SIZE - 2 * ALONE)
        rows, blocks = BATCHES[-1], -(-(self._length + 2 * ALONE) // BLOCK_SIZE)
        cache = DeviceCache(config, rows + blocks, self.device, kind=cache_kind)
        self._inputs = DecodeInputs.empty(rows, max_blocks, cache)
        self._inputs.tables[0, 0, :blocks] = self._ints(range(rows, rows + blocks))
        self._inputs.tables[0, 1:rows, 0] = self._ints(range(1, rows))
        self._padded = -(-self._length // BLOCK_SIZE) * BLOCK_SIZE  # tokens of a step that holds the prompt
        most = 2 * self._padded
        self._forward = Forward(weights, cache, self._inputs, max_tokens=most, invariant=invariant, pdl=pdl)
        ids = np.random.default_rng(0).integers(0, config.vocab_size, (2, self._length + 2 * ALONE)).tolist()
        self._ids, self._others = ids[0], ids[1][:rows]

    def run(self) -> Iterator[tuple[str, Tensor, Expected]]:
        """Name, logits and what is expected, of each kind of step."""
        tables = rotary_tables(self._weights.config, len(self._ids), self.device)
        long = expect(self._weights, [self._ids], tables)
        short = expect(self._weights, [[id] for id in self._others], tables)
        last = range(max(0, self._length - 32), self._length)
        yield "prompts", self._prompt(last), long.rows(last)
        if self._forward.can_pad(self._padded):
            yield "short prompts", self._short_prompt(last), long.rows(last)
        places = range(self._length, self._length + ALONE)
        yield "1 sequence", torch.cat([self._decode(1, place) for place in places]), long.rows(places)
        for place, batch in enumerate(BATCHES[1:], places.stop):
            yield f"{batch} sequences", self._decode(batch, place), long.rows([place]) + short.rows(range(1, batch))

    def _prompt(self, wanted: Sequence[int]) -> Tensor:
        start = np.array([0, self._length], np.int32)
        states = self._forward.extend(
            ExtendInputs(
                ids=self._ints(self._ids[: self._length]),
                positions=self._ints(range(self._length)),
                sequences=self._ints([0] * self._length),
                rows=self._ints([0]),
                query_start=self._ints(start),
                tiles=self._ints(attention_tiles(start)),
                final_rows=self._ints(wanted).long(),
            )
        )
        return self._forward.logits(states).clone()

    def _short_prompt(self, wanted: Sequence[int]) -> Tensor:
        """The prompt once more, as `_prompt` runs it, in a step that is filled up."""
        zeros = np.zeros(self._length, np.int32)
        step = PaddedStep(self._padded, 1, BATCHES[-1], self.device)
        step.fill(
            Flat(
                ids=np.array(self._ids[: self._length], np.int32),
                positions=np.arange(self._length, dtype=np.int32),
                sequences=zeros,
                rows=zeros[:1],
                query_start=np.array([0, self._length], np.int32),
                final_rows=np.array(wanted),
                num_final=[len(wanted)],
            )
        )
        states = self._forward.extend_padded(step.inputs)
        return self._forward.logits(states[wanted[0] : wanted[-1] + 1]).clone()

    def _decode(self, batch: int, place: int) -> Tensor:
        """Logits after the next id of row 0, at `place`, and the first ids of the rows after it."""
        staged = [[self._ids[place], *self._others[1:batch]], list(range(batch)), [place, *[0] * (batch - 1)]]
        self._inputs.staging[:, :batch] = self._ints(staged)
        return self._forward.decode(batch).clone()

    def _ints(self, values: object) -> Tensor:
        return torch.from_numpy(np.asarray(values, np.int32)).to(self.device)


def _selects_right(vocab_size: int, device: torch.device, pdl: bool) -> bool:
    """True if top_k, top_p and min_p leave what sorting leaves; masses may be rounded to one id more or less."""
    logits = torch.from_numpy(np.random.default_rng(1).standard_normal((len(FILTERS), vocab_size), np.float32) * 3)
    found = logits.to(device)
    expected = restrict(found.clone(), FILTERS)
    if not found.is_cpu:
        no_masks = torch.zeros(1, 1, dtype=torch.int32, device=device)
        select(found, [(row, -1, sampling) for row, sampling in enumerate(FILTERS)], no_masks, pdl=pdl)
        ours, theirs = found > -torch.inf, expected > -torch.inf
        different: list[int] = ((ours & ~theirs) | (theirs & ~ours)).sum(1).tolist()
        return sum(different) <= len(FILTERS)
    return True


def _first_layers(weights: DeviceWeights) -> DeviceWeights:
    """The model with its first two layers: one with a window, one without."""
    count = min(2, weights.config.num_layers)
    pattern = weights.config.sliding_pattern[:count]
    config = replace(weights.config, num_layers=count, sliding_pattern=pattern)
    return replace(weights, config=config, layers=weights.layers[:count])
