"""A route that says what it takes and answers, so that none can be without it."""

from typing import Any

from starlette.routing import Route

from ossia.server.http.operation import Operation
from ossia.server.http.stream import Framing


class OperationRoute(Route):
    """`framing` is that of the streamed answers, where there are any."""

    def __init__(
        self, method: str, path: str, endpoint: Any, operation: Operation, framing: Framing | None = None
    ) -> None:
        super().__init__(path, endpoint, methods=[method])
        self.method = method
        self.operation = operation
        self.framing = framing
