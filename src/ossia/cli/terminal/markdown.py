"""Rendering of Markdown on a terminal, by rich, without losing anything that was written.

Line breaks are kept, HTML and the addresses of links and images stay visible, and cells of tables are wrapped, not cut.
"""

import sys
from typing import ClassVar

from markdown_it import MarkdownIt
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import Markdown, MarkdownElement, TableElement
from rich.table import Table

from ossia.printable import printable


class _Table(TableElement):
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for table in super().__rich_console__(console, options):
            if isinstance(table, Table):
                for column in table.columns:
                    column.overflow = "fold"
            yield table


class _Markdown(Markdown):
    elements: ClassVar[dict[str, type[MarkdownElement]]] = {**Markdown.elements, "table_open": _Table}


def rendered(text: str, width: int) -> str:
    """Render `text` for stdout, with the colours that it supports."""
    parser = MarkdownIt("commonmark", {"html": False}).enable(["strikethrough", "table"]).disable("image")
    markdown = _Markdown("", hyperlinks=False)
    markdown.parsed = parser.parse(text)
    for token in markdown.parsed:
        for child in token.children or ():
            child.content = printable(child.content)  # parsing decodes entities, such as &#x202e;
            if child.type == "softbreak":
                child.type = "hardbreak"
    console = Console(file=sys.stdout, width=width)
    with console.capture() as capture:
        console.print(markdown)
    return capture.get()
