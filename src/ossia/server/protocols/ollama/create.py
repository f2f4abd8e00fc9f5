"""POST /api/create, from JSON to a job, and /api/blobs, where its files come from.

Files are named by digest and come out of the store: a request cannot name a path of this machine. Weights in
safetensors are converted, and quantised when asked for, into a file beside the blobs that then becomes one.
"""

import asyncio
from collections.abc import AsyncGenerator, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from starlette.requests import Request

from ossia.errors import InvalidRequest, ModelNotFound, NotSupported
from ossia.parameters import PARAMETERS
from ossia.server.http.body import Body
from ossia.server.protocols.ollama.jobs import Job, model_name
from ossia.server.protocols.protocol import Services
from ossia.store.blobs import BlobStore, normalize_digest
from ossia.store.install import install
from ossia.store.models import Model
from ossia.store.name import ModelName
from ossia.store.progress import Progress, Report
from ossia.types import Message, Role

_PIECE = 1 << 20
_ROLES: dict[str, Role] = {"system": "system", "user": "user", "assistant": "assistant"}


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a model is to be made of. `files` are blobs by file name; None: nothing is said of it."""

    name: ModelName
    base: str
    files: Mapping[str, str]
    quantize: str
    parameters: dict[str, Any] | None
    system: str | None
    template: str | None
    licenses: Sequence[str] | None
    messages: Sequence[Message] | None


def create(services: Services, body: Body) -> Job:
    recipe = _recipe(body)
    return lambda report: _make(services, recipe, report)


def _recipe(body: Body) -> Recipe:
    for name in ("adapters", "draft_files", "remote_host"):
        if body.get(name):
            raise NotSupported(f"{name} is not supported", hint="a model is made from one model, GGUF or folder")
    recipe = Recipe(
        name=ModelName.parse(model_name(body)),
        base=body.text("from"),
        files=_files(body.object("files")),
        quantize=body.text("quantize") or body.text("quantization"),
        parameters=_parameters(body.object("parameters")) if "parameters" in body else None,
        system=body.text("system") if "system" in body else None,
        template=body.text("template") if "template" in body else None,
        licenses=body.texts("license") if "license" in body else None,
        messages=[_message(item) for item in body.objects("messages")] if "messages" in body else None,
    )
    if not recipe.base and not recipe.files:
        raise InvalidRequest("neither 'from' or 'files' was specified")
    return recipe


def _files(body: Body) -> dict[str, str]:
    """Digests by file name. A name's folders are left out, but may not lead anywhere else."""
    files: dict[str, str] = {}
    for name in body.names():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name or not path.name or "\0" in name:
            raise InvalidRequest(f"insecure path: {name}", hint="file names are relative to the model's folder")
        files[path.name] = normalize_digest(body.text(name))
    return files


def _parameters(body: Body) -> dict[str, Any]:
    """Each value in the type that its name has."""
    for name in body.names():
        if name not in PARAMETERS:
            raise InvalidRequest(f"unknown parameter '{name}'")
    return {name: _parameter(body, name) for name in body.names() if name in body}


def _parameter(body: Body, name: str) -> Any:
    match PARAMETERS[name]:
        case "int":
            return body.integer(name)
        case "float":
            return body.number(name)
        case "bool":
            return body.flag(name)
        case "strings":
            return [*body.texts(name)]


def _message(body: Body) -> Message:
    role = _ROLES.get(body.text("role"))
    if role is None:
        raise InvalidRequest(f'{body.where("role")} must be one of "system", "user", or "assistant"')
    return Message(role, body.text("content"))


def _make(services: Services, recipe: Recipe, report: Report) -> None:
    store = services.store
    with ExitStack() as stack:
        base = None if recipe.files else _base(services, recipe.base, report)
        weights = stack.enter_context(_weights(store.blobs, recipe.files)) if base is None else base.path
        made = None
        if recipe.quantize or weights.is_dir():
            made = weights = stack.enter_context(_converted(store.blobs, weights, recipe.quantize, report))
        store.create(
            str(recipe.name),
            gguf=weights if made or base is None else None,
            base=base,
            parameters=recipe.parameters,
            system=recipe.system,
            template=recipe.template,
            licenses=recipe.licenses,
            messages=recipe.messages,
            move=made is not None,
            report=report,
        )
    report(Progress("success"))


def _base(services: Services, name: str, report: Report) -> Model:
    """The model of that name, fetched when it is not here."""

    def without_success(progress: Progress) -> None:
        if progress.status != "success":
            report(progress)

    try:
        return services.store.resolve(name)
    except ModelNotFound:
        return install(ModelName.parse(name), services.store, services.identity(), without_success)


@contextmanager
def _weights(blobs: BlobStore, files: Mapping[str, str]) -> Generator[Path]:
    """The GGUF file among `files`, or a folder that has all of them."""
    for digest in files.values():
        if not blobs.has(digest):
            raise InvalidRequest(
                f"there is no blob {digest}", hint=f"send the file with POST /api/blobs/{digest} first"
            )
    models = [digest for name, digest in files.items() if name.endswith(".gguf") or len(files) == 1]
    if len(models) > 1:
        raise NotSupported("more than one GGUF file is not supported", hint="merge them with llama-gguf-split --merge")
    if models:
        yield blobs.path(models[0])
        return
    with blobs.workspace() as folder:
        for name, digest in files.items():
            (folder / name).symlink_to(blobs.path(digest).absolute())
        yield folder


@contextmanager
def _converted(blobs: BlobStore, weights: Path, quantize: str, report: Report) -> Generator[Path]:
    from ossia.convert.convert import convert

    def show(what: str, done: int, total: int) -> None:
        report(Progress(what, "", total, done))

    with blobs.workspace() as folder:
        file = folder / "model.gguf"
        convert(weights, file, quantize=quantize or None, report=show)
        yield file


async def receive_blob(blobs: BlobStore, digest: str, request: Request) -> bool:
    """Store the request's body as a blob; False when it was here already. Raises InvalidModelFile for other bytes."""
    if blobs.has(digest):
        async for _ in request.stream():  # a client that still sends would take an early answer for a failure
            pass
        return False
    loop, stream = asyncio.get_running_loop(), request.stream()

    def pieces() -> Iterator[bytes]:
        while piece := asyncio.run_coroutine_threadsafe(_next_piece(stream), loop).result():
            yield piece

    await asyncio.to_thread(blobs.put_pieces, digest, pieces())
    return True


async def _next_piece(stream: AsyncGenerator[bytes]) -> bytes:
    """What comes next, a large piece of it: handing one to another thread costs more than receiving it."""
    piece = bytearray()
    async for data in stream:
        piece += data
        if len(piece) >= _PIECE:
            break
    return bytes(piece)
