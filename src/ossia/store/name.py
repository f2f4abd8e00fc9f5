"""Model names: `[scheme://][host/][namespace/]model[:tag]`, with Ollama's defaults and allowed characters.

Knows nothing of files, but guarantees that each part is one plain path component: it begins with a letter, a digit or
`_` and contains no slash, so a name can never lead out of the store.
"""

import re
from dataclasses import dataclass

from ossia.errors import InvalidRequest

DEFAULT_HOST = "registry.ollama.ai"
DEFAULT_NAMESPACE = "library"
DEFAULT_TAG = "latest"

_SCHEME = re.compile(r"\Ahttps?://")
_HOST = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,349}")
_NAMESPACE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,79}")
_MODEL_OR_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}")


@dataclass(frozen=True, slots=True)
class ModelName:
    """A complete name. Raises InvalidRequest for a part with a length or characters that Ollama refuses."""

    host: str
    namespace: str
    model: str
    tag: str

    def __post_init__(self) -> None:
        rules = (_HOST, _NAMESPACE, _MODEL_OR_TAG, _MODEL_OR_TAG)
        if not all(rule.fullmatch(part) for rule, part in zip(rules, self.parts, strict=True)):
            raise InvalidRequest("invalid model name", hint="for example gpt-oss:20b or somebody/model:tag")

    @classmethod
    def parse(cls, text: str) -> "ModelName":
        """Parse a name from the right: tag, model, namespace, and the rest is the host.

        A scheme, http:// or https://, tells how to reach the host and is not part of the name.
        """
        text = _SCHEME.sub("", text)
        path, colon, tag = text.rpartition(":")
        if not colon or "/" in tag:
            path, tag = text, DEFAULT_TAG
        rest, has_namespace, model = path.rpartition("/")
        host, has_host, namespace = rest.rpartition("/")
        return cls(host if has_host else DEFAULT_HOST, namespace if has_namespace else DEFAULT_NAMESPACE, model, tag)

    @property
    def parts(self) -> tuple[str, str, str, str]:
        """Host, namespace, model and tag: also the manifest's path below `manifests/`."""
        return self.host, self.namespace, self.model, self.tag

    @property
    def full(self) -> str:
        return f"{self.host}/{self.namespace}/{self.model}:{self.tag}"

    @property
    def lower(self) -> "ModelName":
        return ModelName(*self.folded)

    @property
    def folded(self) -> tuple[str, str, str, str]:
        """The parts in lower case: model names are case-insensitive."""
        host, namespace, model, tag = (part.lower() for part in self.parts)
        return host, namespace, model, tag

    def __str__(self) -> str:
        """Return the shortest form that parses back to this name, always with the tag."""
        if self.host != DEFAULT_HOST:
            return self.full
        if self.namespace != DEFAULT_NAMESPACE:
            return f"{self.namespace}/{self.model}:{self.tag}"
        return f"{self.model}:{self.tag}"
