"""The update-report node."""

from collections.abc import Sequence
from typing import ClassVar

from flowengine.node import BatchNode, Config, Field, Message, NodeError, Output, StagePlan, node_type
from flowengine_nodes.iiot.ota.description import describe_update
from flowengine_nodes.iiot.ota.report import UpdateReport, read_report
from flowengine_nodes.iiot.registry.registry import Registry, RegistryId
from flowengine_nodes.iiot.registry.updates import Reported

_USUAL = frozenset({"no-update", "repeated"})


class UpdateReportConfig(Config):
    """Take what devices report of updates."""

    registry: RegistryId = Field("registry", description="Registry that keeps the updates.")


@node_type("update-report", category="iiot", label="Update report", icon="update")
class UpdateReportNode(BatchNode[UpdateReportConfig]):
    """Move an update on by what its device reports.

    The message's field `device` says who reports, as the topic `ota/{device}/status` gives it: nobody can report for
    another device. The payload is an object:

    ```
    {
      "update": "019b76daa80095df0ff9a691",
      "attempt": 1,
      "state": "downloading",
      "expected": "notified",
      "progress": 40,
      "version": "2.0.0",
      "error": {"code": "no-space", "message": "the flash is full", "permanent": true}
    }
    ```

    `state` is `downloading`, `downloaded`, `verified`, `installing`, `rebooting`, `succeeded`, `failed` or
    `rolled_back`; states may be left out on the way. `update` and `attempt` are as the notice had them, `expected` is
    the state that the device reported before. An update never goes back: what is older than its state, of another
    attempt, or comes again changes nothing.

    A device that has started reports its `version` alone, with or without the update's id. An update has succeeded only
    when a device reports the new version; a device that starts with another one in the middle of an update has failed
    in this attempt, and gets another one as long as the policy allows. The version is noted at the device as well.

    What leaves by `moved` has the update as its payload and `before`, its state before. What leaves by `ignored` has a
    `reason` with `code` and `message`:

    | code | meaning |
    |---|---|
    | `bad-report` | it is no report |
    | `unknown-device` | the registry does not know the device |
    | `unknown-update` | the device has no such update |
    | `no-update` | the device says its version, and is not being updated |
    | `repeated`, `stale` | the update is there already, or further |
    | `other-attempt`, `other-update` | it speaks of an earlier attempt, or of another update |
    | `ended` | the update has ended |
    | `not-begun` | the device has started, and has not begun with the update yet |
    | `no-version` | it says that it has succeeded, but not which version it runs |

    Many reports that come together are stored together.
    """

    moved = Output("The update, moved on.")
    ignored = Output("The message, with the `reason` why it changes nothing.")
    stage: ClassVar[StagePlan] = StagePlan(workers=1, order="$.device", batch=500)

    async def start(self) -> None:
        """Find the registry."""
        self._registry = self.context.resource(self.config.registry, Registry)

    async def receive_batch(self, messages: Sequence[Message]) -> None:
        """Take reports."""
        now = self.context.clock.time()
        read: list[tuple[Message, UpdateReport]] = []
        for message in messages:
            device = message.get("device")
            if not isinstance(device, str):
                self._ignore(message, "unknown-device", "the message does not say which device reports")
                continue
            self._registry.roster.note_seen(device, now)
            try:
                read.append((message, read_report(device, message.payload)))
            except NodeError as error:
                self._ignore(message, error.code, str(error))
        if not read:
            return
        answers = await self._registry.updates.report([report for _, report in read])
        for (message, report), answer in zip(read, answers, strict=True):
            self._answer(message, report, answer)

    def _answer(self, message: Message, report: UpdateReport, answer: Reported) -> None:
        # Of one that another process has just added the roster does not know yet.
        if answer.update is None and self._registry.roster.member(report.device) is None:
            self._ignore(message, "unknown-device", f"the registry knows no device {report.device}")
            return
        if answer.reason or answer.update is None:
            self._ignore(message, answer.reason, _SENTENCES[answer.reason].format(report=report, update=answer.update))
            return
        before = answer.before.value if answer.before is not None else None
        self.send(self.moved, message.replace(payload=describe_update(answer.update), before=before))

    def _ignore(self, message: Message, code: str, reason: str) -> None:
        if not self.ignored.is_wired and code not in _USUAL:
            self.drop(message, code)
        self.send(self.ignored, message.replace(reason={"code": code, "message": reason}))


_SENTENCES = {
    "unknown-update": 'the device {report.device} has no update "{report.update}"',
    "no-update": "the device {report.device} is not being updated",
    "repeated": "the update is {update.state} already",
    "stale": "the update is {update.state} already, which comes later",
    "other-attempt": "the report is of attempt {report.attempt}, but this is attempt {update.attempt}",
    "other-update": "the device is at another update, {update.id}",
    "ended": "the update has ended: {update.state}",
    "not-begun": "the device has started with version {report.version} and has not begun with the update",
    "no-version": "the device does not say which version it runs",
}
