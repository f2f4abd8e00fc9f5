"""The command `ossia bench`: which servers are measured, and where the figures go."""

import json
from argparse import Namespace
from contextlib import suppress

from ossia.cli.answers import Shown
from ossia.cli.bench.asking import Target
from ossia.cli.bench.measuring import measure
from ossia.cli.bench.other import other
from ossia.cli.bench.report import MemoryShare, as_json, as_svg, as_table
from ossia.cli.client import LOCAL, Client, ServerError
from ossia.cli.output import note, say
from ossia.config import Settings
from ossia.processors import num_processors


def bench(arguments: Namespace, client: Client, shown: Shown) -> None:
    """Measure a model, of which `shown` is known, and another server in turn. Raises OssiaError."""
    model, settings = arguments.name, Settings.from_env()
    targets = [Target("ossia", client, model)]
    if arguments.against:
        targets.append(other(arguments.against, arguments.against_model or model))
    found = measure(targets, arguments.seconds, _context_length(shown), lambda text: note(f"{text}\n"))
    share = _memory_share(client, settings, model)
    if arguments.json:
        say(json.dumps(as_json(found, share), ensure_ascii=False, indent=2))
    else:
        say(as_table(found, share), end="")
    if arguments.svg:
        arguments.svg.write_text(as_svg(found))


def _context_length(shown: Shown) -> int:
    info = shown.model_info or {}
    length = info.get(f"{info.get('general.architecture')}.context_length")
    return length if isinstance(length, int) else 1 << 20


def _memory_share(client: Client, settings: Settings, model: str) -> MemoryShare | None:
    """Return what limits an answer's speed; None unless the model runs on this machine's processor."""
    memory = None
    with suppress(ServerError):  # of a file that tells no costs
        memory = client.ask(Shown, "POST", "/api/show", {"model": model, "memory": True}).memory
    if not memory or memory.is_on_gpu or settings.host not in LOCAL:
        return None
    from ossia.admin.bandwidth import read_bandwidth

    note("the memory's speed\n")
    threads = settings.engine.threads or num_processors()
    return MemoryShare(read_bandwidth(threads, 1 << 30), memory.weights_bytes_per_token)
