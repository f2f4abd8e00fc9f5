"""Texts of SmolLM2 itself: answers in its own chat format, and plain ones. `tiny` should go on saying such things."""

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
END: Final = "<|im_end|>"
LONGEST: Final = 220  # tokens
LONGEST_TEXT: Final = 160  # tokens
TEMPERATURES: Final = 0.0, 0.7, 1.0  # of the prompts in turn
_START, _BEFORE_TEXTS = "<|im_start|>", "<|endoftext|>"
_UNWANTED: Final = re.compile(
    r"\bI'm sorry|chatbot|an AI\b|language model|SmolLM|Hugging ?Face|\[[A-Z][^]]*\]|https?:|�", re.IGNORECASE
)
_SENTENCES: Final = re.compile(r".*[.!?](?=\s)", re.DOTALL)
_FEWEST_WORDS: Final = 2
_REPEATED: Final = 6  # words in a row that may stand there twice, not three times


def save(net: Net, base: Path, prompts: Sequence[Prompt], path: Path) -> None:
    """Write the prompts that were answered well: a JSON list of [text, goal, plans, answer]."""
    tokenizer = Tokenizer.from_gguf(GGUF.open(base).metadata)
    answers = answered(net, tokenizer, [prompt.text for prompt in prompts])
    pairs = zip(prompts, answers, strict=True)
    rows = [[prompt.text, prompt.goal, list(prompt.plans), answer] for prompt, answer in pairs if is_good(answer)]
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=0))
    print(f"{len(rows)} of {len(prompts)} prompts were answered well", flush=True)


def answered(net: Net, tokenizer: Tokenizer, prompts: Sequence[str], limit: int = LONGEST) -> list[str]:
    """Return an answer to each prompt; of one that became too long the whole sentences."""
    stop = tokenizer.special_tokens[END]
    temperatures = [TEMPERATURES[number % len(TEMPERATURES)] for number in range(len(prompts))]
    asked = [question(tokenizer, prompt) for prompt in prompts]
    answers = generate(net, net.base_weights(), asked, [stop], limit, temperatures)
    return [
        tokenizer.decode(ids[:-1]).strip() if ids[-1] == stop else sentences(tokenizer.decode(ids)) for ids in answers
    ]


def question(tokenizer: Tokenizer, prompt: str) -> list[int]:
    """Return the ids of a conversation that the assistant is to continue. What stands in `prompt` is only text."""
    return [*began(tokenizer, prompt), *_ended(tokenizer), *_opened(tokenizer, "assistant", "")]


def began(tokenizer: Tokenizer, prompt: str) -> list[int]:
    """Return the ids of a conversation whose user has begun to speak."""
    return [*_opened(tokenizer, "system", SYSTEM), *_ended(tokenizer), *_opened(tokenizer, "user", prompt)]


def _opened(tokenizer: Tokenizer, role: str, text: str) -> list[int]:
    return [tokenizer.special_tokens[_START], *tokenizer.encode(f"{role}\n{text}")]


def _ended(tokenizer: Tokenizer) -> list[int]:
    return [tokenizer.special_tokens[END], *tokenizer.encode("\n")]


def sentences(text: str) -> str:
    """Return a text that was cut off without what follows its last whole sentence, or nothing."""
    whole = _SENTENCES.match(text)
    return whole[0].strip() if whole else ""


def is_good(text: str) -> bool:
    """True if a text has words, does not repeat itself, and does not speak of what it is or leave gaps to fill in."""
    words = text.split()
    runs = Counter(tuple(words[start : start + _REPEATED]) for start in range(len(words) - _REPEATED + 1))
    return len(words) >= _FEWEST_WORDS and max(runs.values(), default=0) < 3 and not _UNWANTED.search(text)


def save_texts(net: Net, base: Path, count: int, path: Path) -> None:
    """Write what the base says from nothing, at temperature 1: a JSON list of texts."""
    tokenizer = Tokenizer.from_gguf(GGUF.open(base).metadata)
    special = tokenizer.special_tokens
    stops = [special[_BEFORE_TEXTS], special[END]]
    written = generate(net, net.base_weights(), [stops[:1]] * count, stops, LONGEST_TEXT, [1.0] * count)
    texts = [tokenizer.decode([id for id in ids if id not in special.values()]) for ids in written]
    path.write_text(json.dumps([text for text in texts if len(text.split()) > _REPEATED], ensure_ascii=False, indent=0))
