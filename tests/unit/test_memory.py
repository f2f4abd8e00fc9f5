"""Memory that models may use: the machine's memory or a control group's limit, in every place where Linux keeps one."""

import mmap
import os
from pathlib import Path

import pytest

from ossia.engine.memory import available_bytes, processor_seconds, resident_bytes, usable_bytes
from ossia.processors import num_processors

GIB = 1 << 30
MACHINE = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def fake_root(root: Path, cgroup: str, limits: dict[str, str]) -> Path:
    for name, text in {
        "proc/self/cgroup": cgroup,
        **{f"sys/fs/cgroup/{key}": value for key, value in limits.items()},
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def quota(folder: str, microseconds: int) -> dict[str, str]:
    return {f"{folder}/cpu.cfs_quota_us": f"{microseconds}\n", f"{folder}/cpu.cfs_period_us": "100000\n"}


@pytest.mark.parametrize(
    ("cgroup", "limits"),
    [
        ("0::/\n", {"memory.max": f"{GIB}\n"}),  # version 2, in a container
        ("0::/user.slice/a\n", {"user.slice/a/memory.max": "max\n", "user.slice/memory.max": f"{GIB}\n"}),
        ("0::/a\n", {"a/memory.max": f"{GIB}\n", "memory.max": f"{GIB + 1}\n"}),
        ("5:devices:/x\n4:memory:/docker/abc\n0::/\n", {"memory/docker/abc/memory.limit_in_bytes": f"{GIB}\n"}),
        ("4:memory:/docker/abc\n", {"memory/memory.limit_in_bytes": f"{GIB}\n"}),  # version 1, in a container
        ("0::/../../outside\n", {"memory.max": f"{GIB}\n"}),
    ],
)
def test_the_limit_of_a_group_holds(tmp_path: Path, cgroup: str, limits: dict[str, str]) -> None:
    assert usable_bytes(fake_root(tmp_path, cgroup, limits)) == GIB - GIB // 8


@pytest.mark.parametrize(
    ("cgroup", "limits"),
    [
        ("", {}),
        ("0::/a\n", {"a/memory.max": "max\n"}),
        ("4:memory:/\n", {"memory/memory.limit_in_bytes": "9223372036854771712\n"}),
        ("0::/\n", {"memory.max": "nonsense"}),
        ("5:devices:/a\n", {"devices/a/memory.max": "1"}),
    ],
)
def test_without_a_limit_it_is_the_machine(tmp_path: Path, cgroup: str, limits: dict[str, str]) -> None:
    assert usable_bytes(fake_root(tmp_path, cgroup, limits)) == MACHINE - min(2 * GIB, MACHINE // 8)


@pytest.mark.parametrize(
    ("cgroup", "limits", "expected"),
    [
        ("0::/\n", {"cpu.max": "200000 100000\n"}, 2),  # version 2, in a container
        ("0::/\n", {"cpu.max": "290000 100000\n"}, 2),
        ("0::/\n", {"cpu.max": "20000 100000\n"}, 1),
        ("0::/a/b\n", {"a/b/cpu.max": "max 100000\n", "a/cpu.max": "300000 100000\n"}, 3),  # a service
        ("3:cpu,cpuacct:/docker/a\n0::/\n", quota("cpu,cpuacct", 300_000), 3),  # version 1, in a container
        ("3:cpuacct,cpu:/docker/a\n", quota("cpu", 300_000), 3),  # a link; the folder is called cpu,cpuacct
        ("3:cpu,cpuacct:/\n4:memory:/\n", quota("cpu,cpuacct", -1), 64),
        ("0::/\n", {"cpu.max": "max 100000\n"}, 64),
        ("0::/\n", {"cpu.max": "nonsense\n"}, 64),
        ("0::/\n", {"cpu.max": "1 0\n"}, 64),
        ("", {}, 64),
    ],
)
def test_processors_are_those_that_a_group_has_the_time_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cgroup: str, limits: dict[str, str], expected: int
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: range(64), raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    assert num_processors(fake_root(tmp_path, cgroup, limits)) == expected


def test_elsewhere_it_is_the_machine_too(tmp_path: Path) -> None:
    assert usable_bytes(tmp_path) == MACHINE - min(2 * GIB, MACHINE // 8)
    assert 0 < usable_bytes() <= MACHINE


def test_available_memory_is_what_linux_says(tmp_path: Path) -> None:
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/meminfo").write_text(
        "MemTotal:       8 kB\nMemFree:        1 kB\nMemAvailable:   5 kB\nBuffers: 2 kB\n"
    )
    assert available_bytes(tmp_path) == 5 << 10
    assert 0 < available_bytes() <= MACHINE
    assert available_bytes(tmp_path / "elsewhere") == usable_bytes(tmp_path)


def test_resident_bytes_are_those_that_were_touched() -> None:
    before, size = resident_bytes(os.getpid()), 64 << 20
    with mmap.mmap(-1, size) as memory:  # memory that no earlier test has left behind
        assert resident_bytes(os.getpid()) - before < size // 2
        memory.write(bytes(size))
        assert resident_bytes(os.getpid()) - before > size // 2
    assert resident_bytes(2**22 + 1) == 0


def test_processor_time_grows_with_work() -> None:
    before = processor_seconds(os.getpid())
    while processor_seconds(os.getpid()) == before:  # until the next tick
        pass
    assert processor_seconds(2**22 + 1) == 0
