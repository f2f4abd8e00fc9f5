"""Verdict on the kernels where nobody has run them: with another torch or Triton than those that were tried on a GPU.

A compiler that is a little different may make kernels that are a little wrong, and nobody would see it. So they are
checked before the first answer, once for each combination of versions, card, kernels and shape of model. It knows what
follows from a check and where verdicts are kept, and not how a kernel is checked; no torch.
"""

import hashlib
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import msgspec

from ossia.engine.gpt_oss.cuda.device import NoGpu

logger = logging.getLogger(__name__)

TRIED: Final = frozenset({("2.11", "3.6")})
"""Versions of torch and Triton whose kernels were right, on an H200."""
Verdict = Literal["right", "right without dependent launch", "wrong", "unfinished"]
Check = Callable[[bool], list[str]]
"""Runs the kernels, with dependent launch or without, and names those that are wrong."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Subject of a verdict. Whether versions were tried depends on their first two numbers."""

    torch: str
    triton: str
    card: str
    model: str
    """Anything that tells shapes of models apart."""

    @property
    def was_tried(self) -> bool:
        return (_minor(self.torch), _minor(self.triton)) in TRIED

    @property
    def key(self) -> str:
        return f"torch {self.torch}, Triton {self.triton}, {self.card}, kernels {code_hash()}, model {self.model}"


def trusts_dependent_launch(subject: Subject, folder: Path, check: Check) -> bool:
    """True if kernels may be launched dependently, by the verdict that is kept in the folder, or else by a check.

    Raises NoGpu where they are wrong either way, or where a check never came to an end: a kernel may have ended the
    process.
    """
    if subject.was_tried:
        return True
    path = folder / "verdicts.json"
    verdict = _read(path).get(subject.key)
    if verdict is None:
        _keep(path, subject, "unfinished")
        try:
            verdict = _judge(subject, check)
        except Exception:  # no verdict: there was no memory for a check
            _keep(path, subject, None)
            raise
        _keep(path, subject, verdict)
    if verdict in ("wrong", "unfinished"):
        raise NoGpu(
            f"with torch {subject.torch} and Triton {subject.triton}, which were not tried, "
            + ("kernels compute wrong numbers" if verdict == "wrong" else "a check of the kernels did not end"),
            hint=f"install the torch that was tried: `make cuda`; to check again, delete {path}",
        )
    return verdict == "right"


def _judge(subject: Subject, check: Check) -> Verdict:
    logger.warning("torch %s and Triton %s were not tried: the kernels are checked once", subject.torch, subject.triton)
    if not (faults := check(True)):
        return "right"
    logger.warning("launched dependently, these are wrong: %s", ", ".join(faults))
    if not (faults := check(False)):
        return "right without dependent launch"
    logger.warning("launched one after the other, these are wrong: %s", ", ".join(faults))
    return "wrong"


def code_hash() -> str:
    """Hash of the GPU engine's source: another one has other kernels."""
    files = sorted(Path(__file__).parent.rglob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def _minor(version: str) -> str:
    return ".".join(version.split("+")[0].split(".")[:2])


def _read(path: Path) -> dict[str, Verdict]:
    """Verdicts by the keys of their subjects; none from a file that is not one of ours."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Verdict])
    except (OSError, msgspec.MsgspecError):
        return {}


def _keep(path: Path, subject: Subject, verdict: Verdict | None) -> None:
    """Keep the verdict, or forget it with None. If nothing can be written, the next start checks again."""
    verdicts = {key: kept for key, kept in _read(path).items() if key != subject.key}
    if verdict:
        verdicts[subject.key] = verdict
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}")
        part.write_bytes(msgspec.json.encode(verdicts))
        part.replace(path)
    except OSError as error:
        logger.warning("the verdict on the kernels cannot be kept: %s", error)
