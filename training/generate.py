"""Sampling of many answers at once, without a grammar."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from training.attention import Cache
from training.net import Net, Weights

PLACES_AT_ONCE: Final = 3 << 19  # of keys and values: 36 GB in bfloat16
_KERNELS: Final = [SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH]
"""Attention that is not prepared for each shape, which takes cuDNN a tenth of a second, as torch's compiler; each step
has another."""
_LOOK_EVERY: Final = 8  # steps between looks at whether all have ended, which the device has to be waited for


@torch.no_grad()
def generate(
    net: Net,
    weights: Weights,
    prompts: Sequence[list[int]],
    stops: Sequence[int],
    limit: int,
    temperature: float | Sequence[float] = 0,
) -> list[list[int]]:
    """Return up to `limit` ids after each prompt, to the first of `stops`, which is the last id if it came to that.

    `temperature` is one for all prompts or one for each.
    """
    answers: list[list[int]] = [[] for _ in prompts]
    temperatures = np.broadcast_to(np.float32(temperature), len(prompts))
    with torch.compiler.set_stance("force_eager"), sdpa_kernel(_KERNELS):
        for batch in batches([len(prompt) for prompt in prompts], limit):
            hot = torch.from_numpy(temperatures[batch]).to(net.device)[:, None]
            rows = _generate(net, weights, [prompts[number] for number in batch], stops, limit, hot)
            for number, row in zip(batch, rows, strict=True):
                answers[number] = row
    return answers


def batches(lengths: Sequence[int], limit: int) -> Iterator[list[int]]:
    """Yield the numbers of prompts that go together: of like lengths, with room for their answers."""
    batch: list[int] = []
    for number in sorted(range(len(lengths)), key=lengths.__getitem__):
        if (len(batch) + 1) * (lengths[number] + limit) > PLACES_AT_ONCE:
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch


def _generate(
    net: Net, weights: Weights, prompts: list[list[int]], stops: Sequence[int], limit: int, temperatures: Tensor
) -> list[list[int]]:
    device, width = net.device, max(map(len, prompts))
    lengths = torch.tensor([len(prompt) for prompt in prompts], device=device)[:, None]
    ids = torch.tensor([[0] * (width - len(prompt)) + prompt for prompt in prompts], device=device)
    places = torch.arange(width + limit, device=device) - (width - lengths)  # [B, S] in each text, padding below 0
    cache = Cache(net.shape, places >= 0, net.embedding)
    stop, ended = torch.tensor(stops, device=device), torch.zeros_like(lengths, dtype=torch.bool)
    written: list[Tensor] = []
    for step in range(limit):
        positions = places[:, :width] if step == 0 else places[:, width + step - 1, None]
        states = net.states(weights, ids.flatten(), positions.clamp(min=0).flatten(), cache.advance(ids.shape[1]))
        ids = sampled(net.logits(weights, states.unflatten(0, ids.shape)[:, -1]), temperatures)
        written.append(ids)
        ended |= torch.isin(ids, stop)
        if step % _LOOK_EVERY == 0 and bool(ended.all()):
            break
    return [cut(row, stops) for row in torch.cat(written, 1).tolist()]


def sampled(logits: Tensor, temperatures: Tensor) -> Tensor:
    """Return [B, 1] ids drawn at temperatures [B, 1], the likeliest ones at 0: by Gumbel's noise."""
    logits = logits.float()
    noise = -torch.empty_like(logits).exponential_().clamp(min=1e-20).log()
    return (logits + temperatures * noise).argmax(-1, keepdim=True)


def cut(row: list[int], stops: Sequence[int]) -> list[int]:
    """Cut a row of ids behind the first stop."""
    return row[: next((place + 1 for place, id in enumerate(row) if id in stops), len(row))]
