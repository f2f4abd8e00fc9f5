"""Training learns; and interrupted training is the same as if nothing had happened."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from training import base as base_file
from training.net import Net
from training.shards import Corpus, Steps
from training.train import Plan, Trainer, losses_of


def test_steps_hold_every_text_once_and_what_is_learned_of_it(corpus: Corpus) -> None:
    steps, seen = Steps(corpus, 64, seed=0), []
    for step in (steps[number] for number in range(len(steps))):
        starts = step.starts.unique().tolist()
        texts = [step.ids[start:stop].tolist() for start, stop in pairwise(starts)]
        seen += [text for text in texts if any(text)]
        assert step.positions[step.starts[:-1][step.starts[:-1] < 64]].eq(0).all()
        real = step.targets >= 0
        assert int(real.sum()) == sum(step.counts) == sum(len(text) - 1 for text in texts if any(text))
        assert step.parts.bincount(minlength=4)[1:].tolist() == step.counts[:3]
        assert step.targets[real].equal(step.ids[step.places[real] + 1])
    whole = [corpus.text(number)[0].tolist() for number in range(len(corpus.sizes))]
    assert sorted(seen) == sorted(whole)


def trainer(base: Path, corpus: Corpus, checkpoint: Path) -> Trainer:
    torch.manual_seed(0)
    net = Net(base_file.read(base), rank=4, width=32)
    return Trainer(net, Steps(corpus, 128, seed=0, epochs=4), Plan(rate=0.02), checkpoint)


def test_training_learns_and_goes_on_where_it_was(base: Path, corpus: Corpus, tmp_path: Path) -> None:
    losses = trainer(base, corpus, tmp_path / "whole.pt").run()
    assert (np.mean([each[:3] for each in losses[-5:]], 0) < 0.5 * np.array(losses[0][:3])).all()
    before = trainer(base, corpus, tmp_path / "parts.pt").run(stop_after=7)
    after = trainer(base, corpus, tmp_path / "parts.pt").run()
    assert before + after == losses


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of torch's own compiler
def test_a_compiled_net_has_the_same_losses_and_gradients(base: Path, corpus: Corpus) -> None:
    corpus.lessons[:] = -1
    step = Steps(corpus, 256, seed=0)[0]

    def computed(*, compiled: bool) -> list[torch.Tensor]:
        torch.manual_seed(0)
        net = Net(base_file.read(base), rank=4, width=32, compiled=compiled)
        with torch.no_grad():
            for parameter in net.parameters():
                parameter += 0.1 * torch.randn_like(parameter)
        losses = losses_of(net, step)
        losses.sum().backward()
        parts = net.expert["gate"], net.expert["down"], net.factors["attn_v:a"], net.rows_out
        return [losses.detach(), *(parameter.grad for parameter in parts if parameter.grad is not None)]

    torch.testing.assert_close(computed(compiled=True), computed(compiled=False), rtol=1e-3, atol=1e-3)
