"""GraphedModel: the forward pass with its decodes in CUDA graphs, so that a decode costs the host one launch.

The graph of one sequence is captured at the start, those of more at their first use. Kernels are compiled before.
"""

import torch
from torch import Tensor

from ossia.engine.gpt_oss.cuda.assemble import Parts
from ossia.engine.gpt_oss.cuda.forward import ExtendInputs
from ossia.engine.gpt_oss.cuda.graphs import DecodeGraphs


class GraphedModel:
    def __init__(self, parts: Parts) -> None:
        """Launch what a first request launches: the device must hold nothing but padding yet."""
        self._forward = parts.forward
        self._logits: dict[int, Tensor] = {}  # by size: where its graph leaves them
        self._graphs = DecodeGraphs(self._step, parts.sizes)
        parts.extend_once()
        self._graphs.capture(1)
        torch.cuda.synchronize()

    def decode(self, batch: int) -> Tensor:
        if self._graphs.has(batch):
            self._graphs.replay(batch)
        else:
            self._graphs.capture(batch)
        return self._logits[self._graphs.bucket(batch)][:batch]

    def extend(self, inputs: ExtendInputs) -> Tensor:
        return self._forward.extend(inputs)

    def logits(self, states: Tensor) -> Tensor:
        return self._forward.logits(states)

    def _step(self, size: int) -> None:
        self._logits[size] = self._forward.decode(size)
