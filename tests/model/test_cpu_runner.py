"""CpuRunner against `reference.py`, on random models of every spelling, in batches of every make-up."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from ossia.config import EngineOptions
from ossia.engine.core import EngineCore
from ossia.engine.gpt_oss import reference
from ossia.engine.gpt_oss.cpu import BLOCK_SIZE, CpuRunner
from ossia.engine.gpt_oss.weights import Weights, load
from ossia.engine.sequence import Sample, Sampled, Sequence
from ossia.errors import OssiaError
from ossia.types import SamplingParams
from tests.doubles.delayed_runner import DelayedRunner
from tests.model.folders import load_folder
from tests.model.tiny_gpt_oss import Form, random_model, write_folder, write_gguf

FORMS: tuple[Form, ...] = ("gpt-oss", "gptoss", "first")


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Weights:
    return load(write_gguf(random_model(), tmp_path_factory.mktemp("model") / "tiny.gguf"))


def random_ids(count: int, seed: int = 1) -> list[int]:
    return np.random.default_rng(seed).integers(0, 500, count).tolist()


def logprobs(row: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    shifted = row - row.max()
    return shifted - np.log(np.exp(shifted).sum())


class Run:
    """Some prompts run together; each next id with the log probabilities of the whole vocabulary."""

    def __init__(
        self, weights: Weights, *, exact: bool = True, chunk: int = 64, blocks: int = 64, depth: int = 1
    ) -> None:
        config = weights.config
        block_bytes = config.kv_bytes_per_token(4 if exact else 2) * BLOCK_SIZE
        options = EngineOptions(threads=2, precision="fp32" if exact else "int8", kv_cache_bytes=blocks * block_bytes)
        runner = CpuRunner(weights, options, max_batched_tokens=chunk)
        self.core = EngineCore(DelayedRunner(runner, depth) if depth > 1 else runner, max_sequences=16)
        self.vocabulary = config.vocab_size
        self.sampled: dict[int, list[Sampled]] = {}

    def add(self, id: int, ids: list[int], count: int) -> None:
        sampling = SamplingParams(temperature=0, logprobs=self.vocabulary)
        self.core.add(Sequence(id, list(ids), Sample(sampling, count)))

    def finish(self) -> "dict[int, list[Sampled]]":
        while self.core.has_work:
            for output in self.core.step():
                self.sampled.setdefault(output.id, []).append(output.sampled)
        return self.sampled


def assert_close(sampled: Sampled, row: npt.NDArray[np.float32], tolerance: float) -> None:
    expected = logprobs(row)
    ids, values = zip(*sampled.top, strict=True)
    np.testing.assert_allclose(np.array(values), expected[list(ids)], atol=tolerance, rtol=0)


@pytest.mark.parametrize("form", [*FORMS, "folder"])
def test_every_spelling_gives_the_references_numbers(form: Any, tmp_path: Path) -> None:
    model = random_model()
    ids = random_ids(200)
    if form == "folder":
        weights = load_folder(write_folder(model, tmp_path / "folder"))
    else:
        weights = load(write_gguf(model, tmp_path / "x.gguf", form))
    run = Run(weights)
    run.add(0, ids, 1)
    assert_close(run.finish()[0][0], reference.forward(weights, ids)[-1], 1e-4)


@pytest.mark.parametrize("chunk", [7, 64, 256])
def test_prompts_in_chunks_and_decoding_give_the_references_numbers(weights: Weights, chunk: int) -> None:
    """Several prompts of different lengths, in one batch, far beyond the sliding window."""
    prompts = [random_ids(length, seed=length) for length in (1, 33, 90, 150)]
    run = Run(weights, chunk=chunk)
    for id, ids in enumerate(prompts):
        run.add(id, ids, 12)
    for id, sampled in run.finish().items():
        whole = prompts[id] + [step.token for step in sampled]
        logits = reference.forward(weights, whole)
        for step, new in enumerate(sampled):
            assert_close(new, logits[len(prompts[id]) + step - 1], 1e-4)


def test_a_sequence_alone_and_in_any_batch_is_equal_to_the_last_bit(weights: Weights) -> None:
    prompts = [random_ids(length, seed=length) for length in (5, 40, 41, 97, 130)]
    together = Run(weights, chunk=32)
    for id, ids in enumerate(prompts):
        together.add(id, ids, 20)
    results = together.finish()
    for id, ids in enumerate(prompts):
        alone = Run(weights, chunk=256)
        alone.add(id, ids, 20)
        assert alone.finish()[id] == results[id]


def test_with_steps_in_flight_every_number_is_the_same(weights: Weights) -> None:
    runs = [Run(weights, chunk=32, blocks=9, depth=depth) for depth in (1, 2, 3)]
    for run in runs:
        for id, length in enumerate((5, 40, 97)):
            run.add(id, random_ids(length, seed=length), 60)
    alone, *others = [run.finish() for run in runs]
    assert others == [alone, alone]
    assert all(run.core.scheduler.num_preemptions for run in runs)


def test_a_cached_prefix_and_a_preemption_change_nothing(weights: Weights) -> None:
    ids = random_ids(100)
    fresh = Run(weights)
    fresh.add(0, ids, 50)
    expected = fresh.finish()[0]

    crowded = Run(weights, blocks=9)  # room for two of these prompts, but not for their answers
    for id in range(3):
        crowded.add(id, [ids[0] + id, *ids[1:]], 50)
    assert crowded.finish()[0] == expected
    assert crowded.core.scheduler.num_preemptions > 0

    crowded.add(9, ids, 50)
    assert crowded.finish()[9] == expected


def test_int8_stays_near_the_reference(weights: Weights) -> None:
    """Activations of 8 bits: errors of about a hundredth, and a flipped expert now and then."""
    ids = random_ids(60)
    run = Run(weights, exact=False)
    run.add(0, ids, 1)
    sampled = run.finish()[0][0]
    expected = logprobs(reference.forward(weights, ids)[-1])
    errors = np.array([value - expected[id] for id, value in sampled.top])
    assert np.sqrt(np.mean(errors**2)) < 0.1


def test_a_cache_without_room_is_an_error(weights: Weights) -> None:
    with pytest.raises(OssiaError, match="hold no block"):
        CpuRunner(weights, EngineOptions(kv_cache_bytes=1))


@pytest.mark.parametrize(
    ("left_by_weights", "cache"), [(600 << 20, 300 << 20), (1 << 20, 256 << 20), (-(1 << 30), 256 << 20)]
)
def test_the_cache_gets_half_of_what_is_left_and_never_less_than_its_minimum(
    weights: Weights, left_by_weights: int, cache: int
) -> None:
    long = replace(weights, config=replace(weights.config, context_length=1 << 22))
    runner = CpuRunner(long, EngineOptions(), memory_bytes=weights.num_bytes + left_by_weights)
    block_bytes = weights.config.kv_bytes_per_token(2) * BLOCK_SIZE
    assert 0 <= cache - (runner.capacity.memory.host - weights.num_bytes) < block_bytes
