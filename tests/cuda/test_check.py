"""The check of the kernels: right ones pass, and whatever computes wrong numbers is named."""

import pytest
import torch

from ossia.engine.gpt_oss.cuda import check, forward
from ossia.engine.gpt_oss.cuda.kernels.draw import DrawKernels
from tests.cuda.models import MAX_BLOCKS, SMALL, random_weights
from tests.cuda.packed import device_weights

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning"),  # of the interpreter
    pytest.mark.timeout(900),
]


def faults(monkeypatch: pytest.MonkeyPatch, dense: str = "bf16") -> list[str]:
    monkeypatch.setattr(check, "BATCHES", (1, 2))
    monkeypatch.setattr(check, "ALONE", 1)
    monkeypatch.setattr(check, "BEYOND", 2)
    weights = device_weights(random_weights(SMALL, dense, "mxfp4"))
    return check.faults(weights, MAX_BLOCKS, invariant=False, pdl=False)


def test_right_kernels_pass(monkeypatch: pytest.MonkeyPatch):
    assert faults(monkeypatch, "q8_0") == []


def wrong_router(*args: object, **kwargs: object) -> None:
    RIGHT(*args, **kwargs)
    logits = args[9]
    assert isinstance(logits, torch.Tensor)
    logits.neg_()


RIGHT = forward.router


def test_a_wrong_kernel_is_found_in_the_steps_that_use_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(forward, "router", wrong_router)
    monkeypatch.setattr(DrawKernels, "__call__", lambda self, *args: args[5].fill_(3))
    assert faults(monkeypatch) == ["1 sequence", "2 sequences", "the draw"]
