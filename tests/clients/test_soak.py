"""A small soak of a real server, without clocks: clients that come and go, two models, and a process that is killed."""

import json
import subprocess
import sys
from pathlib import Path

SOAK = Path(__file__).parents[2] / "bench" / "soak.py"


def test_nobody_gets_an_error_but_those_whose_process_was_killed(tiny_models: dict[str, Path]) -> None:
    models = [str(tiny_models["mxfp4"]), str(tiny_models["f16"])]
    command = [sys.executable, str(SOAK), *models, "--clients", "6", "--requests", "2"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    figures = json.loads(ended.stdout.splitlines()[-1])
    assert (figures["unexpected"], ended.returncode) == ([], 0), ended.stdout + ended.stderr
    assert sum(figures["done"].values()) == 12
