"""Checks of the disk and of the model store."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ossia.admin.doctor.check import Check
from ossia.config import Settings, home
from ossia.sizes import human_size
from ossia.store.identity import Identity
from ossia.store.inspection import Files, Inspection

_LITTLE: Final = 2 << 30
_OF_OLLAMA: Final = Path("/usr/share/ollama/.ollama/models")
_REMOTE: Final = ("nfs", "cifs", "smb", "9p", "fuse.sshfs", "ceph", "virtiofs")


def disk(settings: Settings, root: Path = Path("/")) -> Iterator[Check]:
    """Yield the space beside the store, and whether it can be written to."""
    if problem := _astray(settings.models):
        yield problem
        return
    folder = _existing(settings.models)
    free, kind = shutil.disk_usage(folder).free, _file_system(folder, root)
    text = f"{human_size(free)} free for {settings.models}" + (f" on {kind}" if kind else "")
    if not folder.is_dir():
        yield Check("disk", f"{folder} is not a folder", "let OLLAMA_MODELS name one")
    elif os.statvfs(folder).f_flag & os.ST_RDONLY:
        remedy = "mount it for writing, or let OLLAMA_MODELS name another folder: no model can be downloaded"
        yield Check("disk", f"{folder} is on a file system that is read-only", remedy)
    elif not os.access(folder, os.W_OK):
        yield Check(
            "disk", f"{folder} cannot be written to", "run as its owner, or let OLLAMA_MODELS name another folder"
        )
    elif free < _LITTLE:
        yield Check("disk", text, "free some space, or let OLLAMA_MODELS name a folder on another disk")
    elif _has_no_inodes(folder):
        yield Check("disk", f"{text}, but no room for another file", "remove files: there are no inodes left")
    elif kind.startswith(_REMOTE):
        yield Check("disk", text, "weights are read over the network: let OLLAMA_MODELS name a folder of this machine")
    else:
        yield Check("disk", text)


def _astray(path: Path) -> Check | None:
    """Return the check of a path that leads nowhere, or elsewhere for each folder that a server is started in."""
    if link := next(
        (each for each in (path, *path.absolute().parents) if each.is_symlink() and not each.exists()), None
    ):
        text = f"{link} is a link to {link.readlink()}, which is not there"
        return Check("disk", text, "mount the disk that it leads to, or let OLLAMA_MODELS name another folder")
    if not path.is_absolute():
        text = f"{path} depends on the folder in which the server is started"
        return Check("disk", text, f"name it whole: OLLAMA_MODELS={path.expanduser().absolute()}")
    return None


def own_folder() -> Iterator[Check]:
    """Yield whether this user's own folder can be written to. Raises StoreError for a key in it that is damaged."""
    folder = home() / ".ollama"
    key, there = folder / "id_ed25519", _existing(folder)
    if key.exists():
        Identity.load()
    if not there.is_dir():
        yield Check("home", f"{there} is not a folder", "move it away, or let HOME name another folder")
    elif not os.access(there, os.W_OK):
        text = f"{folder} cannot be written to: it has the keys, and what chats and responses remember"
        yield Check("home", text, "run as its owner, or let HOME name a folder of this user's own")
    elif key.exists() and key.stat().st_mode & 0o077:
        yield Check("home", f"{key} is this machine's key, and others may read it", f"chmod 600 {key}")
    else:
        yield Check("home", str(folder))


def store(settings: Settings, found: Inspection) -> Iterator[Check]:
    """Yield what the store holds, a line for each model that is broken, and what else takes space."""
    for name, problem in found.broken.items():
        yield Check("store", f"{name}: {problem.text}", problem.remedy)
    if not found.broken and not found.models:
        yield Check("store", _nothing_yet(settings))
    elif found.models:
        total = sum(model.size for model in found.models)
        count = "1 model" if len(found.models) == 1 else f"{len(found.models)} models"
        yield Check("store", f"{count}, {human_size(total)}")
    yield from _leftovers(settings, found.leftovers)
    if found.unfinished.count:
        text = f"{found.unfinished.count} interrupted, {human_size(found.unfinished.bytes)}"
        yield Check("downloads", f"{text}: `ossia pull` goes on with them, and after a week they are removed")


def _nothing_yet(settings: Settings) -> str:
    """Return what to do with an empty store, of which Ollama's service may have another one."""
    if settings.models != _OF_OLLAMA and os.path.isdir(_OF_OLLAMA / "manifests"):
        return f"no models yet: `ossia run tiny`, or OLLAMA_MODELS={_OF_OLLAMA} for those of Ollama's service"
    return "no models yet: `ossia run tiny`"


def _has_no_inodes(folder: Path) -> bool:
    """True if a file system that counts inodes has none left."""
    found = os.statvfs(folder)
    return found.f_files > 0 and found.f_favail == 0


def _leftovers(settings: Settings, found: Files | None) -> Iterator[Check]:
    if found is None:
        text = "not known, and not removed, since a manifest cannot be read"
        yield Check("orphans", text, "first mend or remove the models above")
    elif found.count:
        how = "unset OLLAMA_NOPRUNE, and start the server again" if settings.no_prune else "start the server again"
        yield Check("orphans", f"{found.count} files of no model, {human_size(found.bytes)}", f"{how}: it removes them")


def _existing(path: Path) -> Path:
    """Return the folder, or the first above it that is there."""
    return next(folder for folder in (path, *path.absolute().parents) if folder.exists())


def _file_system(folder: Path, root: Path) -> str:
    """Return the kind of file system that a folder is on, "" if that is not known."""
    try:
        lines = [line.split() for line in (root / "proc/self/mounts").read_text().splitlines()]
    except OSError:
        return ""
    above = {str(each) for each in (folder.resolve(), *folder.resolve().parents)}
    return max(((point, kind) for _, point, kind, *_ in lines if point in above), default=("", ""), key=_length)[1]


def _length(mount: tuple[str, str]) -> int:
    return len(mount[0])
