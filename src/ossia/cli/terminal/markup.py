"""Detection of text that is worth rendering as Markdown. Pure, and without the library that renders it."""

import re

_MARKUP = re.compile(
    r"^ {0,3}(#{1,6} |[-*+] |\d+[.)] |> |```|~~~|\|.*\|)"  # heading, list, quotation, code, table
    r"|\*\*[^\s*]|`[^`\n]+`|\[[^\]\n]+\]\([^)\s]+\)",  # bold, code, link
    re.MULTILINE,
)
_FORMULA = re.compile(r"\\[(\[]|\$\$|\\begin\{")


def is_worth_rendering(text: str) -> bool:
    """True if `text` has markup, and nothing that rendering would spoil: Markdown removes TeX's backslashes."""
    return bool(_MARKUP.search(text)) and not _FORMULA.search(text)
