"""Where updates are kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from flowengine.node import NodeError
from flowengine_nodes.iiot.ota.report import UpdateReport
from flowengine_nodes.iiot.registry.bell import Bell
from flowengine_nodes.iiot.registry.firmware import Firmware
from flowengine_nodes.iiot.registry.update import Update, UpdateChange, UpdatePolicy, UpdateState


class UpdateRunningError(NodeError):
    """A device has an update that has not ended.

    Args:
        device: Its id.
        update: Id of that update.
    """

    code = "update-running"

    def __init__(self, device: str, update: str) -> None:
        super().__init__(
            f'the device "{device}" is being updated already ({update}); wait for the end, or cancel that',
            detail={"update": update},
        )
        self.device = device
        self.update = update


class MisfitError(NodeError):
    """A firmware is not for a device.

    Args:
        code: Why, as a word code.
        reason: Why, as a sentence.
    """


class UpdateTooLateError(NodeError):
    """An update can no longer be cancelled.

    Args:
        update: Its id.
        state: How far it is.
    """

    code = "too-late"

    def __init__(self, update: str, state: UpdateState) -> None:
        super().__init__(f"the update {update} is {state}; it cannot be cancelled any more")
        self.update = update
        self.state = state


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateRequest:
    """A wish to update a device.

    Args:
        device: Id of the device.
        firmware: Id of the firmware; or ``version``.
        version: Version; the newest firmware of it that fits the device is taken.
        policy: How patient the update is.
        key: Idempotency key: a second request of the same caller with the same key gets the first one's update.
        again: Whether a device that has the version already gets it again.
        id: Id of the update, where a flow test chooses it.
    """

    device: str
    firmware: str = ""
    id: str = ""
    version: str = ""
    policy: UpdatePolicy = field(default_factory=UpdatePolicy)
    key: str | None = None
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateFilter:
    """Which updates are meant; whatever is left out does not matter.

    Args:
        device: Of this device.
        rollout: Of this rollout.
        state: In this state.
        running: Whether they have not ended.
    """

    device: str | None = None
    rollout: str | None = None
    state: UpdateState | None = None
    running: bool | None = None


class Requested(NamedTuple):
    """What became of a request.

    Args:
        update: The update.
        is_new: Whether it was made for this request.
    """

    update: Update
    is_new: bool


class Reported(NamedTuple):
    """What became of a report.

    Args:
        update: The update as it is now, if there is one.
        before: Its state before.
        reason: Why the report changed nothing, as a word code; empty if it did.
    """

    update: Update | None
    before: UpdateState | None
    reason: str


class Notice(NamedTuple):
    """What a device is to be told.

    Args:
        update: Its update; one that was cancelled is taken back.
        firmware: What it is to be updated to; ``None`` if that is gone, or the update was cancelled.
        profile: Id of the device's profile.
    """

    update: Update
    firmware: Firmware | None
    profile: str


class NoticeOutcome(NamedTuple):
    """How telling a device went.

    Args:
        update: Id of the update.
        attempt: Attempt that it spoke of.
        cancels: Whether it took the update back.
        is_told: Whether the broker has it.
    """

    update: str
    attempt: int
    cancels: bool
    is_told: bool


class NoticesUnderWay:
    """Notices that this process is sending: known here longer than any node lives, so that a deploy repeats none.

    Attributes:
        outcomes: How those went that have ended, and nobody has stored it yet.
    """

    def __init__(self) -> None:
        self._notices: dict[str, Notice] = {}
        self.outcomes: list[NoticeOutcome] = []

    def __len__(self) -> int:
        return len(self._notices)

    def __contains__(self, update: object) -> bool:
        return update in self._notices

    def begin(self, notice: Notice) -> None:
        """Note that a notice is on its way."""
        self._notices[notice.update.id] = notice

    def end(self, update: str, *, is_told: bool) -> None:
        """Note how it went; harmless if that is known already.

        Args:
            update: Id of the update.
            is_told: Whether the broker has it.
        """
        notice = self._notices.pop(update, None)
        if notice is not None:
            one = notice.update
            self.outcomes.append(NoticeOutcome(one.id, one.attempt, one.state.is_end, is_told))

    def take(self) -> list[NoticeOutcome]:
        """Return what is to be stored."""
        taken, self.outcomes = self.outcomes, []
        return taken


class Updates(Protocol):
    """All updates.

    Attributes:
        bell: Rings whenever an update changes in this process.
        under_way: Notices that this process is sending.
    """

    bell: Bell
    under_way: NoticesUnderWay

    async def get(self, id: str) -> Update:
        """Return an update.

        Raises:
            UnknownRecordError: There is none.
        """
        ...

    async def list(self, which: UpdateFilter, *, before: str = "", limit: int = 100) -> Sequence[Update]:
        """Return updates, newest first.

        Args:
            which: Those that are meant.
            before: Id of the last update of the page before.
            limit: How many at most.
        """
        ...

    async def find(self, who: str, key: str) -> Update | None:
        """Return the newest update that somebody asked for with an idempotency key.

        Args:
            who: Who asked; with a colon at its end, anybody whose name begins so, such as any user of ``odoo:``.
            key: The key.
        """
        ...

    async def history(self, id: str) -> Sequence[UpdateChange]:
        """Return all changes of an update's state, oldest first."""
        ...

    async def request(self, request: UpdateRequest, who: str) -> Requested:
        """Schedule an update.

        Raises:
            UnknownRecordError: There is no such device or firmware.
            MisfitError: The firmware is not for the device.
            UpdateRunningError: The device has an update that has not ended.
        """
        ...

    async def cancel(self, id: str, who: str) -> Update:
        """Cancel an update; one that is cancelled already stays so.

        Raises:
            UnknownRecordError: There is none.
            UpdateTooLateError: The device installs, or it has ended.
        """
        ...

    async def report(self, reports: Sequence[UpdateReport]) -> Sequence[Reported]:
        """Take over what devices have reported, in one transaction, and return what became of each report.

        The version that a device says it runs is noted at the device too.
        """
        ...

    async def recover(self) -> int:
        """Let notices be sent again that were on their way when a process died; return how many there were."""
        ...

    async def due(self, limit: int) -> Sequence[Notice]:
        """Take notices whose time has come, and count each as sent once more.

        A device that is known to be offline is not told, nor one of a rollout that is paused.

        Args:
            limit: How many at most.
        """
        ...

    async def settle(self, outcomes: Sequence[NoticeOutcome], wait: float) -> None:
        """Store how telling devices went.

        Args:
            outcomes: What is known.
            wait: Seconds after which one that failed is tried again.
        """
        ...

    async def expire(self, limit: int) -> int:
        """End stays in a state that were too long, and return how many there were."""
        ...

    async def rest(self) -> float:
        """Return the seconds for which there is nothing to do, unless the bell rings before: at least one."""
        ...

    async def untold(self, limit: int) -> Sequence[UpdateChange]:
        """Return changes that nobody was told of, oldest first."""
        ...

    async def told(self, ids: Sequence[int]) -> None:
        """Note that changes were told."""
        ...
