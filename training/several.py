"""Shorthand of families: alternatives written as running text, and the result of a call that was refused."""

from training.family import Draw, Result


def several(text: str) -> list[str]:
    """Parts of `text` between bars, with every run of white space as one space."""
    return [" ".join(part.split()) for part in text.split("|")]


REFUSED = """
    That didn't work: {error}. | I couldn't do it, the system says: {error}. | Sorry, it was refused: {error}. |
    It failed, and the reason given is: {error}."""


def failed(reasons: Draw, answers: str = REFUSED) -> Result:
    """Result of a call that was refused, with its reason in the field `error`."""
    return Result({"error|message|reason": reasons}, several(answers))
