"""The config node of the registry whose master is Odoo."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from flowengine.errors import FlowEngineError
from flowengine.node import Config, Context, Duration, Field, NodeError, Secret, node_type
from flowengine_nodes.iiot.embedded.groups import EmbeddedGroups
from flowengine_nodes.iiot.odoo.bridge import Bridge
from flowengine_nodes.iiot.odoo.files import FileBringer
from flowengine_nodes.iiot.odoo.groups import OdooGroups
from flowengine_nodes.iiot.odoo.mirror import Mirror
from flowengine_nodes.iiot.ota.intake import FirmwareIntake
from flowengine_nodes.iiot.registry.furnishing import furnish
from flowengine_nodes.iiot.registry.registry import Registry
from flowengine_nodes.iiot.registry.topics import Topics
from flowengine_nodes.iiot.registry.wanted_update import WantedUpdate
from flowengine_nodes.odoo.odoo_server import OdooServer, ServerId

AGAIN: Final = 5.0
"""Seconds until Odoo is asked again when it was away."""


class OdooRegistryConfig(Config):
    """Let Odoo be the master of profiles, devices and all that belongs to them."""

    server: ServerId = Field("odoo", description="The Odoo server, with the API key of a user of the group Bridge.")
    secret_key: Secret = Field(
        "",
        description="Key that tokens are hashed and passwords of devices are derived with, at least 16 characters, the "
        "same as in Odoo's settings; older keys may follow it.",
    )
    refresh: Duration = Field(
        "1m", gt=0, description="Longest time until a change in Odoo is known here; usually Odoo tells at once."
    )
    first_wait: Duration = Field(
        "30s", description="How long flows wait for Odoo at the very first start, when nothing is known of devices yet."
    )
    database: str = Field(
        "",
        description="Id of the Odoo database, if it may be another than the one that was copied until now; such as "
        "after a move. Empty for the same.",
    )
    topics: Topics = Field(
        Topics(),
        description="Topics of devices whose profile says nothing else, in which {device} stands for the device's id; "
        "devices that pair are told them.",
    )


class MissingSharedKeyError(NodeError):
    """A registry in Odoo has no secret key."""

    code = "missing-key"

    def __init__(self) -> None:
        super().__init__(
            "a registry in Odoo needs the secret key that Odoo has in its settings for the bridge; set secret_key"
        )


@node_type("odoo-registry", category="iiot", label="Registry in Odoo", icon="registry")
class OdooRegistry(Registry[OdooRegistryConfig]):
    """Keep a copy of what Odoo knows of profiles, devices, tokens, firmware and automation rules, and live on it.

    No message waits for Odoo: what the flows need is in the engine's own store, and in memory. What changes in Odoo is
    taken over within moments when Odoo's addon tells of it (a *registry-refresh* node), and with every *refresh* in any
    case. What cannot be taken over, because something in it is wrong or refers to what is not there, is named in the
    status and tried again.

    | Odoo is away | |
    |---|---|
    | telemetry, commands, updates, automation go on | by the copy |
    | a start of the engine | goes on with the copy; only the very first one waits |
    | pairing a device, changing profiles, devices, firmware or rules here | waits and is tried again, or is refused |

    Whether a device is a draft, suspended or retired is decided in Odoo; which firmware it runs and whether it has
    reported is known here. Files of firmware are brought into the firmware stores that use this registry, checked, and
    devices are told of an update only once its file is there.

    At the first start, records that only the engine's store has, from an *iiot-registry* say, are entered in Odoo.
    """

    def __init__(self, config: OdooRegistryConfig, context: Context) -> None:
        super().__init__(config, context)
        self.topics = config.topics
        self._mirror: Mirror | None = None
        self._files: FileBringer | None = None
        self._away = ""
        self._store_problem = ""
        self._file_problems: dict[str, str] = {}
        self._unfit: Sequence[tuple[str, str, str]] = ()

    async def start(self) -> None:
        """Make the tables, load keys and copy; wait for Odoo if there is no copy yet."""
        self._groups = groups = self._make_groups()
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
        await groups.migrate()
        if self._mirror is not None and not self.config.secret_key:
            raise MissingSharedKeyError
        await groups.tokens.load(self.config.secret_key)
        self.keys = groups.tokens.keys
        if self._mirror is not None and not await self._mirror.has_copy():
            await self._wait_for_copy(self._mirror)
        await groups.keeper.refresh()
        self._show()

    async def run(self) -> None:
        """Keep copy and roster up to date, and write behind what was heard of devices."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._groups.keeper.run(self._groups.devices.store_heard, self._looked), name="roster")
            if self._mirror is not None:
                group.create_task(self._follow(), name="follow Odoo")

    async def stop(self) -> None:
        """Store what was heard last."""
        await self._groups.keeper.flush(self._groups.devices.store_heard)

    async def refresh(self) -> None:
        """Return once all is known that was changed in Odoo before this call.

        Raises:
            TransientError: Odoo is away.
        """
        if self._mirror is None:
            return
        try:
            await self._mirror.refresh()
        except FlowEngineError as error:
            self._tell(str(error))
            raise
        self._unfit = await self._mirror.unfit()
        self._tell(self._strange_key(self._mirror))

    async def wanted_updates(self) -> Sequence[WantedUpdate]:
        """Return updates that Odoo wants, and that nobody has asked for here."""
        return () if self._mirror is None else await self._mirror.orders()

    async def note_asked(self, update: WantedUpdate) -> None:
        """Note that an update was asked for here."""
        if self._mirror is not None:
            await self._mirror.ordered(update.idempotency_key)

    def take_files(self, intake: FirmwareIntake) -> None:
        """Bring files of firmware into a store, as long as it is there."""
        if self._files is not None:
            self._files.use(intake)

    def leave_files(self, intake: FirmwareIntake) -> None:
        """Bring no more files into a store."""
        if self._files is not None:
            self._files.leave(intake)

    async def furnish(self, given: Mapping[str, Any]) -> None:
        """Take over the profiles and devices of a flow test."""
        await furnish(self, given)

    def _make_groups(self) -> EmbeddedGroups:
        context = self.context
        server = context.resource(self.config.server, OdooServer)
        if server.is_played:
            # In a flow test there is no Odoo: the copy is all there is.
            return EmbeddedGroups(context.database, context.clock)
        bridge = Bridge(server.client)
        groups = OdooGroups(bridge, context.database, context.clock, context.log, self.config.database)
        self._mirror = groups.mirror
        self.brings_files = True
        self.news = groups.mirror.news
        self._files = FileBringer(bridge, groups.firmware, context.clock, groups.mirror.news, self._told_of_file)
        return groups

    async def _wait_for_copy(self, mirror: Mirror) -> None:
        clock = self.context.clock
        deadline = clock.monotonic() + self.config.first_wait
        while True:
            try:
                await mirror.refresh()
            except NodeError as error:
                left = deadline - clock.monotonic()
                self._away = str(error)
                self._show()
                if left <= 0:
                    self.context.log.error("flows begin without knowing any device: %s", error)  # noqa: TRY400 - the sentence says it all
                    return
                await clock.sleep(min(AGAIN, left))
            else:
                return

    async def _follow(self) -> None:
        assert self._files is not None
        async with self.context.alone(), asyncio.TaskGroup() as group:
            group.create_task(self._files.run(), name="bring files")
            while True:
                try:
                    await self.refresh()
                except FlowEngineError:
                    # It is in the status, and is tried again.
                    await self.context.clock.sleep(min(AGAIN, self.config.refresh))
                else:
                    await self.context.clock.sleep(self.config.refresh)

    def _strange_key(self, mirror: Mirror) -> str:
        if mirror.hello is None or mirror.hello.key_id in self.keys:
            return ""
        return "Odoo has another secret key: set the bridge's key in its settings to this registry's secret_key"

    def _told_of_file(self, firmware: str, problem: str) -> None:
        if problem and self._file_problems.get(firmware) != problem:
            self.context.log.warning("%s", problem)
        if problem:
            self._file_problems[firmware] = problem
        else:
            self._file_problems.pop(firmware, None)
        self._show()

    def _looked(self, error: FlowEngineError | None) -> None:
        problem = "" if error is None else str(error)
        if problem and problem != self._store_problem:
            self.context.log.warning("the registry cannot reach its tables, and tries again: %s", problem)
        self._store_problem = problem
        self._show()

    def _tell(self, problem: str) -> None:
        if problem and problem != self._away:
            self.context.log.warning("the registry is not up to date with Odoo: %s", problem)
        elif self._away and not problem:
            self.context.log.info("the registry is up to date with Odoo again")
        self._away = problem
        self._show()

    def _show(self) -> None:
        devices = f"{len(self.roster):,} devices"
        if self._store_problem:
            self.context.status(self._store_problem, "error")
        elif self._away:
            begun = f"{devices}, as Odoo last said" if len(self.roster) else "waits for Odoo"
            # With a copy, the engine is ready without Odoo.
            self.context.status(f"{begun}: {self._away}", "warning" if len(self.roster) else "error")
        elif self._unfit:
            kind, id, why = self._unfit[0]
            text = f"{devices}; {len(self._unfit)} of Odoo's records do not fit, the {kind} {id} for one: {why}"
            self.context.status(text, "warning")
        elif self._file_problems:
            self.context.status(f"{devices}; {next(iter(self._file_problems.values()))}", "warning")
        else:
            self.context.status(devices)
