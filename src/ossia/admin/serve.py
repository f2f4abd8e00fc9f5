"""`ossia serve`: binds the address, prepares the store, and runs the server until a signal comes."""

import logging

from ossia.config import Settings, without_effect
from ossia.errors import StoreError
from ossia.server.listen import listen
from ossia.server.serve import run
from ossia.store.identity import Identity
from ossia.store.models import ModelStore

logger = logging.getLogger(__name__)


def serve(settings: Settings) -> None:
    """Answer requests until a signal comes. Raises OssiaError when the address cannot be listened on."""
    sockets = listen(settings.host, settings.port)
    store = ModelStore(settings.models)
    logger.info("listening on %s", settings.url)
    _prepare(settings, store)  # once the address is ours: two servers must not sweep one store
    run(settings, store, sockets)


def _prepare(settings: Settings, store: ModelStore) -> None:
    """Optional preparations: a failure is logged, and the server starts all the same."""
    for name in without_effect():
        logger.warning("%s is set, but has no effect here", name)
    try:
        Identity.load()  # so that it can be told to a registry before the first pull
        if not settings.no_prune:
            store.sweep()
    except StoreError as error:
        logger.warning("%s", error.message)
