"""The process of one model: a socket on one side, EngineCore on the other, and nothing else.

One thread reads messages into a queue, and the main thread computes. Sending never waits for a client, since the
server always reads. When the server goes away, so does this process.
"""

import gc
import logging
import os
import queue
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from typing import Final

from ossia.chat import TurnGrammar
from ossia.config import Settings
from ossia.engine import wire
from ossia.engine.constraint import Constraint, Vocabulary, yield_to_others
from ossia.engine.core import EngineCore
from ossia.engine.fair_threads import FairThreads
from ossia.engine.figures import Figures, compilations
from ossia.engine.gpt_oss.cuda.failures import explained
from ossia.engine.gpt_oss.cuda.memory import NoRoom
from ossia.engine.heartbeat import pulse
from ossia.engine.loading import Later, load, prepare
from ossia.engine.process import PREPARED
from ossia.engine.sequence import Broken, Output, Pool, Pooled, Sample, Score, Scored, Sequence, StepOutput, Unmasked
from ossia.errors import InvalidModelFile, OssiaError
from ossia.framing import receive_frame
from ossia.logs import log_to_stderr

_OVERDUE_AFTER: Final = 1.0
"""Seconds between looks at masks that nobody may ever finish, while every sequence waits for one."""
_IDLE_AFTER: Final = 1.0
"""Seconds without work before something is prepared, which a request that comes meanwhile waits for."""

logger = logging.getLogger(__name__)

Inbox = queue.SimpleQueue[Sequence | wire.Abort | wire.Refused | None]
"""Work for the main thread. None wakes it, since a mask is there for which it may wait."""


def main() -> None:
    """Serve the model that the first message on the socket FD names: `python -m ossia.engine.worker FD`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal reaches the server, which closes us
    log_to_stderr(logging.WARNING, Settings.from_env().log_format)
    sock = socket.socket(fileno=int(sys.argv[1]))
    try:
        serve(sock)
    except NoRoom as error:
        sock.sendall(wire.frame(wire.NoRoom(str(error), error.needed_bytes, error.usable_bytes)))
    except OssiaError as error:
        sock.sendall(wire.frame(wire.Failed(error.message, error.hint, isinstance(error, InvalidModelFile))))
    except Exception as error:
        logger.exception("the model's process ends")
        failure = explained(error) or OssiaError(f"{type(error).__name__}: {error}")
        sock.sendall(wire.frame(wire.Failed(failure.message, failure.hint)))
        os._exit(1)  # a device that failed may never answer to an orderly end


def serve(sock: socket.socket) -> None:
    if PREPARED in sys.argv:
        prepare()
    first = receive(sock)
    if first is None:
        return  # the server ended before it had a use for this process
    assert isinstance(first, wire.Load), "the first message says what to load"
    lock = threading.Lock()

    def send(message: wire.ToParent) -> None:
        with lock:
            sock.sendall(wire.frame(message))

    core, vocabulary = load(first, send)
    gc.freeze()  # all of that stays; to look through torch's objects for garbage takes 0.2 s
    inbox: Inbox = queue.SimpleQueue()
    threading.Thread(target=Reader(sock, inbox, vocabulary, send, core.figures).run, daemon=True).start()
    while True:
        obey(core, inbox, send)
        pulse.beat()
        for message in messages(core.step()):
            send(message)


class Reader:
    """Reader of the server's messages. Grammars are compiled in other threads, so that neither a step nor a message
    waits for them. A request that cannot be understood is refused, and the others are served."""

    def __init__(
        self,
        sock: socket.socket,
        inbox: Inbox,
        vocabulary: Later[Vocabulary],
        send: Callable[[wire.Pong | wire.Measured], None],
        figures: Callable[[], Figures] = Figures,
    ) -> None:
        self._sock = sock
        self._figures = figures
        self._inbox = inbox
        self._vocabulary = vocabulary
        self._send = send
        self._compilers = FairThreads(2, "grammars", yield_to_others)
        self._compiling: dict[int, Future[None]] = {}  # by the ids of sequences that are still wanted
        self._lock = threading.Lock()

    def run(self) -> None:
        """Read until the server is gone; then, or if this fails, end the process, since nobody else would."""
        try:
            self.read_forever()
            code = 0
        except Exception:
            logger.exception("messages of the server cannot be read")
            code = 1
        os._exit(code)

    def read_forever(self) -> None:
        while message := receive(self._sock):
            match message:
                case wire.Add():
                    self._add(message)
                case wire.Embed(id=id, token_ids=ids, space=space, client=client):
                    self._inbox.put(Sequence(id, ids, Pool(), space, client))
                case wire.Score(id=id, token_ids=ids, top=top, space=space, client=client):
                    self._inbox.put(Sequence(id, ids, Score(top), space, client))
                case wire.Abort(id=id):
                    with self._lock:
                        if compiling := self._compiling.pop(id, None):
                            compiling.cancel()
                        self._inbox.put(message)
                case wire.Ping():
                    self._send(wire.Pong(pulse.beats, pulse.is_working))
                case wire.Measure():
                    self._send(wire.Measured(self._figures()))
                case wire.Load():
                    raise AssertionError("a process loads one model")

    def _add(self, add: wire.Add) -> None:
        if add.grammar is None:
            self._inbox.put(self._sequence_or_refusal(add))
            return
        with self._lock:
            compiling = self._compilers.submit(add.client, len(add.grammar.whole), partial(self._compile, add))
            self._compiling[add.id] = compiling

    def _compile(self, add: wire.Add) -> None:
        began = time.monotonic()
        sequence = self._sequence_or_refusal(add)
        compilations.add(time.monotonic() - began)
        with self._lock:
            if self._compiling.pop(add.id, None):
                self._inbox.put(sequence)

    def _sequence_or_refusal(self, add: wire.Add) -> Sequence | wire.Refused:
        try:
            return self._to_sequence(add)
        except Exception as error:  # whatever it is, it is this request's
            return wire.Refused(add.id, str(error))

    def _to_sequence(self, add: wire.Add) -> Sequence:
        task = Sample(
            sampling=add.sampling,
            max_tokens=add.max_tokens,
            seed=add.seed,
            stop_token_ids=frozenset(add.stop_token_ids),
            unpenalised_ids=frozenset(add.unpenalised_ids),
            constraint=self._constraint(add, add.grammar) if add.grammar else None,
        )
        return Sequence(add.id, add.token_ids, task, add.space, add.client)

    def _constraint(self, add: wire.Add, grammar: TurnGrammar) -> Constraint:
        return Constraint(self._vocabulary.result(), grammar, add.max_tokens, add.client)


def receive(sock: socket.socket) -> wire.ToChild | None:
    """Receive the next message; None at the end of the stream."""
    body = receive_frame(sock, wire.LENGTH)
    return None if body is None else wire.decode_to_child(body)


def obey(core: EngineCore, inbox: Inbox, send: Callable[[wire.Refused], None]) -> None:
    """Carry out all messages that have arrived; if there is nothing to compute, wait for one, or for a mask."""
    while not (core.can_step and inbox.empty()):
        pulse.is_working = False
        idle_after = None if core.is_prepared else _IDLE_AFTER
        if not core.can_step:
            core.tell_of_masks(lambda: inbox.put(None))
        try:
            message = inbox.get(timeout=_OVERDUE_AFTER if core.has_work else idle_after)
        except queue.Empty:
            if not core.has_work:
                core.prepare()
            continue
        finally:
            pulse.is_working = True
        match message:
            case Sequence() as sequence:
                add(core, sequence, send)
            case wire.Abort(id=id):
                core.abort(id)
            case wire.Refused() as refused:
                send(refused)
            case None:
                pass


def add(core: EngineCore, sequence: Sequence, send: Callable[[wire.Refused], None]) -> None:
    try:
        core.add(sequence)
    except ValueError as error:
        send(wire.Refused(sequence.id, str(error)))


def messages(outputs: list[Output]) -> Iterator[wire.ToParent]:
    """Yield the messages of a step: one with all new ids, and one for each embedding and each list of scores."""
    if sampled := [output for output in outputs if isinstance(output, StepOutput)]:
        yield wire.Outputs(sampled)
    for output in outputs:
        match output:
            case Pooled():
                yield wire.Embedded(output.id, output.mean.astype("<f4").tobytes())
            case Scored():
                yield wire.Scored(output.id, output.tokens)
            case Broken():
                yield wire.Broken(output.id)
            case Unmasked(is_late=True):
                yield wire.Refused(output.id, "its grammar takes too long: simplify it")
            case Unmasked():
                yield wire.Unmasked(output.id)
            case StepOutput():
                pass


if __name__ == "__main__":
    main()
