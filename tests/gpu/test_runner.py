"""CudaRunner on a GPU, under EngineCore, against `reference.py` and against the processor's engine."""

import gc
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor

from ossia.config import EngineOptions
from ossia.engine.core import EngineCore
from ossia.engine.gpt_oss import reference
from ossia.engine.gpt_oss.cpu import CpuRunner
from ossia.engine.gpt_oss.cuda import check, forward, verdict
from ossia.engine.gpt_oss.cuda.device import Gpu, NoGpu
from ossia.engine.gpt_oss.cuda.needs import SPARE_BYTES
from ossia.engine.gpt_oss.cuda.start import start
from ossia.engine.gpt_oss.weights import Weights, load
from ossia.engine.places import num_sequences
from ossia.engine.runner import Runner
from ossia.engine.sequence import Pool, Pooled, Sample, Sampled, Score, Scored, Sequence, StepOutput
from ossia.gguf import GGUF
from ossia.types import SamplingParams
from tests.model.tiny_gpt_oss import Dense, Form, random_model, write_gguf

pytestmark = pytest.mark.gpu

FILES: dict[str, tuple[Form, Dense]] = {
    "gpt-oss": ("gpt-oss", Dense.BF16),
    "gptoss": ("gptoss", Dense.BF16),
    "first": ("first", Dense.BF16),
    "f16": ("gptoss", Dense.F16),
    "q8_0": ("gpt-oss", Dense.Q8_0),
}
"""Both spellings, both orders of MXFP4's codes, and every kind of other matrices."""
NEAR = 0.1
"""Log probabilities may differ by so much: keys, values and activations have 8 bits of precision on the GPU."""
PARTING = 0.02
"""Nats between ids that another kernel's rounding may exchange."""
START = Callable[[Path], EngineCore]


@pytest.fixture(scope="module")
def cores(gpu: Gpu) -> Callable[[Path], EngineCore]:
    """Starts a model on the GPU, each file once."""
    made: dict[Path, EngineCore] = {}

    def make(path: Path) -> EngineCore:
        if path not in made:
            runner, _ = start(GGUF.open(path), gpu, EngineOptions(kv_cache_bytes=1 << 30))
            made[path] = EngineCore(runner, max_sequences=num_sequences(64))
        return made[path]

    return make


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("models")
    return {
        name: write_gguf(random_model(), folder / f"{name}.gguf", form, dense=dense)
        for name, (form, dense) in FILES.items()
    }


@pytest.fixture(scope="module")
def weights(paths: dict[str, Path]) -> Weights:
    return load(paths["gpt-oss"])


def random_ids(count: int, seed: int = 1) -> list[int]:
    return np.random.default_rng(seed).integers(0, 500, count).tolist()


def continued(
    core: EngineCore, prompts: list[list[int]], count: int, sampling: SamplingParams, first: int = 0
) -> list[list[Sampled]]:
    """The next ids of prompts that run together, with seeds from `first` on."""
    for number, ids in enumerate(prompts):
        core.add(Sequence(number, list(ids), Sample(sampling, count, seed=first + number)))
    found: list[list[Sampled]] = [[] for _ in prompts]
    while core.has_work:
        for output in core.step():
            assert isinstance(output, StepOutput)
            found[output.id].append(output.sampled)
    return found


def prompts_of(count: int, total: int) -> list[list[int]]:
    """Prompts with so many ids in all, of which the first has 30."""
    each, more = divmod(total - 30, count - 1)
    return [random_ids(30, 0), *(random_ids(each + (number < more), 1 + number) for number in range(count - 1))]


def log_softmax(rows: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    shifted = rows - rows.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


def rows(sampled: list[Sampled], vocabulary: int) -> npt.NDArray[np.float64]:
    """Log probabilities [ids, vocabulary], where those of the whole vocabulary were asked for."""
    found = np.empty((len(sampled), vocabulary))
    for row, one in zip(found, sampled, strict=True):
        for id, logprob in one.top:
            row[id] = logprob
    return found


@pytest.mark.parametrize("name", FILES)
def test_log_probabilities_are_near_the_references(name: str, paths: dict[str, Path], cores: START):
    """After each id of prompts of many lengths, at batch sizes of every kernel.

    A random router often has near ties, and another expert changes a row much: so most rows are near, not all.
    """
    weights, errors = load(paths[name]), list[float]()
    vocabulary = weights.config.vocab_size
    for lengths in ([70], [1, 5, 9], [3] * 12, [1, 130, 64, 65, 20, 300]):
        prompts = [random_ids(length, seed) for seed, length in enumerate(lengths)]
        found = continued(cores(paths[name]), prompts, 9, SamplingParams(temperature=0, logprobs=vocabulary))
        for ids, sampled in zip(prompts, found, strict=True):
            whole = [*ids, *(one.token for one in sampled)]
            expected = log_softmax(reference.forward(weights, whole[:-1])[len(ids) - 1 :])
            errors += np.abs(rows(sampled, vocabulary) - expected).max(1).tolist()
            assert [one.token for one in sampled] == rows(sampled, vocabulary).argmax(1).tolist()
    assert np.median(errors) < NEAR / 3
    assert np.mean(np.array(errors) < NEAR) > 0.8


def test_a_prompt_of_several_chunks(paths: dict[str, Path], weights: Weights, cores: START):
    ids, vocabulary = random_ids(2300), weights.config.vocab_size
    (sampled,) = continued(cores(paths["gpt-oss"]), [ids], 4, SamplingParams(temperature=0, logprobs=vocabulary))
    whole = [*ids, *(one.token for one in sampled)]
    expected = log_softmax(reference.forward(weights, whole[:-1])[len(ids) - 1 :])
    assert np.median(np.abs(rows(sampled, vocabulary) - expected).max(1)) < NEAR


def test_a_prefix_that_is_cached_gives_the_same_ids(paths: dict[str, Path], cores: START):
    core, sampling = cores(paths["gpt-oss"]), SamplingParams(temperature=0, logprobs=0)
    first = continued(core, [random_ids(200, 77)], 8, sampling)
    assert continued(core, [random_ids(200, 77)], 8, sampling)[0][0].token == first[0][0].token


@pytest.mark.parametrize(("neighbours", "inner"), [((3, 8), 96), ((12, 30), 96), ((12, 30), 128), ((40, 66), 128)])
def test_neighbours_change_no_bit(neighbours: tuple[int, int], inner: int, tmp_path: Path, cores: START):
    """Within the range of one kernel: the prompts, together in one step, have as many tokens in both runs, since the
    library's products may depend on their number. With 96 columns experts do not run as in a true model, and beyond 64
    sequences other kernels do."""
    path = write_gguf(random_model(intermediate_size=inner), tmp_path / "model.gguf")
    core, sampling = cores(path), SamplingParams(temperature=1, logprobs=3)
    few, many = (prompts_of(count, 30 * neighbours[1]) for count in neighbours)
    alone, crowded = continued(core, few, 12, sampling), continued(core, many, 12, sampling)
    assert alone[0] == crowded[0]


@pytest.mark.parametrize("dense", [Dense.BF16, Dense.Q8_0])
def test_between_kernels_of_batch_sizes_only_near_ties_part(dense: Dense, gpu: Gpu, tmp_path: Path):
    """Greedy, against the same prompts alone: at the first id that differs, the two likeliest are nearly as likely.

    The model has as many experts as a token takes: a tie of experts, which has no measure in nats, cannot part them.
    """
    path = write_gguf(random_model(num_local_experts=4), tmp_path / "model.gguf", dense=dense)
    core, sampling = started(path, gpu), SamplingParams(temperature=0, logprobs=2)
    prompts, parted = [random_ids(20, seed) for seed in range(60)], 0
    singles = [continued(core, [prompt], 24, sampling)[0] for prompt in prompts]
    for batch in (4, 20, 60):
        for found, alone in zip(continued(core, prompts[:batch], 24, sampling), singles, strict=False):
            for one, other in zip(found, alone, strict=True):
                if one.token != other.token:
                    (_, best), (_, second) = other.top
                    assert best - second < PARTING
                    parted += 1
                    break
    assert parted < 20


@pytest.mark.parametrize("name", ["gpt-oss", "q8_0"])
def test_a_batch_invariant_engine_gives_the_same_ids_alone_and_in_a_crowd(name: str, gpu: Gpu, paths: dict[str, Path]):
    """200 prompts of different lengths, some of several chunks, 64 at a time: chunks and decodes share steps in every
    way. The log probabilities are compared too, bit by bit."""
    runner, _ = start(GGUF.open(paths[name]), gpu, EngineOptions(batch_invariant=True, kv_cache_bytes=1 << 30))
    core, sampling = EngineCore(runner, max_sequences=64), SamplingParams(temperature=1, logprobs=1)
    lengths = [*np.random.default_rng(0).integers(1, 400, 197).tolist(), 2500, 2100, 1]
    prompts = [random_ids(length, seed) for seed, length in enumerate(lengths)]
    crowded = continued(core, prompts, 12, sampling)
    for number, prompt in enumerate(prompts):
        (alone,) = continued(core, [prompt], 12, sampling, first=number)
        assert alone == crowded[number]


def test_steps_repeat_exactly(paths: dict[str, Path], cores: START):
    """A race, or a buffer that is used too early, would show in one of many repetitions."""
    core, sampling = cores(paths["gpt-oss"]), SamplingParams(temperature=1, logprobs=2)
    prompts = [random_ids(9, seed) for seed in range(5)]
    first = continued(core, prompts, 60, sampling)
    for _ in range(5):
        assert continued(core, prompts, 60, sampling) == first


def test_graphs_that_are_captured_while_idle_are_those_of_first_use(gpu: Gpu, paths: dict[str, Path]):
    """Of prompts too short for the prefix cache; a second time after graphs that were captured already are prepared."""
    prompts, sampling = (
        [random_ids(length, length) for length in (5, 20, 60)],
        SamplingParams(temperature=1, logprobs=2),
    )
    used, _ = start(GGUF.open(paths["gpt-oss"]), gpu, EngineOptions(kv_cache_bytes=1 << 28))
    idle, _ = start(GGUF.open(paths["gpt-oss"]), gpu, EngineOptions(kv_cache_bytes=1 << 28))
    first, second = (EngineCore(runner, max_sequences=3) for runner in (used, idle))
    found = continued(first, prompts, 12, sampling)
    for core in (first, second):
        while not core.is_prepared:
            core.prepare()
        assert continued(core, prompts, 12, sampling) == found


def test_embeddings_and_scores_are_the_references(paths: dict[str, Path], weights: Weights, cores: START):
    core, ids = cores(paths["gpt-oss"]), random_ids(150, 3)
    core.add(Sequence(1, list(ids), Pool()))
    core.add(Sequence(2, list(ids), Score(4)))
    core.add(Sequence(3, random_ids(10, 4), Sample(SamplingParams(), 5)))
    outputs = [output for _ in range(40) for output in core.step()]
    (pooled,) = (output for output in outputs if isinstance(output, Pooled))
    mean = reference.embed(weights, ids)
    assert pooled.mean @ mean / np.linalg.norm(pooled.mean) / np.linalg.norm(mean) > 0.99
    (scored,) = (output for output in outputs if isinstance(output, Scored))
    expected = log_softmax(reference.forward(weights, ids))[np.arange(149), ids[1:]]
    errors = np.abs(np.array([one.logprob for one in scored.tokens], np.float64) - expected)
    assert np.mean(errors < NEAR) > 0.9


@pytest.mark.parametrize("kind", ["f16", "mxfp4"])
def test_the_embedded_model_writes_what_it_writes_on_the_processor(
    kind: str, tiny_models: dict[str, Path], cores: START
):
    """Greedy: the ids are the same, or the first that differs is a near tie."""
    weights = load(tiny_models[kind])
    prompts = [random_ids(30, seed) for seed in range(3)]
    sampling = SamplingParams(temperature=0, logprobs=2)
    options = EngineOptions(precision="fp32", context_length=2048, kv_cache_bytes=1 << 30)
    processor: Runner = CpuRunner(weights, options)
    expected = continued(EngineCore(processor, max_sequences=4), prompts, 48, sampling)
    found = continued(cores(tiny_models[kind]), prompts, 48, sampling)
    for ours, theirs in zip(found, expected, strict=True):
        for one, other in zip(ours, theirs, strict=True):
            if one.token != other.token:
                (_, best), (_, second) = other.top
                assert best - second < NEAR
                break


def test_memory_is_as_the_map_says(gpu: Gpu, tmp_path: Path):
    """Within 3 % and what is spare, measured by the driver: weights, cache, work space, graphs, what torch keeps."""
    path = write_gguf(random_model(), tmp_path / "model.gguf")
    gc.collect()  # engines of other tests
    torch.cuda.empty_cache()
    before, _ = torch.cuda.mem_get_info(gpu.index)
    runner, _ = start(GGUF.open(path), gpu, EngineOptions(kv_cache_bytes=24 << 30))
    core, sampling = EngineCore(runner, max_sequences=64), SamplingParams(top_p=0.9, logprobs=3)
    for batch in (1, 3, 20, 64):
        continued(core, [random_ids(200, seed) for seed in range(batch)], 4, sampling)
    after, _ = torch.cuda.mem_get_info(gpu.index)
    promised = runner.capacity.memory.device
    assert 0.97 * promised - SPARE_BYTES < before - after < 1.03 * promised


@pytest.fixture
def untried(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """As if nobody had tried these versions of torch and Triton; kernels are kept, verdicts are not."""
    monkeypatch.setattr(verdict, "TRIED", frozenset())
    monkeypatch.setattr(check, "kernel_folder", lambda: tmp_path)
    return tmp_path / "verdicts.json"


def started(path: Path, gpu: Gpu) -> EngineCore:
    runner, _ = start(GGUF.open(path), gpu, EngineOptions(kv_cache_bytes=1 << 28))
    return EngineCore(runner, max_sequences=64)


@pytest.mark.parametrize("name", ["gpt-oss", "q8_0", "first"])
def test_kernels_of_untried_versions_are_checked_and_right(name: str, untried: Path, gpu: Gpu, paths: dict[str, Path]):
    expected = continued(started(paths[name], gpu), [random_ids(9)], 8, SamplingParams(temperature=0))
    assert list(json.loads(untried.read_text()).values()) == ["right"]
    untried.write_text(untried.read_text())
    assert continued(started(paths[name], gpu), [random_ids(9)], 8, SamplingParams(temperature=0)) == expected


def test_kernels_that_dependent_launch_breaks_run_without(
    untried: Path, gpu: Gpu, paths: dict[str, Path], monkeypatch: pytest.MonkeyPatch
):
    """A kernel that is wrong when it is launched dependently stands for a load that comes too early."""
    right = forward.router

    def broken(*args: Any, pdl: bool, **kwargs: int) -> None:
        right(*args, pdl=pdl, **kwargs)
        if pdl:
            args[9].neg_()

    monkeypatch.setattr(forward, "router", broken)
    core = started(paths["gpt-oss"], gpu)
    assert list(json.loads(untried.read_text()).values()) == ["right without dependent launch"]
    monkeypatch.undo()
    sampling = SamplingParams(temperature=0)
    assert continued(core, [random_ids(9)], 8, sampling) == continued(
        started(paths["gpt-oss"], gpu), [random_ids(9)], 8, sampling
    )


def test_wrong_kernels_leave_the_gpu_alone(
    untried: Path, gpu: Gpu, paths: dict[str, Path], monkeypatch: pytest.MonkeyPatch
):
    right = forward.rms_norm

    def broken(x: Tensor, gain: Tensor, eps: float, out: Tensor, **kwargs: bool) -> None:
        right(x, gain, eps + 1, out, **kwargs)

    monkeypatch.setattr(forward, "rms_norm", broken)
    for _ in range(2):
        with pytest.raises(NoGpu, match="kernels compute wrong numbers"):
            started(paths["gpt-oss"], gpu)
    assert list(json.loads(untried.read_text()).values()) == ["wrong"]
