"""All checks, in the order of the report. One that fails is a line of its own, and the others go on."""

import platform
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from ossia import __version__
from ossia.admin.doctor.check import Check
from ossia.admin.doctor.clock import clock
from ossia.admin.doctor.engines import llama_cpp
from ossia.admin.doctor.gpu import gpus
from ossia.admin.doctor.memory import memory, speed
from ossia.admin.doctor.network import certificate, exposure, keys, port, proxies
from ossia.admin.doctor.processor import instructions, processor
from ossia.admin.doctor.storage import disk, store
from ossia.config import Settings, no_effect, without_effect
from ossia.errors import InvalidRequest, OssiaError
from ossia.store.inspection import Files, Inspection, inspect
from ossia.store.models import ModelStore

_PACKAGES: Final = ("numpy", "llguidance", "tiktoken", "uvicorn", "msgspec")
_NOTHING: Final = Inspection((), {}, Files(0, 0), Files(0, 0))


def examine() -> Iterator[Check]:
    """Yield the report line by line: some take a second."""
    settings, problems = _settings()
    yield from problems
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
        ("disk", partial(disk, settings)),
        ("store", lambda: iter(problems or store(settings, found))),
        ("port", partial(port, settings)),
        ("exposure", partial(exposure, settings)),
        ("keys", partial(keys, settings)),
        ("certificate", partial(certificate, settings)),
        ("proxies", partial(proxies, settings)),
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
    return Check(name, str(error), hint or "let this user read it")


def _settings() -> tuple[Settings, list[Check]]:
    """Return the settings, those by default if one cannot be read, and the check of them."""
    ignored = [no_effect(name) for name in without_effect()]
    try:
        return Settings.from_env(), [Check("settings", "; ".join(ignored) or "can be read")]
    except InvalidRequest as error:
        text = f"{error.message}; what follows is by default"
        return Settings(), [Check("settings", text, "correct it, or unset it: `ossia serve --help` lists all")]


def _inspection(settings: Settings) -> tuple[Inspection, list[Check]]:
    try:
        return inspect(ModelStore(settings.models)), []
    except (OssiaError, OSError) as error:
        return _NOTHING, [_failed("store", error)]


def _versions() -> Iterator[Check]:
    packages = ", ".join(f"{name} {found}" for name in _PACKAGES if (found := _version(name)))
    yield Check(
        "versions", f"ossia {__version__}, Python {platform.python_version()}, Linux {platform.release()}, {packages}"
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
