"""The parts of an engine for some weights: on a GPU to run, or on torch's meta device to compile all their kernels.

Shapes follow from the model and the options alone, never from what memory is free: so the kernels of the next start,
or of another process, are the same.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import torch

from ossia.config import EngineOptions
from ossia.engine.gpt_oss.config import GptOssConfig
from ossia.engine.gpt_oss.cuda import padded
from ossia.engine.gpt_oss.cuda.buffers import LOGITS_AT_ONCE
from ossia.engine.gpt_oss.cuda.compile import compiling
from ossia.engine.gpt_oss.cuda.forward import DecodeInputs, DeviceCache, ExtendInputs, Forward, attention_tiles
from ossia.engine.gpt_oss.cuda.graphs import SIZES
from ossia.engine.gpt_oss.cuda.layout import BLOCK_SIZE, DeviceWeights
from ossia.engine.gpt_oss.cuda.load import planned
from ossia.engine.gpt_oss.cuda.padded import NOTHING, PaddedStep
from ossia.engine.gpt_oss.cuda.ranks import ALONE, Ranks
from ossia.engine.gpt_oss.cuda.sampling import Sampler
from ossia.engine.gpt_oss.weights import Weights, layer_kinds
from ossia.engine.places import num_sequences
from ossia.engine.timeline import Report

USUAL_PLACES: Final = 64
MAX_BATCHED_TOKENS: Final = 2048
LARGE_CARD: Final = 40 << 30
"""Bytes of a card on which chunks may be four times as long: their experts' tiles read the weights less often."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything of an engine but its graphs and its books."""

    forward: Forward
    sampler: Sampler
    inputs: DecodeInputs

    @property
    def sizes(self) -> list[int]:
        """Batch sizes of decodes."""
        return [size for size in SIZES if size <= self.inputs.staging.shape[1]]

    def padded_steps(self) -> list[PaddedStep]:
        """Steps of pieces of prompts that have graphs."""
        staging, nobody = self.inputs.staging, len(self.inputs.last_tokens) - 1
        sizes = [size for size in padded.SIZES if self.forward.can_pad(size)]
        return [PaddedStep(size, staging.shape[1], nobody, staging.device) for size in sizes]

    def launch_all(self) -> None:
        """Launch every kernel of steps and draws, on inputs of nobody."""
        self.extend_once()
        for size in self.sizes:
            self.forward.decode(size)

    def extend_once(self) -> None:
        """Launch every kernel of prompts and draws, for tokens of the row that belongs to nobody."""
        for tokens in self.forward.sizes():
            states = self.forward.extend(_padding(tokens, self.inputs))
            self.sampler.warm_up(self.forward.logits(states))
        self.forward.launch_heads()
        for step in self.padded_steps():
            step.fill(NOTHING)
            self.forward.extend_padded(step.inputs)


def most_tokens(total_bytes: int) -> int:
    """Most tokens of a step on a card of so much memory."""
    return MAX_BATCHED_TOKENS * (4 if total_bytes >= LARGE_CARD else 1)


def assemble(
    weights: DeviceWeights,
    num_blocks: int,
    options: EngineOptions,
    pdl: bool,
    max_tokens: int = 4 * MAX_BATCHED_TOKENS,
    num_window_blocks: int | None = None,
    ranks: Ranks = ALONE,
) -> Parts:
    """Parts on the device of the weights, which are the rank's shard, with a KV cache of so many blocks."""
    config, device = weights.config, weights.output_norm.device
    cache = DeviceCache(config, num_blocks, device, num_window_blocks, options.kv_cache_type)
    inputs = DecodeInputs.empty(_num_rows(options), _longest_table(config), cache)
    invariant = options.batch_invariant
    forward = Forward(weights, cache, inputs, max_tokens=max_tokens, invariant=invariant, pdl=pdl, ranks=ranks)
    return Parts(forward, Sampler(config.vocab_size, _num_logits(options), inputs.last_tokens, pdl=pdl), inputs)


def compile_kernels(weights: Weights, options: EngineOptions, pdl: bool, report: Report, ranks: Ranks = ALONE) -> None:
    """Compile all kernels that an engine of these weights launches, without memory on the GPU."""
    on_nothing, _ = planned(_shortened(weights), torch.device("meta"))
    parts = assemble(on_nothing, 1, options, pdl, ranks=ranks)
    with compiling(lambda done, total: report("compiling kernels", done, total)):
        parts.launch_all()


def _shortened(weights: Weights) -> Weights:
    """The first layers, as many as there are of different kinds: what follows launches the same kernels."""
    config = weights.config
    kinds = [(config.is_sliding(number), layer_kinds(layer)) for number, layer in enumerate(weights.layers)]
    count = 1 + max(kinds.index(kind) for kind in set(kinds))
    short = replace(config, num_layers=count, sliding_pattern=config.sliding_pattern[:count])
    return replace(weights, config=short, layers=weights.layers[:count])


def workspace_bytes(config: GptOssConfig, options: EngineOptions, max_tokens: int) -> int:
    """Bytes of all parts but weights and KV cache."""
    forward = Forward.workspace_bytes(config, _num_rows(options), _longest_table(config), max_tokens)
    return forward + Sampler.workspace_bytes(config.vocab_size, _num_logits(options))


def num_places(options: EngineOptions) -> int:
    """Places of a batch that are wanted."""
    return options.num_parallel or USUAL_PLACES


def _num_rows(options: EngineOptions) -> int:
    """Rows of the device: as many as sequences run, and as the graph that holds them all has places."""
    wanted = num_sequences(num_places(options))
    return next((size for size in SIZES if size >= wanted), wanted)


def _num_logits(options: EngineOptions) -> int:
    """Most rows of logits of a step."""
    return max(_num_rows(options), LOGITS_AT_ONCE)


def _longest_table(config: GptOssConfig) -> int:
    return -(-config.context_length // BLOCK_SIZE)


def _padding(tokens: int, inputs: DecodeInputs) -> ExtendInputs:
    """One sequence of zeros in the row that belongs to nobody."""
    device, nobody = inputs.staging.device, len(inputs.last_tokens) - 1
    query_start = np.array([0, tokens], np.int32)
    zeros = torch.zeros(tokens, dtype=torch.int32, device=device)
    return ExtendInputs(
        ids=zeros,
        positions=torch.from_numpy(np.arange(tokens, dtype=np.int32)).to(device),
        sequences=zeros,
        rows=torch.tensor([nobody], dtype=torch.int32, device=device),
        query_start=torch.from_numpy(query_start).to(device),
        tiles=torch.from_numpy(attention_tiles(query_start)).to(device),
        final_rows=torch.tensor([tokens - 1], device=device),
    )
