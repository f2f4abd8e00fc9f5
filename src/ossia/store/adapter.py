"""Adapters: LoRAs in GGUF files, as llama.cpp's convert_lora_to_gguf.py writes them. Only their headers are read.

https://github.com/ggml-org/ggml/blob/master/docs/gguf.md#adapter-specific-metadata
"""

from pathlib import Path

from ossia.errors import InvalidModelFile
from ossia.gguf import GGUF

_HINT = "ADAPTER takes a LoRA in GGUF, as llama.cpp's convert_lora_to_gguf.py makes it of safetensors"


def check_adapter(path: Path, architecture: object) -> None:
    """Raise InvalidModelFile unless the file is a LoRA for models of this architecture."""
    metadata = GGUF.open(path).metadata
    if (metadata.get("general.type"), metadata.get("adapter.type")) != ("adapter", "lora"):
        raise InvalidModelFile(f"{path.name} is not an adapter", _HINT)
    if (own := metadata.get("general.architecture")) != architecture:
        raise InvalidModelFile(f"the adapter is for models of architecture {own!r}, and this one is {architecture!r}")
