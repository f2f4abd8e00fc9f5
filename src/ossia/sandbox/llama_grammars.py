"""Compiling of grammars as llama.cpp does it, up to the first mask: the work of a sandbox's process.

llama.cpp compiles and computes masks in the loop that all of its answers share, with llguidance's own limits, which let
it work for a second. So what takes long here is not sent there.
"""

from functools import cache

from llguidance import LLMatcher, LLParserLimits, LLTokenizer
from llguidance.numpy import allocate_token_bitmask, fill_next_token_bitmask


def answer(job: bytes) -> bytes:
    return problem(job.decode()).encode()


def problem(grammar: str) -> str:
    """Return llguidance's objection to a grammar, "" for none."""
    tokenizer = _bytes()
    matcher = LLMatcher(tokenizer, grammar, log_level=0, limits=LLParserLimits())
    if not matcher.is_error():
        fill_next_token_bitmask(matcher, allocate_token_bitmask(1, tokenizer.vocab_size))
    return matcher.get_error()


@cache
def _bytes() -> LLTokenizer:
    return LLTokenizer("byte")
