"""The command-response node."""

from typing import Any, ClassVar

from flowengine.node import Config, Context, Field, JsonPath, Message, Node, Output, StagePlan, node_type
from flowengine_nodes.iiot.commands.response import ResponseStatusError, Words, read_response
from flowengine_nodes.iiot.registry.registry import Registry, RegistryId


class CommandResponseConfig(Config):
    """Take what devices answer."""

    registry: RegistryId = Field("registry", description="Registry that keeps the commands.")
    status: JsonPath = Field("$.payload.status", description="Where an answer says how the command went.")
    acknowledged: list[str] = Field(
        ["acknowledged", "accepted", "ack", "received", "started", "running", "in_progress", "progress", "pending"],
        description="Words for a command that has begun or goes on.",
    )
    succeeded: list[str] = Field(
        ["succeeded", "success", "ok", "done", "completed", "finished"], description="Words for one that is done."
    )
    failed: list[str] = Field(
        ["failed", "failure", "error", "rejected", "refused"], description="Words for one that is not."
    )


@node_type("command-response", category="iiot", label="Command response", icon="command")
class CommandResponse(Node[CommandResponseConfig]):
    """Match a device's answer with its command.

    The message's field `device` says who answers, as the topic `command/{device}/response` gives it: nobody can answer
    for another device. The command's id is in the correlation data, in the user property `command-id`, or in the
    payload under `command_id`, `id` or the name that the profile gives. An answer without an id is about the only
    command that the device can be at work on.

    *status* says how it went. Without one, an answer with an `error`, or with `success` false, says that the command
    has failed, and any other that it is done. A word for going on gives the device its time to answer anew.

    What leaves by `matched` has the command as its payload, the device's answer as `response`, and `repeated` if the
    command had come so far before: an answer that comes twice changes nothing. A late answer to a command that had been
    given up still counts, because the device knows better. What leaves by `unmatched` has a `reason` with `code` and
    `message`:

    | code | meaning |
    |---|---|
    | `unknown-command` | there is no command with this id |
    | `wrong-device` | it is another device's; this is in the audit trail |
    | `no-open-command` | the answer has no id, and the device is at work on nothing |
    | `ambiguous-response` | the answer has no id, and the device is at work on several commands |
    | `unknown-status` | the status is none of the words |
    """

    matched = Output("A command that a device has answered.")
    unmatched = Output("The message, with the `reason` why it belongs to no command.")
    stage: ClassVar[StagePlan] = StagePlan(order="$.device")

    def __init__(self, config: CommandResponseConfig, context: Context) -> None:
        super().__init__(config, context)
        self._words = Words.of(config.acknowledged, config.succeeded, config.failed)

    async def start(self) -> None:
        """Find the registry."""
        self._registry = self.context.resource(self.config.registry, Registry)

    async def receive(self, message: Message) -> None:
        """Take an answer."""
        device = message.get("device")
        member = self._registry.roster.member(device) if isinstance(device, str) else None
        if member is None:
            self._leave(message, "unknown-device", f"the registry knows no device {device!r}")
            return
        now = self.context.clock.time()
        self._registry.roster.note_seen(member.id, now)
        properties: Any = message.get("properties") or {}
        try:
            answer = read_response(
                message.payload, properties, self._words, self.config.status, member.profile.command_id_field
            )
        except ResponseStatusError as error:
            self._leave(message, error.code, str(error))
            return
        effect, command = await self._registry.commands.answer(member.id, answer, now)
        if command is None:
            self._leave(message, effect, _REASONS[effect].format(device=member.id, id=answer.id))
            return
        matched = message.replace(payload=command.describe(), response=message.payload)
        self.send(self.matched, matched.replace(repeated=True) if effect == "repeated" else matched)

    def _leave(self, message: Message, code: str, reason: str) -> None:
        if not self.unmatched.is_wired:
            self.drop(message, code)
        self.send(self.unmatched, message.replace(reason={"code": code, "message": reason}))


_REASONS = {
    "unknown-command": 'there is no command "{id}"',
    "wrong-device": 'the command "{id}" is not the device "{device}"\'s',
    "no-open-command": 'the device "{device}" answers without an id, and is at work on nothing',
    "ambiguous-response": 'the device "{device}" answers without an id, and is at work on several commands',
}
