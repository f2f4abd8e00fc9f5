"""Files of the pages, read once and kept: their bytes, types and tags.

It knows nothing of requests. A name that is not one of these files is nobody's, whatever path it spells.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent
_TYPES: Final = {
    ".html": b"text/html; charset=utf-8",
    ".css": b"text/css; charset=utf-8",
    ".js": b"text/javascript; charset=utf-8",
    ".svg": b"image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class File:
    """One file. `tag` is its ETag, which changes with its content."""

    data: bytes
    type: bytes
    tag: bytes


@cache
def files() -> Mapping[str, File]:
    """Return every file of the pages, by its path below this folder."""
    paths = [path for path in _FOLDER.rglob("*") if path.suffix in _TYPES]
    return {path.relative_to(_FOLDER).as_posix(): _read(path) for path in paths}


def _read(path: Path) -> File:
    data = path.read_bytes()
    tag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'.encode()
    return File(data, _TYPES[path.suffix], tag)
