"""HTTP client for registries, on urllib3: one request and its response, through the proxy that the environment names.

The body of a response is streamed and never decompressed; small bodies are read up to a limit. All open connections are
tracked, so that `stop` can interrupt threads that are sending, reading or waiting. Redirects and where they may lead,
tokens and the meaning of statuses belong to the registry.
"""

import socket
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass
from weakref import WeakSet

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import (
    HTTPError,
    LocationParseError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    ProxySchemeUnknown,
    ReadTimeoutError,
    SSLError,
)
from urllib3.util import parse_url

from ossia.addresses import is_public, read_address
from ossia.errors import RegistryError, RegistryUnavailable
from ossia.hosts import LOCAL_SUFFIXES

_T = TypeVar("_T")

PIECE: Final = 1 << 20
_SENT: Final = 64 << 10  # bytes of such a piece: any line sends them in time
_SMALL: Final = 4 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Timeouts in seconds, and numbers of tries. After failure n, the wait is `backoff` times 2^(n - 1)."""

    connect: float = 10.0
    read: float = 30.0
    send: float = 60.0
    """Timeout for each small piece of a body, all of which has to leave in that time."""
    put: float = 600.0
    """Timeout for the response to a PUT, before which a registry hashes what it received."""
    backoff: float = 1.0
    tries: int = 6
    first_tries: int = 2
    """Tries before the first response ever: a mistyped host should fail within seconds, not a minute."""
    longest_wait: float = 60.0
    patience: float = 600.0
    """Time in which a manifest, or another byte of a blob, has to come; longer than all tries and waits together."""


class Stopped(Exception):
    """Raised in every thread that uses an `HttpClient` after `stop`."""


class HttpClient:
    """Pooled connections, reused for the next request to the same host until `close`."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._pools: dict[tuple[str, bool], urllib3.PoolManager] = {}
        self._reach: dict[str, frozenset[bool]] = {}
        self._sockets: WeakSet[socket.socket] = WeakSet()
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._answered = False

    def close(self) -> None:
        for pool in self._pools.values():
            pool.clear()

    def stop(self) -> None:
        """Interrupt all reads, writes and waits of other threads; only opening a connection cannot be interrupted."""
        self._stopped.set()
        with self._lock:
            for sock in self._sockets:
                with suppress(OSError):  # already closed
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)  # not TLS's own, which must not run beside a read

    def check(self) -> None:
        """Raise Stopped if `stop` was called."""
        if self._stopped.is_set():
            raise Stopped

    def pause(self, seconds: float) -> None:
        if self._stopped.wait(seconds):
            raise Stopped

    def pause_before_retry(self, error: RegistryUnavailable, failures: int) -> None:
        """Wait as long as the registry asks, or longer with each consecutive failure.

        Raises `error` itself after the last try, or if the registry asks for a longer wait than the limit.
        """
        wait = self.limits.backoff * 2 ** (failures - 1) if error.retry_after is None else error.retry_after
        tries = self.limits.tries if self._answered else self.limits.first_tries
        if failures >= tries or wait > self.limits.longest_wait:
            raise error
        self.pause(wait)

    def retried(self, action: Callable[[], _T]) -> _T:
        """Return the result of `action`, which is repeated while it raises RegistryUnavailable."""
        failures = 0
        while True:
            try:
                return action()
            except RegistryUnavailable as error:
                failures += 1
                self.pause_before_retry(error, failures)

    def reach(self, url: str) -> frozenset[bool]:
        """Return for the addresses of a URL's host whether each is public. They are looked up until there are any.

        Behind a proxy, which looks names up itself, a name counts as public unless its form says otherwise.
        """
        host = (urlsplit(url).hostname or "").rstrip(".")
        if not self._reach.get(host):
            if _proxy(url) and not read_address(host):
                self._reach[host] = frozenset({not _is_local(host)})
            else:
                self._reach[host] = frozenset(is_public(read_address(address)) for address in _addresses(host))
        return self._reach[host]

    @contextmanager
    def request(
        self, method: str, url: str, headers: Mapping[str, str], body: Any = None, *, public_only: bool = False
    ) -> Generator[urllib3.BaseHTTPResponse]:
        """Send a request and yield the response, whatever its status. With `public_only`, only to public addresses.

        Raises RegistryUnavailable if no response comes or it breaks off, RegistryError for a private address, Stopped.
        """
        self.check()
        if public_only and False in self.reach(url):
            raise _private(urlsplit(url).netloc)
        try:
            answer = self._pool(url, public_only).request(
                method,
                url,
                body,
                headers=headers,
                redirect=False,
                retries=False,
                preload_content=False,
                timeout=self._timeout(method),
            )
            self._answered = True
            with closing(answer):  # a no-op for a connection whose response was read to its end
                yield answer
        except HTTPError as error:
            self.check()
            raise _unavailable(url, error) from error

    def _timeout(self, method: str) -> urllib3.Timeout:
        read = self.limits.put if method == "PUT" else self.limits.read
        return urllib3.Timeout(connect=self.limits.connect, read=read)

    def _connected(self, sock: object) -> None:
        """Register an open connection for `stop`."""
        with self._lock:
            self.check()
            if isinstance(sock, socket.socket):
                self._sockets.add(sock)

    def _pool(self, url: str, public_only: bool) -> urllib3.PoolManager:
        with self._lock:
            key = proxy, _ = _proxy(url), public_only
            if key not in self._pools:
                self._pools[key] = self._new_pool(proxy, public_only and not proxy)
            return self._pools[key]

    def _new_pool(self, proxy: str, public_only: bool) -> urllib3.PoolManager:
        options: dict[str, Any] = {"maxsize": 16, "blocksize": _SENT}
        if proxy:
            login = parse_url(proxy).auth
            headers = urllib3.make_headers(proxy_basic_auth=login) if login else None
            pool = urllib3.ProxyManager(proxy, proxy_headers=headers, **options)
        else:
            pool = urllib3.PoolManager(**options)
        pool.pool_classes_by_scheme = _pool_classes(self._connected, public_only, self.limits.send)
        return pool


def _pool_classes(
    connected: Callable[[object], None], public_only: bool, send_timeout: float
) -> dict[str, type[urllib3.HTTPConnectionPool]]:
    """Connection pools that call `connected` with each socket they open, and give each piece time to be sent.

    With `public_only` the address is checked once more before anything is sent: a name may mean another one by now.
    """

    class Checked(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            sock = super()._new_conn()
            if public_only and not is_public(read_address(sock.getpeername()[0])):
                sock.close()
                raise _private(self.host)
            return sock

        def send(self, data: Any) -> None:
            if isinstance(self.sock, socket.socket):  # otherwise it is about to connect
                self.sock.settimeout(send_timeout)
            super().send(data)

    class Plain(Checked):
        def connect(self) -> None:
            super().connect()
            connected(self.sock)

    class Secure(Checked, HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            connected(self.sock)

    class PlainPool(urllib3.HTTPConnectionPool):
        ConnectionCls = cast(Any, Plain)  # pyright does not accept urllib3's own classes here either

    class SecurePool(urllib3.HTTPSConnectionPool):
        ConnectionCls = cast(Any, Secure)

    return {"http": PlainPool, "https": SecurePool}


def pieces(answer: urllib3.BaseHTTPResponse) -> Generator[bytes]:
    """Yield the body as it arrives. Pieces that arrived before a failure are still delivered.

    Chunks are left to http.client: urllib3's own reader takes trailers, and in its older versions sizes of chunks, of
    any length.
    """
    while piece := answer.read1(PIECE, decode_content=False):
        yield piece


def small_body(answer: urllib3.BaseHTTPResponse, limit: int = _SMALL) -> bytes:
    """Read a whole body. Raises RegistryError if it is longer than `limit`."""
    data = bytearray()
    for piece in pieces(answer):
        data += piece
        if len(data) > limit:
            raise RegistryError(f"the registry's answer is longer than {limit} bytes")
    return bytes(data)


def _addresses(host: str) -> set[str]:
    """Return the addresses that a name has; none if it has none, which connecting will tell in better words."""
    with suppress(OSError, UnicodeError):
        return {str(address[4][0]) for address in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    return set()


def _is_local(name: str) -> bool:
    """True if a name can only mean a machine nearby, or is an address in an old spelling, such as 127.1 and 0x7f.1."""
    return "." not in name or name.endswith(LOCAL_SUFFIXES) or name.rpartition(".")[2][:1].isdigit()


def _private(host: str) -> RegistryError:
    return RegistryError(
        f"a registry on the internet leads to {host}, which is in a private network: that is not followed",
        hint="only a registry that is in a private network itself may lead there",
    )


def _proxy(url: str) -> str:
    """Return the proxy for this URL according to HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, or ""."""
    parts, proxies = urlsplit(url), getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all") or ""
    if not proxy or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return ""
    return proxy if "://" in proxy else f"http://{proxy}"


_PROXY: Final = "HTTPS_PROXY, HTTP_PROXY and ALL_PROXY name it, NO_PROXY the hosts that need none"
_HTTPS: Final = (
    "is the clock right, and does SSL_CERT_FILE name what a proxy signs with? --insecure speaks http, if it is safe"
)


def _unavailable(url: str, error: Exception) -> RegistryUnavailable:
    host = urlsplit(url).netloc
    match error:
        case NameResolutionError():
            hint = "is there a network, does DNS work (/etc/resolv.conf), and is the name right?"
            return RegistryUnavailable(f"there is no host {host}", hint=hint)
        case ProxyError(original_error=NewConnectionError()):
            return RegistryUnavailable(f"the proxy on the way to {host} does not answer", hint=_PROXY)
        case ProxyError() | ProxySchemeUnknown() | LocationParseError() if _proxy(url):
            return RegistryUnavailable(f"the proxy on the way to {host} cannot be used: {error}", hint=_PROXY)
        case SSLError():
            return RegistryUnavailable(f"no https with {host}: {error}", hint=_HTTPS)
        case NewConnectionError():
            return RegistryUnavailable(f"nobody answers at {host}", hint="is there a network, and is the name right?")
        case ReadTimeoutError():
            return RegistryUnavailable(f"{host} has stopped sending", hint="try again: it goes on where it stopped")
        case _:
            return RegistryUnavailable(f"the connection to {host} failed: {error}", hint="try again later")
