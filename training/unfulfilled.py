"""Requests without a call: no tool is there for them, a value is missing, or they are small talk."""

import re

from ossia.types import Message
from training import analysis
from training.asking import ask, dressed, fill, goal, wish
from training.conversation import Conversation
from training.families import FAMILIES
from training.outcomes import joined
from training.small_talk import SMALL_TALK
from training.stage import Stage, any_family, conversation, dressed_request, others, shuffled
from training.tools import first, offer

_NOT_OFFERED = analysis.alternatives(
    """I'm sorry, none of my tools can do that.|I don't have a tool for that, I'm afraid.|Sorry, I can't do that
    with the tools I have here.|That's not something my tools can do.|I'm afraid I have no way to do that here.|With
    the tools at hand I can't do that, sorry.|I can't help with that one: no tool for it is available to
    me.|Unfortunately there is no tool here that does this.|I have no function for this, so I can't do it for
    you.|Sorry, that is outside of what I can do here."""
)
_BUT = analysis.alternatives(
    """I could use {tool} for you, but that does something else.| What I have is {tool}.| If {tool} is of any use,
    let me know.| Here I only have {tool}."""
)
_NONE_FITS = analysis.alternatives(
    """The user wants {goal}. No tool here can do that.|They want {goal}, but we have no function for it.|None of the
    functions does this.|There is no tool for {goal_short}.|None of the tools does that: we only have {others}.|We have
    {others}, and nothing for this.|Not a job for {others}, and there is nothing else."""
)
_SAY_SO = analysis.alternatives(
    """I'll say so.|Better to be honest than to call something else.|We must not call a wrong function.|I should say
    that plainly.|I can't make up a result.|So no call; just tell them."""
)


def not_offered(stage: Stage) -> Conversation:
    """Compose a request for which no tool is offered, so that the honest answer is that it cannot be done."""
    random = stage.random
    family = random.choice(FAMILIES)
    wished = wish(random, family, 0.2)
    tools = others(stage, [family], random.choice((1, 1, 2, 3)))
    asked = ask(random, offer(random, family, stage.style), wished, terse=0)
    parts = {"goal": asked.goal, "goal_short": "that", "others": joined([t.tool.name for t in tools])}
    thought = fill(random.choice(_NONE_FITS), parts)
    thought = "None of the functions does this." if analysis.copies(thought, asked.text) else thought
    thoughts = {
        "none": "",
        "low": random.choice(("No tool for that.", "None of the tools fits.", "We have no function for it.", thought)),
        "medium": thought if random.random() < 0.4 else f"{thought} {random.choice(_SAY_SO)}",
        "high": f"{thought} We have {parts['others']}, which would not help. {random.choice(_SAY_SO)}",
    }[stage.effort]
    but = fill(random.choice(_BUT), {"tool": random.choice(tools).tool.name}) if random.random() < 0.3 else ""
    answer = f"{random.choice(_NOT_OFFERED)} {but}".rstrip()
    messages = [Message("user", dressed_request(random, asked)), Message("assistant", answer, thoughts)]
    return conversation(stage, messages, tools)


_WITHOUT = re.compile(r" (?:in|for|of|to|at|from|on|about|near|with|called|named|by) \{(\w+)\}(?=[.?!]?$)")
_WHICH = analysis.alternatives(
    """Which {key} do you mean?|Sure. Which {key} should I use?|Could you tell me the {key}?|I can do that. What is
    the {key}?|Happy to help! For which {key}?|I need one more thing: the {key}.|Please tell me the {key}
    first.|What {key} would you like?|To do that I need to know the {key}.|Of course. Just let me know the {key}."""
)
_MISSING = analysis.alternatives(
    """The {key} is missing.|No {key} was given.|They did not say which {key}.|The function needs a {key}, which is not
    there.|We don't know the {key}.|{tool} requires {key}, but it was not mentioned."""
)
_ASK = analysis.alternatives(
    """Ask for it.|I'll ask.|We should ask the user.|I must not guess it.|Better to ask than to guess."""
)


def missing_value(stage: Stage) -> Conversation | None:
    """Compose a request without a required value, for which the assistant asks; or None if the family allows none."""
    random = stage.random
    family = random.choice(FAMILIES)
    required = [first(parameter.names) for parameter in family.parameters if not parameter.phrases]
    single = all(parameter.type == "string" for parameter in family.parameters)
    cut = [t for t in family.requests if single and (m := _WITHOUT.search(t)) and required == [m[1]]]
    if not cut:
        return None
    offered = offer(random, family, stage.style)
    tools = shuffled(random, [offered, *others(stage, [family], random.choice((0, 1, 2)))])
    key = required[0].replace("_", " ")
    text = _WITHOUT.sub("", random.choice(cut))
    parts = {"key": key, "tool": offered.tool.name, "goal": goal(random, family, {})}
    missing = fill(random.choice(_MISSING), parts)
    thoughts = {
        "none": "",
        "low": missing,
        "medium": f"{missing} {random.choice(_ASK)}",
        "high": f"This is a job for {offered.tool.name}. {missing} {random.choice(_ASK)} A guess could be wrong.",
    }[stage.effort]
    answer = fill(random.choice(_WHICH), parts)
    return conversation(stage, [Message("user", dressed(random, text)), Message("assistant", answer, thoughts)], tools)


_CHATTING = analysis.alternatives(
    """No function is needed.|This is small talk; answer directly.|Just a friendly reply.|No tool is needed for
    this.|The user is only chatting.|A short reply is enough.|We can simply answer.|Nothing to look up here."""
)
_CHATTING_MORE = analysis.alternatives(
    """The user says "{said}".|This is a short message.|They aren't asking for anything that a tool does.|The user
    is being polite."""
)


def small_talk(stage: Stage) -> Conversation:
    """Compose small talk, with tools offered that must not be called."""
    random = stage.random
    said, answers = random.choice(SMALL_TALK)
    tools = others(stage, [any_family(random)], random.choice((0, 1, 2, 3)))
    thought = random.choice(_CHATTING if tools else _CHATTING[1::2])
    thoughts = {
        "none": "",
        "low": thought,
        "medium": thought,
        "high": f"{fill(random.choice(_CHATTING_MORE[1:]), {'said': said})} {thought} I'll keep it friendly.",
    }[stage.effort]
    answer = random.choice(answers.split("|"))
    return conversation(stage, [Message("user", said), Message("assistant", answer, thoughts)], tools)
