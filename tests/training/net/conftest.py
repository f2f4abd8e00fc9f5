"""Tests of the training itself (`make test-training`). Without torch there is nothing to collect."""

import importlib.util
from pathlib import Path

import pytest

if all(map(importlib.util.find_spec, ("torch", "safetensors"))):
    from tests.training.net.small import write_base, write_shard
    from training.shards import Corpus
else:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small Llama as a GGUF."""
    return write_base(tmp_path_factory.mktemp("base") / "base.gguf")


@pytest.fixture
def corpus(tmp_path: Path) -> "Corpus":
    return Corpus([write_shard(tmp_path / f"shard-{seed}.npz", seed) for seed in range(2)])
