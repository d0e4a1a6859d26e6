"""The command-dispatch node."""

from typing import Final

from flowengine.node import (
    Config,
    Context,
    Delivery,
    Duration,
    Field,
    Message,
    Node,
    Outcome,
    Output,
    node_type,
    within,
)
from flowengine_nodes.iiot.commands.response import ATTEMPT_PROPERTY, ID_PROPERTY
from flowengine_nodes.iiot.commands.retry import waits_between
from flowengine_nodes.iiot.registry.command import Command
from flowengine_nodes.iiot.registry.registry import Registry, RegistryId

POLL: Final = 1.0
"""Seconds between two looks for what other processes have changed, and for what is due."""
_MOST_REPORTS: Final = 100
_PURGE_EVERY: Final = 600.0


class CommandDispatchConfig(Config):
    """Send commands."""

    registry: RegistryId = Field("registry", description="Registry that keeps the commands.")
    interval: Duration = Field("100ms", description="Shortest time between two commands to one device.")
    one_at_a_time: bool = Field(
        False,
        description="Send a device its next command only when it has answered the last; for devices that answer "
        "without an id.",
    )
    attempts: int = Field(5, ge=1, le=100, description="How often a command is sent before it is given up.")
    initial_wait: Duration = Field("1s", description="Wait before the second attempt; then doubled each time.")
    longest_wait: Duration = Field("1m", description="Longest wait between two attempts.")
    most_under_way: int = Field(100, ge=1, description="How many commands may be on their way to the broker at a time.")
    keep: Duration = Field("30d", description="How long commands are remembered after their end.")


@node_type("command-dispatch", category="iiot", label="Command dispatch", icon="command")
class CommandDispatch(Node[CommandDispatchConfig]):
    """Send the commands that are stored, and end those whose time is over.

    Each device gets its commands one after the other, in the order in which they were asked for, and none while it is
    known to be offline. By `command` leaves a message for an mqtt-out node: `topic`, `payload` (the text that the
    command's template made) and `properties`: `expires_at`, after which nobody wants it, the id as correlation
    data, the response topic, and the user properties `command-id` and `attempt`. Beside that it has `device` and
    `command` with `id`, `action` and `attempt`.

    A command counts as delivered when the broker has acknowledged its message. If sending fails it is sent again after
    a growing wait. Wire a catch node for the mqtt-out node back to this node: then a failure comes straight back, and
    no dead letter stays behind that somebody might replay. After a crash whatever was on its way is sent again, with
    the next attempt number, so that devices can tell.

    By `changed` and `ended` leaves every command that has come further, as the payload: `changed` when it was delivered
    or the device has acknowledged it, `ended` when it has come to its end, and once more when a late answer has
    corrected that. What leaves there counts as told when its delivery has ended; until then it is told again after a
    crash. Quick steps in a row are told as one.

    With several workers only one of them sends.
    """

    command = Output("A message to a device.")
    changed = Output("A command that was delivered or acknowledged.")
    ended = Output("A command that has come to its end.")

    def __init__(self, config: CommandDispatchConfig, context: Context) -> None:
        super().__init__(config, context)
        self._waits = waits_between(config.attempts, config.initial_wait, config.longest_wait)
        self._telling: dict[str, int] = {}
        self._told: list[tuple[str, int]] = []
        self._purged_at = 0.0

    async def start(self) -> None:
        """Find the registry."""
        self._registry = self.context.resource(self.config.registry, Registry)
        self._commands = self._registry.commands

    async def run(self) -> None:
        """Send, end and tell, from change to change and from second to second."""
        commands = self._commands
        async with self.context.alone():
            await commands.recover(self.context.clock.time(), commands.under_way.known)
            while True:
                commands.changed.clear()
                await self._look()
                try:
                    await within(self.context.clock, POLL, commands.changed.wait())
                except TimeoutError:
                    continue

    async def stop(self) -> None:
        """Store what has become known since the last look."""
        await self._store(self.context.clock.time())

    def receive(self, message: Message) -> None:
        """Take back a message that could not be sent, from a catch node."""
        command = message.get("command")
        error = message.get("error")
        if isinstance(command, dict) and isinstance(command.get("id"), str):
            code = error.get("code") if isinstance(error, dict) else None
            self._commands.under_way.end(command["id"], code if isinstance(code, str) and code else "failed")
            self._commands.changed.set()

    async def _look(self) -> None:
        now = self.context.clock.time()
        commands = self._commands
        await self._store(now)
        await commands.expire(now)
        await self._send(now)
        for command in await commands.unreported(_MOST_REPORTS):
            self._tell(command)
        if now - self._purged_at >= _PURGE_EVERY and not await commands.purge(now - self.config.keep):
            self._purged_at = now

    async def _store(self, now: float) -> None:
        under_way = self._commands.under_way
        outcomes = under_way.take()
        try:
            await self._commands.settle(outcomes, now, self._waits)
        except BaseException:
            under_way.outcomes[:0] = outcomes
            raise
        while self._told:
            id, revision = self._told[-1]
            await self._commands.reported(id, revision)
            self._told.pop()
            if self._telling.get(id) == revision:
                del self._telling[id]

    async def _send(self, now: float) -> None:
        config = self.config
        room = config.most_under_way - len(self._commands.under_way.attempts)
        if room <= 0 or not self.command.is_wired:
            return
        await self.context.ready()
        claimed = await self._commands.claim(now, room, interval=config.interval, one_at_a_time=config.one_at_a_time)
        # All of them first: a message that is sent at once may close while the next one is still being made.
        for command in claimed:
            self._commands.under_way.begin(command)
        for command in claimed:
            self._emit(command)

    def _emit(self, command: Command) -> None:
        member = self._registry.roster.member(command.device)
        if member is None:
            self._commands.under_way.end(command.id, "unknown-device")
            return
        topics = self._registry.topics_of(member.profile)
        fields = {
            "topic": topics.command.of(command.device),
            "payload": command.payload,
            "device": command.device,
            "command": {"id": command.id, "action": command.action, "attempt": command.attempts},
            "properties": {
                "content_type": "application/json",
                "expires_at": command.expires_at,
                "response_topic": topics.command_response.of(command.device),
                "correlation_data": command.id,
                "user_properties": {ID_PROPERTY: command.id, ATTEMPT_PROPERTY: command.attempts},
            },
        }
        id = command.id
        self.emit(self.command, fields, on_closed=lambda delivery: self._closed(id, delivery))

    def _closed(self, id: str, delivery: Delivery) -> None:
        self._commands.under_way.end(id, "" if delivery.outcome is Outcome.SETTLED else delivery.reason or "failed")
        self._commands.changed.set()

    def _tell(self, command: Command) -> None:
        id, revision = command.id, command.revision
        if id in self._telling:
            return
        self._telling[id] = revision
        port = self.ended if command.state.is_end else self.changed
        fields = {"payload": command.describe(), "device": command.device, "topic": f"command/{command.state.value}"}
        self.emit(port, fields, on_closed=lambda _: self._has_told(id, revision))

    def _has_told(self, id: str, revision: int) -> None:
        self._told.append((id, revision))
        self._commands.changed.set()
