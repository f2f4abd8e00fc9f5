"""Commands that run modules with this Python, each in a process of its own."""

import sys


def python_command(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module.

    With -P it imports nothing from the current folder, where a `queue.py` may be that is not Python's.
    """
    return [sys.executable, "-P", "-m", module, *arguments]
