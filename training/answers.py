"""Answers of SmolLM2 itself, in its own chat format: what `tiny` should go on saying."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ossia.gguf import GGUF
from ossia.tokenizer import Tokenizer
from training.generate import generate
from training.net import Net
from training.prompts import Prompt

SYSTEM: Final = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
LONGEST: Final = 220  # tokens
TEMPERATURE: Final = 0.3  # near its best, but it seldom begins to repeat itself
_START, _END = "<|im_start|>", "<|im_end|>"
_UNWANTED: Final = re.compile(
    r"\bI'm sorry|chatbot|an AI\b|language model|SmolLM|Hugging ?Face|\[[A-Z][^]]*\]|https?:|�", re.IGNORECASE
)
_FEWEST_WORDS: Final = 2
_REPEATED: Final = 6  # words in a row that may stand there twice, not three times


def save(net: Net, base: Path, prompts: Sequence[Prompt], path: Path) -> None:
    """Write the prompts that were answered well: a JSON list of [text, goal, plans, answer]."""
    tokenizer = Tokenizer.from_gguf(GGUF.open(base).metadata)
    texts = dict(answered(net, tokenizer, [prompt.text for prompt in prompts]))
    rows = [
        [prompt.text, prompt.goal, list(prompt.plans), texts[prompt.text]] for prompt in prompts if prompt.text in texts
    ]
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=0))
    print(f"{len(rows)} of {len(prompts)} prompts were answered well", flush=True)


def answered(net: Net, tokenizer: Tokenizer, prompts: Sequence[str], limit: int = LONGEST) -> list[tuple[str, str]]:
    """Return the prompts whose answers came to an end and are good, with those answers."""
    stop = tokenizer.special_tokens[_END]
    asked = [question(tokenizer, prompt) for prompt in prompts]
    answers = generate(net, net.base_weights(), asked, [stop], limit, TEMPERATURE)
    texts = [tokenizer.decode(ids[:-1]).strip() if ids[-1] == stop else "" for ids in answers]
    return [(prompt, text) for prompt, text in zip(prompts, texts, strict=True) if is_good(text)]


def question(tokenizer: Tokenizer, prompt: str) -> list[int]:
    """Return the ids of a conversation that the assistant is to continue. What stands in `prompt` is only text."""

    def message(role: str, text: str) -> list[int]:
        marks = (tokenizer.special_tokens[mark] for mark in (_START, _END))
        start, end = marks
        return [start, *tokenizer.encode(f"{role}\n{text}"), end, *tokenizer.encode("\n")]

    opened = [tokenizer.special_tokens[_START], *tokenizer.encode("assistant\n")]
    return [*message("system", SYSTEM), *message("user", prompt), *opened]


def is_good(text: str) -> bool:
    """True if a text has words, does not repeat itself, and does not speak of what it is or leave gaps to fill in."""
    words = text.split()
    runs = Counter(tuple(words[start : start + _REPEATED]) for start in range(len(words) - _REPEATED + 1))
    return len(words) >= _FEWEST_WORDS and max(runs.values(), default=0) < 3 and not _UNWANTED.search(text)
