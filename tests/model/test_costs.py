"""Costs of a model, told by its header, against those of the model that is loaded; and how `ossia show` draws them."""

from pathlib import Path

from ossia.cli.answers import Memory, MemoryAt
from ossia.cli.memory_map import memory_map
from ossia.config import EngineOptions
from ossia.engine.costs import Costs, costs_of
from ossia.engine.gpt_oss.cpu import CpuRunner
from ossia.engine.gpt_oss.weights import load
from ossia.gguf import GGUF


def test_costs_are_those_of_the_loaded_model(tiny_models: dict[str, Path]) -> None:
    gguf = GGUF.open(tiny_models["mxfp4"])
    costs = costs_of(gguf)
    assert costs
    runner = CpuRunner(load(gguf), EngineOptions(context_length=1024, kv_cache_bytes=1024 * costs.kv_per_token))
    memory = runner.capacity.memory
    assert (memory.weights, memory.kv, memory.work) == (costs.weights, 1024 * costs.kv_per_token, costs.work)
    assert costs.weights_per_token < costs.weights
    assert costs.context_length == 8192


def test_bars_are_in_proportion_and_say_what_does_not_fit() -> None:
    contexts = [MemoryAt(1024, 10**9), MemoryAt(4096, 5 * 10**9)]
    memory = Memory(usable_bytes=7 * 10**9, weights_bytes=4 * 10**9, work_bytes=10**9, contexts=contexts)
    drawn = memory_map("x", memory).splitlines()
    assert drawn[3].endswith(" " + "█" * 16 + "▒" * 4 + "░" * 4)
    assert drawn[4].endswith(" " + "█" * 16 + "▒" * 20 + "░" * 4 + "  does not fit")
    assert "    1,024    4 GB       1 GB        1 GB          6 GB" in drawn[3]


def test_on_a_gpu_half_of_the_layers_keep_no_more_than_their_window() -> None:
    costs = Costs(1, 1, 1, kv_per_token=48, kv_per_token_in_window=24, window=128, head_dim=6, context_length=8192)
    assert [costs.kv(tokens, is_on_gpu=True) for tokens in (100, 128, 1000)] == [4800, 6144, 24 * 1000 + 24 * 128]
    assert costs.kv(1000, is_on_gpu=False) == 48_000


def test_a_cache_of_q8_0_takes_a_byte_for_each_value_and_two_for_each_head_and_only_on_a_gpu() -> None:
    costs = Costs(1, 1, 1, kv_per_token=48, kv_per_token_in_window=24, window=128, head_dim=6, context_length=8192)
    assert costs.kv(100, is_on_gpu=True, kind="q8_0") == 100 * 48 // 12 * 8
    assert costs.kv(100, is_on_gpu=False, kind="q8_0") == 4800
    drawn = memory_map("x", Memory(9, 1, 1, [MemoryAt(1024, 1)], is_on_gpu=True, kv_cache_type="q8_0"))
    assert drawn.startswith("x on the GPU with a KV cache of q8_0, where")
