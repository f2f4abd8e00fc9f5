"""Steps that are filled up: what lies on the device is the batch, and one more sequence in the row of nobody."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from ossia.engine.gpt_oss.cuda.kernels.prefill import TILE_TOKENS
from ossia.engine.gpt_oss.cuda.padded import NO_TILE, PaddedStep
from ossia.engine.gpt_oss.cuda.rows import Flat

TOKENS, SEQUENCES, NOBODY = 32, 5, 9


def flat(lengths: list[int]) -> Flat:
    starts = np.cumsum([0, *lengths]).astype(np.int32)
    total = int(starts[-1])
    return Flat(
        ids=np.arange(100, 100 + total, dtype=np.int32),
        positions=np.arange(total, dtype=np.int32) + 7,
        sequences=np.repeat(np.arange(len(lengths), dtype=np.int32), lengths),
        rows=np.arange(len(lengths), dtype=np.int32)[::-1].copy(),
        query_start=starts,
        final_rows=starts[1:].astype(np.int64) - 1,
        num_final=[1] * len(lengths),
    )


@given(st.lists(st.integers(1, TOKENS), max_size=SEQUENCES).filter(lambda lengths: sum(lengths) <= TOKENS))
def test_a_batch_and_what_fills_it_up(lengths: list[int]):
    step, batch, total = PaddedStep(TOKENS, SEQUENCES, NOBODY, torch.device("cpu")), flat(lengths), sum(lengths)
    assert step.takes(batch)
    step.fill(flat([3, 4]))  # of another step
    step.fill(batch)
    inputs = step.inputs
    rows = inputs.rows[inputs.sequences.long()].tolist()
    assert rows == batch.rows[batch.sequences].tolist() + [NOBODY] * (TOKENS - total)
    assert inputs.ids.tolist() == batch.ids.tolist() + [0] * (TOKENS - total)
    assert inputs.positions.tolist() == batch.positions.tolist() + [0] * (TOKENS - total)
    covered: list[int] = []
    for sequence, first in inputs.tiles.tolist():
        if sequence != NO_TILE:
            last = min(first + TILE_TOKENS, int(inputs.query_start[sequence + 1]))
            assert set(inputs.sequences[first:last].tolist()) == {sequence}
            covered += range(first, last)
    assert sorted(covered) == list(range(TOKENS))


def test_a_step_takes_no_more_than_it_holds():
    step = PaddedStep(TOKENS, SEQUENCES, NOBODY, torch.device("cpu"))
    assert not step.takes(flat([TOKENS, 1]))
    assert not step.takes(flat([1] * (SEQUENCES + 1)))
