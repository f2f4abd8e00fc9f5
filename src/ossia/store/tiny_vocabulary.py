"""The vocabulary of `tiny`: SmolLM2's, in which special tokens that its chat never uses are named as harmony's.

Their ids are part of the weights: the update was trained with them. Nothing is known here of what the tokens mean.
"""

from collections.abc import Mapping
from typing import Any, Final

HARMONY: Final = {
    "<|start|>": 3,
    "<|message|>": 4,
    "<|channel|>": 5,
    "<|constrain|>": 6,
    "<|end|>": 7,
    "<|call|>": 8,
    "<|return|>": 9,
}
"""Ids of harmony's control tokens. SmolLM2 has names of repositories, files and issues there, for code."""

_END_OF_TEXT: Final = 0  # <|endoftext|>, as SmolLM2 has it
_CONTROL: Final = 3  # a value of tokenizer.ggml.token_type
_PREFIX: Final = "tokenizer."


def tokenizer_metadata(smollm2: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys `tokenizer.*` of tiny's GGUF, made of the metadata of SmolLM2's.

    There is no chat template: llama.cpp and ossia know harmony by its tokens.
    """
    metadata = {key: smollm2[key] for key in smollm2 if key.startswith(_PREFIX)}
    metadata.pop("tokenizer.chat_template")
    tokens, types = list(metadata["tokenizer.ggml.tokens"]), list(metadata["tokenizer.ggml.token_type"])
    for literal, id in HARMONY.items():
        tokens[id], types[id] = literal, _CONTROL
    return metadata | {
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": types,
        "tokenizer.ggml.bos_token_id": _END_OF_TEXT,
        "tokenizer.ggml.eos_token_id": HARMONY["<|return|>"],
        "tokenizer.ggml.padding_token_id": _END_OF_TEXT,
    }
