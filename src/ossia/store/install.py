"""Installing a model: `tiny` is built on this machine, every other model is pulled from its registry."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from ossia.errors import ModelNotFound
from ossia.store.models import Model, ModelStore
from ossia.store.name import DEFAULT_HOST, ModelName
from ossia.store.progress import Progress, Report

if TYPE_CHECKING:
    from ossia.store.identity import Identity
    from ossia.store.tiny import Experts

_TINY: Final = ModelName.parse("tiny").folded[:3]
_TINY_EXPERTS: Final[dict[str, "Experts"]] = {"latest": "mxfp4", "mxfp4": "mxfp4", "f16": "f16"}  # by tag
_TINY_PARAMETERS: Final[dict[str, Any]] = {"temperature": 0.2, "top_p": 0.9}  # its authors' recommendation
_TINY_LICENSE: Final = """\
SmolLM2-135M-Instruct, by Hugging Face: Apache License 2.0, https://www.apache.org/licenses/LICENSE-2.0"""


def install(
    name: ModelName, store: ModelStore, identity: "Identity", report: Report, *, insecure: bool = False
) -> Model:
    """Install the model and report each step; the last report is `success`. `insecure` means http.

    Raises StoreError, RegistryError, InvalidModelFile, and whatever `report` raises.
    """
    *place, tag = name.folded
    if tuple(place) == _TINY and tag in _TINY_EXPERTS:
        return _build_tiny(name, _TINY_EXPERTS[tag], store, report)
    from ossia.store.pull import pull

    if name.host == DEFAULT_HOST and name != name.lower:  # this registry has lower-case names only
        if known := _known(name, store):
            report(Progress("success"))
            return known
        name = name.lower
    return pull(name, store, identity, report, insecure=insecure)


def _known(name: ModelName, store: ModelStore) -> Model | None:
    """Return a stored model whose name differs only in case. Case-sensitive clients ask to pull such a model again."""
    with suppress(ModelNotFound):
        return store.resolve(str(name))
    return None


def _build_tiny(name: ModelName, experts: "Experts", store: ModelStore, report: Report) -> Model:
    from ossia.store import tiny

    with store.blobs.workspace() as folder:
        file = folder / "tiny.gguf"
        tiny.build(file, experts, lambda what, done, total: report(Progress(what, "", total, done)))
        model = store.create(
            str(name), gguf=file, move=True, parameters=_TINY_PARAMETERS, licenses=[_TINY_LICENSE], report=report
        )
    report(Progress("success"))
    return model
