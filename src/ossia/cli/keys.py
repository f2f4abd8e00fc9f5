"""The commands `ossia key ...`, which change the file of keys: a running server sees it at once, and none is needed.

They know nothing of scopes and limits, which are the key file's. Imports wait until a command runs.
"""

from argparse import Namespace
from contextlib import suppress

from ossia.cli.output import note, say
from ossia.errors import OssiaError


def create(arguments: Namespace) -> None:
    from ossia.store.keys import KeyFile

    file = KeyFile()
    say(file.create(arguments.name, arguments.scope, arguments.at_once, arguments.per_minute))
    note(f"this key is not shown again: {file.path} has only its hash\n")


def list_(arguments: Namespace) -> None:
    from ossia.cli.tables import human_ago, table
    from ossia.store.keys import KeyFile

    rows = [
        (
            key.name,
            " ".join(sorted(key.scopes)),
            str(key.at_once or "-"),
            str(key.per_minute or "-"),
            human_ago(key.created) if key.created else "",
        )
        for key in KeyFile().read()
    ]
    say(table(("NAME", "SCOPES", "AT ONCE", "PER MINUTE", "CREATED"), rows), end="")


def revoke(arguments: Namespace) -> None:
    from ossia.store.keys import KeyFile

    file = KeyFile()
    left = file.revoke(arguments.name)
    say(f"revoked '{arguments.name}'")
    if not left:
        how = f"to open the server, delete {file.path} and restart it"
        note(f"no key is left, and other machines still need one; {how}\n")


def complete_name(prefix: str, **_: object) -> list[str]:
    """Return the names of keys that begin with `prefix`, for the shell."""
    from ossia.store.keys import KeyFile

    with suppress(OssiaError):
        return [key.name for key in KeyFile().read() if key.name.startswith(prefix)]
    return []
