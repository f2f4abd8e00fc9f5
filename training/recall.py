"""Follow-up questions that the conversation itself answers: names, wishes and results of earlier turns."""

from collections.abc import Callable, Sequence
from random import Random

from ossia.types import Message, ReasoningEffort
from training import topics
from training import values as v
from training.asking import ask, dressed, fill, wish
from training.conversation import Conversation
from training.families import FAMILIES
from training.several import several
from training.stage import Stage, called, conversation, others, shuffled
from training.tools import Offered, offer

_Fact = tuple[str, str, Sequence[str], Sequence[str], str]
"""The user's statement, the reply, later questions, their answers, and the subject of the questions."""


def _name(random: Random) -> _Fact:
    name = v.first_name(random)
    return (
        random.choice(
            (f"My name is {name}.", f"Hi, I'm {name}.", f"Hello! {name} here.", f"I am {name}, nice to meet you")
        ),
        random.choice(
            (f"Nice to meet you, {name}!", f"Hi {name}! How can I help?", f"Hello, {name}. What can I do for you?")
        ),
        several(
            "What is my name? | Do you remember my name? | what's my name? | Who am I? | What did I say I'm called?"
        ),
        (f"Your name is {name}.", f"You're {name}.", f"You told me your name is {name}.", f"Yes, you are {name}."),
        "name",
    )


def _favourite(random: Random) -> _Fact:
    kind, draw = random.choice(
        (
            ("colour", v.colour),
            ("food", v.food),
            ("animal", v.animal),
            ("city", v.city),
            ("sport", v.sport),
            ("book", v.book),
            ("song", v.song),
        )
    )
    value = draw(random)
    return (
        random.choice(
            (
                f"My favourite {kind} is {value}.",
                f"I love {value}. It's my favourite {kind}.",
                f"For me the best {kind} is {value}.",
            )
        ),
        random.choice(
            (
                f"{value[0].upper()}{value[1:]} is a fine choice!",
                f"Good to know! I'll keep {value} in mind.",
                "Nice choice! What can I do for you?",
            )
        ),
        (f"What is my favourite {kind}?", f"Which {kind} do I like best?", f"Do you remember my favourite {kind}?"),
        (f"Your favourite {kind} is {value}.", f"You said it's {value}.", f"It's {value}, as you told me."),
        f"favourite {kind}",
    )


def _number(random: Random) -> _Fact:
    what, number = random.choice(("code", "order number", "room number", "locker", "customer number")), v.code(random)
    return (
        random.choice(
            (
                f"Please remember: my {what} is {number}.",
                f"My {what} is {number}.",
                f"Note this for later: {what} {number}.",
            )
        ),
        random.choice((f"Got it, your {what} is {number}.", "Noted!", f"Okay, I will remember {number}.")),
        (f"What is my {what}?", f"Can you repeat my {what}?", f"which {what} did I give you?"),
        (f"Your {what} is {number}.", f"It's {number}.", f"You gave me {number}."),
        what,
    )


def _place(random: Random) -> _Fact:
    city = v.city(random)
    return (
        random.choice((f"I live in {city}.", f"I'm from {city}.", f"I moved to {city} last month.")),
        random.choice(
            (f"{city} sounds lovely!", f"How nice! Do you like {city}?", "That's interesting! How is it there?")
        ),
        ("Where do I live?", "Which city did I mention?", "Do you know where I am from?", "What city was it?"),
        (f"You said {city}.", f"It's {city}.", f"You mentioned {city}."),
        "city",
    )


def _plan(random: Random) -> _Fact:
    day, doing = (
        random.choice(("tomorrow", "on Monday", "on Friday", "next week", "tonight")),
        random.choice(topics.DOING),
    )
    return (
        f"I'm thinking about {doing} {day}.",
        random.choice(
            (f"That's a good plan! I wish you fun with {doing}.", "Sounds good! Tell me if I can help.", "Great idea!")
        ),
        ("What did I want to do?", "What was my plan?", "Remind me: what was I thinking about?"),
        (f"You were thinking about {doing} {day}.", f"Your plan was {doing} {day}.", f"You mentioned {doing} {day}."),
        "plan",
    )


_FACTS: Sequence[Callable[[Random], _Fact]] = (_name, _name, _favourite, _favourite, _number, _place, _plan)

_BETWEEN = (
    ("Thanks!", "You're welcome!"),
    ("How are you?", "I'm fine, thank you. And you?"),
    ("Nice weather today.", "Enjoy it! Is there anything I can do for you?"),
    ("Can you help me later?", "Of course, any time."),
    ("ok", "Alright!"),
)

_THOUGHTS = several(
    """The user asks about their {what}. | They told me their {what} before. | The {what} was mentioned earlier. |
    It's about the {what} from before. | We know the {what} from the conversation."""
)
_MORE = several(
    """I just repeat it. | It's in an earlier message. | No tool is needed for that. | So answer from the
    conversation. | A short reply is enough. | They said it above."""
)


def _thoughts(random: Random, effort: ReasoningEffort, what: str) -> str:
    first = fill(random.choice(_THOUGHTS), {"what": what})
    more = random.sample(_MORE, 3)
    count = {"low": 0, "medium": random.choice((0, 1)), "high": random.choice((2, 3))}.get(effort, 0)
    return "" if effort == "none" else " ".join([first, *more[:count]])


def said_before(random: Random) -> Conversation:
    """Compose a question about what the user said before; tools may be offered that do not help."""
    stage = Stage.draw(random)
    said, reply, questions, answers, what = random.choice(_FACTS)(random)
    messages = [Message("user", said), Message("assistant", reply)]
    for text, answer in random.sample(_BETWEEN, random.choice((0, 0, 1))):
        messages += [Message("user", text), Message("assistant", answer)]
    thoughts = _thoughts(random, stage.effort, what)
    messages += [Message("user", random.choice(questions)), Message("assistant", random.choice(answers), thoughts)]
    tools = others(stage, [random.choice(FAMILIES)], random.choice((0, 0, 1, 2)))
    return conversation(stage, messages, tools)


_AGAIN = several(
    """What was the result again? | Can you repeat that? | Sorry, what did it say? | Say that again, please. | Once
    more, please. | I missed that, can you repeat it? | Come again?"""
)
_REPEAT = several(
    """The result is already here. | We already have that from the call before. | No new call is needed, it was
    answered above. | The user wants to hear it once more. | Repeat the result from before."""
)


def result_before(random: Random) -> Conversation:
    """Compose a question about the result of an earlier call, which need not be called again."""
    stage = Stage.draw(random)
    family = random.choice(FAMILIES)
    offered = offer(random, family, stage.style)
    tools: list[Offered] = shuffled(random, [offered, *others(stage, [family], random.choice((0, 1, 2)))])
    asked = ask(random, offered, wish(random, family))
    turn, answered = called(stage, asked, tools, 0, errors=0.03)
    thoughts = random.choice(_REPEAT)
    if stage.effort == "high":
        thoughts += " " + " ".join(random.sample(_MORE, 2))
    before = [
        Message("user", dressed(random, asked.text, open_end=not asked.ends_in_text)),
        *turn,
        Message("assistant", answered.answer),
    ]
    last = Message("assistant", answered.answer, "" if stage.effort == "none" else thoughts)
    return conversation(stage, [*before, Message("user", random.choice(_AGAIN)), last], tools)


def draw(random: Random) -> Conversation:
    """Compose a follow-up question."""
    return said_before(random) if random.random() < 0.75 else result_before(random)
