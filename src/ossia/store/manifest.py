"""Manifests: the JSON file that lists the blobs of a model, in Ollama's format.

Knows the JSON and its media types, but not where manifests and blobs are stored.
"""

import json
from dataclasses import dataclass
from typing import Any, Literal

from ossia.errors import InvalidModelFile
from ossia.json_values import is_object
from ossia.store.blobs import normalize_digest

LayerKind = Literal["model", "adapter", "template", "system", "params", "messages", "license"]

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG = "application/vnd.docker.container.image.v1+json"
_LAYER = "application/vnd.ollama.image."
LARGEST_MANIFEST = 128 << 10  # bytes, which are read for each list of models; a model has two thousand
_MOST_LAYERS = 128
_MOST_TEXT = 4 << 20  # bytes of all texts of a model; licences, template and conversation have some 100 kB
_TEXTS = ("template", "system", "params", "messages", "license")


@dataclass(frozen=True, slots=True)
class Layer:
    """One blob of a model. `digest` is `sha256:<64 hex>`; `mount_from` is a repository that also has the blob."""

    media_type: str
    digest: str
    size: int
    mount_from: str = ""

    @classmethod
    def of(cls, kind: LayerKind, digest: str, size: int) -> "Layer":
        return cls(_LAYER + kind, digest, size)

    @property
    def kind(self) -> str:
        """`model`, `template`, `system` and so on; kinds that ossia does not use (`projector`, ...) are kept."""
        return self.media_type.removeprefix(_LAYER)

    def to_dict(self) -> dict[str, Any]:
        fields = {"mediaType": self.media_type, "digest": self.digest, "size": self.size}
        return fields | ({"from": self.mount_from} if self.mount_from else {})


@dataclass(frozen=True, slots=True)
class Manifest:
    config: Layer
    layers: tuple[Layer, ...]

    @classmethod
    def from_json(cls, data: bytes) -> "Manifest":
        """Parse a manifest. Raises InvalidModelFile for anything else."""
        if len(data) > LARGEST_MANIFEST:
            raise InvalidModelFile(
                f"not a manifest: it has more than {LARGEST_MANIFEST} bytes, which is more than any model has"
            )
        try:
            root = json.loads(data)
            return cls(_layer(root["config"]), tuple(_layer(item) for item in root["layers"]))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise InvalidModelFile(f"not a manifest: {type(error).__name__}: {error}") from None

    def to_json(self) -> bytes:
        root = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": self.config.to_dict(),
            "layers": [layer.to_dict() for layer in self.layers],
        }
        return json.dumps(root, separators=(",", ":")).encode()

    @property
    def size(self) -> int:
        """Bytes of all blobs together, as Ollama counts them."""
        return self.config.size + sum(layer.size for layer in self.layers)

    @property
    def blobs(self) -> list[Layer]:
        """The layers and, last, the config, those of one digest once."""
        return list({layer.digest: layer for layer in (*self.layers, self.config)}.values())

    @property
    def digests(self) -> set[str]:
        return {layer.digest for layer in self.blobs}

    @property
    def text_bytes(self) -> int:
        """Bytes of all texts. One that is listed twice counts twice."""
        return sum(layer.size for layer in self.layers if layer.kind in _TEXTS)

    def check_sums(self) -> None:
        """Raise InvalidModelFile if its layers are too many, or too large together, for a model."""
        if len(self.layers) > _MOST_LAYERS:
            raise InvalidModelFile(f"it has {len(self.layers)} layers, more than any model")
        if self.text_bytes > _MOST_TEXT:
            raise InvalidModelFile(
                f"its texts have {self.text_bytes} bytes together, of which {_MOST_TEXT} can be read"
            )
        if self.size >= 1 << 63:
            raise InvalidModelFile("its layers together are larger than any disk")

    def of_kind(self, kind: LayerKind) -> list[Layer]:
        return [layer for layer in self.layers if layer.kind == kind]


def _layer(item: object) -> Layer:
    """Check and convert one entry. Raises KeyError, TypeError or ValueError."""
    if not is_object(item):
        raise TypeError("a layer must be an object")
    media_type, digest, size = item["mediaType"], item["digest"], item["size"]
    if not isinstance(media_type, str) or not isinstance(digest, str):
        raise TypeError("mediaType and digest must be strings")
    if type(size) is not int or not 0 <= size < 1 << 63:
        raise ValueError("size must be a number of bytes")
    origin = item.get("from")
    return Layer(media_type, normalize_digest(digest), size, origin if isinstance(origin, str) else "")
