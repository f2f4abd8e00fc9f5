"""Alternatives written as running text, so that a family of tools stays short enough to be read."""


def several(text: str) -> list[str]:
    """Parts of `text` between bars, with every run of white space as one space."""
    return [" ".join(part.split()) for part in text.split("|")]
