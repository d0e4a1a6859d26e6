"""All groups of the embedded registry, on one database: for the config node, and for commands."""

import flowengine_nodes.iiot.embedded.copy_rows  # noqa: F401 - its tables are made with those of the groups
from flowengine.node import Clock, Database
from flowengine_nodes.iiot.embedded.api_keys import EmbeddedApiKeys
from flowengine_nodes.iiot.embedded.automation import EmbeddedAutomations
from flowengine_nodes.iiot.embedded.commands import EmbeddedCommands
from flowengine_nodes.iiot.embedded.devices import EmbeddedDevices
from flowengine_nodes.iiot.embedded.firmware import EmbeddedFirmware
from flowengine_nodes.iiot.embedded.importing import FolderImport
from flowengine_nodes.iiot.embedded.migrations import bring_up_to_date
from flowengine_nodes.iiot.embedded.profiles import EmbeddedProfiles
from flowengine_nodes.iiot.embedded.rollouts import EmbeddedRollouts
from flowengine_nodes.iiot.embedded.roster_keeper import RosterKeeper
from flowengine_nodes.iiot.embedded.tokens import EmbeddedTokens
from flowengine_nodes.iiot.embedded.updates import EmbeddedUpdates
from flowengine_nodes.iiot.registry.roster import Roster


class EmbeddedGroups:
    """Make all groups.

    Args:
        database: The store's database.
        clock: The only source of time.

    Attributes:
        roster: Devices and profiles in memory; empty until the keeper has looked.
        keeper: Keeps the roster up to date.
        profiles: Device profiles.
        devices: Devices and their presence.
        folders: Takes over folders of profiles, devices and automation rules.
        tokens: Tokens to pair with; they need their keys loaded.
        commands: Commands, and how far they have come.
        api_keys: Keys for the HTTP API.
        firmware: Firmware.
        updates: Updates of devices to it.
        rollouts: Updates of many devices, group by group.
        automations: Rules by which devices are sent commands.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self.roster = Roster()
        self.keeper = RosterKeeper(self.roster, database, clock)
        self.profiles = EmbeddedProfiles(database, clock, self.keeper.reach)
        self.devices = EmbeddedDevices(database, clock, self.keeper)
        self.tokens = EmbeddedTokens(database, clock, self.keeper.reach)
        self.commands = EmbeddedCommands(database)
        self.api_keys = EmbeddedApiKeys(database, clock)
        self.firmware = EmbeddedFirmware(database, clock)
        self.updates = EmbeddedUpdates(database, clock)
        self.rollouts = EmbeddedRollouts(database, clock, self.updates.bell)
        self.automations = EmbeddedAutomations(database, clock)
        self.folders = FolderImport(database, clock, self.keeper, self.automations.changed)

    async def migrate(self) -> None:
        """Make the tables, or bring them up to date.

        Raises:
            NewerRegistryError: A newer flowengine has changed them.
            FlowEngineError: The database failed.
        """
        await bring_up_to_date(self._database)
