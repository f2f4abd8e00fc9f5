"""Access log: a line for each request, and an audit line for each that manages models.

A `Record` travels with the request, and handlers note in it the facts that HTTP does not show. Neither line has a key,
a query string or a header; a body's beginning is there only if a setting asks for it. This module knows no protocol.
"""

import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ossia.logs import Facts
from ossia.server.http.caller import caller_of
from ossia.server.http.request_id import current_request_id
from ossia.server.monitor.ended import UNKNOWN, Ended
from ossia.types import Finished, Started, Usage

_access = logging.getLogger("ossia.access")
_audit = logging.getLogger("ossia.audit")

Observer = Callable[[Ended], None]

CLIENT_LEFT: Final = 499
"""Status of a request whose client left before the end of its answer, as nginx numbers it."""

_STATE: Final = "record"
_LONGEST_BODY: Final = 2000  # bytes
_LONGEST_NAME: Final = 200  # characters
_LOGIN: Final = re.compile(r"//[^/]*@")


@dataclass(slots=True)
class Record:
    """Facts of one request. The reply notes the status and the time of its first byte, handlers what else they know.

    `action` is a word for what a managing request does, "" for all others, and `subject` is what it does that to, if
    not to the model. `error` is the name of the error that ended the answer, whatever its status was. `usage` without
    an end of the answer has no completion tokens. `installed` is the name under which the model is stored, "" if it is
    not; `waited` is in seconds, `first_token` a time, and `gaps` are the mean times between the tokens of each answer.
    `observe` is told of the request when it has ended.
    """

    scope: Scope
    logs_access: bool = False
    logs_bodies: bool = False
    began: float = field(default_factory=time.perf_counter)
    first_byte: float = 0.0
    status: int = 0
    route: str = ""
    model: str = ""
    action: str = ""
    subject: str = ""
    error: str = ""
    usage: Usage | None = None
    aborted: bool = False
    body: str = ""
    installed: str = ""
    waited: float | None = None
    first_token: float = 0.0
    gaps: list[float] = field(default_factory=list[float])
    observe: Observer | None = None
    _holders: int = 1

    def note_body(self, data: bytes | bytearray) -> None:
        """Keep the beginning of a body, if bodies are logged."""
        if self.logs_bodies:
            self.body = data[:_LONGEST_BODY].decode(errors="replace")

    def note_answer(self, event: Started | Finished) -> None:
        """Note when an answer's first token came, and how quickly the others followed."""
        now, tokens = time.perf_counter(), event.usage.completion_tokens
        if isinstance(event, Started):
            self.first_token = self.first_token or now
        elif tokens:
            self.first_token = self.first_token or max(now - event.timings.completion, self.began)
            if tokens > 1:
                self.gaps.append(event.timings.completion / (tokens - 1))

    def hold(self) -> None:
        """Delay the lines until one more `release`, for work that outlives its reply."""
        self._holders += 1

    def release(self) -> None:
        """Write the lines, unless somebody else still holds them."""
        self._holders -= 1
        if self._holders:
            return
        if self.logs_access and _access.isEnabledFor(logging.INFO):
            _access.info(Facts(self._access()))
        if self.action:
            _audit.info(Facts(self._audit()))
        if self.observe:
            self.observe(self._ended())

    def _ended(self) -> Ended:
        now = time.perf_counter()
        return Ended(
            route=self.route or UNKNOWN,
            model=self.installed or UNKNOWN,
            asks_model=bool(self.model) and not self.action and (self.waited is not None or self._status >= 400),
            status=self._status,
            error=self.error,
            action=self.action,
            began=time.time() - (now - self.began),
            seconds=now - self.began,
            waited=self.waited,
            first_token=self.first_token - self.began if self.first_token else None,
            gaps=tuple(self.gaps),
            usage=self.usage,
            id=current_request_id(),
            parent=_header(self.scope, b"traceparent"),
        )

    def _access(self) -> dict[str, object]:
        usage = self.usage or Usage()
        has_end = bool(usage.completion_tokens) or self._result == "ok"
        return {
            **self._sender,
            "method": self.scope["method"],
            "route": (self.route or self.scope["path"])[:_LONGEST_NAME],
            "model": _public(self.model),
            "status": self._status,
            "error": self.error,
            "tokens_in": usage.prompt_tokens if self.usage else None,
            "tokens_out": usage.completion_tokens if self.usage and has_end else None,
            "tokens_cached": usage.cached_tokens if self.usage else None,
            "first_ms": _milliseconds(self.first_byte - self.began) if self.first_byte else None,
            "total_ms": _milliseconds(time.perf_counter() - self.began),
            "body": self.body,
        }

    def _audit(self) -> dict[str, object]:
        return {
            **self._sender,
            "action": self.action,
            "subject": _public(self.subject or self.model),
            "result": self._result,
        }

    @property
    def _sender(self) -> dict[str, object]:
        caller = caller_of(self.scope)
        return {"id": current_request_id(), "client": caller.address, "key": caller.key}

    @property
    def _status(self) -> int:
        return CLIENT_LEFT if self.aborted else self.status or 500

    @property
    def _result(self) -> str:
        if self.aborted:
            return "client left"
        return self.error or ("ok" if self._status < 400 else str(self._status))


def record_of(scope: Scope) -> Record:
    """Return the request's record; a new one that is never written if the application has no access log."""
    noted = scope.get("state", {}).get(_STATE)
    return noted if isinstance(noted, Record) else Record(scope)


class AccessLog:
    """Middleware that gives each request its record, and writes it at the end."""

    def __init__(self, app: ASGIApp, logs_access: bool, logs_bodies: bool, observe: Observer | None = None) -> None:
        """`observe` is told of each request when it has ended."""
        self._app = app
        self._observe = observe
        self._logs_access, self._logs_bodies = logs_access, logs_bodies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        record = Record(scope, self._logs_access, self._logs_bodies, observe=self._observe)
        scope.setdefault("state", {})[_STATE] = record

        async def send_and_note(message: Message) -> None:
            if message["type"] == "http.response.start":
                record.status, record.first_byte = message["status"], time.perf_counter()
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        finally:
            record.release()


def _header(scope: Scope, name: bytes) -> str:
    for key, value in scope["headers"]:
        if key == name:
            return value.decode("latin-1")
    return ""


def _public(name: str) -> str:
    """Return a model's name without the password or the query that one with a URL in it may have."""
    return _LOGIN.sub("//...@", name).partition("?")[0][:_LONGEST_NAME]


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)
