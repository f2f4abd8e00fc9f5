"""A registry: the OCI distribution protocol, as Ollama's registry and Hugging Face's speak it.

Nothing that comes from a registry is trusted. A token is asked for and sent only where it belongs, a redirect never
leads from https to http, what is not in the protocol is an error. What manifests and blobs mean is not known here, nor
where they are kept. All methods block.

https://github.com/opencontainers/distribution-spec/blob/main/spec.md, and for tokens, which Ollama's clients sign,
https://distribution.github.io/distribution/spec/auth/token
"""

import base64
import hashlib
import json
import platform
import re
import secrets
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlencode, urljoin, urlsplit

from urllib3 import BaseHTTPResponse

from ossia import __version__
from ossia.config import OLLAMA_VERSION
from ossia.errors import RegistryError, RegistryUnavailable
from ossia.store.http import HttpClient, pieces, small_body
from ossia.store.identity import Identity
from ossia.store.manifest import MANIFEST
from ossia.store.name import ModelName

BodyMaker = Callable[[], Any]
"""Makes what a request sends, anew for each time that it is sent: bytes, or an object with `read`."""

_ARCHITECTURE: Final = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
_USER_AGENT: Final = f"ollama/{OLLAMA_VERSION} ({_ARCHITECTURE} {platform.system().lower()}) ossia/{__version__}"
"""Registries tell by Ollama's version which models a client can take."""
_EMPTY_BODY: Final = base64.b64encode(hashlib.sha256().hexdigest().encode()).decode()
_NONE: Final[Mapping[str, str]] = {}
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_READING: Final = ("GET", "HEAD")
_MOST_HOPS: Final = 10
_LONGEST_TOKEN: Final = 1 << 20
_LONGEST_ERROR: Final = 64 << 10
_A_DAY: Final = 86400.0  # nobody waits longer, whatever a registry says


class Registry:
    """The registry that a model's name names. `insecure` means http."""

    def __init__(self, name: ModelName, identity: Identity, http: HttpClient, *, insecure: bool = False) -> None:
        self._name = name
        self._identity = identity
        self._http = http
        self._base = f"{'http' if insecure else 'https'}://{name.host}/v2/{name.namespace}/{name.model}/"
        self._tokens: dict[str, str] = {}  # by origin: a token never goes anywhere else
        self._asking = threading.Lock()

    # ---- what a model is made of

    def manifest(self) -> bytes:
        with self._request("GET", f"manifests/{self._name.tag}", {"Accept": MANIFEST}) as answer:
            if answer.status == 404:
                raise _NotThere(self._name)
            self._check(answer, "pull model manifest")
            return small_body(answer)

    @contextmanager
    def blob(self, digest: str, start: int, end: int, size: int) -> Generator[BaseHTTPResponse]:
        """The bytes from `start` up to `end` of a blob of `size` bytes; or all of them, with status 200, when the
        registry has no ranges."""
        what = f"blob {digest[7:19]}"
        with self._request("GET", f"blobs/{digest}", {"Range": f"bytes={start}-{end - 1}"}) as answer:
            self._check(answer, what)
            if answer.status == 206:
                want, got = f"bytes {start}-{end - 1}/{size}", answer.headers.get("Content-Range", "nothing")
            else:
                want, got = str(size), answer.headers.get("Content-Length", str(size))
            if got != want:
                raise RegistryError(f"{what}: asked for {want}, the registry has {got}")
            yield answer

    # ---- sending one

    def has_blob(self, digest: str) -> bool:
        with self._request("HEAD", f"blobs/{digest}") as answer:
            if answer.status != 404:
                self._check(answer, "push")
            return answer.status != 404

    def begin_upload(self, digest: str, mount_from: str) -> str | None:
        """The URL to send the blob to; None when the registry could take it from its repository `mount_from`."""
        query = f"?{urlencode({'mount': digest, 'from': mount_from})}" if mount_from else ""
        with self._request("POST", f"blobs/uploads/{query}", body=bytes) as answer:
            self._check(answer, "push")
            return None if answer.status == 201 else _next_url(answer, self._base)

    def send(self, url: str, body: BodyMaker, start: int, end: int) -> str:
        """Send the bytes from `start` up to `end` of a blob; returns the URL for those that follow.

        A registry may name another place for them, to which they go without its token.
        """
        length = {"Content-Length": str(end - start), "Content-Type": "application/octet-stream"}
        headers = length | {"Content-Range": f"{start}-{end - 1}", "X-Redirect-Uploads": "1"}
        with self._request("PATCH", url, headers, body) as answer:
            if answer.status != 307:
                self._check(answer, "push")
                return _next_url(answer, url)
            following, elsewhere = _next_url(answer, url), answer.headers.get("Location", "")
        with self._send("PUT", _redirected(url, elsewhere), length, body) as answer:
            self._check(answer, "push")
        return following

    def finish_upload(self, url: str, digest: str, etag: str) -> None:
        with self._request("PUT", _with_query(url, [("digest", digest), ("etag", etag)]), body=bytes) as answer:
            self._check(answer, "push")

    def put_manifest(self, data: bytes) -> None:
        with self._request("PUT", f"manifests/{self._name.tag}", {"Content-Type": MANIFEST}, lambda: data) as answer:
            self._check(answer, "push")

    # ---- requests

    @contextmanager
    def _request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] = _NONE,
        body: BodyMaker | None = None,
    ) -> Generator[BaseHTTPResponse]:
        """The answer at the end of all redirects, with a token where one is wanted. It may be an error.

        Only what reads is redirected: a registry must not choose what we change, and sign for, in another one.
        """
        url, asked = urljoin(self._base, path), False
        for _ in range(_MOST_HOPS):
            token = self._tokens.get(_origin(url))
            with self._send(method, url, headers, body) as answer:
                if method in _READING and answer.status in _REDIRECTS:
                    url = _redirected(url, answer.headers.get("Location", ""))
                elif answer.status == 401 and not asked and self._may_sign(method, url):
                    asked = True
                    self._renew(url, answer.headers.get("WWW-Authenticate", ""), token)
                else:
                    yield answer
                    return
        raise RegistryError(f"{self._name.host} redirects without end")

    @contextmanager
    def _send(
        self, method: str, url: str, headers: Mapping[str, str], body: BodyMaker | None = None
    ) -> Generator[BaseHTTPResponse]:
        """One request, with the token for its origin if there is one."""
        headers = {"User-Agent": _USER_AGENT, "Accept-Encoding": "identity", **headers}
        if (token := self._tokens.get(_origin(url))) and self._may_sign(method, url):
            headers["Authorization"] = f"Bearer {token}"
        with self._http.request(method, url, headers, body() if body else None) as answer:
            yield answer

    def _may_sign(self, method: str, url: str) -> bool:
        """Whether this machine says who it is: to the registry itself, elsewhere only to read."""
        return method in _READING or _origin(url) == _origin(self._base)

    def _renew(self, url: str, challenge: str, refused: str | None) -> None:
        """Get another token, unless another thread just did."""
        with self._asking:
            if self._tokens.get(_origin(url)) == refused:
                self._tokens[_origin(url)] = self._token(url, challenge)

    def _token(self, url: str, challenge: str) -> str:
        """A token from the place that `challenge` names, which must be on the host that wants it (CVE-2025-51471).

        The request is signed, as Ollama's is; where a signature is not understood it is made once more without.
        """
        fields = _bearer(challenge)
        if "realm" not in fields:
            raise RegistryError(
                f"{urlsplit(url).netloc} wants a login that is not known here: {challenge[:100] or 'it names none'}",
                hint="a registry must hand out tokens (Bearer); names and passwords are not sent",
            )
        realm = _redirected(url, fields["realm"])
        if urlsplit(realm).netloc != urlsplit(url).netloc:
            raise RegistryError(
                f"{urlsplit(url).netloc} wants a token from another host, {urlsplit(realm).netloc}",
                hint="this machine's signature is only for the registry itself; ask whoever runs it",
            )
        query = [("scope", scope) for scope in fields.get("scope", "").split()] + [
            ("service", fields.get("service", ""))
        ]
        once = [("nonce", secrets.token_urlsafe(16)), ("ts", str(int(time.time())))]
        signed = _with_query(realm, sorted(query + once, key=lambda field: field[0]))
        signature = self._identity.sign(f"GET,{signed},{_EMPTY_BODY}".encode())
        with self._http.request("GET", signed, {"User-Agent": _USER_AGENT, "Authorization": signature}) as answer:
            if answer.status not in (400, 401, 403):
                return self._read_token(answer)
        with self._http.request("GET", _with_query(realm, query), {"User-Agent": _USER_AGENT}) as answer:
            return self._read_token(answer)

    def _read_token(self, answer: BaseHTTPResponse) -> str:
        self._check(answer, "token")
        with suppress(ValueError, AttributeError, RecursionError):
            fields = json.loads(small_body(answer, _LONGEST_TOKEN))
            token = fields.get("token") or fields.get("access_token")
            if isinstance(token, str) and re.fullmatch(r"[!-~]+", token):
                return token
        raise RegistryError(f"{self._name.host} answers with something that is no token")

    def _check(self, answer: BaseHTTPResponse, what: str) -> None:
        """Raises RegistryError or RegistryUnavailable for anything but success."""
        if 200 <= answer.status < 300:
            return
        if answer.status == 401:
            hint = f"your key at {self._name.host} must be the one in ~/.ollama/id_ed25519.pub"
            raise RegistryError("unauthorized: access denied", hint)
        text = f"{what}: {answer.status}: {_error_text(answer)}"
        if answer.status != 429 and answer.status < 500:
            raise RegistryError(text)
        wait = _retry_after(answer.headers.get("Retry-After", ""))
        hint = f"try again in {wait:.0f} seconds" if wait else "try again later"
        raise RegistryUnavailable(text, hint, wait)


class _NotThere(RegistryError):
    status = 404

    def __init__(self, name: ModelName) -> None:
        hint = f"{name} is not in the registry {name.host}; is it spelt right?"
        super().__init__("pull model manifest: file does not exist", hint)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _redirected(url: str, location: str) -> str:
    """Where a redirect leads. Raises RegistryError for nowhere and for a way out of https."""
    try:
        target = urljoin(url, location)
        schemes = urlsplit(url).scheme, urlsplit(target).scheme
    except ValueError:  # not a URL
        target, schemes = "", ("", "")
    if not location or schemes[1] not in ("http", "https") or schemes == ("https", "http"):
        raise RegistryError(f"{urlsplit(url).netloc} redirects to {location or 'nowhere'}, which is not followed")
    return target


def _next_url(answer: BaseHTTPResponse, url: str) -> str:
    """Where an upload goes on: Docker-Upload-Location is Ollama's, Location all others'."""
    return _redirected(url, answer.headers.get("Docker-Upload-Location") or answer.headers.get("Location") or "")


def _with_query(url: str, fields: Sequence[tuple[str, str]]) -> str:
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(fields)}"


def _bearer(challenge: str) -> dict[str, str]:
    """The fields of a WWW-Authenticate that asks for a token; none when it asks for something else."""
    bearer = re.search(r"(?i)\bbearer .*", challenge)
    return dict(re.findall(r'(\w+)="([^"]*)"', bearer[0])) if bearer else {}


def _error_text(answer: BaseHTTPResponse) -> str:
    """What an error says: OCI's list of errors, Ollama's object, or the body's beginning."""
    text = next(pieces(answer), b"")[:_LONGEST_ERROR].decode(errors="replace")
    with suppress(ValueError, KeyError, TypeError, IndexError, RecursionError):
        fields = json.loads(text)
        return str(fields["errors"][0]["message"] if "errors" in fields else fields["error"])[:200]
    return text.strip()[:200] or str(answer.reason or "no reason given")


def _retry_after(value: str) -> float | None:
    """Seconds, from seconds or a date."""
    if value.strip().isdecimal():
        return min(float(value), _A_DAY)
    with suppress(ValueError):
        moment = parsedate_to_datetime(value)
        moment = moment.replace(tzinfo=moment.tzinfo or UTC)
        return max((moment - datetime.now(UTC)).total_seconds(), 0.0)
    return None
