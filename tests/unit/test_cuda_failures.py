"""Failures of a GPU in words. The texts are those of torch 2.11 and Triton 3.6, as tests/gpu/test_failures.py sees."""

import pytest

from ossia.engine.gpt_oss.cuda.failures import explained


class AcceleratorError(RuntimeError):
    """torch's class has this name."""


class OutOfMemoryError(RuntimeError):
    """As has this."""


@pytest.mark.parametrize(
    ("error", "message", "hint"),
    [
        (
            AcceleratorError("CUDA error: an illegal memory access was encountered\nCUDA kernel errors might be"),
            "the GPU failed: CUDA error: an illegal memory access was encountered",
            "dmesg",
        ),
        (
            AcceleratorError("CUDA error: device-side assert triggered"),
            "the GPU failed: CUDA error: device-side",
            "Xid",
        ),
        (RuntimeError("Triton Error [CUDA]: misaligned address"), "the GPU failed: Triton Error", "OSSIA_DEVICE=cpu"),
        (OutOfMemoryError("CUDA out of memory. Tried to allocate 4 TiB."), "the GPU ran out of memory", "OVERHEAD"),
        (RuntimeError("Triton Error [CUDA]: out of memory"), "the GPU ran out of memory", "OLLAMA_CONTEXT_LENGTH"),
        (AcceleratorError("CUDA error: out of memory"), "the GPU ran out of memory", "another program"),
    ],
)
def test_a_failure_says_what_to_do(error: Exception, message: str, hint: str) -> None:
    found = explained(error)
    assert found
    assert found.message.startswith(message)
    assert "\n" not in found.message
    assert hint in (found.hint or "")


@pytest.mark.parametrize("error", [ValueError("too many"), MemoryError(), RuntimeError("shape mismatch"), KeyError(1)])
def test_other_failures_are_not_the_gpus(error: Exception) -> None:
    assert explained(error) is None
