"""The student learns the teacher's probabilities at the places where both foretell the same tokens."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from training import base as base_file
from training.net import Net
from training.shards import Corpus, Steps
from training.teacher import Lesson, Teacher
from training.train import Plan, Trainer, losses_of

END, RETURN = 2, 9


@pytest.fixture
def net(base: Path) -> Net:
    """A net that is the base, but says <|return|> as often as <|im_end|>, and no other token of harmony's."""
    torch.manual_seed(0)
    net = Net(base_file.read(base), rank=4, width=32)
    with torch.no_grad():
        net.rows_out.zero_()
        net.rows_out[-1] = net.embedding[END]
    return net


def dialogue(folder: Path) -> tuple[Corpus, list[Lesson]]:
    """Return texts of the student, and lessons: two of them end as texts do, the third is a text."""
    random = np.random.default_rng(1)
    texts = [random.integers(10, 250, size).tolist() for size in (20, 30, 12, 25)]
    for text in texts[1:3]:
        text[-1] = RETURN
    lessons = [Lesson([*texts[2][:-1], END], 5), Lesson([*texts[1][:-1], END], 9), Lesson(texts[3], 24)]
    np.savez(
        folder / "shard.npz",
        ids=np.concatenate(texts).astype(np.uint16),
        parts=np.full(sum(map(len, texts)), 3, np.uint8),
        sizes=np.array([len(text) for text in texts], np.int32),
        lessons=np.array([-1, 1, 0, 2], np.int32),
    )
    return Corpus([folder / "shard.npz"]), lessons


def test_the_base_differs_from_its_own_lessons_by_nothing(net: Net, tmp_path: Path) -> None:
    corpus, lessons = dialogue(tmp_path)
    teacher = Teacher(net, lessons)
    step = Steps(corpus, 100, seed=0, rows=teacher.starts)[0]
    assert step.counts == [0, 0, 19 + 29 - 9 + 11 - 5, 9 + 5 + 24]
    net.weights = lambda: replace(net.base_weights(), rows_out=net.rows_out)
    *_, divergence = (losses_of(net, step, teacher) / step.counts[-1]).tolist()
    teacher.states = teacher.states.roll(1, 0)
    *_, shifted = (losses_of(net, step, teacher) / step.counts[-1]).tolist()
    assert -1e-6 < divergence < 0.05 < 0.3 < shifted  # the base's rows of harmony's tokens say something too


def test_an_end_is_the_base_s_end(net: Net, tmp_path: Path) -> None:
    """The student learns <|return|> where the base would end, and never <|im_end|>."""
    _, lessons = dialogue(tmp_path)
    teacher, weights = Teacher(net, lessons), net.base_weights()
    plain = net.logits(weights, teacher.states)
    taught = net.logits(replace(weights, rows_out=teacher.rows), teacher.states) + teacher.bias
    torch.testing.assert_close(taught[:, RETURN], plain[:, END])
    assert taught[:, END].max() < -1000
    assert taught[:, 3:9].max() < -1000


def test_training_comes_nearer_to_the_base_and_goes_on_where_it_was(base: Path, corpus: Corpus, tmp_path: Path) -> None:
    """Of texts that are all lessons."""
    corpus.lessons = np.arange(len(corpus.sizes))

    def trainer(name: str) -> Trainer:
        torch.manual_seed(0)
        net = Net(base_file.read(base), rank=4, width=32)
        with torch.no_grad():
            for parameter in net.factors.values():
                parameter += 0.1 * torch.randn_like(parameter)
        texts = [corpus.text(number)[0].tolist() for number in range(len(corpus.sizes))]
        taught = Teacher(net, [Lesson(ids, len(ids) - 1) for ids in texts])
        return Trainer(net, Steps(corpus, 128, 0, 1, taught.starts), Plan(rate=0.005), tmp_path / name, taught)

    losses = trainer("whole.pt").run()
    assert np.mean([divergence for *_, divergence in losses[-5:]]) < 0.5 * losses[0][-1]
    before = trainer("parts.pt").run(stop_after=7)
    assert before + trainer("parts.pt").run() == losses
