"""The registry as nodes reach it."""

from typing import Annotated, TypeVar

from flowengine.node import Config, ConfigNode, Resource
from flowengine_nodes.iiot.registry.api_keys import ApiKeys
from flowengine_nodes.iiot.registry.automations import Automations
from flowengine_nodes.iiot.registry.commands import Commands
from flowengine_nodes.iiot.registry.devices import Devices
from flowengine_nodes.iiot.registry.firmware import Firmwares
from flowengine_nodes.iiot.registry.profiles import Profiles
from flowengine_nodes.iiot.registry.rollouts import Rollouts
from flowengine_nodes.iiot.registry.roster import Roster
from flowengine_nodes.iiot.registry.secret_keys import SecretKeys
from flowengine_nodes.iiot.registry.tokens import Tokens
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
