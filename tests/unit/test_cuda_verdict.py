"""Verdicts on kernels that nobody has tried, with checks that are fakes: what follows, and what is kept."""

from pathlib import Path

import pytest

from ossia.engine.gpt_oss.cuda import verdict
from ossia.engine.gpt_oss.cuda.device import NoGpu
from ossia.engine.gpt_oss.cuda.verdict import Subject, trusts_dependent_launch

NEW = Subject("2.14.1+cu130", "3.9.0", "NVIDIA H200 (9, 0)", "20b")


class Check:
    """Kernels that are wrong when they are launched in these ways. Knows how often it ran."""

    def __init__(self, *wrong: bool) -> None:
        self._wrong = wrong
        self.ran: list[bool] = []

    def __call__(self, pdl: bool) -> list[str]:
        self.ran.append(pdl)
        return ["1 sequence"] if pdl in self._wrong else []


@pytest.mark.parametrize("torch", ["2.11.0+cu130", "2.11.3"])
def test_versions_that_were_tried_are_not_checked(torch: str, tmp_path: Path):
    check = Check(True, False)
    assert trusts_dependent_launch(Subject(torch, "3.6.0", "any", "any"), tmp_path, check)
    assert not check.ran
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("torch", "triton"), [("2.12.0", "3.6.0"), ("2.11.0", "3.7.0"), ("2.1", "3.6"), ("nightly", "")]
)
def test_other_versions_are_checked_once(torch: str, triton: str, tmp_path: Path):
    check, subject = Check(), Subject(torch, triton, "card", "model")
    assert [trusts_dependent_launch(subject, tmp_path, check) for _ in range(3)] == [True] * 3
    assert check.ran == [True]


def test_kernels_that_are_right_without_dependent_launch_run_without(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    check = Check(True)
    assert [trusts_dependent_launch(NEW, tmp_path, check) for _ in range(3)] == [False] * 3
    assert check.ran == [True, False]
    assert "launched dependently, these are wrong: 1 sequence" in caplog.text


def test_wrong_kernels_leave_the_gpu_alone(tmp_path: Path):
    check = Check(True, False)
    for _ in range(3):
        with pytest.raises(NoGpu, match=r"torch 2\.14\.1\+cu130 and Triton 3\.9\.0.*wrong numbers.*make cuda"):
            trusts_dependent_launch(NEW, tmp_path, check)
    assert check.ran == [True, False]


def test_a_check_that_ends_the_process_is_not_run_again(tmp_path: Path):
    def crash(pdl: bool) -> list[str]:
        raise KeyboardInterrupt  # as good as the end of the process: nothing after the check is run

    with pytest.raises(KeyboardInterrupt):
        trusts_dependent_launch(NEW, tmp_path, crash)
    with pytest.raises(NoGpu, match=r"did not end.*verdicts\.json"):
        trusts_dependent_launch(NEW, tmp_path, Check())
    (tmp_path / "verdicts.json").unlink()
    assert trusts_dependent_launch(NEW, tmp_path, Check())


def test_a_check_without_memory_is_no_verdict(tmp_path: Path):
    def starved(pdl: bool) -> list[str]:
        raise MemoryError

    with pytest.raises(MemoryError):
        trusts_dependent_launch(NEW, tmp_path, starved)
    assert trusts_dependent_launch(NEW, tmp_path, Check())


@pytest.mark.parametrize(
    "other",
    [
        Subject("2.15.0", "3.9.0", NEW.card, NEW.model),
        Subject(NEW.torch, "3.9.1", NEW.card, NEW.model),
        Subject(NEW.torch, NEW.triton, "NVIDIA L4 (8, 9)", NEW.model),
        Subject(NEW.torch, NEW.triton, NEW.card, "120b"),
    ],
)
def test_a_verdict_holds_for_nothing_else(other: Subject, tmp_path: Path):
    with pytest.raises(NoGpu):
        trusts_dependent_launch(NEW, tmp_path, Check(True, False))
    assert trusts_dependent_launch(other, tmp_path, Check())


def test_other_kernels_are_checked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert trusts_dependent_launch(NEW, tmp_path, Check())
    monkeypatch.setattr(verdict, "code_hash", lambda: "another")
    check = Check()
    assert trusts_dependent_launch(NEW, tmp_path, check)
    assert check.ran == [True]


@pytest.mark.parametrize("content", [b"", b"\xff\x00", b"[1]", b"nonsense", b'{"a": 3}'])
def test_a_damaged_file_of_verdicts_is_replaced(content: bytes, tmp_path: Path):
    (tmp_path / "verdicts.json").write_bytes(content)
    check = Check()
    assert [trusts_dependent_launch(NEW, tmp_path, check) for _ in range(2)] == [True, True]
    assert check.ran == [True]


def test_without_a_place_to_keep_it_the_check_is_run_each_time(tmp_path: Path):
    (tmp_path / "file").write_text("no folder")
    check = Check()
    assert [trusts_dependent_launch(NEW, tmp_path / "file", check) for _ in range(2)] == [True, True]
    assert check.ran == [True, True]
