"""All groups of the registry whose master is Odoo: the embedded ones, with changes that Odoo decides on."""

from collections.abc import Sequence

from flowengine.node import Clock, Database
from flowengine.node.context import NodeLogger
from flowengine_nodes.iiot.embedded.groups import EmbeddedGroups
from flowengine_nodes.iiot.embedded.importing import Change, FolderImport
from flowengine_nodes.iiot.odoo.adoption import Adoption
from flowengine_nodes.iiot.odoo.automations import OdooAutomations
from flowengine_nodes.iiot.odoo.bridge import Bridge, ElsewhereError
from flowengine_nodes.iiot.odoo.devices import OdooDevices
from flowengine_nodes.iiot.odoo.firmware import OdooFirmware
from flowengine_nodes.iiot.odoo.master import Master
from flowengine_nodes.iiot.odoo.mirror import Mirror
from flowengine_nodes.iiot.odoo.profiles import OdooProfiles
from flowengine_nodes.iiot.odoo.tokens import OdooTokens
from flowengine_nodes.iiot.registry.folder import RegistryFolder


class OdooGroups(EmbeddedGroups):
    """Make all groups.

    Args:
        bridge: Asks Odoo.
        database: The store's database, in which the copy is.
        clock: The only source of time.
        log: Hears what Odoo did not want to take over.
        expected: Id of the database of Odoo that the copy may be of, though it was of another; empty for none.

    Attributes:
        mirror: Keeps the copy up to date.
    """

    firmware: OdooFirmware

    def __init__(self, bridge: Bridge, database: Database, clock: Clock, log: NodeLogger, expected: str) -> None:
        super().__init__(database, clock)
        adopt = Adoption(bridge, database, log).run
        self.mirror = Mirror(bridge, database, clock, self.keeper.reach, expected=expected, adopt=adopt)
        master = Master(bridge, self.mirror, database)
        self.profiles = OdooProfiles(database, clock, self.keeper.reach, master)
        self.devices = OdooDevices(database, clock, self.keeper, master)
        self.tokens = OdooTokens(database, clock, self.keeper.reach, master)
        self.firmware = OdooFirmware(database, clock, master)
        self.automations = OdooAutomations(database, clock, master)
        self.mirror.rules_changed = self.automations.changed
        self.folders = OdooFolders(database, clock, self.keeper, self.automations.changed)


class OdooFolders(FolderImport):
    """Folders, which may be compared with the copy and not taken over past Odoo."""

    async def run(self, folder: RegistryFolder, who: str) -> Sequence[Change]:
        """Refuse a folder that would change anything.

        Raises:
            ElsewhereError: It would.
            DocumentError: It does not fit to what the registry holds.
        """
        if await self.preview(folder):
            raise ElsewhereError
        return ()
