"""Perplexity of a net on the base's answers and on prose, beside the base's own, measured while the base is at hand.

The answers are those of `chat_answers.json`, to prompts that the training does not ask (`cases.is_held_out`).
"""

import asyncio
import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import torch
import torch.nn.functional as F

from ossia.chat.harmony.format import Harmony
from ossia.tokenizer import Tokenizer
from ossia.types import GenerateRequest, Message
from training.answers import question
from training.cases import TODAY
from training.net import Net, Weights
from training.teacher import Lesson, of_texts, read

ANSWERS: Final = Path(__file__).parent / "chat_answers.json"
_LONGEST_PROMPT: Final = 4096
_CHUNK: Final = 4096  # tokens whose logits are computed at once

PROSE: Final = (
    "The ferry left at six, while the harbour was still grey and the gulls had not yet found the boats. On the"
    " upper deck an old man unfolded a newspaper, read the first page twice, and put it away again. He had crossed"
    " this water every Friday for thirty years, first to work in the timber yard and later, when the yard had"
    " closed, to visit his daughter. She lived in a narrow house behind the church, with two cats and a garden that"
    " nobody ever finished.",
    "Bread needs little more than flour, water, salt and time. When the dough has been mixed, it is left alone"
    " until it has doubled in size, which takes an hour in a warm kitchen and most of a night in a cold one. Then it"
    " is folded, shaped and allowed to rise once more. A hot oven makes the crust crisp, and a bowl of water on its"
    " floor keeps the surface soft for long enough that the loaf can grow.",
    "Rivers carry more than water. In spring, when the snow melts in the mountains, they bring down stones, sand"
    " and the fine mud that makes the plains around their mouths so fertile. Farmers have lived with these floods"
    " for thousands of years. Where dams now hold the mud back, the fields have to be fed by other means, and the"
    " coast, which was once built up by the river, is slowly taken away by the sea.",
    "A good map leaves out almost everything. It shows a railway line as a thin black stroke, although the real one"
    " is full of signals, sheds and weeds, because the traveller only wants to know where it goes. Whoever draws a"
    " map has to decide what its readers will ask. A hiker wants paths and springs, a pilot wants towers and hills,"
    " and a child wants to find the street where her grandmother lives.",
)


def pairs() -> dict[str, list[tuple[str, str]]]:
    """Return prompts with answers of the base, by how they were drawn."""
    found = json.loads(ANSWERS.read_text())
    return {kind: [(prompt, answer) for prompt, answer in each["pairs"]] for kind, each in found.items()}


def report(net: Net, tokenizer: Tokenizer) -> Iterator[str]:
    """Yield a line for each kind of text."""
    weights, base = net.weights(), net.base_weights()
    for kind, found in pairs().items():
        ours = nats(net, weights, asyncio.run(_in_harmony(tokenizer, found)))
        theirs = nats(net, base, [_lesson(question(tokenizer, prompt), tokenizer, answer) for prompt, answer in found])
        yield f"perplexity of {kind} answers of the base {math.exp(ours):.3f}, its own {math.exp(theirs):.3f}"
    prose = of_texts(tokenizer, PROSE)
    yield f"prose {nats(net, weights, prose):.3f} nats a token, the base {nats(net, base, prose):.3f}"


async def _in_harmony(tokenizer: Tokenizer, found: Sequence[tuple[str, str]]) -> list[Lesson]:
    harmony = Harmony(tokenizer, today=lambda: TODAY)
    asked = [GenerateRequest((Message("user", prompt),), reasoning_effort="none") for prompt, _ in found]
    begun = [await harmony.render(request, _LONGEST_PROMPT) for request in asked]
    return [_lesson(ids, tokenizer, answer) for ids, (_, answer) in zip(begun, found, strict=True)]


def _lesson(begun: list[int], tokenizer: Tokenizer, answer: str) -> Lesson:
    ids = tokenizer.encode(answer)
    return Lesson([*begun, *ids], len(ids))


@torch.no_grad()
def nats(net: Net, weights: Weights, lessons: Sequence[Lesson]) -> float:
    """Return the mean surprise at the last tokens of some texts."""
    ids = torch.tensor([id for lesson in lessons for id in lesson.ids[-lesson.learned :]], device=net.device)
    parts = zip(read(net, weights, lessons).split(_CHUNK), ids.split(_CHUNK), strict=True)
    sums = [F.cross_entropy(net.logits(weights, states).float(), part, reduction="sum") for states, part in parts]
    return float(torch.stack(sums).sum()) / len(ids)
