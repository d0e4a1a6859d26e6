"""The config node of the embedded registry."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from flowengine.errors import FlowEngineError
from flowengine.node import Config, Context, Field, Secret, node_type
from flowengine_nodes.iiot.embedded.copy_rows import is_copy, own_records
from flowengine_nodes.iiot.embedded.followed_folder import FollowedFolder
from flowengine_nodes.iiot.embedded.groups import EmbeddedGroups
from flowengine_nodes.iiot.embedded.importing import Change
from flowengine_nodes.iiot.registry.furnishing import furnish
from flowengine_nodes.iiot.registry.registry import Registry
from flowengine_nodes.iiot.registry.topics import Topics


class EmbeddedRegistryConfig(Config):
    """Keep the registry in the engine's own store."""

    folder: str = Field(
        "",
        description="Folder of profiles, devices and automation rules as JSON, as `flowengine device export` writes; "
        "taken over at the start and when it changes. Empty for none.",
    )
    secret_key: Secret = Field(
        "",
        description="Key that tokens are hashed and passwords of devices are derived with, at least 16 characters; "
        "older keys may follow it. Empty for one that is made once and kept in the store.",
    )
    topics: Topics = Field(
        Topics(),
        description="Topics of devices whose profile says nothing else, in which {device} stands for the device's id; "
        "devices that pair are told them.",
    )


@node_type("iiot-registry", category="iiot", label="Registry", icon="registry")
class EmbeddedRegistry(Registry[EmbeddedRegistryConfig]):
    """Keep profiles, devices and all that belongs to them in the engine's own store.

    What messages need of it is held in memory, so that no message waits for the database. Changes by other processes,
    such as the `device` command, are noticed within a second.

    With a *folder*, profiles and devices that are kept in git are the truth: what its files say is taken over as a
    whole, or not at all if anything in them is wrong. What they do not name stays as it is.
    """

    def __init__(self, config: EmbeddedRegistryConfig, context: Context) -> None:
        super().__init__(config, context)
        self._groups = groups = EmbeddedGroups(context.database, context.clock)
        self.topics = config.topics
        self._problem = ""
        self._folder_problem = ""
        self._folder = (
            FollowedFolder(Path(config.folder), groups.folders, context.clock, self._taken_over)
            if config.folder
            else None
        )
        self.roster = groups.roster
        self.profiles = groups.profiles
        self.devices = groups.devices
        self.tokens = groups.tokens
        self.commands = groups.commands
        self.api_keys = groups.api_keys
        self.firmware = groups.firmware
        self.updates = groups.updates
        self.rollouts = groups.rollouts
        self.automations = groups.automations

    @classmethod
    def trial(cls, config: EmbeddedRegistryConfig) -> EmbeddedRegistryConfig:
        """Return the configuration as it is: a trial has a store of its own, into which the folder is read."""
        return config

    async def start(self) -> None:
        """Make the tables, and load keys and roster."""
        await self._groups.migrate()
        if await self.context.database.read(is_copy):
            # Odoo was the master of the records until now.
            await self.context.database.write(own_records)
        await self._groups.tokens.load(self.config.secret_key)
        self.keys = self._groups.tokens.keys
        if self._folder is not None:
            await self._folder.take_over()
        await self._groups.keeper.refresh()
        self._show()

    async def run(self) -> None:
        """Keep the roster up to date, follow the folder, and write behind what was heard of devices."""
        # A test, whose store is in memory, does not wait for its own folder to change.
        if self._folder is not None and self.context.database.shared:
            self.context.spawn(self._folder.run(), "follow folder")
        await self._groups.keeper.run(self._groups.devices.store_heard, self._looked)

    async def stop(self) -> None:
        """Store what was heard last."""
        await self._groups.keeper.flush(self._groups.devices.store_heard)

    async def refresh(self) -> None:
        """Return once the roster has what other processes have changed."""
        await self._groups.keeper.refresh()

    async def furnish(self, given: Mapping[str, Any]) -> None:
        """Take over the profiles and devices of a flow test."""
        await furnish(self, given)

    def _taken_over(self, news: Sequence[Change] | FlowEngineError) -> None:
        problem = ""
        if isinstance(news, FlowEngineError):
            problem = f"folder: {str(news).splitlines()[0]}"
            if problem != self._folder_problem:
                self.context.log.error("the folder %s was not taken over:\n%s", self.config.folder, news)
        elif news:
            self.context.log.info(
                "the folder %s has changed %d profiles, devices and rules", self.config.folder, len(news)
            )
        self._folder_problem = problem
        self._show()

    def _looked(self, error: FlowEngineError | None) -> None:
        problem = "" if error is None else str(error)
        if problem and problem != self._problem:
            self.context.log.warning("the registry cannot reach its tables, and tries again: %s", problem)
        self._problem = problem
        self._show()

    def _show(self) -> None:
        problem = self._problem or self._folder_problem
        self.context.status(problem or f"{len(self.roster):,} devices", "error" if problem else "ok")
