"""HTTP to registries, on urllib3: one request and its answer, through the proxy that the environment names.

An answer's body is read as it comes, never unpacked, and small ones only to a bound. Every answer that is being read is
known, so that `stop` can end it from another thread. Redirects, tokens and statuses are not known here.
"""

import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError, ReadTimeoutError, SSLError
from urllib3.util import parse_url

from ossia.errors import RegistryError, RegistryUnavailable

_T = TypeVar("_T")

PIECE: Final = 1 << 20
_SMALL: Final = 4 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """How patient to be, in seconds and in tries. The wait before try n is `backoff` times 2^n."""

    connect: float = 10.0
    read: float = 30.0
    backoff: float = 1.0
    tries: int = 6
    first_tries: int = 2
    """Before anything was answered: a name that is wrong should not take a minute to say so."""
    longest_wait: float = 60.0


class Stopped(Exception):
    """Raised in every thread that uses a `Web` that was stopped."""


class Web:
    """Connections, kept for the next request to the same host. Close it to close them."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._pools: dict[str, urllib3.PoolManager] = {}
        self._open: set[urllib3.BaseHTTPResponse] = set()
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._answered = False

    def close(self) -> None:
        for pool in self._pools.values():
            pool.clear()

    def stop(self) -> None:
        """End all that other threads read, send or wait for."""
        self._stopped.set()
        with self._lock:
            for answer in self._open:
                with suppress(RuntimeError, ValueError, OSError):  # it has been read to its end
                    answer.shutdown()

    def check(self) -> None:
        """Raises Stopped if that is so."""
        if self._stopped.is_set():
            raise Stopped

    def pause(self, seconds: float) -> None:
        if self._stopped.wait(seconds):
            raise Stopped

    def pause_before_retry(self, error: RegistryUnavailable, failures: int) -> None:
        """Wait as long as the registry wants, or longer with each failure in a row, of which this is one.

        Raises the error itself after the last try, or when the registry asks for more patience than we have.
        """
        wait = self.limits.backoff * 2 ** (failures - 1) if error.retry_after is None else error.retry_after
        tries = self.limits.tries if self._answered else self.limits.first_tries
        if failures >= tries or wait > self.limits.longest_wait:
            raise error
        self.pause(wait)

    def retried(self, action: Callable[[], _T]) -> _T:
        """What `action` returns in the end; it is done again while it raises RegistryUnavailable."""
        failures = 0
        while True:
            try:
                return action()
            except RegistryUnavailable as error:
                failures += 1
                self.pause_before_retry(error, failures)

    @contextmanager
    def request(
        self, method: str, url: str, headers: Mapping[str, str], body: Any = None
    ) -> Generator[urllib3.BaseHTTPResponse]:
        """The answer, whatever its status. Raises RegistryUnavailable when none comes or it breaks off, or Stopped."""
        self.check()
        try:
            answer = self._pool(url).request(
                method, url, body, headers=headers, redirect=False, retries=False, preload_content=False
            )
            self._answered = True
            with self._known(answer):
                yield answer
        except HTTPError as error:
            self.check()
            raise _unavailable(url, error) from error

    @contextmanager
    def _known(self, answer: urllib3.BaseHTTPResponse) -> Generator[None]:
        with self._lock:
            self._open.add(answer)
        try:
            self.check()
            yield
        finally:
            with self._lock:
                self._open.discard(answer)
            answer.close()  # does nothing to a connection whose answer was read to its end

    def _pool(self, url: str) -> urllib3.PoolManager:
        with self._lock:
            proxy = _proxy(url)
            if proxy not in self._pools:
                self._pools[proxy] = self._new_pool(proxy)
            return self._pools[proxy]

    def _new_pool(self, proxy: str) -> urllib3.PoolManager:
        timeout = urllib3.Timeout(connect=self.limits.connect, read=self.limits.read)
        options: dict[str, Any] = {"timeout": timeout, "maxsize": 16, "blocksize": PIECE}
        if not proxy:
            return urllib3.PoolManager(**options)
        login = parse_url(proxy).auth
        headers = urllib3.make_headers(proxy_basic_auth=login) if login else None
        return urllib3.ProxyManager(proxy, proxy_headers=headers, **options)


def pieces(answer: urllib3.BaseHTTPResponse) -> Generator[bytes]:
    """The body, as it comes. What came before it breaks off is not lost."""
    if getattr(answer, "chunked", False):
        yield from answer.stream(PIECE, decode_content=False)
        return
    while piece := answer.read1(PIECE, decode_content=False):
        yield piece


def small_body(answer: urllib3.BaseHTTPResponse, limit: int = _SMALL) -> bytes:
    """All of a body. Raises RegistryError when it is longer than `limit`."""
    data = bytearray()
    for piece in pieces(answer):
        data += piece
        if len(data) > limit:
            raise RegistryError(f"the registry's answer is longer than {limit} bytes")
    return bytes(data)


def _proxy(url: str) -> str:
    """The proxy for this URL, by HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY; "" for none."""
    parts, proxies = urlsplit(url), getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all") or ""
    if not proxy or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return ""
    return proxy if "://" in proxy else f"http://{proxy}"


def _unavailable(url: str, error: Exception) -> RegistryUnavailable:
    host = urlsplit(url).netloc
    match error:
        case NameResolutionError():
            return RegistryUnavailable(f"there is no host {host}", hint="is there a network, and is the name right?")
        case SSLError():
            return RegistryUnavailable(f"no https with {host}: {error}", hint="--insecure speaks http, if it is safe")
        case NewConnectionError():
            return RegistryUnavailable(f"nobody answers at {host}", hint="is there a network, and is the name right?")
        case ReadTimeoutError():
            return RegistryUnavailable(f"{host} has stopped sending", hint="try again: it goes on where it stopped")
        case _:
            return RegistryUnavailable(f"the connection to {host} failed: {error}", hint="try again later")
