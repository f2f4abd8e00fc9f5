"""Prompts that the base model makes itself: what it expects a user to say, of any kind.

Prompts from templates (`prompts.py`) are of the kinds that somebody thought of. `tiny` learned to answer those as the
base does, and was further from it on all others.
"""

import re
from itertools import chain, cycle, islice, repeat
from pathlib import Path
from typing import Final

from ossia.gguf import GGUF
from ossia.tokenizer import Tokenizer
from training.answers import END, began, is_good
from training.cases import is_held_out
from training.generate import generate
from training.net import Net
from training.prompts import Prompt
from training.several import several

LONGEST: Final = 40  # tokens
_TEMPERATURES: Final = 0.6, 0.8  # at 1, many make little sense
_BLANKS: Final = re.compile(r"\s+")

BEGINNINGS: Final = several(
    """What is | What are | What does | What do | What should I | What can I | What makes | What was | What would |
    What kind of | Why is | Why are | Why do | Why does | How do | How do I | How does | How can I | How many |
    How much | How long | How old | How far | Who is | Who was | Who wrote | Who invented | Who discovered | When
    is | When did | When should | Where is | Where do | Where can I | Which is | Which is better, | Which animal |
    Which country | Is it | Is a | Is the | Is there | Are there | Can a | Can you | Can I | Could you | Do you |
    Do I | Does a | Did | Should I | Should one | Will | Would you | Have you | Name a | Name two | Name three |
    List | Tell me | Tell me about | Tell me a | Give me | Give me an | Give an example of | Explain | Explain how
    | Describe | Define | Compare | Write a | Write two | Suggest | Recommend | Summarize | Help me | Show me |
    Teach me | Translate | Calculate | Imagine | Let's | Please | I am | I'm | I want to | I need | I have a | I
    like | I feel | I can't | I don't | I've been | I just | My | My friend | My dog | My car | My boss | My child
    | We are | It's | There is | Today | Yesterday | Hi | Hello | Hey | Good | Thanks | Thank you | Okay | So | If
    | In one sentence, | In simple words, | The"""
)
"""First words of a prompt."""
ALONE: Final = 20  # prompts without, for each time that all of these are used


def prompts(net: Net, base: Path, count: int) -> list[Prompt]:
    """Return the good ones of `count` prompts, each once, and none of an evaluation."""
    tokenizer = Tokenizer.from_gguf(GGUF.open(base).metadata)
    stop = tokenizer.special_tokens[END]
    beginnings = [*BEGINNINGS, *ALONE * [""]]
    begun = list(islice(cycle(beginnings), count))
    ids = [began(tokenizer, beginning) for beginning in begun]
    rounds = cycle(chain.from_iterable(repeat(each, len(beginnings)) for each in _TEMPERATURES))
    temperatures = list(islice(rounds, count))  # each beginning has each of them in turn
    written = generate(net, net.base_weights(), ids, [stop], LONGEST, temperatures)
    asked = (
        f"{beginning}{tokenizer.decode(row[:-1])}"
        for beginning, row in zip(begun, written, strict=True)
        if row[-1] == stop
    )
    texts = dict.fromkeys(_BLANKS.sub(" ", text).strip() for text in asked)
    return [Prompt(text) for text in texts if is_good(text) and not is_held_out(text)]
