"""The kernels as CMake builds them for ARM, run under emulation: `make test-neon` installs what this needs.

The headers of this machine's Python stand in for those of an ARM machine's: the module is built, but cannot be loaded.
"""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMPILER, EMULATOR = "aarch64-linux-gnu-g++", "qemu-aarch64"
LIBRARIES = "/usr/aarch64-linux-gnu"
OPTIONS = {
    "CMAKE_SYSTEM_NAME": "Linux",
    "CMAKE_SYSTEM_PROCESSOR": "aarch64",
    "CMAKE_CXX_COMPILER": COMPILER,
    "CMAKE_COMPILE_WARNING_AS_ERROR": "ON",
    "OSSIA_TABLES": "ON",
    "Python_EXECUTABLE": sys.executable,
    "Python_INCLUDE_DIR": sysconfig.get_path("include"),
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        not (shutil.which(COMPILER) and shutil.which(EMULATOR)), reason=f"no {COMPILER} or {EMULATOR}: `make test-neon`"
    ),
]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program that compares the tables of kernels; it and the Python module are built without a warning."""
    folder = tmp_path_factory.mktemp("arm")
    cmake = [sys.executable, "-m", "cmake"]
    subprocess.run([*cmake, "-S", ROOT, "-B", folder, *(f"-D{k}={v}" for k, v in OPTIONS.items())], check=True)
    subprocess.run([*cmake, "--build", folder, "--parallel", "2"], check=True)
    return folder / "tables"


@pytest.mark.parametrize(
    ("processor", "best"), [("max", "neon"), ("neoverse-n1", "neon"), ("cortex-a76", "neon"), ("cortex-a53", "scalar")]
)
def test_every_table_of_a_processor_agrees_with_the_scalar_one(tables: Path, processor: str, best: str) -> None:
    """cortex-a53 has no dot products: an instruction of them would end the program."""
    done = subprocess.run(
        [EMULATOR, "-cpu", processor, "-L", LIBRARIES, tables, best], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.split() == ["scalar", "neon"][: 2 if best == "neon" else 1]
