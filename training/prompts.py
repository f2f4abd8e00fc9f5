"""Prompts of ordinary chat, which the base model answers itself, and the true short analysis that goes before.

The analysis says what the user asks for and how one would go about it, and nothing of the answer's content, which this
module does not know.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from ossia.types import Message, ReasoningEffort
from training import topics
from training import values as v
from training.analysis import copies
from training.asking import fill
from training.cases import is_held_out
from training.conversation import Conversation
from training.prompt_kinds import KINDS
from training.several import several
from training.stage import Stage, any_family, conversation, others


@dataclass(frozen=True)
class Prompt:
    """Prompt for the base model, and what the analysis of it is made of; if nothing is known of it, there is none."""

    text: str
    goal: str = ""
    plans: Sequence[str] = ()


_WEIGHTS = [kind.weight for kind in KINDS]


def chat_prompts(random: Random, count: int) -> list[Prompt]:
    """Return different prompts of all kinds."""
    found: dict[str, Prompt] = {}
    while len(found) < count:
        prompt = _prompt(random)
        if not is_held_out(prompt.text):
            found.setdefault(prompt.text, prompt)
    return list(found.values())


def _prompt(random: Random) -> Prompt:
    kind = random.choices(KINDS, _WEIGHTS)[0]
    (x, asked), (y, _) = (v.value_and_words(kind.x(random)) for _ in range(2))
    drawn = {"x": str(x), "asked": asked, "y": str(y), "n": str(random.randint(2, 7))}
    text = _articles(fill(random.choice(kind.asks), drawn))
    text = text if random.random() < 0.85 else text.lower()
    text = f"{text[0].upper()}{text[1:]}" if random.random() < 0.7 else text
    plans = tuple(fill(plan, drawn) for plan in random.sample(list(kind.plans), min(3, len(kind.plans))))
    return Prompt(text, _articles(fill(random.choice(kind.goals), drawn)), plans)


def _articles(text: str) -> str:
    """Write "an" before vowels."""
    return re.sub(r"\b([Aa]) (?=[aeio]|umb)", r"\1n ", text)


def _before(random: Random) -> tuple[Message, Message]:
    """Return an earlier turn, which the prompt follows."""
    name, thing = v.first_name(random), random.choice(topics.CONCEPTS)
    said = random.choice(
        (
            (f"Hi, I'm {name}.", f"Hi {name}! How can I help you today?"),
            (
                f"Hello, my name is {name} and I am interested in {thing}.",
                f"Nice to meet you, {name}! What would you like to know?",
            ),
            ("Can I ask you something?", "Of course, go ahead!"),
            ("Are you good at writing?", "I do my best. What shall I write?"),
            ("I need some help today.", "Sure, what do you need?"),
            ("Thanks for your help yesterday!", "You're welcome! What can I do for you today?"),
        )
    )
    return Message("user", said[0]), Message("assistant", said[1])


_ASKS = several(
    """The user asks for {goal}. | The user wants {goal}. | They ask for {goal}. | The question is about {goal}. |
    We need to give {goal}. | The user would like {goal}. | A request for {goal}. | So: {goal}."""
)
_PLANS_ONLY = 0.35
"""Share of thoughts that do not say what is asked for: that, of a prompt unlike all others, is easily misread."""
_SHORT = several(
    """Give {goal}. | Just {goal}. | {goal}, briefly. | The user asks for {goal}. | The user wants {goal}. | Answer with
    {goal}. | They ask for {goal}."""
)
_NO_TOOL = several(
    """No tool is needed. | The functions have nothing to do with it. | I can answer without calling a function. |
    No function call here. | This needs no tool. | None of the functions helps here, so answer directly."""
)
_CLOSE = several(
    """Then stop. | That should help. | I'll write it now. | Keep it friendly. | No need for more. | Let's write the
    answer. | Answer in the language of the question."""
)


def thoughts(random: Random, effort: ReasoningEffort, prompt: Prompt, *, tools: bool) -> str:
    """Return the analysis before the answer to a prompt; never a copy of it."""
    for _ in range(6):
        text = _thoughts(random, effort, prompt, tools=tools)
        if not copies(text, prompt.text):
            return text
    plans = random.sample(prompt.plans, min(len(prompt.plans), {"low": 1, "medium": 2}.get(effort, 3)))
    return " ".join([*plans, *random.sample(_CLOSE, 1 if effort == "high" else 0)])


def _thoughts(random: Random, effort: ReasoningEffort, prompt: Prompt, *, tools: bool) -> str:
    if effort == "none":
        return ""
    goal = {"goal": prompt.goal}
    if effort == "low" and random.random() < _PLANS_ONLY:
        return random.choice(prompt.plans)
    if effort == "low":
        text = fill(random.choice(_SHORT), goal)
        return text[0].upper() + text[1:]
    sentences = [fill(random.choice(_ASKS), goal)]
    if effort == "medium":
        kind = random.random()
        if not tools and random.random() < _PLANS_ONLY:
            return " ".join(random.sample(prompt.plans, min(2, len(prompt.plans))))
        if tools and kind < 0.4:
            sentences.append(random.choice(_NO_TOOL))
        elif kind < 0.8:
            sentences.append(random.choice(prompt.plans))
        return " ".join(sentences)
    if tools:
        sentences.append(random.choice(_NO_TOOL))
    sentences += random.sample(prompt.plans, min(len(prompt.plans), 2 if tools else random.choice((2, 3))))
    if random.random() < 0.6:
        sentences.append(random.choice(_CLOSE))
    return " ".join(sentences)


_RELATED = frozenset(
    [
        "search",
        "find",
        "lookup",
        "look",
        "web",
        "define",
        "definition",
        "dictionary",
        "wiki",
        "encyclopedia",
        "joke",
        "poem",
        "write",
        "story",
        "translate",
        "recipe",
        "cook",
        "calculate",
        "calculator",
        "add",
        "plus",
        "sum",
        "compute",
        "explain",
        "summarize",
        "rewrite",
        "fact",
        "quote",
        "fun",
        "trivia",
        "country",
        "capital",
        "animal",
        "word",
        "synonym",
        "suggest",
        "generate",
        "plan",
    ]
)


def answered(random: Random, prompt: Prompt, answer: str) -> Conversation:
    """Return the conversation in which the model gives this answer; tools are often offered and not called.

    A prompt of which nothing is known is answered without a thought, and no tool is offered that it might be about.
    """
    stage = Stage.draw(random)
    if not prompt.plans:
        asked = Message("user", prompt.text), Message("assistant", answer)
        return conversation(replace(stage, effort="none"), asked, ())
    count = random.choices((0, 1, 2, 3), (50, 20, 18, 12))[0]
    offered = [
        o for o in others(stage, [any_family(random)], count) if not _RELATED & set(o.tool.name.lower().split("_"))
    ]
    before = _before(random) if random.random() < 0.12 else ()
    bare = not before and random.random() < 0.03  # as LiteLLM's provider `ollama/` sends it
    asked = Message("user", f"### User:\n{prompt.text}\n\n" if bare else prompt.text)
    final = Message("assistant", answer, thoughts(random, stage.effort, prompt, tools=bool(offered)))
    return conversation(stage, (*before, asked, final), offered)
