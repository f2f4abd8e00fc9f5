"""A grammar at work on one sequence: which ids may come next, computed while the model runs.

It knows ids, masks and how many ids are left; what the grammar means is the chat format's knowledge. All parsing is
llguidance's, in Rust and without the interpreter's lock.

A sequence must end with what was demanded of it. So when few ids are left, what ends a text is preferred: first free
messages are ended, so that the answer begins; then the answer's JSON is closed as soon as its schema allows.
"""

import logging
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

import numpy as np
import numpy.typing as npt
from llguidance import LLMatcher, LLTokenizer, TokenizerWrapper
from llguidance.numpy import allocate_token_bitmask, fill_next_token_bitmask

from ossia.chat import TurnGrammar
from ossia.tokenizer import Tokenizer

logger = logging.getLogger(__name__)

Mask = npt.NDArray[np.bool_]

_CLOSING: Final = frozenset(b'"]}')
"""What ends a string, an array or an object."""
_BLANKS: Final = b" \t\r\n"

_pool = ThreadPoolExecutor(1, thread_name_prefix="masks")


class Vocabulary:
    """A tokenizer as llguidance wants it, and the ids that matter to an end: made once a model, in a second."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        ids = range(tokenizer.vocab_size)
        self.tokens: Sequence[bytes] = [tokenizer.token_bytes(id) for id in ids]
        self.special_token_ids = [id for id in ids if tokenizer.is_special(id)]
        self.bos_token_id = tokenizer.bos_id
        self.eos_token_id = min(tokenizer.eos_ids, default=0)
        ends = sorted(tokenizer.eos_ids) or [0]
        self.llguidance = LLTokenizer(TokenizerWrapper(self), n_vocab=tokenizer.vocab_size, eos_token=ends)
        special = set(self.special_token_ids)
        plain = [id for id in ids if id not in special and self.tokens[id]]
        self.blank = _only((id for id in plain if not self.tokens[id].strip(_BLANKS)), len(ids))
        self.closing = _only((id for id in plain if _CLOSING.issuperset(self.tokens[id])), len(ids))
        self.quoting = _only((id for id in plain if self.closing[id] and self.tokens[id][:1] == b'"'), len(ids))
        self.letter = self.tokens.index(b"a") if b"a" in self.tokens else 0

    def __call__(self, text: str) -> list[int]:
        """What llguidance calls to spell a text that is forced as the model would."""
        return self._tokenizer.encode(text)


class Constraint:
    """A grammar's state after the ids of one sequence. `max_tokens` is how many may be sampled."""

    def __init__(self, vocabulary: Vocabulary, grammar: TurnGrammar, max_tokens: int) -> None:
        """Raises ValueError for a grammar that cannot be used, or that cannot begin as it was begun."""
        self._vocabulary = vocabulary
        self._grammar = grammar
        self._left = max_tokens
        self._reserve = min(grammar.reserve, max_tokens // 4)
        self._matcher = self._first_usable(grammar.whole)
        self._answer = grammar.answer  # which is still to come, if it must be brought about
        self._answering = False  # the message is being ended so that the answer can follow
        self._in_arguments = False
        self._unread: list[int] = []
        self.failed = False
        if self._matcher.try_consume_tokens(list(grammar.prefix)) != len(grammar.prefix):
            raise ValueError("the answer that was begun does not fit the format that it is to have")
        self._next: Future[Mask] = Future()
        self._next.set_result(self._compute())
        if self.failed:
            raise ValueError(self._matcher.get_error() or "the grammar allows nothing at all")

    def prepare(self) -> None:
        """Begin to compute the next mask, if it is not the one that is known."""
        if self._unread:
            self._next = _pool.submit(self._compute)

    def mask(self) -> Mask:
        """Which ids may come next: [vocabulary], never none. Waits for `prepare`."""
        return self._next.result()

    def accept(self, token: int) -> None:
        """The id that was sampled. What it means is worked out with the next mask."""
        self._left -= 1
        self._unread.append(token)

    def _read(self, token: int) -> None:
        if self._answering and self._answer:
            self._matcher, self._answer, self._answering = self._first_usable(self._answer), None, False
            return
        self._matcher.consume_token(token)
        grammar = self._grammar
        if self._in_arguments and token in grammar.message_ends and grammar.another:
            self._matcher, self._in_arguments = self._first_usable(grammar.another), False
        elif not self._in_arguments and (number := self._called()) is not None:
            self._matcher, self._in_arguments = self._first_usable(*grammar.arguments[number]), True

    def _called(self) -> int | None:
        """The number of the tool, if the header of a call was just read to its end."""
        if not (self._grammar.arguments and self._matcher.is_stopped()):
            return None
        names = [name for name, _ in self._matcher.get_captures()]
        return int(names[-1].removeprefix("call_")) if names else None

    def _first_usable(self, *grammars: str) -> LLMatcher:
        """The first of these that llguidance takes. Raises ValueError with what is wrong with the last one."""
        problem = ""
        for lark in grammars:
            grammar = LLMatcher.grammar_from_lark(lark)
            matcher = LLMatcher(self._vocabulary.llguidance, grammar, log_level=0)
            if not (problem := matcher.get_error()):
                return matcher
        raise ValueError(problem)

    def _compute(self) -> Mask:
        size = len(self._vocabulary.tokens)
        try:
            for token in self._unread:
                self._read(token)
        except ValueError as error:
            logger.warning("a grammar could not be used, so its answer was cut off: %s", error)
            self.failed = True
            return _only(self._grammar.finishers, size)
        self._unread.clear()
        words = allocate_token_bitmask(1, size)
        fill_next_token_bitmask(self._matcher, words)
        bits: npt.NDArray[np.uint8] = np.unpackbits(words[0].view(np.uint8), bitorder="little", count=size)
        allowed = bits.view(np.bool_)
        if self._matcher.is_error() or not allowed.any():  # a limit of the parser's was met
            self.failed = True
            return _only(self._grammar.finishers, size)
        return self._ending(allowed)

    def _ending(self, allowed: Mask) -> Mask:
        """Of the allowed ids those that bring the turn to its end, when it is time.

        A free text may go on with a letter and end with a control token; JSON that is complete can only end.
        """
        finishers = [id for id in self._grammar.finishers if allowed[id]]
        ends = [id for id in self._grammar.message_ends if allowed[id]]
        may_go_on = bool(allowed[self._vocabulary.letter])
        if self._answer and ends and may_go_on and self._left <= 2 * self._reserve:
            self._answering = True
            return _only(ends, len(allowed))
        if self._left > self._reserve:
            return allowed
        if finishers or ends:
            return allowed if may_go_on else _only(finishers or ends, len(allowed))
        in_string = may_go_on
        for wanted in (self._vocabulary.quoting if in_string else self._vocabulary.closing, ~self._vocabulary.blank):
            if (wanted & allowed).any():
                return wanted & allowed
        return allowed


def _only(ids: Iterable[int], size: int) -> Mask:
    mask = np.zeros(size, np.bool_)
    mask[list(ids)] = True
    return mask
