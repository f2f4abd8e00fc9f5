"""Tables, times and statistics in the format of Ollama's command line. Pure functions that return text."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ossia.printable import one_line
from ossia.sizes import human_size

if TYPE_CHECKING:
    from ossia.cli.answers import Loaded, Part, Shown, Stored


def describe(shown: "Shown", *, verbose: bool) -> str:
    """Format what is known of a model for `ossia show`: titled sections, without empty ones."""
    from ossia.cli.answers import Details

    info, details = shown.model_info or {}, shown.details or Details()
    architecture = info.get("general.architecture", details.family)
    model = {
        "architecture": architecture,
        "parameters": details.parameter_size,
        "context length": info.get(f"{architecture}.context_length"),
        "embedding length": info.get(f"{architecture}.embedding_length"),
        "quantization": details.quantization_level,
    }
    sections: dict[str, list[tuple[str, ...]]] = {
        "Model": [(name, str(value)) for name, value in model.items() if value],
        "Capabilities": [(name,) for name in shown.capabilities or ()],
        "Parameters": [_parameter(line) for line in (shown.parameters or "").splitlines()],
        "System": _first_lines(shown.system or ""),
        "Device": [(shown.device,)] if shown.device else [],
        "License": _first_lines(shown.license or ""),
    }
    if verbose:
        sections["Metadata"] = [(name, _cut(str(value))) for name, value in info.items()]
        sections["Tensors"] = [(item.name, item.type, str(item.shape)) for item in shown.tensors or ()]
    return "\n".join(
        f"  {title}\n" + "".join(f"    {line}\n" for line in table((), rows).splitlines())
        for title, rows in sections.items()
        if rows
    )


def _parameter(line: str) -> tuple[str, str]:
    name, _, value = line.partition(" ")
    return name, value.strip()


def _first_lines(text: str) -> list[tuple[str, ...]]:
    lines = text.strip().splitlines()
    return [(line,) for line in lines[:2]] + [("...",)] * (len(lines) > 2)


def _cut(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "..."


def processor(size: int, size_vram: int) -> str:
    """Return the processor that a loaded model uses."""
    if size_vram == 0:
        return "100% CPU"
    if size_vram == size:
        return "100% GPU"
    if size_vram > size:
        return "Unknown"
    gpu = round(size_vram / size * 100)
    return f"{100 - gpu}%/{gpu}% CPU/GPU"


def statistics(last: "Part") -> str:
    """Format the statistics for --verbose from the last line of an answer; zeros are left out."""
    lines: list[tuple[str, str]] = []
    for name, nanoseconds in (("total", last.total_duration), ("load", last.load_duration)):
        if nanoseconds:
            lines.append((f"{name} duration:", go_duration(nanoseconds)))
    for name, count, nanoseconds in (
        ("prompt eval", last.prompt_eval_count or 0, last.prompt_eval_duration),
        ("eval", last.eval_count or 0, last.eval_duration),
    ):
        if count:
            lines.append((f"{name} count:", f"{count} token(s)"))
        if nanoseconds:
            lines.append((f"{name} duration:", go_duration(nanoseconds)))
            lines.append((f"{name} rate:", f"{count / nanoseconds * 1e9:.2f} tokens/s"))
    return "".join(f"{label:<22}{value}\n" for label, value in lines)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Format left-aligned columns, four spaces apart. A cell stays on its line, whatever is in it."""
    lines = [[one_line(cell) for cell in line] for line in ([header, *rows] if header else rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = ("    ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
    return "".join(f"{line.rstrip()}\n" for line in padded)


def models_table(models: Iterable["Stored"]) -> str:
    """Format the models in the store for `ossia list`."""
    rows = [(model.name, model.digest[:12], human_size(model.size), human_ago(model.modified_at)) for model in models]
    return table(("NAME", "ID", "SIZE", "MODIFIED"), rows)


def loaded_table(models: Iterable["Loaded"]) -> str:
    """Format the models in memory for `ossia ps`."""
    rows = [
        (
            model.name,
            model.digest[:12],
            human_size(model.size),
            processor(model.size, model.size_vram),
            str(model.context_length or ""),
            human_until(model.expires_at),
            (model.device or "").partition(": ")[0],  # without the reason; Ollama's own server does not tell it
        )
        for model in models
    ]
    return table(("NAME", "ID", "SIZE", "PROCESSOR", "CONTEXT", "UNTIL", "DEVICE"), rows)


def human_ago(moment: datetime) -> str:
    """Format a past time: 5 minutes ago."""
    return f"{human_duration(-_seconds_from_now(moment))} ago"


def human_until(moment: datetime) -> str:
    """Format the time when a model will be unloaded: 4 minutes from now, Forever (in 20 years), Stopping... (past)."""
    seconds = _seconds_from_now(moment)
    if seconds > 20 * 365 * 86400:
        return "Forever"
    return "Stopping..." if seconds < 0 else f"{human_duration(seconds)} from now"


def _seconds_from_now(moment: datetime) -> float:
    return (moment - datetime.now(UTC)).total_seconds()


def human_duration(seconds: float) -> str:
    """Format a duration in the words of Ollama (and of Docker before it)."""
    hours = round(seconds / 3600)
    steps: tuple[tuple[bool, str], ...] = (
        (seconds < 1, "Less than a second"),
        (seconds < 2, "1 second"),
        (seconds < 60, f"{int(seconds)} seconds"),
        (seconds < 120, "About a minute"),
        (seconds < 3600, f"{int(seconds / 60)} minutes"),
        (hours == 1, "About an hour"),
        (hours < 48, f"{hours} hours"),
        (hours < 14 * 24, f"{hours // 24} days"),
        (hours < 60 * 24, f"{hours // (7 * 24)} weeks"),
        (hours < 730 * 24, f"{hours // (30 * 24)} months"),
    )
    return next((words for fits, words in steps if fits), f"{hours // (365 * 24)} years")


def go_duration(nanoseconds: int) -> str:
    """Format a duration as Go does: 12.5ms, 1.234567s, 1m2s."""
    for unit, size in (("ns", 1), ("µs", 10**3), ("ms", 10**6)):
        if nanoseconds < size * 1000:
            return f"{_decimal(nanoseconds, size)}{unit}"
    minutes, rest = divmod(nanoseconds, 60 * 10**9)
    hours, minutes = divmod(minutes, 60)
    prefix = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{prefix}{_decimal(rest, 10**9)}s"


def _decimal(number: int, size: int) -> str:
    return f"{number / size:.9f}".rstrip("0").rstrip(".")
