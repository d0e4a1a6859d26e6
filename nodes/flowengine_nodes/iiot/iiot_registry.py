"""The config node of the embedded registry."""

from collections.abc import Mapping
from typing import Any

from flowengine.errors import FlowEngineError
from flowengine.node import Config, Context, Field, Secret, node_type
from flowengine_nodes.iiot.embedded.groups import EmbeddedGroups
from flowengine_nodes.iiot.registry.furnishing import furnish
from flowengine_nodes.iiot.registry.registry import Registry


class EmbeddedRegistryConfig(Config):
    """Keep the registry in the engine's own store."""

    secret_key: Secret = Field(
        "",
        description="Key that tokens are hashed and passwords of devices are derived with, at least 16 characters; "
        "older keys may follow it. Empty for one that is made once and kept in the store.",
    )


@node_type("iiot-registry", category="iiot", label="Registry")
class EmbeddedRegistry(Registry[EmbeddedRegistryConfig]):
    """Keep profiles, devices and all that belongs to them in the engine's own store.

    What messages need of it is held in memory, so that no message waits for the database. Changes by other processes,
    such as the `device` command, are noticed within a second.
    """

    def __init__(self, config: EmbeddedRegistryConfig, context: Context) -> None:
        super().__init__(config, context)
        self._groups = groups = EmbeddedGroups(context.database, context.clock)
        self.roster = groups.roster
        self.profiles = groups.profiles
        self.devices = groups.devices
        self.tokens = groups.tokens
        self.commands = groups.commands
        self.firmware = groups.firmware
        self.updates = groups.updates
        self.rollouts = groups.rollouts

    async def start(self) -> None:
        """Make the tables, and load keys and roster."""
        await self._groups.migrate()
        await self._groups.tokens.load(self.config.secret_key)
        self.keys = self._groups.tokens.keys
        await self._groups.keeper.refresh()
        self.context.status(self._count())

    async def run(self) -> None:
        """Keep the roster up to date, and write behind what was heard of devices."""
        await self._groups.keeper.run(self._groups.devices.store_heard, self._failed)

    async def stop(self) -> None:
        """Store what was heard last."""
        await self._groups.keeper.flush(self._groups.devices.store_heard)

    async def furnish(self, given: Mapping[str, Any]) -> None:
        """Take over the profiles and devices of a flow test."""
        await furnish(self, given)

    def _failed(self, error: FlowEngineError | None) -> None:
        if error is None:
            self.context.status(self._count())
        else:
            self.context.log.warning("the registry cannot reach its tables, and tries again: %s", error)
            self.context.status(str(error), "error")

    def _count(self) -> str:
        return f"{len(self.roster):,} devices"
