"""The config node of the embedded registry."""

from flowengine.node import Config, Context, node_type
from flowengine_nodes.iiot.embedded.groups import EmbeddedGroups
from flowengine_nodes.iiot.registry.registry import Registry


class EmbeddedRegistryConfig(Config):
    """Keep the registry in the engine's own store."""


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

    async def start(self) -> None:
        """Make the tables and load the roster."""
        await self._groups.migrate()
        await self._groups.keeper.refresh()

    async def run(self) -> None:
        """Keep the roster up to date, and write behind what was heard of devices."""
        await self._groups.keeper.run(self.devices)

    async def stop(self) -> None:
        """Store what was heard last."""
        await self._groups.keeper.flush(self.devices)
