"""Small sums that are answered without a tool: plus, minus, times, divided by."""

from random import Random

from ossia.types import Message
from training.conversation import Conversation
from training.families import FAMILIES
from training.several import several
from training.stage import Stage, conversation, others
from training.tools import Offered

_ASKS = several(
    """What is {sum}? | What's {sum}? | {sum} | {sum} = ? | How much is {sum}? | Calculate {sum}. | Compute {sum} | What
    does {sum} make? | Can you tell me what {sum} is? | {sum}?"""
)
_ANSWERS = several(
    """{sum} is {result}. | {sum} = {result} | It's {result}. | That's {result}. | {result} | The answer is {result}."""
)
_THOUGHTS = several("""{exact} = {result}. | That makes {result}: {exact}. | I can do this sum: {exact} = {result}.""")
_MORE = several(
    """A small sum. | The user wants a sum done. | No tool is needed. | State the result. | Just the number."""
)
_SIGNS = {"+": ("plus", "+", "and"), "-": ("minus", "-", "less"), "*": ("times", "x", "*"), "/": ("divided by", "/")}


def _drawn(random: Random) -> tuple[int, str, int, int]:
    """Return a number, a sign, another number, and the result."""
    sign = random.choice("+++--**/")
    if sign in "+-":
        a, b = random.randint(0, 100), random.randint(0, 100)
        return (a, sign, b, a + b) if sign == "+" else (max(a, b), sign, min(a, b), abs(a - b))
    a, b = random.randint(1, 12), random.randint(1, 12)
    return (a, sign, b, a * b) if sign == "*" else (a * b, sign, b, a)


def draw(random: Random) -> Conversation:
    """Compose a sum; tools that are of no use for it may be offered."""
    stage = Stage.draw(random)
    a, sign, b, result = _drawn(random)
    spoken = f"{a} {random.choice(_SIGNS[sign])} {b}"
    parts = {"sum": spoken, "exact": f"{a} {sign} {b}", "result": str(result)}
    thought = random.choice(_THOUGHTS).format_map(parts)
    if stage.effort in ("medium", "high"):
        thought = f"{random.choice(_MORE)} {thought}"
    if stage.effort == "high":
        thought = f"{thought} {random.choice(_MORE[2:])}"
    asked = Message("user", random.choice(_ASKS).format_map(parts))
    answer = random.choice(_ANSWERS).format_map(parts)
    return conversation(
        stage, [asked, Message("assistant", answer, "" if stage.effort == "none" else thought)], _tools(stage)
    )


def _tools(stage: Stage) -> list[Offered]:
    """Return tools of which none calculates."""
    random = stage.random
    if random.random() < 0.7:
        return []
    near = next(family for family in FAMILIES if family.name == "add_numbers")
    return others(stage, [near], random.choice((1, 2)))
