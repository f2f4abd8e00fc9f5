"""ModelFacts: the kind, lengths and abilities of a model, as the header of its GGUF file tells them.

This is the only place that decides which kind a model is. It reads metadata only; weights and vocabulary are checked
where they are used.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

from ossia.chat.harmony.message import CONTROL_LITERALS
from ossia.gguf import GGUF

Purpose = Literal["answering", "embedding", "ranking"]

_TEMPLATES: Final = ("tokenizer.chat_template", "tokenizer.chat_template.tool_use")
_LONGEST: Final = 256 << 10  # characters of a template
_TOOLS: Final = re.compile(r"\btools\b")
_THINKING: Final = re.compile(r"\benable_thinking\b|\breasoning_content\b|<think>|\[THINK\]|<\|channel>thought")
_SWITCH: Final = re.compile(r"\benable_thinking\b|\{%-?\s*(?:el)?if (?:not )?thinking\b")
_RANK: Final = 4
"""llama.cpp's number of the pooling of models for ranking."""
_GPT_OSS: Final = ("gpt-oss", "gptoss")  # llama.cpp's name, and Ollama's older one


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """Kind, lengths and abilities of a model. A length that the file does not give is None."""

    architecture: str | None
    is_gpt_oss: bool
    is_harmony: bool
    """True if the vocabulary has harmony's control tokens: the model thinks and calls tools in that format."""
    context_length: int | None
    embedding_length: int | None
    purpose: Purpose = "answering"
    """Use of the model, which the file's pooling_type tells, as to Ollama: without one it answers. A model for ranking
    tells how well a document fits a query, and embeds nothing."""
    supports_tools: bool = False
    supports_thinking: bool = False
    always_thinks: bool = False
    """True if its template has no way to ask for an answer without thoughts."""

    @classmethod
    def of(cls, gguf: GGUF) -> "ModelFacts":
        value: object = gguf.metadata.get("general.architecture")
        architecture = value if isinstance(value, str) else None
        is_gpt_oss = names_gpt_oss(architecture)
        is_harmony = CONTROL_LITERALS.issubset(gguf.array("tokenizer.ggml.tokens"))
        template = "" if is_gpt_oss else _template(gguf)
        pooling: object = gguf.metadata.get(f"{architecture}.pooling_type")
        return cls(
            architecture=architecture,
            is_gpt_oss=is_gpt_oss,
            is_harmony=is_harmony,
            supports_tools=is_harmony or bool(_TOOLS.search(template)),
            supports_thinking=is_harmony or bool(_THINKING.search(template)),
            always_thinks=not is_harmony and not _SWITCH.search(template) and bool(_THINKING.search(template)),
            context_length=_length(gguf, f"{architecture}.context_length"),
            embedding_length=_length(gguf, f"{architecture}.embedding_length"),
            purpose="answering" if pooling is None else "ranking" if pooling == _RANK else "embedding",
        )


def names_gpt_oss(name: object) -> bool:
    """True for a name of gpt-oss: the architecture of a GGUF, or the model family in a manifest."""
    return name in _GPT_OSS


def _template(gguf: GGUF) -> str:
    """Return the chat template, and that for tools if the model has one of its own; no more than a prompt may have."""
    values: list[object] = [gguf.metadata.get(name) for name in _TEMPLATES]
    return "\n".join(value[:_LONGEST] for value in values if isinstance(value, str))


def _length(gguf: GGUF, key: str) -> int | None:
    value: object = gguf.metadata.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
