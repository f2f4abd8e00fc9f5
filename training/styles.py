"""Instructions of style beside tools: the call is made all the same, and the answer says the result in that style."""

from collections.abc import Callable, Sequence
from random import Random

from training.several import several

_OPEN = (
    "Soft wind asks the sky,",
    "Morning light comes slow,",
    "A small bird listens,",
    "Old pond, quiet stone,",
    "Clouds drift far away,",
)
_SHUT = (
    "quiet leaves reply.",
    "the river moves on.",
    "so the day goes on.",
    "stars will keep the rest.",
    "and the night is still.",
)


def _haiku(random: Random, answer: str) -> str:
    return f"{random.choice(_OPEN)}\n{answer}\n{random.choice(_SHUT)}"


def _pirate(random: Random, answer: str) -> str:
    return f"{random.choice(('Ahoy!', 'Arr!', 'Aye, matey!'))} {answer}{random.choice((' Arr!', ' Yo ho!', ''))}"


_CLOSE = ("I hope this helps.", "I am at your service.", "Please let me know if you need anything else.")
_MORE = ("Is there anything else?", "Can I help with anything else?", "Do you need more help?")


def _polite(random: Random, answer: str) -> str:
    return f"{random.choice(('Certainly.', 'With pleasure.', 'Of course.'))} {answer} {random.choice(_CLOSE)}"


def _bullets(random: Random, answer: str) -> str:
    return "\n".join(f"- {part.strip()}" for part in answer.replace(". ", ".\n").split("\n"))


_Style = tuple[str, Callable[[Random, str], str], str]
"""Instructions, how they change an answer, and what they ask for."""

_STYLES: Sequence[_Style] = (
    (
        "You only respond in haikus. | You only respond in haikus. | Always answer in haikus. | Answer with a haiku.",
        _haiku,
        "three short lines, like a haiku",
    ),
    ("Talk like a pirate. | You are a pirate. | Answer as a pirate would.", _pirate, "talk like a pirate"),
    ("Be very polite. | Answer with great courtesy. | Be formal and polite.", _polite, "be polite"),
    ("Answer in bullet points. | Use bullet points.", _bullets, "use bullet points"),
    (
        "End every answer with an emoji. | Use emojis.",
        lambda random, answer: f"{answer} {random.choice(('😊', '👍', '✨', '🙂'))}",
        "add an emoji",
    ),
    (
        'Start every answer with "Result:" | Begin each reply with "Result:".',
        lambda random, answer: f"Result: {answer}",
        'begin with "Result:"',
    ),
    (
        "Always ask if there is anything else. | End by asking whether the user needs more help.",
        lambda random, answer: f"{answer} {random.choice(_MORE)}",
        "ask whether there is anything else",
    ),
)


def styled(random: Random, answer: str) -> tuple[str, str, str]:
    """Return an instruction of style, the answer in that style, and what it asks for."""
    instructions, dress, wants = random.choice((_STYLES[0], *_STYLES))
    return random.choice(several(instructions)), dress(random, answer), wants
