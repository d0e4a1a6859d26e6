"""The states of an update: which event leads where, as a table, and what else changes with it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from flowengine_nodes.iiot.ota.report import UpdateReport
from flowengine_nodes.iiot.registry.update import FAILURES, Update, UpdateState

S = UpdateState


class UpdateEvent(StrEnum):
    """What can happen to an update."""

    NOTIFIED = "notified"
    """The broker has the notice for the device."""
    DOWNLOADING = "downloading"
    DOWNLOADED = "downloaded"
    VERIFIED = "verified"
    INSTALLING = "installing"
    REBOOTING = "rebooting"
    NEW_VERSION = "new-version"
    """The device runs the version it was to have."""
    OLD_VERSION = "old-version"
    """The device has started, and runs another one."""
    FAILED = "failed"
    ROLLED_BACK = "rolled_back"
    TIMEOUT = "timeout"
    CANCEL = "cancel"


E = UpdateEvent

_ENDINGS: Final[Mapping[UpdateEvent, UpdateState]] = {
    E.NEW_VERSION: S.SUCCEEDED,
    E.FAILED: S.FAILED,
    E.ROLLED_BACK: S.ROLLED_BACK,
    E.TIMEOUT: S.TIMED_OUT,
}
_FROM_BEGINNING: Final[Mapping[UpdateEvent, UpdateState]] = {
    E.DOWNLOADING: S.DOWNLOADING,
    E.DOWNLOADED: S.DOWNLOADED,
    E.VERIFIED: S.VERIFIED,
    E.INSTALLING: S.INSTALLING,
    E.REBOOTING: S.REBOOTING,
}
_CANCEL: Final[Mapping[UpdateEvent, UpdateState]] = {E.CANCEL: S.CANCELLED}
# A device that starts with the old version has lost what it had begun.
_RESTART: Final[Mapping[UpdateEvent, UpdateState]] = {E.OLD_VERSION: S.FAILED}

TABLE: Final[Mapping[UpdateState, Mapping[UpdateEvent, UpdateState]]] = {
    # Also where a device answers before the broker does.
    S.SCHEDULED: {E.NOTIFIED: S.NOTIFIED, **_FROM_BEGINNING, **_ENDINGS, **_CANCEL},
    S.NOTIFIED: {**_FROM_BEGINNING, **_ENDINGS, **_CANCEL},
    S.DOWNLOADING: {
        E.DOWNLOADED: S.DOWNLOADED,
        E.VERIFIED: S.VERIFIED,
        E.INSTALLING: S.INSTALLING,
        E.REBOOTING: S.REBOOTING,
        **_ENDINGS,
        **_RESTART,
        **_CANCEL,
    },
    S.DOWNLOADED: {
        E.VERIFIED: S.VERIFIED,
        E.INSTALLING: S.INSTALLING,
        E.REBOOTING: S.REBOOTING,
        **_ENDINGS,
        **_RESTART,
        **_CANCEL,
    },
    S.VERIFIED: {E.INSTALLING: S.INSTALLING, E.REBOOTING: S.REBOOTING, **_ENDINGS, **_RESTART, **_CANCEL},
    # Nobody can stop a device that writes its memory.
    S.INSTALLING: {E.REBOOTING: S.REBOOTING, **_ENDINGS, **_RESTART},
    S.REBOOTING: {**_ENDINGS, **_RESTART},
    S.SUCCEEDED: {},
    S.FAILED: {},
    S.ROLLED_BACK: {},
    S.TIMED_OUT: {},
    S.CANCELLED: {},
}
"""Where each event leads from each state. What is not here changes nothing: it is old, repeated or too late."""

_RANK: Final = {state: rank for rank, state in enumerate(UpdateState)}
_REPORTED: Final[Mapping[UpdateState, UpdateEvent]] = {
    S.DOWNLOADING: E.DOWNLOADING,
    S.DOWNLOADED: E.DOWNLOADED,
    S.VERIFIED: E.VERIFIED,
    S.INSTALLING: E.INSTALLING,
    S.REBOOTING: E.REBOOTING,
    S.FAILED: E.FAILED,
    S.ROLLED_BACK: E.ROLLED_BACK,
}


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event that changes nothing.

    Args:
        reason: Why, as a word code.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What was wrong.

    Args:
        code: As a word code.
        message: As a sentence.
        permanent: Whether trying again is of no use.
    """

    code: str
    message: str
    permanent: bool = False


def moved(update: Update, event: UpdateEvent, now: float, fault: Fault | None = None) -> Update | Ignored:
    """Return an update as it is after an event.

    An attempt that ends badly is followed by another one, as long as the policy allows: the update is scheduled again,
    with the next attempt's number.

    Args:
        update: The update.
        event: What happened.
        now: When, in seconds since 1970.
        fault: What was wrong, if something was.
    """
    state = TABLE[update.state].get(event)
    if state is None:
        return Ignored(_reason(update, event))
    policy = update.policy
    described = replace(
        update,
        state=state,
        changed_at=now,
        progress=None,
        error_code=fault.code if fault else update.error_code,
        error=fault.message if fault else update.error,
    )
    if state is S.SUCCEEDED:
        return replace(described, error_code="", error="", deadline=None, ended_at=now)
    if _may_try_again(update, state, fault):
        due = now + policy.backoff * 2 ** (update.attempt - 1)
        return replace(
            described,
            state=S.SCHEDULED,
            attempt=update.attempt + 1,
            copies=0,
            due_at=due,
            deadline=due + policy.timeouts.scheduled,
        )
    if state.is_end:
        return replace(described, deadline=None, ended_at=now)
    return replace(described, deadline=now + policy.timeouts.of(state))


def reported(update: Update, report: UpdateReport, now: float) -> Update | Ignored:
    """Return an update as it is after a report of its device.

    Args:
        update: The device's update that has not ended, or the one that the report names.
        report: The report.
        now: When it came, in seconds since 1970.
    """
    reason = _mismatch(update, report)
    if reason is not None:
        return Ignored(reason)
    if report.state is None or report.state is S.SUCCEEDED:
        if report.version == update.version:
            return moved(update, E.NEW_VERSION, now)
        sentence = f"the device runs version {report.version}, not {update.version}"
        return moved(update, E.OLD_VERSION, now, Fault("old-version", sentence))
    if report.state is S.DOWNLOADING and update.state is S.DOWNLOADING and report.progress is not None:
        return _progressed(update, report.progress, now)
    after = moved(update, _REPORTED[report.state], now, _fault(report))
    if isinstance(after, Update) and after.state is S.DOWNLOADING:
        return replace(after, progress=report.progress)
    return after


def timed_out(update: Update, now: float) -> Update | Ignored:
    """Return an update as it is after too long a stay in its state."""
    sentence = f"the device did not get beyond {update.state} in time"
    if update.state is S.SCHEDULED:
        sentence = "the device could not be told in time; it may be offline"
    return moved(update, E.TIMEOUT, now, Fault("timed-out", sentence))


def _mismatch(update: Update, report: UpdateReport) -> str | None:
    if not report.update:
        return None
    if report.update != update.id:
        return "other-update"
    # A device that has started with the new version has done it, whichever attempt it was.
    if report.attempt != update.attempt and report.version != update.version:
        return "other-attempt"
    if report.state is S.SUCCEEDED and not report.version:
        return "no-version"
    is_behind = report.expected is not None and _RANK[update.state] > _RANK[report.expected]
    if is_behind and report.state is not update.state:
        return "ended" if update.state.is_end else "stale"
    return None


def _progressed(update: Update, progress: int, now: float) -> Update | Ignored:
    if progress <= (update.progress or 0):
        return Ignored("repeated")
    return replace(update, progress=progress, deadline=now + update.policy.timeouts.downloading)


def _may_try_again(update: Update, state: UpdateState, fault: Fault | None) -> bool:
    return (
        state in FAILURES
        and state.value in update.policy.retry_on
        and update.attempt < update.policy.attempts
        # One that could not even be told gets no further attempt.
        and not (update.state is S.SCHEDULED and state is S.TIMED_OUT)
        and not (fault is not None and fault.permanent)
    )


def _fault(report: UpdateReport) -> Fault | None:
    if report.state is None or report.state not in FAILURES:
        return None
    code = report.error_code or report.state.value
    return Fault(code, report.error or f"the device says {code}", report.permanent)


def _reason(update: Update, event: UpdateEvent) -> str:
    if update.state.is_end:
        return "ended"
    if event is E.CANCEL:
        return "too-late"
    if event is E.OLD_VERSION:
        return "not-begun"
    return "repeated" if event.value == update.state.value else "stale"
