"""Check of the way to the registry of models: names, proxies, certificates, and the clock beside that of its answer."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from ossia.admin.doctor.check import Check
from ossia.admin.doctor.within import within
from ossia.errors import RegistryError
from ossia.store.http import HttpClient, Limits
from ossia.store.name import DEFAULT_HOST

_NAME: Final = "registry"
_SECONDS: Final = 5.0
_APART: Final = timedelta(minutes=5)
_ALONE: Final = "(stored models run without it; --offline leaves this out)"


def registry(url: str = f"https://{DEFAULT_HOST}/v2/") -> Iterator[Check]:
    """Yield whether the registry answers, and the clock if that differs from its own."""
    text = f"{DEFAULT_HOST} has not answered for {_SECONDS:g} seconds"
    silent = Check(_NAME, text, f"is there a network, and does DNS work (/etc/resolv.conf)? {_ALONE}")
    yield from within(_SECONDS, lambda: _asked(url)) or [silent]


def _asked(url: str) -> list[Check]:
    client = HttpClient(Limits(connect=_SECONDS, read=_SECONDS))
    try:
        with client.request("GET", url, {}) as answer:
            return [Check(_NAME, f"{DEFAULT_HOST} answers"), *_clock(answer.headers.get("date", ""))]
    except RegistryError as error:
        return [Check(_NAME, error.message, f"{error.hint or 'try again later'} {_ALONE}")]
    finally:
        client.close()


def _clock(date: str) -> list[Check]:
    """Return the check of a clock that is far from the time of an answer."""
    try:
        apart = datetime.now(UTC) - parsedate_to_datetime(date)
    except (TypeError, ValueError):  # no time, or none with its zone
        return []
    if abs(apart) < _APART:
        return []
    text = f"{timedelta(seconds=round(abs(apart).total_seconds()))} {'ahead of' if apart > _APART else 'behind'}"
    return [Check("clock", f"{text} the registry's", "set the clock: `timedatectl set-ntp true`")]
