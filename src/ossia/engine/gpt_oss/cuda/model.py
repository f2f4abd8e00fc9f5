"""GraphedModel: the forward pass with its decodes in CUDA graphs, so that a decode costs the host one launch.

Kernels are compiled and graphs captured at the start: no request waits for a compiler.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from ossia.engine.gpt_oss.cuda.compile import compiling
from ossia.engine.gpt_oss.cuda.forward import DecodeInputs, ExtendInputs, Forward, attention_tiles
from ossia.engine.gpt_oss.cuda.graphs import DecodeGraphs
from ossia.engine.gpt_oss.cuda.sampling import Sampler

TOKENS_OF_KERNELS = (1, 65)
"""Numbers of tokens of which each runs other kernels of `extend`."""


class GraphedModel:
    def __init__(self, forward: Forward, sampler: Sampler, inputs: DecodeInputs, sizes: Sequence[int]) -> None:
        """Each of `sizes`, which are batch sizes, gets a graph."""
        self._forward = forward
        self._logits: dict[int, Tensor] = {}  # by size: where its graph leaves them
        self._graphs = DecodeGraphs(self._step, sizes)
        paddings = [_padding(tokens, inputs) for tokens in TOKENS_OF_KERNELS]
        with compiling():
            self._run(paddings, sampler)
            for size in sizes:
                forward.decode(size)
        self._run(paddings, sampler)
        for size in sizes:
            self._graphs.capture(size)
        torch.cuda.synchronize()

    def decode(self, batch: int) -> Tensor:
        self._graphs.replay(batch)
        return self._logits[self._graphs.bucket(batch)][:batch]

    def extend(self, inputs: ExtendInputs) -> Tensor:
        return self._forward.extend(inputs)

    def logits(self, states: Tensor) -> Tensor:
        return self._forward.logits(states)

    def _run(self, paddings: Sequence[ExtendInputs], sampler: Sampler) -> None:
        for padding in paddings:
            sampler.warm_up(self._forward.logits(self._forward.extend(padding)))

    def _step(self, size: int) -> None:
        self._logits[size] = self._forward.decode(size)


def _padding(tokens: int, inputs: DecodeInputs) -> ExtendInputs:
    """One sequence of zeros in the row that belongs to nobody."""
    device, nobody = inputs.staging.device, len(inputs.last_tokens) - 1
    query_start = np.array([0, tokens], np.int32)
    zeros = torch.zeros(tokens, dtype=torch.int32, device=device)
    return ExtendInputs(
        ids=zeros,
        positions=torch.arange(tokens, dtype=torch.int32, device=device),
        sequences=zeros,
        rows=torch.tensor([nobody], dtype=torch.int32, device=device),
        query_start=torch.from_numpy(query_start).to(device),
        tiles=torch.from_numpy(attention_tiles(query_start)).to(device),
        final_rows=torch.tensor([tokens - 1], device=device),
    )
