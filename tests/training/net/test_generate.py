"""Many answers at once are those that each prompt gets alone; and bad ones are left out."""

from pathlib import Path

import pytest
import torch

from training import answers, generate
from training import base as base_file
from training.attention import packed
from training.net import Net


def test_a_batch_says_what_each_prompt_gets_alone(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "PLACES_AT_ONCE", 60)  # two or three at once
    net, stop = Net(base_file.read(base), rank=4, width=32), 77
    weights, prompts = net.base_weights(), [[5, 6, 7, 100], [40], [9, 9, 200, 201, 202, 203], [3, 4], [250, 12, 13]]
    written = generate.generate(net, weights, prompts, [stop], limit=12)
    for prompt, answer in zip(prompts, written, strict=True):
        ids = torch.tensor(prompt + answer)
        starts = torch.tensor([0, len(ids)], dtype=torch.int32)
        states = net.states(weights, ids, torch.arange(len(ids)), packed(starts, len(ids)))
        assert net.logits(weights, states).argmax(-1)[len(prompt) - 1 : -1].tolist() == answer
        assert len(answer) == 12 or answer.index(stop) == len(answer) - 1


def test_prompts_of_a_batch_have_their_own_temperatures(base: Path) -> None:
    torch.manual_seed(0)
    net, prompts = Net(base_file.read(base), rank=4, width=32), [[5, 6], [40, 41], [9, 8]]
    weights = net.base_weights()
    greedy = generate.generate(net, weights, prompts, [], limit=10)
    mixed = generate.generate(net, weights, prompts, [], limit=10, temperature=[0, 5, 0])
    assert [ours == theirs for ours, theirs in zip(greedy, mixed, strict=True)] == [True, False, True]


def test_of_a_text_that_was_cut_off_whole_sentences_stay() -> None:
    assert answers.sentences("It is 3.5 km. Go on!\nThen turn lef") == "It is 3.5 km. Go on!"
    assert answers.sentences("nothing is whole") == ""


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("Paris is the capital of France.", True),
        ("Yes.", False),
        ("As an AI language model, I cannot feel.", False),
        ("Dear [Name], I am ill.", False),
        ("one two three four five six " * 3, False),
        ("The sea is blue, and the sky is blue too.", True),
    ],
)
def test_good_answers(text: str, good: bool) -> None:
    assert answers.is_good(text) == good
