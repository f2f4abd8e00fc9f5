"""Cache folder of what is compiled once: kernels, and bytecode of packages whose own folders hold none.

torch has two thousand Python files. Some container images come without their bytecode and forbid Python to write any
(PYTHONDONTWRITEBYTECODE): each import of torch then compiles them all, which takes as long again as the import.
"""

import os
import sys
from importlib.util import cache_from_source, find_spec
from pathlib import Path

from ossia.config import home


def cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or home() / ".cache") / "ossia"


def keep_bytecode(package: str) -> None:
    """If the package has no bytecode and gets none by an import, keep that of all further imports in our folder."""
    spec = None if package in sys.modules else find_spec(package)
    if not spec or not spec.origin:
        return
    bytecode = Path(cache_from_source(spec.origin))
    is_written = not sys.dont_write_bytecode and os.access(bytecode.parents[1], os.W_OK)
    if not is_written and not bytecode.exists():
        sys.pycache_prefix = str(cache_folder() / "bytecode")
        sys.dont_write_bytecode = False
