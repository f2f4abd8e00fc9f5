"""Compilers that cannot work: models run on the processor then, where that is allowed."""

import subprocess

import pytest

from ossia.engine.gpt_oss.cuda.compile import compiling
from ossia.engine.gpt_oss.cuda.device import NoGpu

READ_ONLY = OSError(30, "Read-only file system", "/home/ossia/.cache/ossia")
NO_LIBRARY = subprocess.CalledProcessError(1, ["gcc", "main.c", "-lcuda"])


@pytest.mark.parametrize("problem", [READ_ONLY, NO_LIBRARY])
def test_kernels_that_cannot_be_compiled_or_kept_are_no_gpu(problem: Exception, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRITON_CACHE_DIR", "/home/ossia/.cache/ossia/triton")
    with pytest.raises(NoGpu, match=r"kernels cannot be compiled: .*(Read-only|gcc)") as caught, compiling():
        raise problem
    assert "/home/ossia/.cache/ossia/triton" in (caught.value.hint or "")
