"""Split GGUF files: the parts of one model, as llama.cpp's `llama-gguf-split` writes them.

Each part tells its number, from 0 on, and the number of parts (`split.no`, `split.count`); the first has the model's
metadata, and each has some of the tensors, of which there are `split.tensors.count`. Names end in -00001-of-00002.gguf.

https://github.com/ggml-org/llama.cpp/tree/master/tools/gguf-split
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from ossia.errors import InvalidModelFile
from ossia.gguf import GGUF

KEYS: Final = ("split.no", "split.count", "split.tensors.count")
_NAME: Final = re.compile(r"(.*)-([0-9]{5})-of-([0-9]{5})\.gguf", re.DOTALL)
_HINT: Final = "all parts of the model are needed, and nothing else: -00001-of-00002.gguf, -00002-of-00002.gguf, ..."


class PartName(NamedTuple):
    """The name of a part: the model's, the part's number, from 1 on, and the number of parts."""

    stem: str
    number: int
    total: int

    @classmethod
    def parse(cls, name: str) -> "PartName | None":
        """Return None for the name of a file that is no part."""
        found = _NAME.fullmatch(name)
        part = found and cls(found[1], int(found[2]), int(found[3]))
        return part if part and 1 <= part.number <= part.total else None

    def siblings(self) -> list[str]:
        """Names of all parts, in order."""
        return [f"{self.stem}-{number:05}-of-{self.total:05}.gguf" for number in range(1, self.total + 1)]


def parts_beside(path: Path) -> list[Path]:
    """All parts of the model that a file is a part of, by its name; else the file. Raises InvalidModelFile."""
    name = PartName.parse(path.name)
    if name is None:
        return [path]
    paths = [path.with_name(sibling) for sibling in name.siblings()]
    check_names([each.name for each in paths if each.is_file()], name)
    return paths


def check_names(names: Iterable[str], of: PartName | None = None) -> None:
    """Raise InvalidModelFile unless the names that are parts' are those of all parts of one model."""
    parts = [part for part in map(PartName.parse, names) if part]
    if of is None and not parts:
        return
    of = of or parts[0]
    if other := next((part for part in parts if (part.stem, part.total) != (of.stem, of.total)), None):
        raise InvalidModelFile(f"{of.siblings()[0]} and {other.siblings()[0]} are parts of different models", _HINT)
    there = {part.number for part in parts}
    missing = [sibling for number, sibling in enumerate(of.siblings(), start=1) if number not in there]
    if missing:
        raise InvalidModelFile(f"{', '.join(missing[:3])} is not there, a part of the model", _HINT)


def open_model(*paths: Path) -> GGUF:
    """Open a model's file, or all parts of one, in any order. Raises InvalidModelFile for any other files."""
    first, *rest = files = [GGUF.open(each) for each in paths]
    count = _number(first, "split.count", 1)
    if len(files) == count == 1:
        return first
    if count <= 1 or any(_number(file, "split.count", 1) != count for file in rest):
        raise InvalidModelFile(f"these {len(files)} GGUF files are not the parts of one model", _HINT)
    by_number = {_number(file, "split.no", -1): file for file in files}
    if missing := [str(number + 1) for number in range(count) if number not in by_number]:
        raise InvalidModelFile(f"of the model's {count} parts {', '.join(missing[:9])} missing", _HINT)
    if len(files) > count:
        raise InvalidModelFile(f"the model has {count} parts, but {len(files)} are given", _HINT)
    return _joined([by_number[number] for number in range(count)])


def _joined(parts: list[GGUF]) -> GGUF:
    first, *rest = parts
    for part in rest:
        first.join(part)
    wanted = _number(first, "split.tensors.count", len(first.tensors))
    if wanted != len(first.tensors):
        problem = f"the model's parts have {len(first.tensors)} tensors, but should have {wanted}"
        raise InvalidModelFile(problem, "they may be parts of different models")
    return first


def _number(gguf: GGUF, key: str, default: int) -> int:
    value: object = gguf.metadata.get(key, default)
    if not isinstance(value, int) or not -1 <= value < 1 << 16:
        raise InvalidModelFile(f"{gguf.path}: {key} is {value!r}, not a number of parts")
    return value
