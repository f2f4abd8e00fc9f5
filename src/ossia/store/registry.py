"""Client of a registry: the OCI distribution protocol, as Ollama's and Hugging Face's registries speak it.

Nothing that a registry sends is trusted: tokens are requested from and sent to their own origin only, redirects never
lead from https to http, nor from the internet into a private network, and anything outside the protocol is an error.
The content of manifests and blobs, and where they are stored, is not known here. All methods block.

https://github.com/opencontainers/distribution-spec/blob/main/spec.md, and for tokens, whose requests Ollama's clients
sign, https://distribution.github.io/distribution/spec/auth/token
"""

import base64
import hashlib
import json
import platform
import re
import secrets
import threading
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import quote, urlencode, urljoin, urlsplit

from urllib3 import BaseHTTPResponse

from ossia import __version__
from ossia.config import OLLAMA_VERSION
from ossia.errors import RegistryError, RegistryUnavailable
from ossia.store.http import HttpClient, pieces, small_body
from ossia.store.hub import HubFile, read_files
from ossia.store.identity import Identity
from ossia.store.manifest import MANIFEST
from ossia.store.name import ModelName

BodyMaker = Callable[[], Any]
"""Creates the body of a request, anew for each try: bytes, or an object with `read`."""

_ARCHITECTURE: Final = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
_USER_AGENT: Final = f"ollama/{OLLAMA_VERSION} ({_ARCHITECTURE} {platform.system().lower()}) ossia/{__version__}"
"""Registries use Ollama's version to decide which models a client can run."""
_EMPTY_BODY: Final = base64.b64encode(hashlib.sha256().hexdigest().encode()).decode()
_NONE: Final[Mapping[str, str]] = {}
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_READING: Final = ("GET", "HEAD")
_MOST_HOPS: Final = 10
_MOST_PAGES: Final = 20
_LONGEST_LOGIN: Final = 1 << 20
_LONGEST_TOKEN: Final = 16 << 10  # no server takes a longer header
_MOST_ORIGINS: Final = 16
_LONGEST_ERROR: Final = 64 << 10
_A_DAY: Final = 86400.0  # the longest wait that a registry may ask for


class Registry:
    """The registry in a model's name. `insecure` means http."""

    def __init__(self, name: ModelName, identity: Identity, http: HttpClient, *, insecure: bool = False) -> None:
        self.host = name.host
        self._name = name
        self._identity = identity
        self._http = http
        self._base = f"{'http' if insecure else 'https'}://{name.host}/v2/{name.namespace}/{name.model}/"
        self._tokens: dict[str, str] = {}  # by origin: a token is never sent anywhere else
        self._asking = threading.Lock()
        self._places: dict[str, str] = {}  # by digest: blobs that are files of Hugging Face's Hub

    # ---- reading a model

    def manifest(self) -> bytes:
        with self._request("GET", f"manifests/{self._name.tag}", {"Accept": MANIFEST}) as answer:
            if answer.status == 404:
                raise _NotThere(self._name)
            self._check(answer, "pull model manifest")
            return small_body(answer)

    @contextmanager
    def blob(self, digest: str, start: int, end: int, size: int) -> Generator[BaseHTTPResponse]:
        """Yield a response with the bytes `start` to `end` (exclusive) of a blob of `size` bytes.

        A registry without ranges answers with the whole blob and status 200.
        """
        what = f"blob {digest[7:19]}"
        place = self._places.get(digest, f"blobs/{digest}")
        with self._request("GET", place, {"Range": f"bytes={start}-{end - 1}"}) as answer:
            self._check(answer, what)
            if answer.status == 206:
                want, got = f"bytes {start}-{end - 1}/{size}", answer.headers.get("Content-Range", "nothing")
            else:
                want, got = str(size), answer.headers.get("Content-Length", str(size))
            if got != want:
                raise RegistryError(f"{what}: asked for {want}, the registry has another range or size", said=got)
            yield answer

    def hub_files(self) -> list[HubFile]:
        """Return the large files of a repository of Hugging Face's Hub, whose blobs are read by their paths then."""
        repository = f"{self._name.namespace}/{self._name.model}"
        path, files = f"/api/models/{repository}/tree/main?recursive=true", list[HubFile]()
        for _ in range(_MOST_PAGES):
            with self._request("GET", path) as answer:
                self._check(answer, "list files")
                with suppress(ValueError, RecursionError):
                    files += read_files(json.loads(small_body(answer)))
                following = re.search(r'<([^<>]+)>;\s*rel="next"', answer.headers.get("Link", ""))
            if not following:
                break
            path = _redirected(urljoin(self._base, path), following[1])
        self._places = {file.digest: f"/{repository}/resolve/main/{quote(file.path)}" for file in files}
        return files

    # ---- uploading a model

    def has_blob(self, digest: str) -> bool:
        with self._request("HEAD", f"blobs/{digest}") as answer:
            if answer.status != 404:
                self._check(answer, "push")
            return answer.status != 404

    def begin_upload(self, digest: str, mount_from: str) -> str | None:
        """Return the URL to upload the blob to, or None if the registry mounted it from its repository `mount_from`."""
        query = f"?{urlencode({'mount': digest, 'from': mount_from})}" if mount_from else ""
        with self._request("POST", f"blobs/uploads/{query}", body=bytes) as answer:
            self._check(answer, "push")
            return None if answer.status == 201 else _next_url(answer, self._base)

    def send(self, url: str, body: BodyMaker, start: int, end: int) -> str:
        """Upload the bytes `start` to `end` (exclusive) of a blob, and return the URL for the next ones.

        The registry may redirect the bytes to another host, which does not get the token.
        """
        length = {"Content-Length": str(end - start), "Content-Type": "application/octet-stream"}
        headers = length | {"Content-Range": f"{start}-{end - 1}", "X-Redirect-Uploads": "1"}
        with self._request("PATCH", url, headers, body) as answer:
            if answer.status != 307:
                self._check(answer, "push")
                return _next_url(answer, url)
            following, elsewhere = _next_url(answer, url), answer.headers.get("Location", "")
        target = _redirected(url, elsewhere)
        with self._send("PUT", target, length, body, self._must_be_public(target, (self._base, url))) as answer:
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
        """Follow redirects, get a token if one is needed, and yield the final response, which may be an error.

        Only reading requests are redirected: a registry must not choose what we change, with our signature, in another
        one.
        """
        url, asked, leading = urljoin(self._base, path), False, [self._base]
        for _ in range(_MOST_HOPS):
            token = self._tokens.get(_origin(url))
            public_only = self._must_be_public(url, leading)
            with self._send(method, url, headers, body, public_only) as answer:
                if method in _READING and answer.status in _REDIRECTS:
                    leading.append(url)
                    url = _redirected(url, answer.headers.get("Location", ""))
                elif answer.status == 401 and not asked and self._may_sign(method, url):
                    asked = True
                    self._renew(url, answer.headers.get("WWW-Authenticate", ""), token, public_only)
                else:
                    yield answer
                    return
        raise RegistryError(f"{self.host} redirects without end")

    @contextmanager
    def _send(
        self, method: str, url: str, headers: Mapping[str, str], body: BodyMaker | None, public_only: bool
    ) -> Generator[BaseHTTPResponse]:
        """Send one request, with the token for its origin if there is one."""
        headers = {"User-Agent": _USER_AGENT, "Accept-Encoding": "identity", **headers}
        if (token := self._tokens.get(_origin(url))) and self._may_sign(method, url):
            headers["Authorization"] = f"Bearer {token}"
        data = body() if body else None
        with self._http.request(method, url, headers, data, public_only=public_only) as answer:
            yield answer

    def _must_be_public(self, url: str, leading: Iterable[str]) -> bool:
        """True if a URL may only lead to the internet, because a host of the internet leads there.

        The registry itself may be anywhere, but stays there: its name must not mean a private address later.
        """
        reach = self._http.reach
        if _origin(url) == _origin(self._base):
            return False not in reach(url)
        return any(True in reach(each) for each in leading)

    def _may_sign(self, method: str, url: str) -> bool:
        """True if this machine may identify itself: to the registry itself always, to other hosts only for reading."""
        return method in _READING or _origin(url) == _origin(self._base)

    def _renew(self, url: str, challenge: str, refused: str | None, public_only: bool) -> None:
        """Get a new token, unless another thread just did."""
        with self._asking:
            if self._tokens.get(_origin(url)) == refused:
                if len(self._tokens) >= _MOST_ORIGINS and _origin(url) not in self._tokens:
                    raise RegistryError(f"{self.host} leads to more than {_MOST_ORIGINS} hosts that want a login")
                self._tokens[_origin(url)] = self._token(url, challenge, public_only)

    def _token(self, url: str, challenge: str, public_only: bool) -> str:
        """Get a token from the realm in `challenge`, which must be on the host that asked for it (CVE-2025-51471).

        The request is signed like Ollama's; if the signature is not accepted, it is repeated without.
        """
        fields = _bearer(challenge)
        if "realm" not in fields:
            raise RegistryError(
                f"{urlsplit(url).netloc} wants a login that is not known here",
                hint="a registry must hand out tokens (Bearer); names and passwords are not sent",
                said=challenge[:100] or "it names none",
            )
        realm = _redirected(url, fields["realm"])
        if urlsplit(realm).netloc != urlsplit(url).netloc:
            raise RegistryError(
                f"{urlsplit(url).netloc} wants a token from another host",
                hint="this machine's signature is only for the registry itself; ask whoever runs it",
                said=urlsplit(realm).netloc,
            )
        scopes = [("scope", scope) for scope in fields.get("scope", "").split()]
        query = [*scopes, ("service", fields.get("service", ""))]
        once = [("nonce", secrets.token_urlsafe(16)), ("ts", str(int(time.time())))]
        signed = _with_query(realm, sorted(query + once, key=lambda field: field[0]))
        signature = self._identity.sign(f"GET,{signed},{_EMPTY_BODY}".encode())
        headers = {"User-Agent": _USER_AGENT, "Authorization": signature}
        with self._http.request("GET", signed, headers, public_only=public_only) as answer:
            if answer.status not in (400, 401, 403):
                return self._read_token(answer)
        headers = {"User-Agent": _USER_AGENT}
        with self._http.request("GET", _with_query(realm, query), headers, public_only=public_only) as answer:
            return self._read_token(answer)

    def _read_token(self, answer: BaseHTTPResponse) -> str:
        self._check(answer, "token")
        with suppress(ValueError, AttributeError, RecursionError):
            fields = json.loads(small_body(answer, _LONGEST_LOGIN))
            token = fields.get("token") or fields.get("access_token")
            if isinstance(token, str) and len(token) <= _LONGEST_TOKEN and re.fullmatch(r"[!-~]+", token):
                return token
        raise RegistryError(f"{self.host} answers with something that is no token")

    def _check(self, answer: BaseHTTPResponse, what: str) -> None:
        """Raise RegistryError or RegistryUnavailable for anything but success."""
        if 200 <= answer.status < 300:
            return
        if answer.status == 401:
            hint = f"your key at {self.host} must be the one in ~/.ollama/id_ed25519.pub"
            raise RegistryError("unauthorized: access denied", hint)
        text, said = f"{what}: {answer.status}", _error_text(answer)
        if answer.status != 429 and answer.status < 500:
            raise RegistryError(text, said=said)
        wait = _retry_after(answer.headers.get("Retry-After", ""))
        hint = f"try again in {wait:.0f} seconds" if wait else "try again later"
        raise RegistryUnavailable(text, hint, wait, said)


class _NotThere(RegistryError):
    status = 404

    def __init__(self, name: ModelName) -> None:
        hint = f"{name} is not in the registry {name.host}; is it spelt right?"
        super().__init__("pull model manifest: file does not exist", hint)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _redirected(url: str, location: str) -> str:
    """Return the absolute target of a redirect. Raises RegistryError if it is missing or leads from https to http."""
    try:
        target = urljoin(url, location)
        schemes = urlsplit(url).scheme, urlsplit(target).scheme
    except ValueError:  # not a URL
        target, schemes = "", ("", "")
    is_odd = "\\" in location  # whose host is another one for urllib3 than for us, and perhaps for a proxy
    if not location or is_odd or schemes[1] not in ("http", "https") or schemes == ("https", "http"):
        text = f"{urlsplit(url).netloc} redirects to what is not followed"
        raise RegistryError(text, said=location or "nowhere")
    return target


def _next_url(answer: BaseHTTPResponse, url: str) -> str:
    """Return the URL where an upload continues: Ollama's registry sends Docker-Upload-Location, others Location."""
    return _redirected(url, answer.headers.get("Docker-Upload-Location") or answer.headers.get("Location") or "")


def _with_query(url: str, fields: Sequence[tuple[str, str]]) -> str:
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(fields)}"


def _bearer(challenge: str) -> dict[str, str]:
    """Parse the fields of a WWW-Authenticate header that asks for a bearer token; empty for any other."""
    bearer = re.search(r"(?i)\bbearer .*", challenge)
    return dict(re.findall(r'\b(\w+)="([^"]*)"', bearer[0])) if bearer else {}


def _error_text(answer: BaseHTTPResponse) -> str:
    """Extract an error's message: from OCI's list of errors, Ollama's object, or the beginning of the body."""
    text = next(pieces(answer), b"")[:_LONGEST_ERROR].decode(errors="replace")
    with suppress(ValueError, KeyError, TypeError, IndexError, RecursionError):
        fields = json.loads(text)
        return str(fields["errors"][0]["message"] if "errors" in fields else fields["error"])[:200]
    return text.strip()[:200] or str(answer.reason or "no reason given")


def _retry_after(value: str) -> float | None:
    """Return the seconds of a Retry-After header, which holds seconds or a date."""
    if value.strip().isdecimal():
        return min(float(value), _A_DAY)
    with suppress(ValueError, OverflowError):
        moment = parsedate_to_datetime(value)
        moment = moment.replace(tzinfo=moment.tzinfo or UTC)
        return max((moment - datetime.now(UTC)).total_seconds(), 0.0)
    return None
