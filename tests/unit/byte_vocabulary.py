"""The smallest vocabulary there is: special tokens, then one token for each byte, and words that no merge leads to."""

from collections.abc import Sequence

from ossia.tokenizer import Tokenizer


def byte_vocabulary(*special: str, words: Sequence[str] = (), **metadata: object) -> Tokenizer:
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    letters = {byte: chr(byte) for byte in printable} | {byte: chr(256 + i) for i, byte in enumerate(others)}
    spelled = [*letters.values(), *("".join(letters[byte] for byte in word.encode()) for word in words)]
    return Tokenizer.from_gguf(
        {
            "tokenizer.ggml.model": "gpt2",
            "tokenizer.ggml.pre": "gpt-2",
            "tokenizer.ggml.tokens": [*special, *spelled],
            "tokenizer.ggml.token_type": [3] * len(special) + [1] * len(spelled),
        }
        | {f"tokenizer.ggml.{key}": value for key, value in metadata.items()}
    )
