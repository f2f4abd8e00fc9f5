"""Child: what a model's process sends reaches whoever waits for it, and when the process ends, everybody is told."""

import asyncio
import os
import socket
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ossia.config import EngineOptions
from ossia.engine import child as child_module
from ossia.engine import wire
from ossia.engine.child import Child
from ossia.engine.heartbeat import QUESTIONS
from ossia.engine.sequence import Sampled, StepOutput
from ossia.errors import InternalError, InvalidModelFile, InvalidRequest, ModelCrashed
from ossia.types import SamplingParams
from tests.doubles.worker_process import CAPACITY

LOAD = wire.Load(["x.gguf"], EngineOptions(), None)
READY = wire.Ready(CAPACITY, places=32)


class FarEnd:
    """A process by hand: a test says what it sends and when it ends, and reads what it was sent."""

    pid = os.getpid()

    def __init__(self, *first: wire.ToParent) -> None:
        self._first = first
        self._code: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def spawn(self, *command: str, pass_fds: Sequence[int], **options: Any) -> "FarEnd":
        self.sock = socket.socket(fileno=os.dup(pass_fds[0]))
        self.send(*self._first)
        if not self._first:
            self.end(3)
        return self

    def send(self, *messages: wire.ToParent) -> None:
        self.sock.sendall(b"".join(map(wire.frame, messages)))

    def end(self, code: int) -> None:
        self.sock.close()
        if not self._code.done():
            self._code.set_result(code)

    def kill(self) -> None:
        self.end(-9)

    async def wait(self) -> int:
        return await self._code

    def received(self) -> list[wire.ToChild]:
        """All messages that came since the last time."""
        data, messages = bytearray(self.sock.recv(1 << 20)), list[wire.ToChild]()
        while data:
            (size,) = wire.LENGTH.unpack_from(data)
            messages.append(wire.decode_to_child(data[wire.LENGTH.size : wire.LENGTH.size + size]))
            del data[: wire.LENGTH.size + size]
        return messages


@pytest.fixture
async def far(monkeypatch: pytest.MonkeyPatch) -> FarEnd:
    end = FarEnd(READY)
    monkeypatch.setattr(asyncio, "create_subprocess_exec", end.spawn)
    return end


@pytest.fixture
async def child(far: FarEnd) -> AsyncGenerator[Child]:
    child = await Child.start(LOAD)
    yield child
    await child.close()


def add(id: int) -> wire.Add:
    return wire.Add(id, [1, 2], SamplingParams(), [], [], 5, 0, None)


def output(id: int, token: int, *, last: bool = False) -> StepOutput:
    return StepOutput(id, Sampled(token), "stop" if last else None, num_cached_tokens=0)


async def test_outputs_that_came_together_are_taken_without_waiting(child: Child, far: FarEnd) -> None:
    with child.outputs(add(1)) as outputs:
        far.send(wire.Outputs([output(1, 7), output(2, 8)]), wire.Outputs([output(1, 9, last=True)]))
        await outputs.arrival()
        assert [*outputs.ready] == [output(1, 7), output(1, 9, last=True)]
        assert outputs.finished
    assert far.received() == [LOAD, add(1)]


async def test_leaving_early_aborts(child: Child, far: FarEnd) -> None:
    with child.outputs(add(1)) as outputs:
        far.send(wire.Outputs([output(1, 7)]))
        await outputs.arrival()
    assert far.received() == [LOAD, add(1), wire.Abort(1)]


async def test_a_reader_that_was_cancelled_loses_nothing(child: Child, far: FarEnd) -> None:
    with child.outputs(add(1)) as outputs:
        outputs.arrival().cancel()
        far.send(wire.Outputs([output(1, 7)]))
        await outputs.arrival()
        assert [*outputs.ready] == [output(1, 7)]


async def test_what_is_refused_is_an_invalid_request(child: Child, far: FarEnd) -> None:
    with child.outputs(add(1)) as outputs:
        far.send(wire.Refused(1, "the grammar is too large"))
        await outputs.arrival()
        assert isinstance(outputs.ready[0], InvalidRequest)
    assert far.received() == [LOAD, add(1)]


async def test_logits_that_are_not_numbers_end_one_answer(child: Child, far: FarEnd) -> None:
    with child.outputs(add(1)) as broken, child.outputs(add(2)) as whole:
        far.send(wire.Broken(1), wire.Outputs([output(2, 7)]))
        await whole.arrival()
        (error,) = broken.ready
        assert isinstance(error, ModelCrashed)
        assert "not a number" in error.message
        assert broken.finished
        assert [*whole.ready] == [output(2, 7)]
    assert child.alive


async def test_a_mask_that_could_not_be_computed_ends_one_answer(child: Child, far: FarEnd) -> None:
    with child.outputs(add(1)) as failed:
        far.send(wire.Unmasked(1))
        await failed.arrival()
        (error,) = failed.ready
        assert isinstance(error, InternalError)
        assert failed.finished


async def test_states_that_are_not_numbers_end_one_reading(child: Child, far: FarEnd) -> None:
    broken, whole = asyncio.create_task(child.embedding([1])), asyncio.create_task(child.embedding([2]))
    await asyncio.sleep(0)
    far.send(wire.Broken(0), wire.Embedded(1, b"abcd"))
    with pytest.raises(ModelCrashed, match="not a number"):
        await broken
    assert await whole == b"abcd"


async def test_a_cancelled_reading_is_aborted(child: Child, far: FarEnd) -> None:
    task = asyncio.create_task(child.embedding([1]))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert far.received() == [LOAD, wire.Embed(0, [1]), wire.Abort(0)]


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("fails", "failed: KeyError"),
        ("is killed", "killed by signal 9"),
        ("exits", "exit code 3"),
        ("is closed", "unloaded"),
    ],
)
async def test_everybody_who_waits_is_told_of_the_end(child: Child, far: FarEnd, how: str, words: str) -> None:
    reading = asyncio.create_task(child.scores([1, 2], 1))
    with child.outputs(add(7)) as outputs:
        await asyncio.sleep(0)
        match how:
            case "fails":
                far.send(wire.Failed("KeyError: 'x'"))
            case "is killed":
                far.kill()
            case "exits":
                far.end(3)
            case _:
                await child.close()
        with pytest.raises(ModelCrashed, match=words):
            await reading
        assert isinstance(error := outputs.ready.popleft(), ModelCrashed)
        assert words in error.message
        assert not outputs.ready
    assert not child.alive
    with pytest.raises(ModelCrashed, match="has ended"), child.outputs(add(8)):
        pass


@pytest.mark.parametrize(
    ("first", "error", "words"),
    [
        ([wire.Failed("no tensors", bad_file=True)], InvalidModelFile, "no tensors"),
        ([wire.Failed("no memory")], ModelCrashed, "no memory"),
        ([], ModelCrashed, "exit code 3"),
    ],
)
async def test_a_model_that_cannot_be_loaded(
    monkeypatch: pytest.MonkeyPatch, first: list[wire.ToParent], error: type[Exception], words: str
) -> None:
    far = FarEnd(*first)
    monkeypatch.setattr(asyncio, "create_subprocess_exec", far.spawn)
    with pytest.raises(error, match=words):
        await Child.start(LOAD)


@pytest.mark.parametrize(
    "sign", [wire.Pong(1, True), wire.Outputs([output(7, 1)]), None], ids=["pong", "output", "none"]
)
@pytest.mark.parametrize("question", [1, 2, QUESTIONS])
async def test_a_process_lives_if_it_answers_any_question_of_a_look_at_it(
    child: Child, monkeypatch: pytest.MonkeyPatch, question: int, sign: wire.ToParent | None
) -> None:
    monkeypatch.setattr(child_module, "ANSWER_SECONDS", 0.01)
    asked: list[wire.ToChild] = []

    def send(message: wire.ToChild) -> None:
        asked.append(message)
        if len(asked) == question and sign:
            child.data_received(wire.frame(sign))

    monkeypatch.setattr(child, "_send", send)
    await child.check()
    assert asked == [wire.Ping()] * (question if sign else QUESTIONS)
    assert child.alive == (sign is not None)


@given(cuts=st.lists(st.integers(0, 200), max_size=8))
def test_messages_are_the_same_however_their_bytes_are_cut(cuts: list[int]) -> None:
    messages = [READY, wire.Outputs([output(1, 7), output(2, 8)]), wire.Embedded(3, b"abcd"), wire.Failed("x")]
    stream = b"".join(map(wire.frame, messages))
    received, taken = bytearray(), list[wire.ToParent]()
    ends = sorted({*(cut for cut in cuts if cut < len(stream)), len(stream)})
    for start, stop in zip([0, *ends], ends, strict=False):
        received += stream[start:stop]
        taken += wire.take_messages(received)
    assert taken == messages
    assert not received
