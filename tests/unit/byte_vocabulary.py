"""The smallest vocabulary there is: special tokens, then one token for each byte."""

from ossia.tokenizer import Tokenizer


def byte_vocabulary(*special: str, **metadata: object) -> Tokenizer:
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    spelled = [chr(byte) for byte in printable] + [chr(256 + i) for i in range(256 - len(printable))]
    return Tokenizer.from_gguf(
        {
            "tokenizer.ggml.model": "gpt2",
            "tokenizer.ggml.pre": "gpt-2",
            "tokenizer.ggml.tokens": [*special, *spelled],
            "tokenizer.ggml.token_type": [3] * len(special) + [1] * 256,
        }
        | {f"tokenizer.ggml.{key}": value for key, value in metadata.items()}
    )
