"""Compiling of grammars, to learn whether llguidance can enforce them: the work of a sandbox's process.

It is what a model's process does with the grammar afterwards, only with a vocabulary of bytes.
"""

from functools import cache
from typing import Final

from llguidance import LLMatcher, LLParserLimits, LLTokenizer

PARSER_LIMITS: Final = LLParserLimits(initial_lexer_fuel=300_000, step_lexer_fuel=100_000, max_lexer_states=50_000)
"""Limits on llguidance's own work: about 0.2 s and 40 MB for a grammar, 50 ms for a mask, 100 MB for all of its states.
What people write needs a third of the first, and far less of the others."""


def answer(job: bytes) -> bytes:
    return problem(job.decode()).encode()


def problem(grammar: str) -> str:
    """Return llguidance's objection to a grammar, "" for none."""
    return LLMatcher(_bytes(), grammar, log_level=0, limits=PARSER_LIMITS).get_error()


@cache
def _bytes() -> LLTokenizer:
    return LLTokenizer("byte")
