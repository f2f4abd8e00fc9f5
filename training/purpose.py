"""Purposes of tools, read from their descriptions, in words that go on from "The user wants ".

A thought that begins with what some tool is for, and not with what a request could mean, leads to that tool: nothing
has to be guessed. "Tell where a file lies." becomes "to know where a file lies".
"""

import re

_LONGEST = 80


def words(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


_TELLING = words("tell give get return show report name fetch retrieve look-up read provide query display state lookup")
_DOING = words(
    """add adjust allot analyze analyse append apply archive ask assign begin book build calculate cancel capture change
    check clean clear close compare compile compose compute convert copy count create cut delete deploy describe detect
    dispatch divide do download draw edit empty enter estimate examine exchange explain export extract file fill filter
    find fix forecast format generate grade have hire import increase insert inspect install insure judge keep lend list
    load lock log look make mark measure merge mix move multiply note offer open order organise paint pause pay pick
    place plan play plot post predict prepare print produce publish put raise record reduce register remind remove
    rename rent reopen repair replace reply request reserve reset resize restart rotate round run save scan schedule
    search sell send set share ship shut solve sort split start stop store subtract suggest sum summarise summarize
    switch take test track train transfer translate turn undo unlock update upload validate verify wash water weigh
    work write"""
)
_ASKING = ("how", "where", "when", "if", "whether", "what", "who", "whom", "which", "why")
_NOUNS = ("the", "a", "an", "all", "some")


def purpose(about: str) -> str:
    """Return what a tool is for, or nothing if its description does not begin as most do."""
    text = re.split(r"[.;!?—(]", about, maxsplit=1)[0].strip()
    text = re.sub(r"(?i)^look(s?) up ", r"look-up ", text)
    verb, _, rest = text.partition(" ")
    verb = verb.lower()
    if verb not in _DOING and verb not in _TELLING:
        verb = next((base for base in _bases(verb) if base in _DOING or base in _TELLING), "")
    if len(text) > _LONGEST or not rest:
        return ""
    if text.split(" ")[0] in ("The", "A", "An"):
        return text[0].lower() + text[1:]
    following = rest.split(" ")[0].lower()
    if verb in _TELLING and (verb != "report" or following == "the"):
        return f"to know {rest}" if following in _ASKING else rest if following in _NOUNS else ""
    return f"to {verb} {rest}" if verb in _DOING or verb == "report" else ""


def _bases(verb: str) -> tuple[str, ...]:
    """Return the verbs that "verb" may be the third person of."""
    if not verb.endswith("s"):
        return ()
    return (verb[:-1], verb[:-2] if verb.endswith("es") else "", verb[:-3] + "y" if verb.endswith("ies") else "")
