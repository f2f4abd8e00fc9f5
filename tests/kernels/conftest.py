from collections.abc import Iterator

import numpy as np
import pytest

from ossia import _cpu


@pytest.fixture(params=_cpu.available_isas())
def isa(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each instruction set that this machine can run."""
    before = _cpu.isa()
    _cpu.set_isa(request.param)
    yield request.param
    _cpu.set_isa(before)


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    before = _cpu.threads()
    yield
    _cpu.set_threads(before)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20)
