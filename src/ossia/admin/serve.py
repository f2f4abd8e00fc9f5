"""`ossia serve`: binds the address, prepares the store, and runs the server until a signal arrives."""

import logging

from ossia.config import Settings, without_effect
from ossia.errors import StoreError
from ossia.server.listen import listen
from ossia.server.serve import run
from ossia.store.identity import Identity
from ossia.store.keys import KeyFile
from ossia.store.models import ModelStore

logger = logging.getLogger(__name__)


def serve(settings: Settings) -> None:
    """Serve requests until a signal arrives. Raises OssiaError if the address or the API keys cannot be used."""
    KeyFile().read()  # better told now than by refusing everybody later
    sockets = listen(settings.host, settings.port)
    store = ModelStore(settings.models)
    logger.info("listening on %s", settings.url)
    _prepare(settings, store)  # after binding: two servers must not sweep one store
    run(settings, store, sockets)


def _prepare(settings: Settings, store: ModelStore) -> None:
    """Prepare what is optional: a failure is logged, and the server starts all the same."""
    for name in without_effect():
        logger.warning("%s is set, but has no effect here", name)
    try:
        Identity.load()  # so that the user can register the key before the first pull
        if not settings.no_prune:
            store.sweep()
    except StoreError as error:
        logger.warning("%s", error.message)
