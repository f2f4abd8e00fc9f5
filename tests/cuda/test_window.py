"""A pool of its own for the layers with a window changes no bit: kernels under CudaRunner, two steps in flight."""

from dataclasses import replace

import pytest
from torch import Tensor

from ossia.engine.core import EngineCore
from ossia.engine.gpt_oss.cuda.forward import DecodeInputs, DeviceCache, Forward
from ossia.engine.gpt_oss.cuda.layout import BLOCK_SIZE, DeviceWeights
from ossia.engine.gpt_oss.cuda.model import uploaded
from ossia.engine.gpt_oss.cuda.rows import Flat
from ossia.engine.gpt_oss.cuda.runner import CudaRunner
from ossia.engine.gpt_oss.cuda.sampling import Sampler
from ossia.engine.gpt_oss.cuda.work import Computer
from ossia.engine.memory import Memory
from ossia.engine.runner import Capacity, Window
from ossia.engine.sequence import Sample, Sampled, Sequence, StepOutput
from ossia.engine.window import WindowBlocks
from ossia.types import SamplingParams
from tests.cuda.models import SMALL, random_weights
from tests.cuda.packed import DEVICE, device_weights

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning"),  # of the interpreter
    pytest.mark.timeout(900),
]
CONFIG = replace(SMALL, num_heads=2, num_kv_heads=1, num_experts=1, experts_per_token=1)
ROWS, NUM_BLOCKS, CHUNK, DEPTH = 2, 16, 80, 2
LEAST = WindowBlocks.least(BLOCK_SIZE, CONFIG.sliding_window, num_sequences=ROWS, num_in_flight=DEPTH * CHUNK)


class Model:
    """A Forward whose cache holds nothing yet."""

    def __init__(self, weights: DeviceWeights, num_window_blocks: int | None) -> None:
        cache = DeviceCache(weights.config, NUM_BLOCKS, DEVICE, num_window_blocks)
        for layer in cache.blocks:
            layer.fill_(float("nan"))
        self.inputs = DecodeInputs.empty(ROWS, NUM_BLOCKS, cache)
        self._forward = forward = Forward(weights, cache, self.inputs, max_tokens=CHUNK)
        self.decode, self.logits = forward.decode, forward.logits

    def extend(self, flat: Flat) -> Tensor:
        return self._forward.extend(uploaded(flat, self.inputs.staging.device))


def answers(weights: DeviceWeights, prompts: list[list[int]], num_window_blocks: int | None) -> list[list[Sampled]]:
    """Ids after each prompt, the second half of them after the first half has ended."""
    model = Model(weights, num_window_blocks)
    capacity = Capacity(
        *(BLOCK_SIZE, NUM_BLOCKS, CHUNK, NUM_BLOCKS * BLOCK_SIZE, Memory(0), DEPTH),
        window=Window(CONFIG.sliding_window, num_window_blocks) if num_window_blocks else None,
    )
    sampler = Sampler(weights.config.vocab_size, 64, model.inputs.last_tokens, pdl=False)
    core = EngineCore(CudaRunner(Computer(model, model.inputs), sampler, capacity), max_sequences=ROWS)
    found: list[list[Sampled]] = [[] for _ in prompts]
    task = Sample(SamplingParams(temperature=1, logprobs=0), 3)
    for first in range(0, len(prompts), ROWS):
        for number, ids in enumerate(prompts[first : first + ROWS], first):
            core.add(Sequence(number, list(ids), task))
        while core.has_work:
            for output in core.step():
                assert isinstance(output, StepOutput)
                found[output.id].append(output.sampled)
    return found


def test_a_pool_for_the_window_changes_no_bit() -> None:
    """The third prompt shares the whole of the first, the fourth a part whose window may be gone."""
    weights = device_weights(random_weights(CONFIG, "bf16", "mxfp4"))
    long, short = [7 * number % 61 for number in range(150)], [5 * number % 59 for number in range(66)]
    prompts = [long, short, [*long, 1, 2, 3], [*long[:65], *short[:9]]]
    assert answers(weights, prompts, LEAST) == answers(weights, prompts, None)
