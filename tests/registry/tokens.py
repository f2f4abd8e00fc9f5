"""A token server, as registries have them: a challenge, and a token for whoever answers it rightly."""

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_ssh_public_key


@dataclass
class TokenServer:
    """`signed` wants Ollama's signature, `plain` refuses one, `foreign` names a realm on another host."""

    kind: Literal["signed", "plain", "foreign"] = "signed"
    good_for: int = 10**9
    """Requests that a token is good for."""
    issued: int = 0
    used: int = 0
    queries: list[dict[str, list[str]]] = field(default_factory=list[dict[str, list[str]]])

    def challenge(self, here: str) -> str:
        realm = "http://localhost:1/token" if self.kind == "foreign" else f"{here}/token"
        return f'Bearer realm="{realm}",service="the registry",scope="repository:library/x:pull,push other"'

    def accepts(self, authorization: str) -> bool:
        self.used += 1
        return authorization == f"Bearer token-{self.issued}" and self.issued > 0 and self.used <= self.good_for

    def answer(self, host: str, path: str, authorization: str) -> tuple[int, dict[str, Any]]:
        if self.kind == "plain" and authorization:
            return 400, {"error": "no such scheme"}
        if self.kind == "signed" and not is_signed(f"http://{host}{path}", authorization):
            return 401, {"error": "bad signature"}
        self.queries.append(parse_qs(urlsplit(path).query))
        self.issued += 1
        self.used = 0
        return 200, {"access_token" if self.kind == "plain" else "token": f"token-{self.issued}"}


def is_signed(url: str, authorization: str) -> bool:
    """True if this is `<public key>:<signature>` of a GET of that URL, as Ollama's registry checks it."""
    key, _, signature = authorization.partition(":")
    empty = base64.b64encode(hashlib.sha256(b"").hexdigest().encode()).decode()
    try:
        public = load_ssh_public_key(f"ssh-ed25519 {key}".encode())
        assert isinstance(public, Ed25519PublicKey)
        public.verify(base64.b64decode(signature), f"GET,{url},{empty}".encode())
    except (ValueError, InvalidSignature):
        return False
    return True
