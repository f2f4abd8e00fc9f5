"""The kernels that select the largest logits, against sorting."""

import numpy as np
import pytest
import torch

from ossia.engine.gpt_oss.cuda.kernels.select import TILE, likeliest, likeliest_slowly, unpacked
from ossia.engine.gpt_oss.cuda.rules import restrict, select
from ossia.types import SamplingParams

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
pytestmark = pytest.mark.filterwarnings("ignore:invalid value", "ignore:overflow", "ignore::DeprecationWarning")
PARAMS = (
    SamplingParams(top_k=1),
    SamplingParams(top_k=7),
    SamplingParams(top_p=0.9),
    SamplingParams(top_p=1e-9),
    SamplingParams(top_k=40, top_p=0.9, temperature=0.7),
    SamplingParams(top_p=0.99999, min_p=0.01, temperature=3),
    SamplingParams(min_p=0.3),
    SamplingParams(top_k=10**6, top_p=0.5, min_p=2, temperature=0.01),
)


TOGETHER = (  # a top_k so small that top_p is applied to the ids in its list
    SamplingParams(top_k=40, top_p=0.9, temperature=0.7),
    SamplingParams(top_k=48, top_p=0.5, temperature=3),
    SamplingParams(top_k=1, top_p=0.1),
    SamplingParams(top_k=7, top_p=1e-9, min_p=0.2),
    SamplingParams(top_k=9),
    SamplingParams(top_k=10**6),
    SamplingParams(top_k=48, top_p=0.99999, temperature=0.01),
    SamplingParams(top_k=30, top_p=0.8, min_p=0.05),
)


def selected(logits: torch.Tensor, params: tuple[SamplingParams, ...], words: torch.Tensor | None = None):
    """The logits with minus infinity for what is not kept, row r being the r-th from the end."""
    last = len(params) - 1
    rows = [(last - number, -1 if words is None else number, sampling) for number, sampling in enumerate(params)]
    out = logits.flip(0).contiguous()
    select(out, rows, torch.zeros(1, 1, dtype=torch.int32, device=DEVICE) if words is None else words)
    return out.flip(0)


def random_logits(kind: str, size: int) -> torch.Tensor:
    random = np.random.default_rng(size)
    logits = random.standard_normal((len(PARAMS), size)).astype(np.float32) * 3
    if kind == "ties":
        logits = np.round(logits)
    elif kind == "far apart":  # the distance has no digits left for most
        logits[:, size // 2] = 1000
        logits[:, : size // 3] *= 1e20
    elif kind == "zeros":
        logits = np.where(logits > 0, np.float32(0.0), np.float32(-0.0))
    elif kind == "tiny":
        logits *= 1e-30
    return torch.from_numpy(logits).to(DEVICE)


@pytest.mark.parametrize("params", [PARAMS, TOGETHER])
def test_the_same_are_kept_as_by_sorting(params: tuple[SamplingParams, ...]):
    for kind in ("plain", "ties", "far apart", "zeros", "tiny"):
        for size in (5, TILE + 3):
            logits = random_logits(kind, size)
            kept, expected = selected(logits, params), restrict(logits.clone(), params)
            assert kept.tolist() == expected.tolist(), (kind, size)


@pytest.mark.parametrize("params", [PARAMS, TOGETHER])
def test_masked_ids_are_not_counted(params: tuple[SamplingParams, ...]):
    logits = random_logits("plain", TILE + 9)
    words = torch.from_numpy(np.random.default_rng(2).integers(-(2**31), 2**31, (len(PARAMS), 33)).astype(np.int32))
    allowed = torch.from_numpy(np.unpackbits(words.numpy().view(np.uint8), axis=1, bitorder="little")).bool()
    forbidden = torch.zeros(logits.shape, dtype=torch.bool)
    forbidden[:] = ~allowed[:, : logits.shape[1]]
    expected = restrict(logits.masked_fill(forbidden.to(DEVICE), -torch.inf), params)
    kept = selected(logits, params, words.to(DEVICE)).masked_fill(forbidden.to(DEVICE), -torch.inf)
    assert kept.tolist() == expected.tolist()


def test_what_is_no_number_stays():
    logits = random_logits("plain", TILE)
    logits[:, 5], logits[:, 7] = torch.nan, torch.inf
    kept = selected(logits, PARAMS)
    assert kept[:, 5].isnan().all()
    assert kept[:, 7].isinf().all()


@pytest.mark.parametrize("most", [0, 1, 20, 3000])
@pytest.mark.parametrize("kind", ["plain", "ties"])
def test_the_likeliest_are_those_of_a_sort(kind: str, most: int, monkeypatch: pytest.MonkeyPatch):
    logits = random_logits(kind, 2 * TILE + 1)[:4]
    most, rows = min(most, logits.shape[1]), [3, 1]
    tokens = torch.tensor([1, TILE, 9, -1], dtype=torch.int32, device=DEVICE)
    totals, chosen, ids, found = unpacked(likeliest_slowly(logits, rows, tokens, most).cpu())
    monkeypatch.setattr(torch.Tensor, "is_cpu", False)  # run the kernels, in the interpreter too
    our_totals, our_chosen, our_ids, our_found = unpacked(likeliest(logits, rows, tokens, most).cpu())
    assert our_totals == pytest.approx(totals, abs=1e-6)
    assert our_chosen.tolist() == chosen.tolist() == [float(logits[3, 0]), float(logits[1, TILE])]
    for row in range(2):
        order = np.lexsort((our_ids[row], -our_found[row]))
        assert our_ids[row, order].tolist() == ids[row].tolist()
        assert our_found[row, order].tolist() == found[row].tolist()
