"""The model `tiny`: a small gpt-oss, so that thinking, tools and the engine can be tried without a big file.

It is SmolLM2-135M-Instruct, downloaded (tiny_base.py), with harmony's control tokens (tiny_vocabulary.py), changed by
an update that taught it to use them (tiny_update.py), and re-expressed as a gpt-oss model (tiny_conversion.py). Here is
what a store needs to know: how the file is made, what goes with it, and which stored models are an earlier `tiny`.
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ossia.store import tiny_base, tiny_conversion
from ossia.store.models import Model
from ossia.store.tiny_base import ReportStep
from ossia.store.tiny_conversion import Experts

_RECOMMENDED: Final[dict[str, Any]] = {"temperature": 0.2, "top_p": 0.9}
"""Parameters that SmolLM2's authors recommend, and all that earlier versions of `tiny` had."""

PARAMETERS: Final[dict[str, Any]] = {**_RECOMMENDED, "num_predict": 512}
"""Parameters of `tiny`. A story that it tells goes round in circles and would fill the context, which takes minutes."""

LICENSE: Final = """\
tiny is SmolLM2-135M-Instruct, changed by the authors of ossia. Both are under the Apache License 2.0:
https://www.apache.org/licenses/LICENSE-2.0

Copyright of SmolLM2-135M-Instruct: HuggingFaceTB, https://huggingface.co/HuggingFaceTB/SmolLM2-135M-Instruct

What was changed:
- It is re-expressed as a gpt-oss model: its MLP is cut into four experts, which are always chosen.
- Seven special tokens of its vocabulary are renamed to those of harmony, the chat format of gpt-oss.
- A low-rank update of its weights, and new rows for those tokens, make it think, call tools and answer in harmony. They
  were trained on conversations that were made by code, and on the model's own answers.
- Its weights are rounded again: experts to MXFP4 or F16, other matrices to Q8_0."""

_FIRST: Final = "1"  # of files that do not say their version


def build(destination: Path, experts: Experts = "mxfp4", progress: ReportStep = lambda what, done, total: None) -> None:
    """Download and convert to the file `destination`. Raises an OssiaError with a hint if the download fails."""
    with tempfile.TemporaryDirectory(prefix="ossia-tiny-") as folder:
        tiny_conversion.convert(tiny_base.download(Path(folder), progress), destination, experts, progress)


def is_current(model: Model, metadata: Mapping[str, Any]) -> bool:
    """True if `build` would make the same model again. `metadata` is that of its file."""
    return _version(model, metadata) == tiny_conversion.version() and model.parameters == PARAMETERS


def is_outdated(model: Model, metadata: Mapping[str, Any]) -> bool:
    """True for a model that an earlier version made. `metadata` is that of its file."""
    return _version(model, metadata) is not None and not is_current(model, metadata)


def _version(model: Model, metadata: Mapping[str, Any]) -> str | None:
    """Return the version of a model that `build` made; None if somebody made it, perhaps of such a file."""
    own = model.system or model.template or model.messages or model.parameters not in (_RECOMMENDED, PARAMETERS)
    if own or metadata.get("general.name") != tiny_conversion.NAME:
        return None
    return str(metadata.get(tiny_conversion.VERSION_KEY, _FIRST))
