"""Checks of grammars: each is compiled once in a sandbox, to learn whether llguidance can enforce it in bounded time.

So a model's process compiles only what has been compiled before in less time than a stranger may take.
"""

import sys
from typing import Final, Protocol, TypeVar

from ossia.aside import aside
from ossia.cache import ByteStore
from ossia.chat import Problem
from ossia.sandbox.sandbox import Exhausted
from ossia.types import GenerateRequest

TOO_LONG: Final = "it takes too long to compile"
"""Beginning of the objection to a grammar for which there is not enough time or memory."""
_KEPT: Final = 16 << 20  # bytes


T_co = TypeVar("T_co", covariant=True)


class Demanding(Protocol[T_co]):
    """Maker of grammars, such as a chat format."""

    def grammar(self, request: GenerateRequest, problem: Problem) -> T_co:
        """Return the grammar of an answer. `problem` tells why one cannot be enforced. Raises InvalidRequest."""
        ...


class Compiler(Protocol):
    """Place where grammars are compiled, in the way that its `kind` names."""

    @property
    def kind(self) -> str: ...

    async def run(self, job: bytes, client: str = "") -> bytes:
        """Return llguidance's objection to a client's grammar, empty for none. Raises Exhausted."""
        ...


def _num_bytes(grammar: tuple[str, str], objection: str) -> int:
    return sys.getsizeof(grammar[1]) + sys.getsizeof(objection)


KNOWN: Final = ByteStore[tuple[str, str], str](_KEPT, _num_bytes)
"""Objections to grammars, by the compiler's kind and the grammar, "" for none. They do not depend on a model."""


async def checked_grammar(
    chat_format: Demanding[T_co], request: GenerateRequest, length: int, compiler: Compiler
) -> T_co:
    """Return the grammar of the answer to a request of `length` characters. Raises InvalidRequest."""
    known: dict[str, str] = {}
    while True:
        unknown: list[str] = []
        grammar = await aside(length, chat_format.grammar, request, _asking(compiler.kind, known, unknown))
        if not unknown:
            return grammar
        for each in dict.fromkeys(unknown):  # one by one, so that a request holds one process
            known[each] = await _objection(each, compiler, request.client)


def _asking(kind: str, known: dict[str, str], unknown: list[str]) -> Problem:
    """Return a function that tells what is known. It takes other grammars for valid, and notes them as `unknown`."""

    def problem(grammar: str) -> str:
        objection = known.get(grammar)
        if objection is None:
            objection = KNOWN.get((kind, grammar))
        if objection is None:
            unknown.append(grammar)
        return objection or ""

    return problem


async def _objection(grammar: str, compiler: Compiler, client: str) -> str:
    """Compile a grammar, and keep the result."""
    try:
        objection = (await compiler.run(grammar.encode("utf-8", "replace"), client)).decode()
    except Exhausted as error:
        objection = f"{TOO_LONG}: {error}"
    KNOWN.put((compiler.kind, grammar), objection)
    return objection
