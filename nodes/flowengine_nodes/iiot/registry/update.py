"""An update of one device to one firmware."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from flowengine.node import Duration, Field, StrictConfig


class UpdateState(StrEnum):
    """How far an update is. The first seven follow one another; the others are ends."""

    SCHEDULED = "scheduled"
    NOTIFIED = "notified"
    DOWNLOADING = "downloading"
    DOWNLOADED = "downloaded"
    VERIFIED = "verified"
    INSTALLING = "installing"
    REBOOTING = "rebooting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ROLLED_BACK = "rolled_back"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"

    @property
    def is_end(self) -> bool:
        """Whether nothing comes after it."""
        return self in ENDS


ENDS = frozenset(
    {
        UpdateState.SUCCEEDED,
        UpdateState.FAILED,
        UpdateState.ROLLED_BACK,
        UpdateState.TIMED_OUT,
        UpdateState.CANCELLED,
    }
)
FAILURES = frozenset({UpdateState.FAILED, UpdateState.ROLLED_BACK, UpdateState.TIMED_OUT})


class Timeouts(StrictConfig):
    """How long an update may stay in each state."""

    scheduled: Duration = Field("7d", gt=0, description="Until the device can be told; it may be offline.")
    notified: Duration = Field("1h", gt=0, description="Until the device begins.")
    downloading: Duration = Field("1h", gt=0, description="Until the download is over; each progress begins it anew.")
    downloaded: Duration = Field("10m", gt=0, description="Until the device has checked what it got.")
    verified: Duration = Field("1h", gt=0, description="Until the device begins to install.")
    installing: Duration = Field("30m", gt=0, description="Until the device restarts.")
    rebooting: Duration = Field("15m", gt=0, description="Until the device says which version it runs.")

    def of(self, state: UpdateState) -> float:
        """Return the longest stay in a state, in seconds."""
        seconds: float = getattr(self, state.value)
        return seconds


class UpdatePolicy(StrictConfig):
    """How patient an update is."""

    attempts: int = Field(3, ge=1, le=20, description="How often a device may try.")
    backoff: Duration = Field(
        "1m", ge=0, description="Wait before the second attempt; it doubles with each further one."
    )
    retry_on: tuple[Literal["failed", "timed_out", "rolled_back"], ...] = Field(
        ("failed", "timed_out"), description="Ends of an attempt after which the device may try again."
    )
    timeouts: Timeouts = Field(Timeouts(), description="How long an update may stay in each state.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """An update of one device to one firmware.

    Args:
        id: Unique id.
        device: Id of the device.
        firmware: Id of the firmware.
        version: Version that the device must report in the end.
        state: How far it is.
        attempt: Which try of the device this is, from 1.
        copies: How often the device was told in this attempt; more than once only where a process died, or the broker
            could not be reached.
        previous: Version that the device had before.
        rollout: Id of the rollout it belongs to.
        group: Which group of the rollout, from 0.
        policy: How patient it is.
        key: Idempotency key of whoever asked for it.
        requested_by: Who asked for it.
        progress: How much of the file the device has, in percent.
        error_code: What was wrong in the last attempt that failed: a word code.
        error: The same as a sentence.
        created_at: In seconds since 1970.
        changed_at: Since when it is in its state.
        due_at: When the device is to be told, at the earliest.
        deadline: When its stay in the state is too long.
        ended_at: When it ended.
    """

    id: str
    device: str
    firmware: str
    version: str
    state: UpdateState = UpdateState.SCHEDULED
    attempt: int = 1
    copies: int = 0
    previous: str = ""
    rollout: str | None = None
    group: int | None = None
    policy: UpdatePolicy = field(default_factory=UpdatePolicy)
    key: str | None = None
    requested_by: str = ""
    progress: int | None = None
    error_code: str = ""
    error: str = ""
    created_at: float = 0.0
    changed_at: float = 0.0
    due_at: float = 0.0
    deadline: float | None = None
    ended_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateChange:
    """One change of an update's state: kept as its history, and told to whoever wants to know.

    Args:
        id: Its number; later changes have larger ones.
        update: Id of the update.
        device: Id of the device.
        firmware: Id of the firmware.
        version: Version that the device is to have.
        before: State before; ``None`` when the update was asked for.
        state: State after.
        attempt: Attempt after.
        at: When, in seconds since 1970.
        rollout: Id of the rollout it belongs to.
        key: Idempotency key of the request for it.
        error_code: What was wrong, if something was.
        error: The same as a sentence.
    """

    id: int
    update: str
    device: str
    firmware: str
    version: str
    before: UpdateState | None
    state: UpdateState
    attempt: int
    at: float
    rollout: str | None = None
    key: str | None = None
    error_code: str = ""
    error: str = ""
