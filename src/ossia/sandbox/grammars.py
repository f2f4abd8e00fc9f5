"""Compiling of grammars, to learn whether llguidance can enforce them: the work of a sandbox's process."""

from llguidance import LLMatcher


def answer(job: bytes) -> bytes:
    return problem(job.decode()).encode()


def problem(grammar: str) -> str:
    """Return llguidance's objection to a grammar, "" for none."""
    return LLMatcher.validate_grammar(grammar)
