"""Ranks as processes: a follower runs what its leader runs, and neither outlives the other."""

import os
import queue
import select
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from torch import distributed

from ossia.config import EngineOptions
from ossia.engine.core import EngineCore, StepOutput
from ossia.engine.gpt_oss.cuda.device import Gpu
from ossia.engine.gpt_oss.cuda.followers import Followers, Task
from ossia.engine.gpt_oss.cuda.memory import MemoryMap, Needs
from ossia.engine.gpt_oss.cuda.runner import CudaRunner
from ossia.engine.gpt_oss.cuda.sampling import Sampler
from ossia.engine.memory import Memory
from ossia.engine.runner import Capacity
from ossia.engine.sequence import Sample, Sequence
from ossia.types import SamplingParams
from tests.cuda import a_follower
from tests.cuda.a_follower import NUM_BLOCKS
from tests.cuda.test_runner import BLOCK_SIZE, VOCABULARY, runner

GPU = Gpu(0, "NVIDIA Test", (9, 0), 0, 0)
MAP = MemoryMap(GPU, Needs(0, 0, BLOCK_SIZE, 4, 1), NUM_BLOCKS, 0, BLOCK_SIZE * NUM_BLOCKS, 0, others=(1,))
SECONDS = 60.0


@pytest.fixture
def lost() -> queue.SimpleQueue[str]:
    return queue.SimpleQueue()


@pytest.fixture
def followers(lost: queue.SimpleQueue[str]) -> Iterator[Followers]:
    made = Followers(lost.put, ("-m", a_follower.__name__))
    yield made
    made.close()
    if distributed.is_initialized():
        distributed.destroy_process_group()


def task(followers: Followers, rank: int, *files: str) -> Task:
    return Task(files, EngineOptions(), MAP, rank, rank, 2, followers.store, os.getpid())


def divided(followers: Followers) -> CudaRunner:
    """The leader of two ranks."""
    followers.start(task(followers, 1))
    computer = a_follower.load(task(followers, 0))
    room = NUM_BLOCKS * BLOCK_SIZE
    capacity = Capacity(BLOCK_SIZE, NUM_BLOCKS, 9, room, Memory(0, room), 2)
    return CudaRunner(computer, Sampler(VOCABULARY, 64, computer.inputs.last_tokens), capacity, followers.tell)


def ids_of(made: CudaRunner) -> dict[int, list[int]]:
    """Ids of sequences that begin at different steps and take each other's blocks."""
    core, found = EngineCore(made, max_sequences=3), dict[int, list[int]]()
    waiting = [Sequence(n, [n, 5, *range(n)], Sample(SamplingParams(), 14, seed=n)) for n in range(7)]
    while waiting or core.has_work:
        if waiting:
            core.add(waiting.pop())
        for output in core.step():
            assert isinstance(output, StepOutput)
            found.setdefault(output.id, []).append(output.sampled.token)
    return found


def test_two_processes_give_the_ids_of_one(followers: Followers):
    assert ids_of(divided(followers)) == ids_of(runner(NUM_BLOCKS))


def test_a_follower_that_dies_is_lost(followers: Followers, lost: queue.SimpleQueue[str]):
    divided(followers)
    [(process, _)] = followers._followers
    os.kill(process.pid, signal.SIGKILL)
    assert lost.get(timeout=SECONDS) == "rank 1 of the model is lost: its process has ended"


def test_a_follower_tells_why_it_cannot_load(followers: Followers, lost: queue.SimpleQueue[str]):
    followers.start(task(followers, 1, "no.gguf"))
    assert lost.get(timeout=SECONDS) == "rank 1 of the model is lost: there are no files here"


def test_a_follower_ends_with_its_leader():
    code = (
        "from tests.cuda.test_followers import *; followers = Followers(print, ('-m', a_follower.__name__));"
        "followers.start(task(followers, 1)); print(followers._followers[0][0].pid, flush=True); signal.pause()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as leader:
        assert leader.stdout
        follower = os.pidfd_open(int(leader.stdout.readline()))
        leader.kill()
    assert select.select([follower], [], [], SECONDS)[0], "it has ended, though it waits for its leader to come"
    os.close(follower)
