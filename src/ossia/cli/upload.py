"""Upload of a Modelfile, a GGUF file or a folder, for POST /api/create.

Files are hashed here and sent to the server as blobs, unless it has them; the request names them by digest. Their
content is interpreted by the server.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from ossia.cli.client import Client
from ossia.cli.terminal.progress import Update, progress_bar
from ossia.errors import InvalidModelFile, InvalidRequest, NotSupported
from ossia.gguf import is_gguf
from ossia.split import parts_beside
from ossia.store.modelfile import Modelfile, decode, parse

_LARGEST_MODELFILE: Final = 16 << 20
_CHUNK: Final = 4 << 20
_STDIN: Final = Path("/dev/stdin")
_WANTED: Final = ("*.safetensors", "*.json", "chat_template.jinja")
_VOCABULARY: Final = ("tokenizer.json", "tokenizer_config.json", "generation_config.json", "chat_template.jinja")


def create_request(client: Client, file: Path | None) -> dict[str, Any]:
    """Upload the files and return the request's body, without the model's name.

    `file` is a Modelfile, which may come from stdin (`-`) or another pipe, or a GGUF file or folder that FROM could
    name. Without one it is the Modelfile of this folder, or else the folder. Raises InvalidRequest, InvalidModelFile or
    NotSupported for unusable files, and the client's errors.
    """
    if file is None:
        file = Path("Modelfile") if Path("Modelfile").exists() else Path()
    if str(file) == "-":
        file = _STDIN
    if file.is_dir() or is_gguf(file):
        return {"files": _sent(client, _files(file))}
    modelfile = parse(decode(_read(file)))
    folder = Path() if file == _STDIN or file.is_fifo() else file.parent  # stdin may be a file, by `<`
    return _texts(modelfile) | _source(client, modelfile, folder) | _adapters(client, modelfile, folder)


def _read(file: Path) -> bytes:
    if not (file.is_file() or file.is_fifo()):
        what = "a file" if file.exists() else "there"
        raise InvalidRequest(
            f"{file} is not {what}", hint="-f names a Modelfile, a GGUF file or a folder of safetensors"
        )
    with file.open("rb") as opened:
        content = opened.read(_LARGEST_MODELFILE + 1)
    if len(content) > _LARGEST_MODELFILE:
        raise InvalidModelFile(f"{file} is neither a GGUF file nor a Modelfile")
    return content


def _texts(modelfile: Modelfile) -> dict[str, Any]:
    fields = {
        "parameters": modelfile.parameters or None,
        "template": modelfile.template,
        "system": modelfile.system,
        "renderer": modelfile.renderer,
        "parser": modelfile.parser,
        "requires": modelfile.requires,
        "license": modelfile.licenses or None,
        "messages": [{"role": message.role, "content": message.content} for message in modelfile.messages] or None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _source(client: Client, modelfile: Modelfile, folder: Path) -> dict[str, Any]:
    """Resolve FROM: a path relative to the Modelfile, or the name of a model. Several are the parts of a GGUF."""
    source, *others = modelfile.sources
    if others:
        hint = "several FROM lines name the parts of one GGUF"
        return {"files": _sent(client, [_gguf("FROM", part, folder, hint) for part in modelfile.sources])}
    path = folder / Path(source).expanduser()
    if path.is_file() or (path.is_dir() and _looks_like_path(source)):
        return {"files": _sent(client, _files(path))}
    if _looks_like_path(source):
        raise InvalidModelFile(
            f"FROM {source}: {path} is not there", hint="FROM takes a model, a GGUF file or a folder of safetensors"
        )
    return {"from": source}


def _adapters(client: Client, modelfile: Modelfile, folder: Path) -> dict[str, Any]:
    """Resolve ADAPTER: paths relative to the Modelfile."""
    hint = "llama.cpp's convert_lora_to_gguf.py makes one of an adapter in safetensors"
    paths = [_gguf("ADAPTER", adapter, folder, hint) for adapter in modelfile.adapters]
    return {"adapters": _sent(client, paths)} if paths else {}


def _gguf(command: str, name: str, folder: Path, hint: str) -> Path:
    """Resolve a Modelfile's path of a GGUF file. Raises NotSupported for another file, or none."""
    path = folder / Path(name).expanduser()
    if not is_gguf(path):
        raise NotSupported(f"{command} {name}: {path} is not {'a GGUF file' if path.exists() else 'there'}", hint=hint)
    return path


def _looks_like_path(source: str) -> bool:
    return source.startswith(("/", ".", "~")) or source.endswith((".gguf", "/"))


def _files(path: Path) -> list[Path]:
    """Return the files that make up the model at `path`."""
    if path.is_file():
        return parts_beside(path)
    files = [_checked(file, path) for pattern in _WANTED for file in sorted(path.glob(pattern))]
    if not any(file.suffix == ".safetensors" for file in files):
        ggufs = sorted(path.glob("*.gguf"))
        whole = parts_beside(ggufs[0]) if ggufs else []
        if not ggufs or len(ggufs) != len(whole):
            raise InvalidModelFile(
                f"no Modelfile or safetensors files found in {path.absolute()}",
                hint="only safetensors and a single GGUF file, or the parts of one, can be read, no PyTorch files",
            )
        return whole
    names = {file.name for file in files}
    if path.absolute().name == "original":  # OpenAI's own layout: its vocabulary is in the parent folder
        files += [file for name in _VOCABULARY if name not in names and (file := path.parent / name).is_file()]
    return files


def _checked(file: Path, folder: Path) -> Path:
    """Check a link: it may lead to the folder itself or, as in Hugging Face's cache, to `blobs` two folders up."""
    target = file.resolve()
    allowed = (folder.resolve(), folder.resolve().parent.parent / "blobs")
    if not any(target.is_relative_to(place) for place in allowed):
        raise InvalidModelFile(f"insecure path: {file} leads to {target}", hint="copy the file into the folder")
    return file


def _sent(client: Client, files: Iterable[Path]) -> dict[str, str]:
    """Make sure that the server has the files, and return their digests by name."""
    with progress_bar() as update:
        return {file.name: _send(client, file, update) for file in files}


def _send(client: Client, file: Path, update: Update) -> str:
    size = file.stat().st_size
    hasher, done = hashlib.sha256(), 0
    with file.open("rb") as opened:
        while chunk := opened.read(_CHUNK):
            hasher.update(chunk)
            done += len(chunk)
            update(f"hashing {file.name}", done, size)
    digest = f"sha256:{hasher.hexdigest()}"
    if not client.has_blob(digest):
        client.send_blob(digest, file, lambda done: update(f"sending {file.name}", done, size))
    return digest
