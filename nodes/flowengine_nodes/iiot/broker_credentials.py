"""The config node that gives devices what they log in to the broker with."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from flowengine.node import Config, ConfigNode, Context, Field, NodeError, Resource, Secret, node_type
from flowengine_nodes.iiot.dynamic_security.changes import changing, looking
from flowengine_nodes.iiot.dynamic_security.console import Console, ConsoleError
from flowengine_nodes.iiot.dynamic_security.keeper import MOST_CHANGES, AccountKeeper, Fate
from flowengine_nodes.iiot.dynamic_security.rules import (
    ENGINE_RULES,
    Account,
    device_account,
    pairing_rules,
    role_names,
    rules_of,
)
from flowengine_nodes.iiot.pairing.configuration import BrokerAddress, Login
from flowengine_nodes.iiot.registry.device import Device
from flowengine_nodes.iiot.registry.profile import Profile
from flowengine_nodes.iiot.registry.registry import Registry, RegistryId
from flowengine_nodes.iiot.registry.tokens import Holder, PairingToken
from flowengine_nodes.iiot.registry.topics import Topics
from flowengine_nodes.network.mqtt.client import Connected, ConnectionEvent, Disconnected
from flowengine_nodes.network.mqtt_broker import MqttBroker

BrokerCredentialsId = Annotated[str, Resource("broker-credentials")]
"""A field that refers to what gives devices their credentials."""

LOOK = 2.0
"""Seconds between two looks whether devices have changed."""
LOOK_ANYWAY = 600.0
AGAIN = 5.0
_ENGINE_ROLE = "engine:flowengine"
_PAIRING_ROLE = "pairing:flowengine"


class LostKeyError(NodeError):
    """The secret key is gone that the password of a device was derived with.

    Args:
        device: Its id.
    """

    def __init__(self, device: str) -> None:
        super().__init__(
            f'the secret key that the password of "{device}" was made with is gone; have a new token made for it',
            code="lost-key",
        )
        self.device = device


class BrokerCredentialsConfig(Config):
    """Give devices their credentials."""

    registry: RegistryId = Field(description="The registry.")
    mode: Literal["shared", "mosquitto"] = Field(
        "shared",
        description="Whether all devices share one login, or each gets its own by Mosquitto's dynamic security.",
    )
    broker: Annotated[str, Resource("mqtt-broker")] = Field(
        "main", description="The broker; in mode mosquitto, the connection of a user who may administer it."
    )
    host: str = Field("", description="Name or address by which devices reach it; empty for that of the broker.")
    port: int = Field(0, ge=0, le=65535, description="Port by which devices reach it; 0 for that of the broker.")
    tls: Literal["as-broker", "yes", "no"] = Field(
        "as-broker", description="Whether devices speak TLS, or as the connection of the broker does."
    )
    ca: str = Field("", description="File of certificates (PEM) that devices are told to trust.", title="CA file")
    username: str = Field("", description="User name that devices share (mode shared).")
    password: Secret = Field("", description="Password that devices share (mode shared).")
    rules: Literal["roles", "acl-file"] = Field(
        "roles",
        description="Where it is written what a device may do: in a role for each, or in patterns of the broker's own "
        "ACL file, which is much cheaper for many thousand devices (mode mosquitto).",
    )
    pairing_username: str = Field(
        "", description="User name by which devices ask to be paired over MQTT, kept at the broker (mode mosquitto)."
    )
    pairing_password: Secret = Field("", description="Its password.")
    reply: str = Field(
        "iiot/config/reply/",
        pattern=r"^[^+#]+/$",
        description="Beginning of the topics that a device may ask its answer on.",
    )


@node_type("broker-credentials", category="iiot", label="Broker credentials", icon="key")
class BrokerCredentials(ConfigNode[BrokerCredentialsConfig]):
    """Give each device that pairs what it logs in to the MQTT broker with.

    **shared**: all devices get the same user name and password, from the settings. The broker cannot tell them apart
    then, unless its own rules do.

    **mosquitto**: each device gets an account of its own from Mosquitto's dynamic-security plugin (Mosquitto 2.0 or
    newer): user name and client id are the device's id, and it can publish and subscribe only to its own topics, as its
    profile has them. A pairing is answered only when the broker has taken the account over and says so itself. Accounts
    follow the registry within seconds: a suspended or retired device is cut off, one that is removed has its account
    removed, and a broker that has lost its accounts gets them again, with the same passwords. Users that are no devices
    are left alone.

    The plugin writes its whole file at each change, so that a broker with some thousand devices pauses for each new
    one. With *rules* set to acl-file it keeps names and passwords only, and patterns in the broker's ACL file say what
    a device may do, for the usual topics. The plugin's default for `publishClientReceive` is kept to fit: allowed with
    roles, left to the ACL file without.

    The engine keeps two more roles there: one that lets its own user reach all topics, and one for the user by whom
    devices ask to be paired, who can do nothing else and cannot listen to the answers of others.
    """

    def __init__(self, config: BrokerCredentialsConfig, context: Context) -> None:
        super().__init__(config, context)
        self._keeper: AccountKeeper | None = None
        self._connected = asyncio.Event()
        self._connections = 0
        self._left_alone: frozenset[str] = frozenset()

    async def start(self) -> None:
        """Read what devices are told; find the broker."""
        config = self.config
        self._registry: Registry[Config] = self.context.resource(config.registry, Registry)
        self._broker = self.context.resource(config.broker, MqttBroker)
        ours = self._broker.config
        self.address = BrokerAddress(
            host=config.host or ours.host,
            port=config.port or ours.port,
            tls=ours.tls is not False if config.tls == "as-broker" else config.tls == "yes",
            ca=_certificates(config.ca),
        )
        if config.mode == "mosquitto":
            self._console = Console(self._broker.client, self.context.clock)
            self._keeper = AccountKeeper(self._console, self.context.clock, self._told)
            self._ignore = self._broker.client.listen(self._happened)
            if self._broker.client.is_connected:
                self._connected.set()

    async def run(self) -> None:
        """Keep the accounts at the broker as the registry wants them."""
        if self._keeper is None:
            return
        self._console.open()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keeper.run(), name="put accounts in place")
            group.create_task(self._reconcile(self._keeper), name="reconcile accounts")

    async def stop(self) -> None:
        """Leave the broker alone."""
        if self._keeper is not None:
            self._ignore()
            self._console.close()

    async def login(self, device: Device, token: PairingToken, profile: Profile) -> Login:
        """Return what a device logs in with, once the broker lets it.

        Args:
            device: The device, paired.
            token: The token that it used.
            profile: Its profile.

        Raises:
            LostKeyError: The password cannot be made any more.
            NodeError: The broker refuses the account.
        """
        if self._keeper is None:
            return Login(client_id=device.id, username=self.config.username, password=self.config.password)
        account = self._account(Holder(device.id, token.id, token.key), self._registry.topics_of(profile))
        await self._keeper.put(account)
        return Login(client_id=account.client_id, username=account.username, password=account.password)

    async def _reconcile(self, keeper: AccountKeeper) -> None:
        async with self.context.alone():
            seen: tuple[int, ...] = ()
            while True:
                await self._connected.wait()
                # A broker that was away may have lost accounts, and now and then somebody changes one by hand.
                period = int(self.context.clock.monotonic() // LOOK_ANYWAY)
                now = (self._registry.roster.changes, self._connections, period)
                if now != seen:
                    try:
                        await self._keep_own()
                        while await keeper.reconcile(self._wanted, self._fate) == MOST_CHANGES:
                            self.context.log.info("%d accounts at the broker were put right", MOST_CHANGES)
                            await self.context.clock.sleep(LOOK)
                    except NodeError as error:
                        self._told(error)
                        await self.context.clock.sleep(AGAIN)
                        continue
                    self._told(None)
                    seen = now
                await self.context.clock.sleep(LOOK)

    async def _keep_own(self) -> None:
        """Keep what is the same for all devices, and the accounts that the engine needs itself."""
        await self._keep_default()
        own = self._broker.config.username
        if own:
            await self._keep_role(own, _ENGINE_ROLE)
        config = self.config
        if config.pairing_username:
            # The mark changes with the password, and does not tell it.
            mark = (
                "pairing:"
                + self._registry.keys.digest(self._registry.keys.newest, "pairing-login", config.pairing_password).hex()
            )
            rules = pairing_rules(self._registry.topics.config_request.text, config.reply)
            wanted = Account(config.pairing_username, _PAIRING_ROLE, "", config.pairing_password, mark, rules)
            client, role = await self._console.run(looking(wanted))
            found = (client.get("data", {}).get("client"), role.get("data", {}).get("role"))
            await self._console.run(changing(wanted, *found))

    async def _keep_default(self) -> None:
        """Let the plugin pass messages on that were subscribed to, or leave them to the ACL file.

        An ACL file lets anybody subscribe to anything, and filters what he gets.
        """
        wanted = {"acltype": "publishClientReceive", "allow": self.config.rules == "roles"}
        (answer,) = await self._console.run([{"command": "getDefaultACLAccess"}])
        if wanted not in answer.get("data", {}).get("acls", []):
            await self._console.run([{"command": "setDefaultACLAccess", "acls": [wanted]}])

    async def _keep_role(self, username: str, role: str) -> None:
        (answer,) = await self._console.run([{"command": "getClient", "username": username}])
        client = answer.get("data", {}).get("client")
        if client is not None and role not in role_names(client):
            acls = [rule.document() for rule in sorted(ENGINE_RULES)]
            await self._console.run(
                [
                    {"command": "createRole", "rolename": role, "acls": acls},
                    {"command": "addClientRole", "username": username, "rolename": role},
                ]
            )

    async def _wanted(self) -> Sequence[Account]:
        accounts = []
        left_alone = set()
        for holder in await self._registry.tokens.holders():
            member = self._registry.roster.member(holder.device)
            if member is None:
                # Another process has added it just now.
                left_alone.add(holder.device)
            elif member.takes_part:
                try:
                    accounts.append(self._account(holder, self._registry.topics_of(member.profile)))
                except LostKeyError:
                    # It could not be made anew, and works as it is.
                    left_alone.add(holder.device)
        self._left_alone = frozenset(left_alone)
        return accounts

    def _fate(self, device: str) -> Fate:
        if device in self._left_alone:
            return "keep"
        member = self._registry.roster.member(device)
        # One that takes part, and has not paired any more, has had its credentials withdrawn.
        return "remove" if member is None or member.takes_part else "cut-off"

    def _account(self, holder: Holder, topics: Topics) -> Account:
        password = self._registry.tokens.password(holder)
        if password is None:
            raise LostKeyError(holder.device)
        rules = rules_of(holder.device, topics) if self.config.rules == "roles" else None
        return device_account(holder.device, password, holder.token, rules)

    def _happened(self, event: ConnectionEvent) -> None:
        if isinstance(event, Connected):
            self._connections += 1
            self._connected.set()
        elif isinstance(event, Disconnected):
            self._connected.clear()

    def _told(self, error: NodeError | None) -> None:
        if error is None:
            self.context.status("in place")
        else:
            self.context.log.warning("%s", error)
            self.context.status(str(error), "error" if isinstance(error, ConsoleError) else "warning")


def _certificates(name: str) -> str:
    if not name:
        return ""
    try:
        return Path(name).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise NodeError(f"the file of certificates {name} cannot be read: {error}", code="tls-file") from error
