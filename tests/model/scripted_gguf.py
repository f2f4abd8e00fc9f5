"""A model in GGUF that says one text, whatever it is asked: to see what is made of the answers of any chat template.

Each piece of the text is a token, and each token knows only the one after it: an identity for an embedding, no
attention, and a permutation for an output. All other tokens lead to the first piece. Prompts are bytes and control
tokens.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import gguf
import numpy as np
from gguf import TokenType

_LETTERS = {byte: chr(byte) for byte in (*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100))}
_LETTERS |= {byte: chr(0x100 + number) for number, byte in enumerate(sorted(set(range(256)) - _LETTERS.keys()))}
"""Characters in which a vocabulary of this kind spells bytes."""
_INNER = 32


def write(path: Path, template: str, text: str, *, end: str, control: Sequence[str] = ()) -> Path:
    """Write a model that says `text`, then `end`. A control token may be in the text once."""
    marks = list(dict.fromkeys((*control, end)))
    parts = re.split("(" + "|".join(map(re.escape, marks)) + ")", text)
    used: set[str] = set()
    said = [piece for part in parts for piece in ([part] if part in marks else _pieces(part, used))] + [end]
    words = [_spelled(piece) for piece in said if piece not in marks]
    tokens = [*_LETTERS.values(), *marks, *words]
    ids = [tokens.index(piece if piece in marks else _spelled(piece)) for piece in said]
    return _write(path, template, tokens, len(marks), ids)


def _pieces(text: str, used: set[str]) -> list[str]:
    """Return parts of a text, each of two characters at least, and none of them in `used`, which gets them all."""
    pieces: list[str] = []
    while text:
        length = next((n for n in range(2, len(text) - 1) if text[:n] not in used), len(text))
        piece, text = text[:length], text[length:]
        pieces.append(pieces.pop() + piece if piece in used and pieces else piece)
        used.add(pieces[-1])
    return pieces


def _spelled(piece: str) -> str:
    return "".join(_LETTERS[byte] for byte in piece.encode())


def _write(path: Path, template: str, tokens: list[str], marks: int, said: list[int]) -> Path:
    width = -(-len(tokens) // 32) * 32
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(16384)
    writer.add_embedding_length(width)
    writer.add_block_count(1)
    writer.add_feed_forward_length(_INNER)
    writer.add_head_count(width // 32)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(32)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    plain = len(tokens) - 256 - marks
    writer.add_token_types([TokenType.NORMAL] * 256 + [TokenType.CONTROL] * marks + [TokenType.NORMAL] * plain)
    writer.add_token_merges(["a b"])
    writer.add_eos_token_id(said[-1])
    writer.add_add_bos_token(False)
    writer.add_chat_template(template)
    follows = np.full(len(tokens), said[0])
    follows[said[:-1]] = said[1:]
    output = np.zeros((len(tokens), width), np.float32)
    output[follows, np.arange(len(tokens))] = 1
    ones, nothing = np.ones(width, np.float32), np.zeros((width, width), np.float32)
    writer.add_tensor("token_embd.weight", np.eye(len(tokens), width, dtype=np.float32))
    writer.add_tensor("output.weight", output)
    writer.add_tensor("output_norm.weight", ones)
    for name in ("attn_norm", "ffn_norm"):
        writer.add_tensor(f"blk.0.{name}.weight", ones)
    for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
        writer.add_tensor(f"blk.0.{name}.weight", nothing)
    for name, shape in {"ffn_gate": (_INNER, width), "ffn_up": (_INNER, width), "ffn_down": (width, _INNER)}.items():
        writer.add_tensor(f"blk.0.{name}.weight", np.zeros(shape, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
