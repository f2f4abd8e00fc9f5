"""Analysis: short true thoughts before a call, after its result, and before an answer, in gpt-oss's own tone.

Its length follows the effort: low is one short sentence, medium one or two, high three to six. Each thought is put
together from what is really there: the wish, the tool, the arguments, the other tools, the result.
"""

import re
from collections.abc import Sequence
from random import Random

from ossia.types import ReasoningEffort
from training.asking import Asked, fill
from training.outcomes import Outcome, joined
from training.purpose import purpose
from training.tools import Offered, first


def alternatives(text: str) -> list[str]:
    return [" ".join(part.split()) for part in text.split("|")]


_WANTS = alternatives(
    """The user wants {goal}.|The user wants {goal}.|User wants {goal}.|They want {goal}.|The user is asking for
    help: they want {goal}.|So the user wants {goal}.|What is wanted here: {goal}.|The request is clear: the user
    wants {goal}.|We have a user who wants {goal}."""
)
_USE = alternatives(
    """We can use {tool}.|We have {tool}.|{tool} does this.|There is {tool} for it.|We should call {tool}.|{tool}
    fits.|I'll call {tool}.|That's what {tool} is for.|Need {tool}.|We need to call {tool}.|Use {tool}.|The function
    {tool} can do this.|This is a job for {tool}.|Let me use {tool}.|The right tool is {tool}."""
)
_USE_WITH = alternatives(
    """We can use {tool} with {args}.|Call {tool} with {args}.|We'll call {tool} with {args}.|Use {tool}: {args}.|{tool}
    takes {args}.|I'll call {tool} with {args}.|We need {tool}, {args}.|Let's call {tool} with {args}.|So {tool} with
    {args}.|{tool} is right here, with {args}."""
)
_SHORT = alternatives(
    """Need {tool}.|Use {tool}.|Call {tool}.|We need to call {tool}.|We should use {tool}.|I'll call {tool}.|Let's use
    {tool}.|Let me call {tool}.|{tool} can do this.|So call {tool}.|{tool} it is.|Time to call {tool}."""
)
_SHORT_WITH = alternatives(
    """Call {tool} with {args}.|Use {tool} with {args}.|{tool}, {args}.|Need {tool} with {args}.|We call {tool}:
    {args}.|Just call {tool} with {args}."""
)
_OTHERS = alternatives(
    """{others} would not help here.|The rest ({others}) is for something else.|No need for {others}.|There is also
    {others}, but not for this.|Not {others}, since that's another matter.|We don't need {others}.|The rest,
    {others}, has nothing to do with it.|{others} can stay unused."""
)
_ONLY = alternatives(
    """It is the only tool we have, and it fits.|There's just this one tool, and it does what is asked.|No other tool is
    offered.|This single function is enough."""
)
_GIVEN = alternatives(
    """The {key} is {value}.|{key}: {value}.|They gave {value} as the {key}.|For {key} we take {value}.|{key} should
    be {value}.|The message names {value} for the {key}.|As {key} we have {value}.|Set {key} to {value}.|The {key}
    they mention is {value}."""
)
_ALL_GIVEN = alternatives(
    """Everything that is required was given.|All required values are there.|Nothing required is missing.|We have all we
    need.|So there is nothing to ask back.|That is all the function needs."""
)
_LEFT_OUT = alternatives(
    """Nothing was said about {keys}, so leave that out.|Optional and not mentioned: {keys}.|We leave out {keys}.|No
    {keys} given, so nothing to fill in there.|{keys} can be left at its default.|They didn't mention {keys}; not
    needed."""
)
_NO_ARGUMENTS = alternatives(
    """It takes no arguments here.|No arguments are needed.|It needs no input.|The arguments are empty.|Nothing has
    to be filled in."""
)
_LETS_CALL = alternatives(
    """Let's call it.|Now call it.|Making the call.|Go.|So we call the function now.|Let's do that.|Then we can
    answer from the result.|After that we tell the user the result.|We'll see what it returns.|Time to call it."""
)

_SEEN = alternatives(
    """We got {said}.|The result: {said}.|The tool returned {said}.|It says {said}.|The result gives {said}.|We have
    {said}.|{tool} returned {said}.|The function gave {said}.|The answer of the tool: {said}.|So we have {said}."""
)
_SEEN_BARE = alternatives(
    """We have the result.|Got the result.|The call worked.|The tool answered.|That worked.|Result is here.|The
    result is in.|Good, it worked.|We have what we need.|The tool has answered."""
)
_TELL = alternatives(
    """Tell the user.|Now answer.|Let's answer.|We answer with that.|Just say it in a sentence.|Report it.|So answer
    briefly.|We can answer now.|Pass it on.|Let's tell the user.|One sentence is enough.|That answers the
    question.|State it plainly.|So we can reply."""
)
_RECALL = alternatives(
    """The user wanted {goal}.|They wanted {goal}.|The question was about this: they want {goal}.|What they wanted:
    {goal}.|So that was about someone who wants {goal}."""
)
_ENOUGH = alternatives(
    """No further call is needed.|No second call is necessary.|Nothing else has to be looked up.|That's complete.|It
    covers the whole request.|There's nothing left to do but answer.|We don't need another tool.|It was a single
    request, so that's all."""
)
_ONLY_FACTS = alternatives(
    """I must not add anything that is not in it.|Stick to what it says.|I'll name the values as they are.|Keep the
    numbers and names exactly as returned.|The reply should use these values and no others.|Keep it short and
    friendly.|Say it in plain words, not as JSON.|No need to show the raw output."""
)

_FAILED = alternatives(
    """The call failed: {error}.|It didn't work: {error}.|An error: {error}.|The tool reports {error}.|We got an error,
    {error}.|That failed with "{error}"."""
)
_FAILED_BARE = alternatives(
    """The call failed.|That did not work.|We got an error.|The tool reports an error.|An error came back.|It failed."""
)
_SAY_FAILED = alternatives(
    """We tell the user honestly.|Say so.|I should say that it failed.|Explain this and don't invent anything.|Tell the
    user what went wrong.|We must not make up a result.|Apologize and give the reason.|Let the user know."""
)
_HONEST = alternatives(
    """There is no result to report.|We can't answer without it.|I shouldn't guess the answer.|Inventing a value
    would be wrong.|The user can decide whether to try again.|Trying again right away would hardly help."""
)
_NOTHING = alternatives(
    """The result is empty.|Nothing was found.|No matches.|The list is empty.|It returned nothing.|There are no
    results."""
)

_NEXT = alternatives(
    """There is a second part: the user also wants {goal}.|Now the other thing: {goal}.|The first part is done. Next:
    {goal}.|One more is open: the user wants {goal}.|That was the first. Still to do: {goal}.|Then they want {goal}."""
)
_AGAIN = alternatives(
    """Now call {tool} again.|Next call: {tool}.|Now {tool}.|Next, {tool}.|One more call of {tool}.|On to {tool}.|We
    still need {tool}."""
)

_EMPTY_SAID = {"result", "answer"}


def copies(thoughts: str, request: str) -> bool:
    """True if thoughts repeat most of a request, word by word."""
    thoughts, request = " ".join(thoughts.lower().split()), " ".join(request.lower().split())
    most = len(request) * 3 // 4
    return len(request) >= _SHORT_REQUEST and any(
        request[start : start + most] in thoughts for start in range(len(request) - most + 1)
    )


_SHORT_REQUEST = 20
"""Characters of a request whose words cannot but come again in a thought."""
_TRIES = 6


def before_call(
    random: Random, effort: ReasoningEffort, asked: Asked, offered: Sequence[Offered], *, second: bool = False
) -> str:
    """Return thoughts before the call that `asked` wants, of all the tools `offered`; never a copy of the request."""
    for _ in range(_TRIES):
        thoughts = _before_call(random, effort, asked, offered, second=second)
        if not copies(thoughts, asked.text):
            return thoughts
    more = random.sample(_LETS_CALL[:6], {"low": 0, "medium": 1}.get(effort, 2))
    return " ".join([fill(random.choice(_SHORT), {"tool": _name(asked.offered)}), *more])


def _before_call(
    random: Random, effort: ReasoningEffort, asked: Asked, offered: Sequence[Offered], *, second: bool
) -> str:
    parts = {"goal": _goal(random, asked), "tool": _name(asked.offered), "args": arguments(random, asked)}
    if effort == "none":
        return ""
    if second and (effort == "low" or random.random() < 0.7):
        return _second_call(random, effort, parts)
    if effort == "low":
        return _low(random, parts)
    if effort == "medium":
        return _medium(random, parts)
    return _high(random, asked, offered, parts)


def _goal(random: Random, asked: Asked) -> str:
    """Return what the request is about, or what the tool is for, perhaps with what it is wanted for."""
    for_this = purpose(asked.offered.tool.description)
    if not for_this or random.random() < _GUESSED:
        return asked.goal
    texts = {key: value for key, value in asked.arguments.items() if isinstance(value, str)}
    values = [value for _, value in filter(None, (_given(key, value) for key, value in texts.items()))]
    return f"{for_this}, here {values[0]}" if values and random.random() < 0.35 else for_this


_GUESSED = 0.45
"""Share of thoughts whose goal is what people mean, and not what a tool's description says."""


def _second_call(random: Random, effort: ReasoningEffort, parts: dict[str, str]) -> str:
    if effort == "low":
        return fill(random.choice(_AGAIN), parts)
    text = fill(random.choice(_NEXT), parts)
    if effort == "medium" and random.random() < 0.5:
        return text
    tool = fill(random.choice(_USE_WITH if parts["args"] else _USE), parts)
    return f"{text} {tool} {random.choice(_LETS_CALL)}" if effort == "high" else f"{text} {tool}"


def _low(random: Random, parts: dict[str, str]) -> str:
    kind = random.random()
    if kind < 0.3:
        return fill(random.choice(_WANTS[:4]), parts)
    if kind < 0.45 and 0 < len(parts["args"]) < 40:
        return fill(random.choice(_SHORT_WITH), parts)
    return fill(random.choice(_SHORT), parts)


def _medium(random: Random, parts: dict[str, str]) -> str:
    wants = fill(random.choice(_WANTS), parts)
    kind = random.random()
    if kind < 0.1:
        return wants
    if kind < 0.66 or not parts["args"]:
        return f"{wants} {fill(random.choice(_USE), parts)}"
    return f"{wants} {fill(random.choice(_USE_WITH), parts)}"


def _high(random: Random, asked: Asked, offered: Sequence[Offered], parts: dict[str, str]) -> str:
    sentences = [fill(random.choice(_WANTS), parts), fill(random.choice(_USE), parts)]
    others = [_name(other) for other in offered if other is not asked.offered]
    if others and random.random() < 0.6:
        sentences.append(fill(random.choice(_OTHERS), {"others": joined(others[:3])}))
    elif not others and random.random() < 0.4:
        sentences.append(random.choice(_ONLY))
    given = [f for f in (_given(key, value) for key, value in asked.arguments.items()) if f]
    if not asked.arguments:
        sentences.append(random.choice(_NO_ARGUMENTS))
    elif len(given) == len(asked.arguments) and len(given) > 1 and random.random() < 0.6:
        sentences.append(f"{random.choice(('Arguments: ', 'We have ', 'So: ', 'Values: '))}{joined(_pairs(given))}.")
    elif given:
        chosen = given if len(given) < 3 else random.sample(given, 2)
        sentences += [fill(random.choice(_GIVEN), {"key": key, "value": value}) for key, value in chosen]
    if left := _left_out(asked):
        if random.random() < 0.75:
            sentences.append(fill(random.choice(_LEFT_OUT), {"keys": joined(random.sample(left, min(2, len(left))))}))
    elif asked.arguments and random.random() < 0.5:
        sentences.append(random.choice(_ALL_GIVEN))
    if len(sentences) < 3 or random.random() < 0.4:
        sentences.append(random.choice(_LETS_CALL))
    return " ".join(sentences[:6])


def _left_out(asked: Asked) -> list[str]:
    keys = [asked.offered.keys[first(parameter.names)] for parameter in asked.offered.parameters]
    return [key for key in keys if key not in asked.arguments]


def arguments(random: Random, asked: Asked) -> str:
    """Return "city Berlin and unit celsius", or nothing if an argument is too long to be said."""
    given = [f for f in (_given(key, value) for key, value in asked.arguments.items()) if f]
    whole = given and len(given) == len(asked.arguments)
    return joined(_pairs(given, random.choice((" ", " ", " = ", "=")))) if whole else ""


def _pairs(given: Sequence[tuple[str, str]], between: str = " ") -> list[str]:
    return [f"{key}{between}{value}" for key, value in given]


def _given(key: str, value: object) -> tuple[str, str] | None:
    """Return the name and the words of an argument, or None if it is too long to be repeated."""
    text = (
        str(value).lower()
        if isinstance(value, bool)
        else joined([*map(str, value)])
        if isinstance(value, list)
        else str(value)
    )
    return (key, text) if 0 < len(text) <= 32 and "\n" not in text and not isinstance(value, dict) else None


def after_result(random: Random, effort: ReasoningEffort, asked: Asked, outcome: Outcome) -> str:
    """Return the thoughts about a result, before the answer that says it; never a copy of the request."""
    for _ in range(_TRIES):
        thoughts = _after_result(random, effort, asked, outcome)
        if not copies(thoughts, asked.text):
            return thoughts
    return random.choice(_SEEN_BARE if outcome.kind == "ok" else _TELL)


def _after_result(random: Random, effort: ReasoningEffort, asked: Asked, outcome: Outcome) -> str:
    if effort == "none":
        return ""
    if outcome.kind == "error":
        return _after_error(random, effort, outcome)
    if outcome.kind == "empty":
        sentences = [random.choice(_NOTHING), random.choice(_SAY_FAILED[:3] + _TELL[:3]), random.choice(_HONEST)]
        return " ".join(sentences[: {"low": 1, "medium": 2}.get(effort, 3)])
    said = _said(outcome)
    parts = {"said": said, "tool": _name(asked.offered), "goal": asked.goal}
    seen = fill(random.choice(_SEEN), parts) if said and random.random() < 0.65 else random.choice(_SEEN_BARE)
    if outcome.kind == "refused" and said:
        seen = fill(random.choice(_SEEN), parts)
    if effort == "low":
        return random.choice((seen, seen, random.choice(_TELL)))
    if effort == "medium":
        return seen if random.random() < 0.3 else f"{seen} {random.choice(_TELL)}"
    seen = fill(random.choice(_SEEN), parts) if said else seen
    more = [
        fill(random.choice(_RECALL), parts),
        random.choice(_ENOUGH),
        random.choice(_ONLY_FACTS),
        random.choice(_TELL),
    ]
    kept = sorted(random.sample(range(4), random.choice((2, 2, 3, 3, 4))))
    return " ".join([seen, *(more[i] for i in kept)])


def _after_error(random: Random, effort: ReasoningEffort, outcome: Outcome) -> str:
    parts = {"error": outcome.said["error"].rstrip(".")}
    failed = fill(random.choice(_FAILED), parts) if random.random() < 0.85 else random.choice(_FAILED_BARE)
    if effort == "low":
        return failed
    if effort == "medium":
        return f"{failed} {random.choice(_SAY_FAILED)}"
    return f"{failed} {random.choice(_HONEST)} {random.choice(_SAY_FAILED)}"


def _said(outcome: Outcome) -> str:
    """Return "condition sunny and temperature 18", or nothing if that would be long."""
    pairs = [
        bare if key in _EMPTY_SAID or len(outcome.said) == 1 else f"{key.replace('_', ' ')} {bare}"
        for key, words in outcome.said.items()
        if 0 < len(bare := words.rstrip(".!")) <= 40 and "\n" not in words
    ]
    return joined(pairs[:4]) if pairs else ""


def _name(offered: Offered) -> str:
    """Return a tool's name as the model reads it."""
    return re.sub(r"\W", "_", offered.tool.name)
