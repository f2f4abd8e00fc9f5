"""The process of one model: a socket on one side, EngineCore on the other, and nothing else.

One thread reads messages into a queue, and the main thread computes. Sending never waits for a client, since the
server always reads. When the server goes away, so does this process.
"""

import logging
import os
import queue
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from ossia.chat import TurnGrammar
from ossia.engine import wire
from ossia.engine.constraint import Constraint, Vocabulary
from ossia.engine.core import EngineCore
from ossia.engine.gpt_oss.cuda.failures import explained
from ossia.engine.gpt_oss.cuda.memory import NoRoom
from ossia.engine.loading import Later, load, prepare
from ossia.engine.process import PREPARED
from ossia.engine.sequence import Broken, Output, Pool, Pooled, Sample, Score, Scored, Sequence, StepOutput
from ossia.errors import InvalidModelFile, OssiaError
from ossia.logs import log_to_stderr
from ossia.printable import printable

Inbox = queue.SimpleQueue[Sequence | wire.Abort | wire.Refused]


def main() -> None:
    """Serve the model that the first message on the socket FD names: `python -m ossia.engine.worker FD`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal reaches the server, which closes us
    log_to_stderr(logging.WARNING)
    sock = socket.socket(fileno=int(sys.argv[1]))
    try:
        serve(sock)
    except NoRoom as error:
        sock.sendall(wire.frame(wire.NoRoom(str(error), error.needed_bytes, error.usable_bytes)))
    except OssiaError as error:
        sock.sendall(wire.frame(wire.Failed(error.message, error.hint, isinstance(error, InvalidModelFile))))
    except Exception as error:
        print(printable(traceback.format_exc()), end="", file=sys.stderr, flush=True)
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
    sending = threading.Lock()

    def send(message: wire.ToParent) -> None:
        with sending:
            sock.sendall(wire.frame(message))

    core, vocabulary = load(first, send)
    inbox: Inbox = queue.SimpleQueue()
    threading.Thread(target=Reader(sock, inbox, vocabulary).read_forever, daemon=True).start()
    while True:
        obey(core, inbox, send)
        for message in messages(core.step()):
            send(message)


class Reader:
    """Reader of the server's messages. Grammars are compiled in other threads, so that neither a step nor a message
    waits for them."""

    def __init__(self, sock: socket.socket, inbox: Inbox, vocabulary: Later[Vocabulary]) -> None:
        self._sock = sock
        self._inbox = inbox
        self._vocabulary = vocabulary
        self._compilers = ThreadPoolExecutor(4, thread_name_prefix="grammars")
        self._compiling: set[int] = set()  # ids of sequences that are still wanted
        self._lock = threading.Lock()

    def read_forever(self) -> None:
        while message := receive(self._sock):
            match message:
                case wire.Add(grammar=None):
                    self._inbox.put(self._to_sequence(message))
                case wire.Add(id=id):
                    self._compiling.add(id)
                    self._compilers.submit(self._compile, message)
                case wire.Embed(id=id, token_ids=ids, space=space):
                    self._inbox.put(Sequence(id, ids, Pool(), space))
                case wire.Score(id=id, token_ids=ids, top=top, space=space):
                    self._inbox.put(Sequence(id, ids, Score(top), space))
                case wire.Abort(id=id):
                    with self._lock:
                        self._compiling.discard(id)
                        self._inbox.put(message)
                case wire.Load():
                    raise AssertionError("a process loads one model")
        os._exit(0)  # the server is gone; nobody is left to answer

    def _compile(self, add: wire.Add) -> None:
        try:
            sequence = self._to_sequence(add)
        except (ValueError, OssiaError) as error:
            sequence = wire.Refused(add.id, str(error))
        with self._lock:
            if add.id in self._compiling:
                self._compiling.discard(add.id)
                self._inbox.put(sequence)

    def _to_sequence(self, add: wire.Add) -> Sequence:
        task = Sample(
            sampling=add.sampling,
            max_tokens=add.max_tokens,
            seed=add.seed,
            stop_token_ids=frozenset(add.stop_token_ids),
            unpenalised_ids=frozenset(add.unpenalised_ids),
            constraint=self._constraint(add.grammar, add.max_tokens) if add.grammar else None,
        )
        return Sequence(add.id, add.token_ids, task, add.space)

    def _constraint(self, grammar: TurnGrammar, max_tokens: int) -> Constraint:
        return Constraint(self._vocabulary.result(), grammar, max_tokens)


def receive(sock: socket.socket) -> wire.ToChild | None:
    """Receive the next message; None at the end of the stream."""
    header = receive_exactly(sock, wire.LENGTH.size)
    if header is None:
        return None
    body = receive_exactly(sock, wire.LENGTH.unpack(header)[0])
    return None if body is None else wire.decode_to_child(body)


def receive_exactly(sock: socket.socket, size: int) -> bytes | None:
    data = bytearray()
    while len(data) < size:
        chunk = sock.recv(min(size - len(data), 1 << 20))
        if not chunk:
            return None
        data += chunk
    return bytes(data)


def obey(core: EngineCore, inbox: Inbox, send: Callable[[wire.Refused], None]) -> None:
    """Carry out all messages that have arrived; if there is nothing to compute, wait for one."""
    while not (core.has_work and inbox.empty()):
        match inbox.get():
            case Sequence() as sequence:
                core.add(sequence)
            case wire.Abort(id=id):
                core.abort(id)
            case wire.Refused() as refused:
                send(refused)


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
            case StepOutput():
                pass


if __name__ == "__main__":
    main()
