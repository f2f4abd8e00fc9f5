"""GraphedModel: the forward pass with its short steps in CUDA graphs, so that each costs the host one launch.

The graph of one sequence is captured at the start, all others at their first use, which is a step of padding if there
is time for it (`CudaRunner.prepare`). Kernels are compiled before.
"""

import torch
from torch import Tensor

from ossia.engine.gpt_oss.cuda.assemble import Parts
from ossia.engine.gpt_oss.cuda.forward import ExtendInputs, attention_tiles
from ossia.engine.gpt_oss.cuda.graphs import StepGraphs
from ossia.engine.gpt_oss.cuda.rows import Flat
from ossia.engine.gpt_oss.cuda.transfer import upload


class GraphedModel:
    def __init__(self, parts: Parts) -> None:
        """Launch what a first request launches: the device must hold nothing but padding yet."""
        self._forward = parts.forward
        self._device = parts.inputs.staging.device
        self._padded = {step.tokens: step for step in parts.padded_steps()}
        self._logits: dict[int, Tensor] = {}  # by size: where its graph leaves them
        self._states: dict[int, Tensor] = {}
        self._decodes = StepGraphs(self._decode, parts.sizes)
        self._extends = StepGraphs(self._extend, self._padded)
        parts.extend_once()
        self._decodes.launch(1)
        torch.cuda.synchronize()

    def decode(self, batch: int) -> Tensor:
        size = self._decodes.size_for(batch)
        assert size, "no more sequences run than the largest graph has places"
        self._decodes.launch(size)
        return self._logits[size][:batch]

    def extend(self, flat: Flat) -> Tensor:
        size = self._extends.size_for(len(flat.ids))
        if not size or not self._padded[size].takes(flat):
            return self._forward.extend(uploaded(flat, self._device))
        final_rows = upload(flat.final_rows, self._device)
        self._padded[size].fill(flat)
        self._extends.launch(size)
        return self._states[size].index_select(0, final_rows)

    def logits(self, states: Tensor) -> Tensor:
        return self._forward.logits(states)

    def _decode(self, size: int) -> None:
        self._logits[size] = self._forward.decode(size)

    def _extend(self, size: int) -> None:
        self._states[size] = self._forward.extend_padded(self._padded[size].inputs)


def uploaded(flat: Flat, device: torch.device) -> ExtendInputs:
    """The batch on the device, where copies of it will be once the stream has come that far."""
    return ExtendInputs(
        ids=upload(flat.ids, device),
        positions=upload(flat.positions, device),
        sequences=upload(flat.sequences, device),
        rows=upload(flat.rows, device),
        query_start=upload(flat.query_start, device),
        tiles=upload(attention_tiles(flat.query_start), device),
        final_rows=upload(flat.final_rows, device),
    )
