"""Check of the settings: those that cannot be read, and those that are misspelt, each with what it may be."""

from typing import Final

from ossia.admin.doctor.check import Check
from ossia.config import Settings, environment, meant_by, without_effect

_NAME: Final = "settings"


def read_settings() -> tuple[Settings, list[Check]]:
    """Return the settings, with the default for each that cannot be read, and the checks of them."""
    settings, errors = Settings.what_can_be_read()
    bad = [
        Check(_NAME, f"{error.message}; what follows is without it", f"correct or unset it: {environment()[name]}")
        for name, error in errors.items()
    ]
    unknown = {name: _unknown(name) for name in without_effect()}
    bad += [Check(_NAME, f"{name} is no setting", remedy) for name, remedy in unknown.items() if remedy]
    ignored = "; ".join(f"{name} has no effect here" for name, remedy in unknown.items() if not remedy)
    return settings, bad or [Check(_NAME, ignored or "can be read")]


def _unknown(name: str) -> str:
    """Return what to do about a variable that has no effect: "" for a setting of Ollama's that is not needed here."""
    if meant := meant_by(name):
        return f"{meant} may be meant: {environment()[meant]}"
    return "unset it: `ossia serve --help` lists all" if name.startswith("OSSIA_") else ""
