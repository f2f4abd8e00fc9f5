"""Requests: what a person writes, and the arguments of the call that it asks for."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from training import values as v
from training.family import Family, Parameter
from training.several import several
from training.tools import Offered, first

TERSE = 0.1
"""Share of requests that are the values alone, perhaps with a name of what is wanted."""
_SHORT = 40
PLACEHOLDER = re.compile(r"\{(\w+)\}")
NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


@dataclass(frozen=True, slots=True)
class Wish:
    """A person's wish of a family's tool, before anything of it is written: values, and words for them."""

    family: Family
    values: Mapping[str, Any]
    words: Mapping[str, str]
    """Both by the first name of a parameter."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of one tool: its text, the call's arguments by the schema's names, and the words for each of them."""

    offered: Offered
    text: str
    arguments: dict[str, Any]
    words: Mapping[str, str]
    goal: str
    """Goes on from "The user wants "."""
    ends_in_text: bool = False
    """True if the request ends with a long value, behind which nothing can stand without becoming a part of it."""


def fill(template: str, words: Mapping[str, str]) -> str:
    """Return the template with words for its names; "a" before a vowel becomes "an"."""
    if _ARTICLE.search(template):
        template = _ARTICLE.sub(
            lambda found: f"{found[1]}n {{{found[2]}}}" if _vowel(words, found[2]) else found[0], template
        )
    return PLACEHOLDER.sub(lambda found: words.get(found[1], found[0]), template)


_ARTICLE = re.compile(r"\b([Aa]) \{(\w+)\}")


def _vowel(words: Mapping[str, str], name: str) -> bool:
    """True if the words for a name begin with the sound of a vowel, mostly."""
    return bool(re.match(r"(?i)[aeio](?!ne\b|u)|u(?!ni|s[aeu]|k)", words.get(name, "")))


def fitting(templates: Sequence[str], words: Mapping[str, str]) -> list[str]:
    """Return the templates of which every name is known."""
    return [template for template in templates if all(name in words for name in PLACEHOLDER.findall(template))]


def wish(random: Random, family: Family, optional: float = 0.3) -> Wish:
    """Draw the required values of a family, and each optional one with the probability `optional`."""
    values: dict[str, Any] = {}
    words: dict[str, str] = {}
    for parameter in family.parameters:
        if not parameter.phrases or random.random() < optional:
            _draw(random, parameter, values, words)
    if not any(callable(result.fields) for result in family.results):
        _lower_names(random, family, values, words)
    return Wish(family, values, words)


_NAME = re.compile(r"[^\W\d_]+( [^\W\d_]+)*")


def _lower_names(random: Random, family: Family, values: dict[str, Any], words: dict[str, str]) -> None:
    """Write a few names in lower case, as hasty people do; a call copies them as they stand."""
    for name in (first(parameter.names) for parameter in family.parameters if not parameter.choices):
        if random.random() < 0.03 and name in words and values[name] == words[name] and _NAME.fullmatch(words[name]):
            values[name] = words[name] = words[name].lower()


def _draw(random: Random, parameter: Parameter, values: dict[str, Any], words: dict[str, str]) -> None:
    name = first(parameter.names)
    values[name], words[name] = v.value_and_words(parameter.draw(random))
    if parameter.choices and words[name] == values[name] and random.random() < 0.08:
        words[name] = random.choice((str.lower, str.capitalize, str.upper))(words[name])


def ask(random: Random, offered: Offered, wished: Wish, *, terse: float = TERSE) -> Asked:
    """Write a request of the wish to the tool, perhaps with an extra parameter that only this tool has.

    A share `terse` of the requests are values alone.
    """
    values, words = dict(wished.values), dict(wished.words)
    for parameter in offered.parameters[len(offered.family.parameters) :]:
        may_be_said = bool(offered.family.parameters) and random.random() < 0.35
        if may_be_said or first(parameter.names) in offered.required:
            _draw(random, parameter, values, words)
    tails = [p for p in offered.parameters if first(p.names) in words]
    template = _template(random, offered.family, words, tails)
    if random.random() < terse and (bare := _bare(random, offered, words)):
        template = bare
    said = set(PLACEHOLDER.findall(template))
    tails = [parameter for parameter in tails if first(parameter.names) not in said]
    text = fill(_roughened(random, template), {**words, **_spelt(random, template, values)})
    random.shuffle(tails)
    ends_in_text = _ends_in_text(template, words)
    for parameter in tails:
        phrase = random.choice(parameter.phrases.split("|"))
        filled = phrase.replace("{}", word := words[first(parameter.names)])
        text = f"{text} ({filled.strip(' ,()')})" if ends_in_text else _extended(text, filled)
        ends_in_text = not ends_in_text and phrase.endswith("{}") and _is_text(word)
    assert offered.tool.parameters is not None or not values
    order = (offered.tool.parameters or {}).get("properties", {})
    by_key = {key: name for name, key in offered.keys.items()}
    arguments = {key: values[by_key[key]] for key in order if by_key[key] in values}
    return Asked(offered, text, arguments, words, goal(random, offered.family, words), ends_in_text)


def _bare(random: Random, offered: Offered, words: Mapping[str, str]) -> str:
    """Return a template of the values alone, in the schema's order, some with the parameter's name; or nothing.

    The tool's name stands with them where the values are too few to tell what is wanted.
    """
    listed = list((offered.tool.parameters or {}).get("properties", {}))
    required = [first(parameter.names) for parameter in offered.parameters if not parameter.phrases]
    required.sort(key=lambda name: listed.index(offered.keys[name]))
    if not required or not all(0 < len(words[name]) <= _SHORT for name in required):
        return ""
    labelled = random.random() < 0.3
    parts = [
        f"{_label(offered.keys[name])} {{{name}}}" if labelled and random.random() < 0.7 else f"{{{name}}}"
        for name in required
    ]
    commas = any("," in words[name] or " and " in words[name] for name in required)
    between = random.choice(("; ", " / ", " - ") if commas else (", ", ", ", ", ", " ", " / "))
    text = between.join(parts)
    if len(parts) > 1 and random.random() < 0.4:
        return text
    tool = _label(re.sub(r"[^0-9A-Za-z]", "_", offered.tool.name))
    return random.choice((f"{tool}: {text}", f"{tool} {text}", f"{tool}, {text}", f"{text}: {tool}"))


def _label(name: str) -> str:
    """Return a name of the schema in words: "fromPlace" as "from place"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ").lower()


def _spelt(random: Random, template: str, values: Mapping[str, Any]) -> dict[str, str]:
    """Return small numbers in words, for a few of the places where a word can stand."""
    numbers = {name: value for name, value in values.items() if type(value) is int and 0 < value <= 12}
    places = {name for name in numbers if re.search(rf"(^| )\{{{name}\}}($|[ ,.?!])", template)}
    return {name: NUMBERS[numbers[name]] for name in sorted(places) if random.random() < 0.06}


def _template(random: Random, family: Family, words: Mapping[str, str], said: Sequence[Parameter]) -> str:
    """Choose a request; one that ends with a text only if nothing has to be said behind it."""
    known = fitting(family.requests, words) or list(family.requests)
    closed = [template for template in known if not _ends_in_text(template, words)]
    template = random.choice(known)
    names = {first(parameter.names) for parameter in said}
    return random.choice(closed) if closed and names - set(PLACEHOLDER.findall(template)) else template


def _ends_in_text(template: str, words: Mapping[str, str]) -> bool:
    """True if a template ends with a value that is a text: of several words, or with a mark at its end."""
    name = template.rpartition("{")[2].removesuffix("}") if template.endswith("}") else ""
    return bool(name) and _is_text(words[name])


def _is_text(words: str) -> bool:
    """True for a value of several words, or with a mark at its end."""
    return words[-1:] in (".", "?", "!") or words.count(" ") > 2


def goal(random: Random, family: Family, words: Mapping[str, str]) -> str:
    """Return what goes on from "The user wants "."""
    goals = fitting(family.goals.split("|"), words) or family.goals.split("|")
    return fill(random.choice(goals), words)


def _extended(text: str, phrase: str) -> str:
    """Put a phrase at the end of a request, before its last mark."""
    end = text[-1] if text[-1:] in (".", "?", "!") else ""
    return f"{text[: len(text) - len(end)]}{phrase}{end}"


def _roughened(random: Random, template: str) -> str:
    """Return a template with the faults of hasty writers, never inside of a value."""
    kind = random.random()
    if kind < 0.1:
        template = PLACEHOLDER.sub(lambda found: found[0], "".join(_lowered(template)))
    if random.random() < 0.12:
        template = template.rstrip(".?!") or template
    if random.random() < 0.03:
        template = template.replace("'", "")
    return _misspelt(random, template) if random.random() < 0.02 else template


def _lowered(template: str) -> list[str]:
    """Lower the case of all but the names of parameters."""
    parts = re.split(r"(\{\w+\})", template)
    return [part if part.startswith("{") else part.lower() for part in parts]


def _misspelt(random: Random, template: str) -> str:
    """Swap two neighbouring letters of one word."""
    words = [(m.start(), m.end()) for m in re.finditer(r"(?<![{\w])[a-z]{5,}(?![}\w])", template)]
    if not words:
        return template
    start, end = random.choice(words)
    at = random.randint(start + 1, end - 3)
    return template[:at] + template[at + 1] + template[at] + template[at + 2 :]


def _parts(text: str) -> list[str]:
    """Split at the bars; blanks at the ends of a part are kept."""
    return re.sub(r"\s+", " ", text).split("|")


_BEFORE = _parts(
    """Hi, |Hello! |Hey, |Good morning. |OK, |Quick question: |Now |Also, |So, |I'm at work. |I'm in a hurry.
    |It's for a friend. |Thanks for the help so far. |Please help me. |One more thing. |Hey there! |Good
    evening. |Alright. |I hope you're well. |I was just wondering: |Sorry to bother you. |My boss asked me this.
    |I have been thinking about this all day. |Hmm, |Right, |Next: |We talked about this yesterday. |Let me ask
    you something. |I'm on my phone, so I'll be short. |I've got a small request. |It's been a long day. |Can
    you help? |Need your help. |Yo, |Hello assistant. |Greetings! |Dear assistant,"""
)
_AFTER = _parts(
    """ Thanks!| Thank you.|, please|, thanks|, thank you| It's urgent.| I need it now.| Cheers| if you can| right
away| Thanks in advance.| I'd appreciate it.| That would be great.| No rush.| I have to leave soon.| My colleague is
waiting for it.| Thank you so much!| It's for work.| That's all for now.| ASAP| Much appreciated.| Let me know.| I'm
curious.| That would help me a lot.| :)"""
)


_STORIES: Sequence[Callable[[Random], str]] = (
    lambda r: (
        f"My {r.choice(('sister', 'brother', 'neighbour', 'boss', 'friend'))} visits {v.day(r)} and I'm not ready."
    ),
    lambda r: f"We had {v.food(r)} for lunch and it was great.",
    lambda r: f"It has been a {v.adjective(r)} week.",
    lambda r: f"I forgot my {v.noun(r)} at home.",
    lambda r: "I've been asked about this three times today.",
    lambda r: f"I bought a {v.adjective(r)} {v.noun(r)} yesterday.",
    lambda r: "My phone is almost out of battery, so quickly:",
    lambda r: f"The {v.noun(r)} in our office is broken again.",
    lambda r: f"I started at {v.clock(r)} this morning and I'm still working.",
    lambda r: "You helped me so well the last time.",
    lambda r: "We're sitting together and can't agree.",
    lambda r: f"I'm on the train to see {r.choice(('my parents', 'a friend', 'a client'))}.",
)


def dressed(random: Random, text: str, *, open_end: bool = True) -> str:
    """Put a greeting before a request or, with an open end, a remark behind it, sometimes."""
    if random.random() < 0.17:
        before = random.choice(_BEFORE) if random.random() < 0.7 else f"{random.choice(_STORIES)(random)} "
        text = before + (uncapitalised(text) if before[-2] in ",w" else text)
    if open_end and random.random() < 0.17:
        after = random.choice(_AFTER)
        if after[1].islower() or after[0] == ",":
            return _extended(text, after)
        text = (text if text[-1] in ".?!" else text + ".") + after
    return text


def uncapitalised(text: str) -> str:
    """Begin in lower case, unless the first word is a name or an I."""
    word = re.split(r"\W", text, maxsplit=1)[0]
    return text[0].lower() + text[1:] if word in _OPENERS else text


_OPENERS = frozenset(
    several(
        """What | Whats | How | Can | Could | Please | Tell | Give | Show | Find | Get | Is | Are | Do | Does | Where |
        When | Who | Which | Will | Would | Let | Send | Set | Make | Turn | Book | Add | Create | Delete | Remove |
        Check | Look | Search | List | Start | Stop | Need | Convert | Calculate | Translate | Play | Put | Order |
        Schedule | Remind | Cancel | Update | Change | Write | Read | Open | Close | Run | Why | Should | Has | Have
        | Did | The | My | There | Save | From | Compute | Rename | Move | Copy | Restart | Count | Compare | Log |
        Share | Print | Draw | Pick | Roll | Sort | Download | Upload"""
    )
)
