"""Services that all handlers share: the stored models, the loaded ones, and this machine's key."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ossia.errors import InvalidRequest
from ossia.server.pool import EnginePool
from ossia.store.models import Model, ModelStore

if TYPE_CHECKING:
    from ossia.store.identity import Identity


@dataclass(frozen=True, slots=True)
class Services:
    store: ModelStore
    pool: EnginePool

    def identity(self) -> "Identity":
        """The key that registries know this machine by."""
        from ossia.store.identity import Identity

        return Identity.load()

    async def resolve(self, name: str) -> Model:
        """The stored model of that name. Raises InvalidRequest for no name, ModelNotFound for an unknown one."""
        if not name:
            raise InvalidRequest("model is required")
        return await asyncio.to_thread(self.store.resolve, name)
