"""The registry as nodes reach it."""

from collections.abc import Sequence
from typing import Annotated, TypeVar

from flowengine.node import Config, ConfigNode, Context, Resource
from flowengine_nodes.iiot.ota.intake import FirmwareIntake
from flowengine_nodes.iiot.registry.api_keys import ApiKeys
from flowengine_nodes.iiot.registry.automations import Automations
from flowengine_nodes.iiot.registry.bell import Bell
from flowengine_nodes.iiot.registry.commands import Commands
from flowengine_nodes.iiot.registry.devices import Devices
from flowengine_nodes.iiot.registry.firmware import Firmwares
from flowengine_nodes.iiot.registry.profile import Profile
from flowengine_nodes.iiot.registry.profiles import Profiles
from flowengine_nodes.iiot.registry.rollouts import Rollouts
from flowengine_nodes.iiot.registry.roster import Roster
from flowengine_nodes.iiot.registry.secret_keys import SecretKeys
from flowengine_nodes.iiot.registry.tokens import Tokens
from flowengine_nodes.iiot.registry.topics import Topics
from flowengine_nodes.iiot.registry.updates import Updates
from flowengine_nodes.iiot.registry.wanted_update import WantedUpdate

C = TypeVar("C", bound=Config)

RegistryId = Annotated[str, Resource("iiot-registry", "odoo-registry")]
"""A field that refers to a registry."""


class Registry(ConfigNode[C]):
    """Everything that is known of devices. Config nodes of different back ends make it.

    Attributes:
        profiles: Device profiles.
        devices: Devices, and when they were last heard of.
        roster: What the message path needs of both, in memory.
        tokens: Tokens that devices pair with.
        commands: Commands to devices.
        api_keys: Keys for the HTTP API.
        firmware: Firmware.
        updates: Updates of devices to it.
        rollouts: Updates of many devices, group by group.
        automations: Rules by which devices are sent commands.
        keys: What tokens, passwords and signatures are made with; there once the registry has started.
        topics: What devices use where their profile says nothing else.
        news: Rings when something was changed elsewhere, where records have another master.
        brings_files: Whether files of firmware may come later than what is known of them.
    """

    profiles: Profiles
    devices: Devices
    roster: Roster
    tokens: Tokens
    commands: Commands
    api_keys: ApiKeys
    firmware: Firmwares
    updates: Updates
    rollouts: Rollouts
    automations: Automations
    keys: SecretKeys
    topics: Topics = Topics()
    brings_files: bool = False

    def __init__(self, config: C, context: Context) -> None:
        super().__init__(config, context)
        self.news = Bell()
        self._topics_of: dict[str, tuple[Profile, Topics]] = {}

    async def refresh(self) -> None:
        """Return once all is known that was changed elsewhere before this call.

        Raises:
            TransientError: What is the master of the records is away.
        """

    async def wanted_updates(self) -> Sequence[WantedUpdate]:
        """Return updates that the master of the records wants, and that nobody has asked for here."""
        return ()

    async def note_asked(self, update: WantedUpdate) -> None:
        """Note that an update was asked for here.

        Args:
            update: One that was wanted.
        """

    def take_files(self, intake: FirmwareIntake) -> None:
        """Bring files of firmware that are kept elsewhere into a store, as long as it is there.

        Args:
            intake: Takes files into the store.
        """

    def leave_files(self, intake: FirmwareIntake) -> None:
        """Bring no more files into a store; harmless for one that gets none."""

    def topics_of(self, profile: Profile) -> Topics:
        """Return the topics that devices of a profile use, and are told.

        Args:
            profile: The profile; what it leaves at the default is as :attr:`topics` says.
        """
        known = self._topics_of.get(profile.id)
        if known is None or known[0] is not profile:
            known = self._topics_of[profile.id] = profile, profile.topics.beside(self.topics)
        return known[1]
