"""Multi-line input: a block between three double quotes, as a message or after `/set system`. Pure."""

import re

QUOTES = '"""'
_OPENING = re.compile(rf"(?:/set\s+system\s+)?{QUOTES}")


def is_open(text: str) -> bool:
    """True if `text` begins a block that is not closed yet by a line that ends in three double quotes."""
    opening = _OPENING.match(text)
    return opening is not None and not any(_ends_block(line) for line in text[opening.end() :].split("\n"))


def unquoted(text: str) -> str:
    """Return the content of `text` if all of it is one block, else `text` without surrounding spaces."""
    text = text.strip()
    if not text.startswith(QUOTES):
        return text
    *lines, last = text.removeprefix(QUOTES).split("\n")
    is_one_block = _ends_block(last) and not any(_ends_block(line) for line in lines)
    return "\n".join([*lines, last.removesuffix(QUOTES)]) if is_one_block else text


def _ends_block(line: str) -> bool:
    return line.rstrip().endswith(QUOTES)
