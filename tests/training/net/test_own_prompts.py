"""Of what the base says in a user's place, good prompts stay, each once, and none of an evaluation."""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ossia.gguf import GGUF
from ossia.tokenizer import Tokenizer
from training import own_prompts
from training.net import Net


def test_what_the_base_would_ask(smollm2_gguf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tokenizer = Tokenizer.from_gguf(GGUF.open(smollm2_gguf).metadata)
    end = tokenizer.special_tokens["<|im_end|>"]
    said = [
        (" your\n favourite sea?", end),
        (" the tides?", end),
        (" your favourite  sea?", end),  # once more
        (" a volcano?", end),  # of an evaluation
        (" going on and on and", 300),  # no end
        ("", end),  # one word
        (" you, an AI language model?", end),
    ]
    monkeypatch.setattr(
        own_prompts, "BEGINNINGS", ["What is", "What are", "What is", "What is", "What is", "Who", "What are"]
    )

    def written(net: Net, weights: object, prompts: Sequence[list[int]], *args: Any) -> list[list[int]]:
        assert tokenizer.decode(prompts[0]).endswith("user\nWhat is")
        return [[*tokenizer.encode(text), last] for text, last in said]

    monkeypatch.setattr(own_prompts, "generate", written)
    net = cast(Net, SimpleNamespace(base_weights=lambda: None))
    found = own_prompts.prompts(net, smollm2_gguf, len(said))
    assert [prompt.text for prompt in found] == ["What is your favourite sea?", "What are the tides?"]


def test_each_beginning_has_every_temperature_in_turn(smollm2_gguf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[tuple[list[int], float]] = []

    def written(net: Net, weights: object, prompts: list[list[int]], *args: Any) -> list[list[int]]:
        given.extend(zip(prompts, args[-1], strict=True))
        return [[0]] * len(prompts)

    monkeypatch.setattr(own_prompts, "generate", written)
    net, beginnings = cast(Net, SimpleNamespace(base_weights=lambda: None)), len(own_prompts.BEGINNINGS)
    own_prompts.prompts(net, smollm2_gguf, 2 * (beginnings + own_prompts.ALONE))
    assert len({(tuple(prompt), temperature) for prompt, temperature in given}) == 2 * (beginnings + 1)
