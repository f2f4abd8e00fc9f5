"""Time until a first token, by what the server and the model's process do, on one clock.

    python bench/first_token.py MODEL.gguf [--cached 8192] [--new 100] [--requests 9]

Streams completions over HTTP, whose prompts have so many new tokens after cached ones. Functions on the way, below,
note when they begin and end. Each line is such a moment: milliseconds since the request was sent, and since the moment
before it (medians). The model must have a vocabulary. The last line is one JSON object.
"""

import argparse
import functools
import importlib
import inspect
import json
import os
import socket
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from served import free_port, running, stored

IN_SERVER = (
    "ossia.server.http.body:Arrival.whole",
    "ossia.server.http.endpoint:decode",
    "ossia.engine.native:NativeEngine._render",
    "ossia.engine.native:NativeEngine._add",
    "ossia.engine.child:Child._send",
    "ossia.engine.child:Child._deliver",
    "ossia.engine.detokenizer:Detokenizer.feed",
    "ossia.server.http.stream:Reply._write",
)
IN_PROCESS = (
    "ossia.engine.worker:Reader._add",
    "ossia.engine.core:EngineCore.add",
    "ossia.engine.scheduler:Scheduler.schedule",
    "ossia.engine.core:EngineCore._launch",
    "ossia.engine.core:EngineCore._sample",
    "ossia.engine.core:EngineCore._collect",
    "ossia.engine.core:EngineCore.step",
)
MARKS = "FIRST_TOKEN_MARKS"  # names the file of the marks
SERVER = "import first_token; first_token.serve()"
ATTEMPTS = 3  # requests that are not counted: they capture graphs


@functools.cache
def marks() -> int:
    return os.open(os.environ[MARKS], os.O_CREAT | os.O_APPEND | os.O_WRONLY)


def mark(name: str) -> None:
    """Note the moment. Each is written at once, since processes may be killed."""
    os.write(marks(), f"{time.monotonic()} {name}\n".encode())


def marked(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        mark(f"{name} begins")
        result = function(*args, **kwargs)
        mark(f"{name} ends")
        return result

    @functools.wraps(function)
    async def wait(*args: Any, **kwargs: Any) -> Any:
        mark(f"{name} begins")
        result = await function(*args, **kwargs)
        mark(f"{name} ends")
        return result

    return wait if inspect.iscoroutinefunction(function) else run


def watch(functions: tuple[str, ...]) -> None:
    for place in functions:
        module, _, path = place.partition(":")
        *parents, name = path.split(".")
        holder = functools.reduce(getattr, parents, importlib.import_module(module))
        setattr(holder, name, marked(getattr(holder, name), path))


def serve() -> None:
    """`ossia serve`, whose processes of models are this module's."""
    from ossia.cli.arguments import main
    from ossia.engine import process

    process.MODULE = "first_token"
    watch(IN_SERVER)
    sys.argv = ["ossia", "serve"]
    main()


def work() -> None:
    """The process of a model."""
    from ossia.engine import worker

    watch(IN_PROCESS)
    worker.main()


def first_token(port: int, prompt: str) -> tuple[float, float]:
    """The moments at which a request is sent, and its first token arrives."""
    body = json.dumps({"model": "bench", "prompt": prompt, "raw": True, "max_tokens": 2, "stream": True}).encode()
    head = (
        f"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port)) as connection:
        began, data = time.monotonic(), b""
        connection.sendall(head.encode() + body)
        while b"\ndata: {" not in data:
            piece = connection.recv(1 << 16)
            assert piece, f"no token came: {data[-500:]!r}"
            data += piece
        arrived = time.monotonic()
        while connection.recv(1 << 16):
            pass
    return began, arrived


def asked(port: int, cached: int, new: int, requests: int) -> list[tuple[float, float]]:
    word = " word"
    first_token(port, word * cached)
    found: list[tuple[float, float]] = []
    for number in range(ATTEMPTS + requests):
        time.sleep(0.05)
        found.append(first_token(port, f"{word * cached} {number}{word * (new - 2)}"))
    return found[ATTEMPTS:]


def offsets(file: Path, spans: list[tuple[float, float]]) -> dict[str, list[float]]:
    """Seconds from each request's begin to the first time that each mark was made in its span."""
    lines = [line.split(" ", 1) for line in file.read_text().splitlines()]
    moments = sorted((float(moment), name) for moment, name in lines)
    found: defaultdict[str, list[float]] = defaultdict(list)
    for began, arrived in spans:
        seen = {"the first token is here": arrived}
        for moment, name in moments:
            if began <= moment <= arrived:
                seen.setdefault(name, moment)
        for name, moment in seen.items():
            found[name].append(moment - began)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--cached", type=int, default=8192, help="tokens before, about")
    parser.add_argument("--new", type=int, default=100)
    parser.add_argument("--requests", type=int, default=9)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.model.parent) as folder:
        stored(arguments.model, Path(folder), "bench")
        file, port = Path(folder, "marks"), free_port()
        path = os.pathsep.join(filter(None, [str(Path(__file__).parent), os.environ.get("PYTHONPATH")]))
        own = {"OLLAMA_MODELS": folder, "OLLAMA_HOST": f"127.0.0.1:{port}", MARKS: str(file), "PYTHONPATH": path}
        with running((sys.executable, "-c", SERVER), f"http://127.0.0.1:{port}", own):
            spans = asked(port, arguments.cached, arguments.new, arguments.requests)
        found = offsets(file, spans)
    before, result = 0.0, {}
    for name, seconds in sorted(found.items(), key=lambda item: statistics.median(item[1])):
        median = statistics.median(seconds) * 1e3
        print(
            f"{median:9.2f}{median - before:8.2f}  {name}"
            + (f" ({len(seconds)} times)" if len(seconds) < len(spans) else "")
        )
        before, result[name] = median, seconds
    print(json.dumps({"bench": "first_token", "cached": arguments.cached, "new": arguments.new, "seconds": result}))


if __name__ == "__main__":
    if sys.argv[1:] and sys.argv[1].isdigit():
        work()
    else:
        main()
