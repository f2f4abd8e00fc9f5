"""Choice of a device, and the messages when a GPU cannot be used; no torch is needed."""

import ctypes
import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ossia.engine.gpt_oss.cuda import device
from ossia.engine.gpt_oss.cuda.device import Device, Gpu, NoDriver, NoGpu, choose, find_gpu, give_back

AMPERE = Gpu(0, "NVIDIA A100", (8, 0), 79 << 30, 80 << 30)
HOPPER = Gpu(1, "NVIDIA H200", (9, 0), 139 << 30, 140 << 30)
TURING = Gpu(0, "Tesla T4", (7, 5), 15 << 30, 15 << 30)


def missing(index: int) -> Gpu:
    raise NoGpu("torch is not installed", hint="make cuda")


@pytest.mark.parametrize(
    ("wanted", "gpu"), [("auto", AMPERE), ("cuda", AMPERE), ("cuda:1", HOPPER), ("cuda:0", AMPERE)]
)
def test_a_gpu_is_taken(wanted: str, gpu: Gpu):
    assert choose(wanted, find=[AMPERE, HOPPER].__getitem__).gpu == gpu


def test_the_processor_is_taken_without_looking_for_a_gpu():
    assert choose("cpu", find=missing) == Device(None)


def test_auto_takes_the_processor_and_says_why():
    assert choose("auto", find=missing) == Device(None, "torch is not installed (make cuda)")


def test_a_machine_without_a_driver_is_not_told_of_it():
    def find(index: int) -> Gpu:
        raise NoDriver("there is no NVIDIA driver")

    assert choose("auto", find=find) == Device(None)
    with pytest.raises(NoDriver):
        choose("cuda", find=find)


@pytest.mark.parametrize("wanted", ["cuda", "cuda:0"])
def test_a_gpu_that_is_asked_for_must_be_there(wanted: str):
    with pytest.raises(NoGpu, match="torch is not installed"):
        choose(wanted, find=missing)


@pytest.mark.parametrize("wanted", ["auto", "cuda"])
def test_an_old_gpu_is_not_used(wanted: str):
    if wanted == "auto":
        assert "Tesla T4 is too old" in choose(wanted, find=[TURING].__getitem__).reason
        return
    with pytest.raises(NoGpu, match=r"Tesla T4 is too old: it has compute capability 7\.5") as caught:
        choose(wanted, find=[TURING].__getitem__)
    assert caught.value.hint


@pytest.fixture
def complete(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A machine on which nothing is missing, as far as can be seen without torch."""
    device._import_problem.cache_clear()
    monkeypatch.setattr(ctypes, "CDLL", lambda name: None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(Path, "exists", lambda self: True)
    monkeypatch.setitem(sys.modules, "triton", FakeTorch("13.0"))
    yield monkeypatch
    device._import_problem.cache_clear()


def test_no_driver(complete: pytest.MonkeyPatch):
    def fail(name: str) -> None:
        raise OSError(f"{name}: cannot open shared object file")

    complete.setattr(ctypes, "CDLL", fail)
    with pytest.raises(NoGpu, match="there is no NVIDIA driver"):
        find_gpu(0)


@pytest.mark.parametrize("name", ["torch", "triton"])
def test_a_missing_package(name: str, complete: pytest.MonkeyPatch):
    complete.setattr(importlib.util, "find_spec", lambda wanted: None if wanted == name else object())
    with pytest.raises(NoGpu, match=f"{name} is not installed") as caught:
        find_gpu(0)
    assert "make cuda" in (caught.value.hint or "")


def test_no_compiler(complete: pytest.MonkeyPatch):
    complete.setattr(shutil, "which", lambda name: None)
    with pytest.raises(NoGpu, match="there is no C compiler"):
        find_gpu(0)


def test_no_headers_of_python(complete: pytest.MonkeyPatch):
    complete.setattr(Path, "exists", lambda self: False)
    with pytest.raises(NoGpu, match=r"there is no .*Python\.h"):
        find_gpu(0)


class FakeCuda:
    def __init__(self, problem: str = "", busy: str = "") -> None:
        self._problem = problem
        self.busy = busy
        self.emptied = 0

    def init(self) -> None:
        if self._problem:
            raise RuntimeError(self._problem)

    def device_count(self) -> int:
        return 2

    def empty_cache(self) -> None:
        if self.busy:
            raise RuntimeError(self.busy)
        self.emptied += 1

    def get_device_properties(self, index: int) -> "FakeCuda":
        self.name, self.major, self.minor, self.total_memory = "NVIDIA Test", 9, 0, 10
        return self

    def mem_get_info(self, index: int) -> tuple[int, int]:
        if self.busy:
            raise RuntimeError(self.busy)
        return 5 + index, 10


class FakeTorch:
    __version__ = "2.11.0"
    __spec__ = None

    def __init__(self, cuda_version: str | None, problem: str = "") -> None:
        self.version = type("version", (), {"cuda": cuda_version})
        self.cuda = FakeCuda(problem)


def test_torch_without_cuda(complete: pytest.MonkeyPatch):
    complete.setitem(sys.modules, "torch", FakeTorch(None))
    with pytest.raises(NoGpu, match=r"torch 2\.11\.0 was built without CUDA"):
        find_gpu(0)


def test_torch_that_cannot_be_imported(complete: pytest.MonkeyPatch, tmp_path: Path):
    """A library of CUDA's is missing: models run on the processor then, if that is allowed. The reason stays the same
    when it is looked for again."""
    complete.setattr(sys, "tried", iter([OSError("libcudart.so.13: cannot open shared object file")]), raising=False)
    (tmp_path / "torch.py").write_text("import sys; raise next(sys.tried, RuntimeError('half of it is there'))")
    complete.syspath_prepend(tmp_path)
    complete.delitem(sys.modules, "torch", raising=False)
    complete.setattr(device, "keep_bytecode", lambda package: None)
    for _ in range(2):
        with pytest.raises(NoGpu, match=r"torch cannot be imported: libcudart\.so\.13: .* \(install it with"):
            choose("cuda")
    assert "libcudart" in choose("auto").reason


def test_a_gpu_on_which_no_context_can_be_made(complete: pytest.MonkeyPatch):
    """Another program has all of its memory, or the GPU for itself alone."""
    torch = FakeTorch("13.0")
    torch.cuda.busy = "CUDA error: CUDA-capable device(s) is/are busy or unavailable\nCompile with `TORCH_USE_CUDA_DSA`"
    complete.setitem(sys.modules, "torch", torch)
    with pytest.raises(NoGpu, match=r"GPU 0 \(NVIDIA Test\) cannot be used: CUDA error: .* busy .* \(another"):
        find_gpu(0)


def test_memory_of_a_model_that_could_not_be_run_is_given_back(complete: pytest.MonkeyPatch):
    torch = FakeTorch("13.0")
    complete.setitem(sys.modules, "torch", torch)
    give_back()
    assert torch.cuda.emptied == 1


def test_a_model_runs_on_the_processor_also_where_cuda_gives_nothing_back(complete: pytest.MonkeyPatch):
    torch = FakeTorch("13.0")
    torch.cuda.busy = "CUDA error: an illegal memory access was encountered"
    complete.setitem(sys.modules, "torch", torch)
    give_back()


def test_a_driver_that_is_too_old(complete: pytest.MonkeyPatch):
    problem = "The NVIDIA driver on your system is too old (found version 11040).\nPlease update"
    complete.setitem(sys.modules, "torch", FakeTorch("13.0", problem))
    with pytest.raises(NoGpu, match=r"too old \(found version 11040\)\.") as caught:
        find_gpu(0)
    assert caught.value.hint == "update the NVIDIA driver"


def test_what_is_known_of_a_gpu(complete: pytest.MonkeyPatch):
    complete.setitem(sys.modules, "torch", FakeTorch("13.0"))
    assert find_gpu(1) == Gpu(1, "NVIDIA Test", (9, 0), 6, 10)


def test_a_gpu_that_is_not_there(complete: pytest.MonkeyPatch):
    complete.setitem(sys.modules, "torch", FakeTorch("13.0"))
    with pytest.raises(NoGpu, match="there is no GPU 2") as caught:
        find_gpu(2)
    assert caught.value.hint == "GPUs 0 to 1 are there"


def test_a_gpu_that_is_hidden(complete: pytest.MonkeyPatch):
    complete.setitem(sys.modules, "torch", FakeTorch("13.0", "No CUDA GPUs are available"))
    with pytest.raises(NoGpu, match="No CUDA GPUs are available") as caught:
        find_gpu(0)
    assert caught.value.hint == "CUDA_VISIBLE_DEVICES may hide it"


def test_looking_for_a_device_loads_no_torch():
    code = "import sys; from ossia.engine.gpt_oss.cuda import device, memory; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
