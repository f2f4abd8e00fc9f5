"""Codec: the text side of a model, from its file: what turns requests to ids, and ids to text. It computes no id."""

from dataclasses import dataclass, field
from typing import Self

from ossia import chat
from ossia.chat import ChatFormat
from ossia.config import EngineOptions
from ossia.engine.facts import ModelFacts
from ossia.errors import InvalidModelFile
from ossia.gguf import GGUF
from ossia.sandbox.sandbox import GRAMMARS, Sandbox
from ossia.tokenizer import Tokenizer


@dataclass(frozen=True, slots=True)
class Sandboxes:
    """Processes for what strangers wrote, of one model: others need not wait for them."""

    templates: Sandbox = field(default_factory=lambda: Sandbox("templates"))
    grammars: Sandbox = field(default_factory=lambda: Sandbox("grammars", GRAMMARS))

    async def close(self) -> None:
        await self.templates.close()
        await self.grammars.close()


@dataclass(frozen=True, slots=True)
class Codec:
    """Vocabulary and chat format of a model, and the sandboxes for the templates and grammars of its requests."""

    tokenizer: Tokenizer
    format: ChatFormat
    beginning: list[int] = field(default_factory=list[int])
    """Ids that every plain text begins with: none, or one."""
    sandboxes: Sandboxes = field(default_factory=Sandboxes)

    @classmethod
    def of(
        cls, gguf: GGUF, facts: ModelFacts, options: EngineOptions, sandboxes: Sandboxes, *, flat: bool = False
    ) -> Self:
        """Read a model's file. `flat` is that of `chat.choose`. Raises InvalidModelFile or NotSupported."""
        tokenizer = Tokenizer.from_gguf(gguf.metadata)
        size, rows = tokenizer.vocab_size, gguf.tensor("token_embd.weight").shape[0]
        if size > rows:
            raise InvalidModelFile(f"{gguf.path}: the vocabulary has {size} tokens, but the weights {rows}")
        bos = tokenizer.bos_id if gguf.metadata.get("tokenizer.ggml.add_bos_token") else None
        chat_format = chat.choose(
            tokenizer,
            gguf.metadata,
            sandboxes.templates,
            is_harmony=facts.is_harmony,
            trained_tools=options.trained_tools,
            flat=flat,
        )
        return cls(tokenizer, chat_format, [] if bos is None else [bos], sandboxes)
