"""`ossia serve`: binds the address, prepares the store, says who may do what, and runs until a signal arrives."""

import logging
import socket
from collections.abc import Sequence

from ossia.config import Access, Settings, meant_by, without_effect
from ossia.errors import StoreError
from ossia.hosts import url_of
from ossia.server.http.access import is_loopback
from ossia.server.listen import listen
from ossia.server.serve import run
from ossia.server.tls import Certificate
from ossia.store.identity import Identity
from ossia.store.keys import KeyFile
from ossia.store.models import ModelStore

logger = logging.getLogger(__name__)


def serve(settings: Settings) -> None:
    """Serve requests until a signal arrives.

    Raises OssiaError if the address, the certificate or the file of API keys cannot be used.
    """
    keys = KeyFile()
    keys.read()  # better told now than by refusing everybody later
    certificate = Certificate.of(settings)
    sockets = listen(settings.host, settings.port)
    store = ModelStore(settings.models)
    announce(sockets, settings, has_keys=bool(settings.api_keys) or keys.state() is not None)
    _prepare(settings, store)  # after binding: two servers must not sweep one store
    run(settings, store, sockets, certificate)


def announce(sockets: Sequence[socket.socket], settings: Settings, has_keys: bool) -> None:
    """Log the addresses and the rules, and a warning if anybody else may use the models."""
    logger.info("listening on %s", " and ".join(_url(each, settings) for each in sockets))
    logger.info("%s", _rules(settings.access, has_keys))
    if is_loopback(settings.host):
        return
    if not has_keys:
        logger.warning("whoever reaches this address may use the models; `ossia key create` makes others need a key")
    if not settings.tls_cert:
        logger.warning("without TLS, whoever is on the way can read along; OSSIA_TLS_CERT sets a certificate")


def _url(bound: socket.socket, settings: Settings) -> str:
    host, port, *_ = bound.getsockname()
    return url_of("https" if settings.tls_cert else "http", host, port)


def _rules(access: Access, has_keys: bool) -> str:
    """Return the rules of `permission.refusal` in a sentence."""
    if has_keys:
        return "everybody needs a key" if access.local_keys else "other machines need a key, this one needs none"
    named = ", ".join(map(str, access.manage_from))
    return f"other machines may use models, but not manage them{f', except from {named}' if named else ''}"


def _prepare(settings: Settings, store: ModelStore) -> None:
    """Prepare what is optional: a failure is logged, and the server starts all the same."""
    for name in without_effect():
        meant = meant_by(name)
        logger.warning("%s is set, but has no effect here%s", name, f"; did you mean {meant}?" if meant else "")
    try:
        Identity.load()  # so that the user can register the key before the first pull
        if not settings.no_prune:
            store.sweep()
    except StoreError as error:
        logger.warning("%s", error.message)
