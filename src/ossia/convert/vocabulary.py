"""Conversion of a folder's tokenizer.json, and the files beside it, to GGUF's metadata.

A vocabulary that a GGUF cannot express exactly is refused here, before any weights are converted.
"""

from pathlib import Path
from typing import Any, Final

from gguf import TokenType

from ossia.errors import InvalidModelFile
from ossia.json_values import is_list, is_object
from ossia.safetensors import read_json
from ossia.tokenizer import Tokenizer, pre_tokenizer

_ENDS: Final = {"bos": ("bos", "<|startoftext|>"), "eos": ("eos", "<|return|>"), "pad": ("padding", "<|endoftext|>")}
"""Hugging Face's name, GGUF's, and the literal in gpt-oss's vocabulary."""


def find_vocabulary(folder: Path) -> Path:
    """Return the folder with the tokenizer.json. Raises InvalidModelFile.

    OpenAI's layout has none, but is published as the folder `original` of one that has.
    """
    places = [folder, folder.absolute().parent] if folder.absolute().name == "original" else [folder]
    for place in places:
        if (place / "tokenizer.json").is_file():
            return place
    raise InvalidModelFile(
        f"{folder}: there is no tokenizer.json",
        hint="put the model's tokenizer.json beside config.json, and if they are there generation_config.json, "
        "tokenizer_config.json and chat_template.jinja",
    )


def read_vocabulary(folder: Path, size: int) -> dict[str, Any]:
    """Return the keys `tokenizer.*`. Raises InvalidModelFile or NotSupported.

    Ids without a string become <|reserved_N|>.
    """
    path = folder / "tokenizer.json"
    data, settings = read_json(path), _optional(folder / "tokenizer_config.json")
    generation = _optional(folder / "generation_config.json")
    try:
        metadata = _vocabulary(data, size)
        metadata |= _ends(generation, settings, metadata["tokenizer.ggml.tokens"])
        metadata |= _chat_template(folder / "chat_template.jinja", settings)
        Tokenizer.from_gguf(metadata)  # checks that the result can be read back
    except InvalidModelFile as error:
        raise InvalidModelFile(f"{path}: {error.message}", error.hint) from error
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise InvalidModelFile(f"{path}: not a vocabulary: {error!r}") from error
    return metadata


def _vocabulary(data: dict[str, Any], size: int) -> dict[str, Any]:
    tokens = [f"<|reserved_{id}|>" for id in range(size)]
    types = [int(TokenType.UNUSED)] * size
    added: list[dict[str, Any]] = data.get("added_tokens", [])
    special = [(t["content"], t["id"], TokenType.CONTROL if t["special"] else TokenType.USER_DEFINED) for t in added]
    normal = [(token, id, TokenType.NORMAL) for token, id in data["model"]["vocab"].items()]
    for token, id, type in normal + special:
        if not 0 <= id < size:
            raise InvalidModelFile(f"token {token!r} has the id {id}, but the model knows only {size}")
        tokens[id], types[id] = token, int(type)
    merges: list[str | list[str]] = data["model"]["merges"]
    return {
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": pre_tokenizer(data),
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": types,
        "tokenizer.ggml.merges": [merge if isinstance(merge, str) else " ".join(merge) for merge in merges],
    }


def _ends(generation: dict[str, Any], settings: dict[str, Any], tokens: list[str]) -> dict[str, Any]:
    """Return the ids of special tokens from generation_config.json, or else by their literals."""
    metadata: dict[str, Any] = {}
    for theirs, (ours, usual) in _ENDS.items():
        ids: Any = generation.get(f"{theirs}_token_id")
        if ids is None:
            literal = _literal(settings.get(f"{theirs}_token")) or usual
            ids = [tokens.index(literal)] if literal in tokens else []
        several: list[int] = ids if is_list(ids) else [ids]
        if several:
            metadata[f"tokenizer.ggml.{ours}_token_id"] = several[0]
        if len(several) > 1:
            metadata[f"tokenizer.ggml.{ours}_token_ids"] = several
    return metadata


def _literal(token: object) -> str | None:
    """Return a token's text from tokenizer_config.json, which has the text or an object that contains it."""
    text = token.get("content") if is_object(token) else token
    return text if isinstance(text, str) else None


def _chat_template(file: Path, settings: dict[str, Any]) -> dict[str, Any]:
    template: object = file.read_text(encoding="utf-8") if file.is_file() else settings.get("chat_template")
    return {"tokenizer.chat_template": template} if isinstance(template, str) else {}


def _optional(path: Path) -> dict[str, Any]:
    return read_json(path) if path.is_file() else {}
