"""Installing a model: `tiny` is built on this machine, every other model is pulled from its registry."""

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from ossia.errors import ModelNotFound, OssiaError, RegistryUnavailable
from ossia.gguf import GGUF
from ossia.store.models import Model, ModelStore
from ossia.store.name import DEFAULT_HOST, ModelName
from ossia.store.progress import Progress, Report

if TYPE_CHECKING:
    from ossia.store.identity import Identity
    from ossia.store.tiny_conversion import Experts

_TINY: Final = ModelName.parse("tiny").folded[:3]
_TINY_EXPERTS: Final[dict[str, "Experts"]] = {"latest": "mxfp4", "mxfp4": "mxfp4", "f16": "f16"}  # by tag


def install(
    name: ModelName, store: ModelStore, identity: "Identity", report: Report, *, insecure: bool = False
) -> Model:
    """Install the model and report each step; the last report is `success`. `insecure` means http.

    Raises StoreError, RegistryError, InvalidModelFile, and whatever `report` raises.
    """
    if _is_tiny(name):
        return _install_tiny(name, store, report)
    from ossia.store.pull import pull

    if name.host == DEFAULT_HOST and name != name.lower:  # this registry has lower-case names only
        if known := _known(name, store):
            report(Progress("success"))
            return known
        name = name.lower
    return pull(name, store, identity, report, insecure=insecure)


def is_outdated(model: Model, metadata: Mapping[str, Any]) -> bool:
    """True for a `tiny` of an earlier version, which `install` would make anew. `metadata` is that of its file."""
    if not _is_tiny(model.name):
        return False
    from ossia.store import tiny

    return tiny.is_outdated(model, metadata)


def _is_tiny(name: ModelName) -> bool:
    *place, tag = name.folded
    return tuple(place) == _TINY and tag in _TINY_EXPERTS


def _known(name: ModelName, store: ModelStore) -> Model | None:
    """Return a stored model whose name differs only in case. Case-sensitive clients ask to pull such a model again."""
    with suppress(ModelNotFound):
        return store.resolve(str(name))
    return None


def _install_tiny(name: ModelName, store: ModelStore, report: Report) -> Model:
    """Build `tiny` unless it is here as it would be built. If an earlier one cannot be replaced, it stays."""
    from ossia.store import tiny

    known, metadata = _readable(name, store)
    if known and tiny.is_current(known, metadata):
        report(Progress("success"))
        return known
    if not known or not tiny.is_outdated(known, metadata):
        return _build_tiny(name, store, report)
    report(Progress(f"{name} was made by an earlier version of ossia: making it anew"))
    try:
        return _build_tiny(name, store, report)
    except RegistryUnavailable as error:
        hint = f"the earlier one stays and can be used; {error.hint}"
        raise RegistryUnavailable(f"{name} cannot be made anew: {error.message}", hint=hint) from error


def _readable(name: ModelName, store: ModelStore) -> tuple[Model | None, Mapping[str, Any]]:
    """Return a stored model and its file's metadata; None for one that is missing or damaged."""
    with suppress(OssiaError):
        model = store.resolve(str(name))
        return model, GGUF.open(model.path).metadata
    return None, {}


def _build_tiny(name: ModelName, store: ModelStore, report: Report) -> Model:
    from ossia.store import tiny

    experts = _TINY_EXPERTS[name.folded[-1]]
    with store.blobs.workspace() as folder:
        file = folder / "tiny.gguf"
        tiny.build(file, experts, lambda what, done, total: report(Progress(what, "", total, done)))
        model = store.create(
            str(name), files=[file], move=True, parameters=tiny.PARAMETERS, licenses=[tiny.LICENSE], report=report
        )
    report(Progress("success"))
    return model
