"""Check of the clock. One that is slow by months makes every certificate look invalid, and downloads fail."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import ossia
from ossia.admin.doctor.check import Check


def clock() -> Iterator[Check]:
    """Yield the time, which cannot be before that at which ossia was installed."""
    now, installed = time.time(), Path(ossia.__file__).stat().st_mtime
    text = f"{datetime.fromtimestamp(now, UTC):%Y-%m-%d %H:%M} UTC"
    if now + 86400 < installed:
        day = f"{datetime.fromtimestamp(installed, UTC):%Y-%m-%d}"
        remedy = "set the clock (`timedatectl set-ntp true`): certificates of registries look invalid until then"
        yield Check("clock", f"{text}, though ossia was installed on {day}", remedy)
    else:
        yield Check("clock", text)
