"""Shared: tensors and settings of a Forward that all kinds of steps work with. It knows no step."""

from dataclasses import dataclass

from ossia.engine.gpt_oss.cuda.buffers import Buffers
from ossia.engine.gpt_oss.cuda.inputs import DecodeInputs
from ossia.engine.gpt_oss.cuda.kernels.attention import AttentionShape, Paged
from ossia.engine.gpt_oss.cuda.layout import DeviceWeights
from ossia.engine.gpt_oss.cuda.ranks import Ranks
from ossia.engine.gpt_oss.cuda.tuned import Tuning


@dataclass(frozen=True, slots=True)
class Shared:
    """Of each layer there is a shape of its attention and a part of the cache; weights are the rank's shard."""

    weights: DeviceWeights
    inputs: DecodeInputs
    buffers: Buffers
    shapes: list[AttentionShape]
    paged: list[Paged]
    tuning: Tuning
    ranks: Ranks
    pdl: bool
