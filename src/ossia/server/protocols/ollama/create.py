"""Ollama's POST /api/create: from its request to a job that creates a model.

Files are blobs of the store, named by digest: a request cannot name a path of this machine. Safetensors are converted,
and weights quantised if requested, into a file beside the blobs, which then becomes a blob.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Final

from msgspec import defstruct

from ossia.errors import InvalidModelFile, InvalidRequest, ModelNotFound, NotSupported
from ossia.gguf import is_gguf
from ossia.parameters import PARAMETERS
from ossia.server.http.body import Fields, Integer, Json, convert
from ossia.server.http.caller import Caller
from ossia.server.http.endpoint import Call
from ossia.server.http.stream import Chunk
from ossia.server.http.wording import invalid
from ossia.server.protocols.fields import texts
from ossia.server.protocols.ollama.jobs import run_job
from ossia.server.protocols.ollama.model_types import CreateRequest, Example
from ossia.server.protocols.ollama.registry import check_registry, discreet
from ossia.server.services import Services
from ossia.split import check_names
from ossia.store.blobs import BlobStore, normalize_digest
from ossia.store.contents import Own
from ossia.store.install import install
from ossia.store.model_config import DIRECTIVES
from ossia.store.modelfile import NOT_A_VERSION, is_version
from ossia.store.models import Model, ModelStore
from ossia.store.name import ModelName
from ossia.store.progress import Progress, Report
from ossia.store.uploads import MOST_UPLOADS
from ossia.types import Message

_LONGEST_NAME: Final = 255  # bytes, as file systems have it
_KINDS: Final = {"int": Integer, "float": float, "bool": bool, "strings": str | list[str]}
_Parameters = defstruct(
    "Parameters", [(name, _KINDS[kind] | None, None) for name, kind in PARAMETERS.items()], bases=(Fields,)
)
"""Struct with a field for each PARAMETER of a model."""


@dataclass(frozen=True, slots=True)
class Creation:
    """Parts of the model to create. `files` and `adapters` are digests by name."""

    name: ModelName
    base: str
    files: Mapping[str, str]
    adapters: Mapping[str, str]
    quantize: str
    own: Own


async def create(call: Call[CreateRequest]) -> Chunk | None:
    job = partial(_make, call.services, call.caller, _creation(call.body))
    return await run_job(discreet(job, call.caller), call.reply, call.body.stream)


def _creation(body: CreateRequest) -> Creation:
    _refuse_unsupported(draft_files=body.draft_files, remote_host=body.remote_host)
    creation = Creation(
        name=ModelName.parse(body.model_name),
        base=body.from_ or "",
        files=_files(body.files or {}, "files"),
        adapters=_files(body.adapters or {}, "adapters"),
        quantize=body.quantize or body.quantization or "",
        own=_own(body),
    )
    if not creation.base and not creation.files:
        raise InvalidRequest("neither 'from' or 'files' was specified")
    return creation


def _own(body: CreateRequest) -> Own:
    directives: dict[str, str] = {name: value for name in DIRECTIVES if (value := getattr(body, name)) is not None}
    if directives.get("requires") and not is_version(directives["requires"]):
        raise InvalidRequest(NOT_A_VERSION)
    return Own(
        parameters=None if body.parameters is None else _parameters(body.parameters),
        system=body.system,
        template=body.template,
        licenses=None if body.license is None else texts(body.license),
        messages=None if body.messages is None else _messages(body.messages),
        directives=directives,
    )


def _refuse_unsupported(**fields: object) -> None:
    for name, value in fields.items():
        if value:
            raise NotSupported(f"{name} is not supported", hint="a model is made from one model, GGUF or folder")


def _files(digests: Json, field: str) -> dict[str, str]:
    """Read digests by file name, without the names' folders. Raises InvalidRequest for a path that leads outside."""
    if len(digests) > MOST_UPLOADS:
        raise invalid(field, f"must have at most {MOST_UPLOADS} fields")
    files: dict[str, str] = {}
    for name, digest in digests.items():
        path = PurePosixPath(name)
        if len(path.name.encode()) > _LONGEST_NAME:
            raise InvalidRequest(f"{field} has a name of more than {_LONGEST_NAME} bytes", hint="use a shorter one")
        if path.is_absolute() or ".." in path.parts or "\\" in name or not path.name or "\0" in name:
            raise InvalidRequest(f"insecure path: {name}", hint="file names are relative to the model's folder")
        if not isinstance(digest, str):
            raise invalid(f"{field}.{name}", "must be a string")
        files[path.name] = normalize_digest(digest)
    return files


def _parameters(sent: Json) -> Json:
    """Convert the values that were sent to their types. A single stop becomes a list of one."""
    if unknown := [name for name in sent if name not in PARAMETERS]:
        raise InvalidRequest(f"unknown parameter '{unknown[0]}'")
    typed = convert(sent, _Parameters, "parameters")
    values = {name: getattr(typed, name) for name in sent if sent[name] is not None}
    return values | ({"stop": [*texts(values["stop"])]} if "stop" in values else {})


def _messages(examples: Sequence[Example]) -> list[Message]:
    return [_message(example, f"messages[{index}]") for index, example in enumerate(examples)]


def _message(example: Example, path: str) -> Message:
    if example.role not in ("system", "user", "assistant"):
        raise invalid(f"{path}.role", 'must be one of "system", "user", or "assistant"')
    return Message(example.role, example.content or "")


def _make(services: Services, caller: Caller, creation: Creation, report: Report) -> None:
    store = services.store
    with ExitStack() as stack:
        base = None if creation.files else _base(services, caller, creation.base, report)
        files = base.files if base else stack.enter_context(_weights(store, creation.files))
        is_converted = bool(creation.quantize) or files[0].is_dir()
        if is_converted:
            files = [stack.enter_context(_converted(store.blobs, files, creation.quantize, report))]
        store.create(
            str(creation.name),
            files=() if base and not is_converted else files,
            adapters=_blobs(store, creation.adapters),
            base=base,
            move=is_converted,
            report=report,
            **creation.own,
        )
    report(Progress("success"))


def _base(services: Services, caller: Caller, text: str, report: Report) -> Model:
    """Return the model of that name. If it is not stored, it is pulled, from a registry that the caller may name."""

    def without_success(progress: Progress) -> None:
        if progress.status != "success":
            report(progress)

    try:
        return services.store.resolve(text)
    except ModelNotFound:
        name = ModelName.parse(text)
        check_registry(name, caller, services)
        return install(name, services.store, services.identity(), without_success)


def _blobs(store: ModelStore, files: Mapping[str, str]) -> list[Path]:
    """Return the blobs of files. Raises InvalidRequest for one that is not there."""
    for digest in files.values():
        if not store.uploads.has(digest):
            raise InvalidRequest(
                f"there is no blob {digest}", hint=f"send the file with POST /api/blobs/{digest} first"
            )
    return [store.blobs.path(digest) for digest in files.values()]


@contextmanager
def _weights(store: ModelStore, files: Mapping[str, str]) -> Generator[list[Path]]:
    """Yield the GGUF file among `files`, or all parts of one, or else a folder with links to all files."""
    blobs = store.blobs
    _blobs(store, files)
    models = {
        name: digest
        for name, digest in files.items()
        if name.endswith(".gguf") or len(files) == 1 or is_gguf(blobs.path(digest))
    }
    if models:
        check_names(models)
        yield [blobs.path(digest) for digest in models.values()]
        return
    with blobs.workspace() as folder:
        for name, digest in files.items():
            (folder / name).symlink_to(blobs.path(digest).absolute())
        try:
            yield [folder]
        except InvalidModelFile as error:  # whose path is none of the client's
            message = error.message.replace(f"{folder}/", "").replace(f"{folder}", "the model's folder")
            raise InvalidModelFile(message, error.hint) from None


@contextmanager
def _converted(blobs: BlobStore, files: Sequence[Path], quantize: str, report: Report) -> Generator[Path]:
    from ossia.convert.convert import convert as convert_weights

    def show(what: str, done: int, total: int) -> None:
        report(Progress(what, "", total, done))

    with blobs.workspace() as folder:
        file = folder / "model.gguf"
        convert_weights(files, file, quantize=quantize or None, report=show)
        yield file
