"""All checks, in the order of the report. One that fails is a line of its own, and the others go on."""

import platform
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from ossia import __version__
from ossia.admin.doctor.check import Check, version_of
from ossia.admin.doctor.clock import clock
from ossia.admin.doctor.engines import llama_cpp
from ossia.admin.doctor.gpu import gpus
from ossia.admin.doctor.limits import limits
from ossia.admin.doctor.memory import memory, speed
from ossia.admin.doctor.network import certificate, exposure, keys, port, proxies
from ossia.admin.doctor.processor import instructions, processor
from ossia.admin.doctor.registry import registry
from ossia.admin.doctor.settings import read_settings
from ossia.admin.doctor.storage import disk, own_folder, store
from ossia.admin.doctor.trust import trust
from ossia.config import Settings
from ossia.errors import OssiaError
from ossia.store.inspection import Files, Inspection, inspect
from ossia.store.models import ModelStore

_PACKAGES: Final = ("numpy", "llguidance", "tiktoken", "uvicorn", "msgspec")
_NOTHING: Final = Inspection((), {}, Files(0, 0), Files(0, 0))


def examine(offline: bool = False) -> Iterator[Check]:
    """Yield the report line by line: some take a second. With `offline`, no other machine is asked."""
    settings, read = read_settings()
    yield from read
    found, problems = _inspection(settings)
    checks: tuple[tuple[str, Callable[[], Iterator[Check]]], ...] = (
        ("versions", _versions),
        ("clock", clock),
        ("processor", partial(processor, settings)),
        ("instructions", partial(instructions, settings)),
        ("memory", partial(memory, settings, found.models)),
        ("memory speed", partial(speed, settings)),
        ("GPU", partial(gpus, settings)),
        ("llama.cpp", partial(llama_cpp, settings, found.models)),
        ("limits", partial(limits, settings)),
        ("home", own_folder),
        ("disk", partial(disk, settings)),
        ("store", lambda: iter(problems or store(settings, found))),
        ("port", partial(port, settings)),
        ("exposure", partial(exposure, settings)),
        ("keys", partial(keys, settings)),
        ("certificate", partial(certificate, settings)),
        ("proxies", partial(proxies, settings)),
        ("trust", partial(trust, settings)),
        ("registry", lambda: iter(()) if offline else registry()),
    )
    for name, check in checks:
        yield from _guarded(name, check)


def _guarded(name: str, check: Callable[[], Iterator[Check]]) -> Iterator[Check]:
    try:
        yield from check()
    except (OssiaError, OSError) as error:
        yield _failed(name, error)


def _failed(name: str, error: OssiaError | OSError) -> Check:
    hint = error.hint if isinstance(error, OssiaError) else None
    remedy = "let this user read it" if isinstance(error, PermissionError) else "correct what names it, or remove it"
    return Check(name, str(error), hint or remedy)


def _inspection(settings: Settings) -> tuple[Inspection, list[Check]]:
    try:
        return inspect(ModelStore(settings.models)), []
    except (OssiaError, OSError) as error:
        return _NOTHING, [_failed("store", error)]


def _versions() -> Iterator[Check]:
    packages = ", ".join(f"{name} {found}" for name in _PACKAGES if (found := version_of(name)))
    system = f"{platform.system()} {platform.release()}"
    yield Check("versions", f"ossia {__version__}, Python {platform.python_version()}, {system}, {packages}")
