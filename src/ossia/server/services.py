"""Services that all handlers share: stored models, loaded models, and this machine's key."""

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
        """Load the key by which registries know this machine."""
        from ossia.store.identity import Identity

        return Identity.load()

    async def resolve(self, name: str) -> Model:
        """Return the model stored under a name. Raises InvalidRequest for no name, ModelNotFound for an unknown one."""
        if not name:
            raise InvalidRequest("model is required")
        return await asyncio.to_thread(self.store.resolve, name)
