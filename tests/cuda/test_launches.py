"""No step waits for Triton's compiler."""

import os
import subprocess
import sys

import pytest


@pytest.mark.timeout(600)
def test_every_kernel_that_a_step_launches_is_compiled_at_the_start():
    """In a process of its own, whose kernels are not for the interpreter."""
    environment = {name: value for name, value in os.environ.items() if name != "TRITON_INTERPRET"}
    command = [sys.executable, "-m", "tests.cuda.launches"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stderr
