"""The registry as nodes reach it."""

from typing import Annotated, TypeVar

from flowengine.node import Config, ConfigNode, Context, Resource
from flowengine_nodes.iiot.registry.api_keys import ApiKeys
from flowengine_nodes.iiot.registry.automations import Automations
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

C = TypeVar("C", bound=Config)

RegistryId = Annotated[str, Resource("iiot-registry")]
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

    def __init__(self, config: C, context: Context) -> None:
        super().__init__(config, context)
        self._topics_of: dict[str, tuple[Profile, Topics]] = {}

    def topics_of(self, profile: Profile) -> Topics:
        """Return the topics that devices of a profile use, and are told.

        Args:
            profile: The profile; what it leaves at the default is as :attr:`topics` says.
        """
        known = self._topics_of.get(profile.id)
        if known is None or known[0] is not profile:
            known = self._topics_of[profile.id] = profile, profile.topics.beside(self.topics)
        return known[1]
