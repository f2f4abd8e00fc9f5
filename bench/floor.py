"""Bare application under the server of a checkout: the least that its answers can cost. `serve.py` starts it.

    python bench/floor.py path/to/bench PORT GGUF

It runs `serve` of that folder's `serve.py`, so uvicorn is configured as there, but in place of the application it
serves one that replays the application's own messages.
"""

import asyncio
import importlib
import sys
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.types import Message, Receive, Scope, Send


class Floor:
    """Bare ASGI application that replays another one's answers.

    The first request with a body is answered by the application itself, and its messages are kept.
    """

    def __init__(self, app: Starlette) -> None:
        self._app = app
        self.state = app.state  # with what the server takes from there
        self._answers: dict[tuple[str, bytes], list[Message]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        key = scope["path"], body
        if key not in self._answers:
            self._answers[key] = await self._record(scope, body)
        for message in self._answers[key]:
            await asyncio.sleep(0)
            await send(message)

    async def _record(self, scope: Scope, body: bytes) -> list[Message]:
        """Messages that the application sends for a request whose client stays."""
        messages: list[Message] = []
        received = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive() -> Message:
            return next(received, None) or await asyncio.Future()

        async def send(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, send)
        return messages


def main(folder: str, port: str, gguf: str) -> None:
    sys.path.insert(0, folder)
    bench: Any = importlib.import_module("serve")
    create_app = bench.create_app
    bench.create_app = lambda *arguments: Floor(create_app(*arguments))
    bench.serve(int(port), Path(gguf))


if __name__ == "__main__":
    main(*sys.argv[1:])
