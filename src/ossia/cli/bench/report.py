"""The report of `ossia bench`: a table, JSON and a plot. Pure functions of what was measured."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from ossia import __version__
from ossia.cli.bench.chart import charts
from ossia.cli.bench.measuring import Measured
from ossia.cli.tables import table

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class MemoryShare:
    """Speed of this machine's memory, and weights that are read for a token: together a limit on one answer's speed."""

    bytes_per_second: float
    bytes_per_token: int

    @property
    def limit(self) -> float:
        """Tokens a second."""
        return self.bytes_per_second / self.bytes_per_token


def as_table(found: Sequence[Measured], share: MemoryShare | None) -> str:
    """Return the figures for people, those of other servers beside ours."""
    names = [each.target.name for each in found]
    alone = [
        (
            f"{columns[0].context:>7,}",
            *(f"{at.prefill:>7.1f}" for at in columns),
            *(f"{at.decode:>7.1f}" for at in columns),
            f"{columns[0].decode / share.limit:>6.0%}" if share else "",
        )
        for columns in _rows(each.contexts for each in found)
    ]
    together = [
        (
            f"{columns[0].clients:>7}",
            *(f"{at.tokens_per_second:>7.1f}" for at in columns),
            *(f"{1000 * at.first:>7.0f}" for at in columns),
        )
        for columns in _rows(each.at_once for each in found)
    ]
    head = ("CONTEXT", *_headers("PROMPT", names), *_headers("ANSWER", names), "MEMORY" if share else "")
    second = ("CLIENTS", *_headers("ALL", names), *_headers("FIRST", names))
    texts = ["Tokens a second of a prompt, and of an answer to it:\n", table(head, alone)]
    if together:
        texts.append("\nTokens a second of all clients together, and milliseconds to their first texts:\n")
        texts.append(table(second, together))
    if share:
        speed, weights = share.bytes_per_second / 1e9, share.bytes_per_token / 1e9
        texts.append(
            f"\nMemory is read at {speed:.1f} GB/s, and {weights:.2f} GB of weights for each token alone: "
            f"MEMORY is the share of {share.limit:.1f} tokens a second.\n"
        )
    return "".join(texts)


def as_json(found: Sequence[Measured], share: MemoryShare | None) -> Mapping[str, Any]:
    return {
        "ossia": __version__,
        "memory": asdict(share) if share else None,
        "servers": [
            {
                "name": each.target.name,
                "url": each.target.client.url,
                "model": each.target.model,
                "contexts": [asdict(at) for at in each.contexts],
                "clients": [asdict(at) for at in each.at_once],
            }
            for each in found
        ],
    }


def as_svg(found: Sequence[Measured]) -> str:
    """Return a plot of each kind of speed, one below the other."""
    contexts = {each.target.name: each.contexts for each in found}
    at_once = {each.target.name: each.at_once for each in found}
    prompts = {name: {at.context: at.prefill for at in line} for name, line in contexts.items()}
    answers = {name: {at.context: at.decode for at in line} for name, line in contexts.items()}
    clients = {name: {at.clients: at.tokens_per_second for at in line} for name, line in at_once.items()}
    model = found[0].target.model
    return charts(
        (f"{model}: prompts", "tok/s", "tokens in the prompt", prompts),
        (f"{model}: one answer", "tok/s", "tokens in the prompt", answers),
        (f"{model}: all answers", "tok/s", "clients at once", clients),
    )


def _rows(columns: Iterable[Sequence[T]]) -> Iterable[tuple[T, ...]]:
    """Return the steps that every server has taken."""
    return zip(*columns, strict=False)


def _headers(what: str, names: Sequence[str]) -> list[str]:
    return [f"{what} {name}" for name in names] if len(names) > 1 else [what]
