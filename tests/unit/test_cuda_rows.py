"""The books of a device's rows, and batches flattened into what a step uploads."""

import numpy as np
import pytest

from ossia.engine.gpt_oss.cuda.rows import UNKNOWN, Rows, is_decode
from ossia.engine.runner import Prefill, Scheduled
from ossia.engine.sequence import Pool, Sample, Score, Sequence
from ossia.engine.window import WindowTable
from ossia.types import SamplingParams

SAMPLE = Sample(SamplingParams(), max_tokens=9)


def sequence(id: int, num_tokens: int, blocks: list[int]) -> Sequence:
    return Sequence(id, [100 * id + n for n in range(num_tokens)], SAMPLE, block_table=blocks)


def test_a_row_is_kept_until_the_sequence_is_released():
    rows = Rows(2)
    first, second = rows[7].number, rows[8].number
    assert {first, second} == {0, 1}
    assert rows[7].number == first
    rows.release([7, 99])  # the second of which never ran
    assert rows[9].number == first


def test_only_blocks_that_the_device_lacks_are_uploaded():
    rows, one = Rows(4), sequence(1, 5, [10, 11])
    item = Scheduled(one, 4, 1, SAMPLE)
    number = rows[1].number
    assert rows.new_blocks([item]).T.tolist() == [[0, number, 0, 10], [0, number, 1, 11]]
    assert rows.new_blocks([item]).size == 0
    one.block_table.append(30)
    assert rows.new_blocks([item]).T.tolist() == [[0, number, 2, 30]]


def test_blocks_that_a_window_has_given_up_are_not_uploaded():
    rows, one = Rows(4), sequence(1, 9, [])
    one.window_table = WindowTable([0, 21, 22], first=1)
    item = Scheduled(one, 8, 1, SAMPLE)
    number = rows[1].number
    assert rows.new_blocks([item]).T.tolist() == [[1, number, 1, 21], [1, number, 2, 22]]
    one.window_table.blocks.append(23)
    one.window_table.first = 2
    assert rows.new_blocks([item]).T.tolist() == [[1, number, 3, 23]]


def test_a_preempted_sequence_uploads_its_new_blocks():
    rows, one = Rows(4), sequence(1, 5, [10, 11])
    item = Scheduled(one, 4, 1, SAMPLE)
    rows.new_blocks([item])
    rows.release([1])
    one.block_table[:] = [20, 21]
    assert rows.new_blocks([item])[3].tolist() == [20, 21]


def test_decodes_are_padded():
    """An id that is known is uploaded; the latest one of a step in flight stands on the device."""
    rows = Rows(8)
    items = [Scheduled(sequence(1, 5, [0]), 4, 1, SAMPLE), Scheduled(sequence(2, 5, [1]), 5, 1, SAMPLE)]
    assert is_decode(items)
    expected = [[104, UNKNOWN, 0, 0], [rows[1].number, rows[2].number, 8, 8], [4, 5, 0, 0]]
    assert rows.decodes(items, 4).tolist() == expected


def test_a_batch_of_everything():
    rows = Rows(8)
    items = [
        Scheduled(sequence(1, 5, [3]), 5, 1, SAMPLE),
        Scheduled(sequence(2, 9, [4]), 2, 3, Prefill()),
        Scheduled(sequence(3, 4, [5]), 0, 4, SAMPLE),
        Scheduled(sequence(4, 9, [6]), 0, 2, Pool()),
        Scheduled(sequence(5, 9, [7]), 4, 2, Score(0)),
    ]
    assert not is_decode(items)
    flat = rows.flatten(items)
    assert flat.ids.tolist() == [UNKNOWN, 202, 203, 204, 300, 301, 302, 303, 400, 401, 504, 505]
    assert flat.positions.tolist() == [5, 2, 3, 4, 0, 1, 2, 3, 0, 1, 4, 5]
    assert flat.sequences.tolist() == [0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4]
    assert flat.rows.tolist() == [rows[id].number for id in (1, 2, 3, 4, 5)]
    assert flat.query_start.tolist() == [0, 1, 4, 8, 10, 12]
    assert flat.final_rows.tolist() == [0, 7, 8, 9, 10, 11]
    assert flat.num_final == [1, 0, 1, 2, 2]
    assert {array.dtype for array in (flat.ids, flat.positions, flat.sequences, flat.rows)} == {np.dtype(np.int32)}


@pytest.mark.parametrize("purpose", [Pool(), Score(1), Prefill()])
def test_one_token_of_a_sequence_that_does_not_sample_is_no_decode(purpose: Pool | Score | Prefill):
    assert not is_decode([Scheduled(sequence(1, 1, [0]), 0, 1, purpose)])
