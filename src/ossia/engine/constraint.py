"""Constraint: the state of a grammar after the ids of one sequence, and the masks of the ids that may come next.

Masks are computed in other threads while the model runs, except most of those inside texts and strings
(`letters.py`). A thread cannot be ended, so llguidance's work is bounded by its own limits, and a sequence whose masks
are slow gets them from a thread apart. A constraint knows ids, masks and how many ids are left; what a grammar means is
the chat format's knowledge. All parsing is llguidance's, in Rust, without the interpreter's lock.

A sequence must end with what was demanded of it. So when few ids are left, ids that end a text are preferred: first
free messages are ended, so that the answer can begin; then its JSON is closed as soon as its schema allows that.
"""

import logging
import os
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from typing import Final

import numpy as np
from llguidance import LLMatcher, LLTokenizer, TokenizerWrapper
from llguidance.numpy import allocate_token_bitmask, fill_next_token_bitmask

from ossia.chat import TurnGrammar
from ossia.engine.fair_threads import FairThreads
from ossia.engine.figures import masks
from ossia.engine.letters import Inside, Letters
from ossia.engine.mask_threads import MaskThreads
from ossia.engine.sequence import Words
from ossia.sandbox.grammars import PARSER_LIMITS
from ossia.tokenizer import Tokenizer

logger = logging.getLogger(__name__)

_CLOSING: Final = frozenset(b'"]}')
"""Bytes that end a string, an array or an object."""
_BLANKS: Final = b" \t\r\n"

_SLOW: Final = 0.05
"""Seconds after which a mask counts as slow."""
_LONGEST: Final = 10.0
"""Seconds after which a mask is given up, and its sequence with it."""


def yield_to_others() -> None:
    """Let other threads go before this one where the processor is short: on Linux, niceness is a thread's own."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


_threads: Final = MaskThreads(4)
_slow_threads: Final = FairThreads(2, "slow-masks", yield_to_others)


class Vocabulary:
    """A tokenizer in the form that llguidance wants, and the ids that matter at an end. Takes a second to make."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        ids = range(tokenizer.vocab_size)
        self.tokens: Sequence[bytes] = [tokenizer.token_bytes(id) for id in ids]
        self.special_token_ids = [id for id in ids if tokenizer.is_special(id)]
        self.bos_token_id = tokenizer.bos_id
        self.eos_token_id = min(tokenizer.eos_ids, default=0)
        ends = sorted(tokenizer.eos_ids) or [0]
        self.llguidance = LLTokenizer(TokenizerWrapper(self), n_vocab=tokenizer.vocab_size, eos_token=ends)
        self.special = frozenset(self.special_token_ids)
        plain = [id for id in ids if id not in self.special and self.tokens[id]]
        closing = [id for id in plain if _CLOSING.issuperset(self.tokens[id])]
        self.blank = only((id for id in plain if not self.tokens[id].strip(_BLANKS)), len(ids))
        self.closing = only(closing, len(ids))
        self.quoting = only((id for id in closing if self.tokens[id][:1] == b'"'), len(ids))
        self.letter = self.tokens.index(b"a") if b"a" in self.tokens else 0
        self.letters = Letters(self.tokens, self.special, self)

    def __call__(self, text: str) -> list[int]:
        """Tokenize a text that the grammar forces, as the model would; called by llguidance."""
        return self._tokenizer.encode(text)


class Constraint:
    """A grammar's state after the ids of one sequence, of which at most `max_tokens` are sampled."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        grammar: TurnGrammar,
        max_tokens: int,
        client: str = "",
    ) -> None:
        """Raises ValueError for a grammar that cannot be used, or whose beginning does not fit the prompt.

        A mask that is not there at once is computed in another thread when it is the turn of `client`.
        """
        self._client = client
        self._vocabulary = vocabulary
        self._grammar = grammar
        self._left = max_tokens
        self._reserve = min(grammar.reserve, max_tokens // 4)
        self._matcher, self._inside = self._first_usable(grammar.whole)
        self._answer = grammar.answer  # still to come, if it is demanded
        self._answering = False  # the message is being ended so that the answer can follow
        self._in_arguments = False
        self._unread: list[int] = []
        self.failed = False
        self._began = self._seconds = 0.0
        if self._matcher.try_consume_tokens(list(grammar.prefix)) != len(grammar.prefix):
            raise ValueError("the answer that was begun does not fit the format that it is to have")
        self.words: Future[Words] = Future()
        self.words.set_result(self.alone())
        if self.failed:
            raise ValueError(self._matcher.get_error() or "the grammar allows nothing at all")

    @property
    def overdue(self) -> bool:
        return not self.words.done() and time.monotonic() - self._began > _LONGEST

    def prepare(self) -> None:
        """Start to compute the next mask in another thread, unless it is the one that is known."""
        if not self._unread:
            return
        self._began = time.monotonic()
        if (allowed := self._inside.after(self._unread[-1])) is not None:
            self.words = Future()
            self.words.set_result(self._ending(allowed))
        elif self._seconds > _SLOW or self._may_compile:
            self.words = _slow_threads.submit(self._client, 0, self.alone)
        else:
            self.words = Future()
            _threads.want(self, self._client)

    def accept(self, token: int) -> None:
        """Take the id that was sampled. The grammar reads it when the next mask is computed."""
        self._left -= 1
        self._unread.append(token)

    @property
    def _may_compile(self) -> bool:
        """True if the ids that are not read yet may lead to another grammar, which is compiled then."""
        is_switch = self._grammar.arguments and not self._vocabulary.special.isdisjoint(self._unread)
        return self._answering or bool(is_switch)

    def _read(self, token: int) -> None:
        if self._answering and self._answer:
            self._matcher, self._inside = self._first_usable(self._answer)
            self._answer, self._answering = None, False
            return
        self._matcher.consume_token(token)
        grammar = self._grammar
        if self._in_arguments and token in grammar.message_ends and grammar.another:
            self._matcher, self._inside = self._first_usable(grammar.another)
            self._in_arguments = False
        elif not self._in_arguments and (number := self._called()) is not None:
            self._matcher, self._inside = self._first_usable(*grammar.arguments[number])
            self._in_arguments = True

    def _called(self) -> int | None:
        """Return the number of the tool whose call's header was just read to its end."""
        if not (self._grammar.arguments and self._matcher.is_stopped()):
            return None
        names = [name for name, _ in self._matcher.get_captures()]
        return int(names[-1].removeprefix("call_")) if names else None

    def _first_usable(self, *grammars: str) -> tuple[LLMatcher, Inside]:
        """Return the state of the first usable grammar. Raises ValueError with the last one's problem."""
        problem = ""
        for lark in grammars:
            grammar = LLMatcher.grammar_from_lark(lark)
            matcher = LLMatcher(self._vocabulary.llguidance, grammar, log_level=0, limits=PARSER_LIMITS)
            if not (problem := matcher.get_error()):
                return matcher, Inside(self._vocabulary.letters, lark)
        raise ValueError(problem)

    @property
    def vocab_size(self) -> int:
        return len(self._vocabulary.tokens)

    def alone(self) -> Words:
        """Make the next mask in this thread."""
        began = time.monotonic()
        matcher, bitmask = self.read(), allocate_token_bitmask(1, self.vocab_size)
        if matcher:
            fill_next_token_bitmask(matcher, bitmask)
        seconds = time.monotonic() - began
        masks.add(seconds)
        return self.completed(bitmask[0].view(np.uint32) if matcher else None, seconds)

    def read(self) -> LLMatcher | None:
        """Read the ids that were sampled. Returns what makes the mask; None if the grammar can no longer do so."""
        try:
            if self._unread:
                *letters, last = self._unread
                self._matcher.consume_tokens(letters)
                self._read(last)
        except ValueError as error:
            logger.warning("a grammar could not be used, so its answer was cut off: %s", error)
            return None
        self._unread.clear()
        return self._matcher

    def completed(self, allowed: Words | None, seconds: float) -> Words:
        """Return the mask, by the ids that the matcher allows; None without a matcher. Note how long that took."""
        self._seconds = seconds
        if allowed is None or self._matcher.is_error() or not allowed.any():  # or the parser has reached its limits
            self.failed = True
            return only(self._grammar.finishers, self.vocab_size)
        self._inside.entered(self._matcher, allowed)
        return self._ending(allowed)

    def _ending(self, allowed: Words) -> Words:
        """Return the allowed ids, or only those that bring the turn to its end when it is time for that.

        A free text may go on with a letter and end with a control token; JSON that is complete can only end.
        """
        if self._left > (2 if self._answer else 1) * self._reserve:
            return allowed
        size = self.vocab_size
        finishers = [id for id in self._grammar.finishers if allows(allowed, id)]
        ends = [id for id in self._grammar.message_ends if allows(allowed, id)]
        may_go_on = allows(allowed, self._vocabulary.letter)
        if self._answer and ends and may_go_on and self._left <= 2 * self._reserve:
            self._answering = True
            return only(ends, size)
        if self._left > self._reserve:
            return allowed
        if finishers or ends:
            return allowed if may_go_on else only(finishers or ends, size)
        in_string = may_go_on
        for wanted in (self._vocabulary.quoting if in_string else self._vocabulary.closing, ~self._vocabulary.blank):
            if (wanted & allowed).any():
                return wanted & allowed
        return allowed


def allows(mask: Words, id: int) -> bool:
    """True if the id's bit is set."""
    return bool(mask[id >> 5] >> np.uint32(id & 31) & 1)


def only(ids: Iterable[int], size: int) -> Words:
    """Return the mask of these ids in a vocabulary of `size`."""
    mask = np.zeros(-(-size // 32), np.uint32)
    for id in ids:
        mask[id >> 5] |= np.uint32(1 << (id & 31))
    return mask
