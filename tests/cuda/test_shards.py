"""Models divided over two devices: shards are what the whole is, and two processes compute what one does."""

from dataclasses import replace
from functools import partial

import pytest
import torch

from ossia.engine.gpt_oss.cuda.ranks import ALONE, Ranks
from ossia.engine.gpt_oss.matrix import Kind
from ossia.engine.gpt_oss.shard import shard
from tests.cuda.models import SMALL, Model, random_weights
from tests.cuda.ranks import together
from tests.cuda.test_forward import ids_of

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning"),  # of the interpreter
    pytest.mark.timeout(900),  # a busy machine takes minutes for what the interpreter does in 20 s
]
DIVIDED = replace(SMALL, intermediate_size=192, num_layers=1, sliding_pattern=(False,))
"""Experts of three tiles, so that the first of two shards has more than the other."""
NEAR = 0.02
"""Relative difference of logits: sums are split otherwise, and experts' outputs are rounded to 8 bits before."""


def logits_of(dense: Kind, experts: Kind, invariant: bool, ranks: Ranks) -> torch.Tensor:
    """Logits of a prompt, of a decode of an id that the leader alone knows, and of decodes of 2 and 5 sequences."""
    weights = random_weights(DIVIDED, dense, experts)
    ids = ids_of(weights, 12)
    own = shard(weights, ranks.rank, ranks.size) if ranks.size > 1 else weights
    model = Model(own, rows=5, invariant=invariant, ranks=ranks)
    model.inputs.last_tokens[2] = ids[11] if ranks.leads else 0
    found = [model.extend((2, 0, ids[:11])), model.decode((2, 11, -1))]
    found += [model.decode(*((row, 0, ids[row]) for row in range(batch))) for batch in (2, 5)]
    return torch.cat(found)


@pytest.mark.skipif(torch.cuda.device_count() == 1, reason="each of two ranks has a GPU of its own, or none")
@pytest.mark.parametrize(
    ("dense", "experts", "invariant"),
    [("bf16", "mxfp4", False), ("q8_0", "mxfp4", True), ("f32", "f16", False)],
)
def test_two_devices_compute_what_one_does(dense: Kind, experts: Kind, invariant: bool) -> None:
    alone = logits_of(dense, experts, invariant, ALONE).cpu()
    first, second = together(2, partial(logits_of, dense, experts, invariant))
    assert torch.equal(first, second), "every rank has the same states, so all choose the same experts"
    assert ((first - alone).norm(dim=1) / alone.norm(dim=1)).max() < NEAR
    assert torch.equal(first.argmax(1), alone.argmax(1))
