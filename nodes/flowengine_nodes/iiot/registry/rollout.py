"""A rollout: one firmware for many devices, group by group."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from pydantic import model_validator

from flowengine.node import Field, StrictConfig
from flowengine_nodes.iiot.registry.devices import DeviceFilter
from flowengine_nodes.iiot.registry.update import UpdatePolicy


class RolloutState(StrEnum):
    """How a rollout stands."""

    RUNNING = "running"
    PAUSED = "paused"
    """By somebody, or by itself: the reason says why."""
    FINISHED = "finished"
    """Every device has ended, one way or the other."""
    CANCELLED = "cancelled"
    ROLLED_BACK = "rolled_back"
    """Another rollout takes its devices back."""

    @property
    def is_end(self) -> bool:
        """Whether nothing comes after it."""
        return self not in {RolloutState.RUNNING, RolloutState.PAUSED}


class RolloutAction(StrEnum):
    """What somebody may want of a rollout."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    ROLL_BACK = "rollback"


class RolloutGroup(StrictConfig):
    """A part of the devices, which is updated when the groups before it have gone well."""

    name: str = Field(min_length=1, max_length=100, description="Name, such as canary.")
    percent: float = Field(
        100, gt=0, le=100, description="How many of the devices that no group before it has, in percent."
    )
    device_group: str | None = Field(None, description="Only devices that are in this group of devices; none for any.")
    success: float | None = Field(
        None, ge=0, le=100, description="Its own success threshold in percent; none for the rollout's."
    )


class RolloutDevices(StrictConfig):
    """Which devices a rollout is for; whatever is left out does not matter."""

    profile: str | None = Field(None, description="Devices of this profile.")
    group: str | None = Field(None, description="Devices in this group.")
    firmware: str | None = Field(None, description="Devices with this version.")
    text: str = Field("", description="Devices with this in their id, serial or name.")
    devices: tuple[str, ...] = Field((), description="Only these devices, by their ids; empty for all.")

    def as_filter(self) -> DeviceFilter:
        """Return the filter of the registry that it stands for."""
        return DeviceFilter(text=self.text, profile=self.profile, group=self.group, firmware=self.firmware)


class RolloutPlan(StrictConfig):
    """What a rollout does."""

    name: str = Field("", max_length=200, description="Name for people.")
    firmware: str = Field(min_length=1, description="Id of the firmware.")
    devices: RolloutDevices = Field(RolloutDevices(), description="The devices that it is for.")
    groups: tuple[RolloutGroup, ...] = Field(
        (RolloutGroup(name="canary", percent=5), RolloutGroup(name="all")),
        min_length=1,
        max_length=100,
        description="Groups, in the order in which they are updated; the last one takes all that are left.",
    )
    rate: float = Field(100, gt=0, le=1_000_000, description="Devices that begin in a minute, at most.")
    success: float = Field(
        90, ge=0, le=100, description="Percent of a group that must have succeeded before the next group begins."
    )
    error: float = Field(
        20, ge=0, le=100, description="The rollout pauses when more than so many percent of those that ended failed."
    )
    error_minimum: int = Field(
        10, ge=1, description="So many devices must have ended before the error threshold counts."
    )
    policy: UpdatePolicy = Field(UpdatePolicy(), description="How patient the update of each device is.")

    @model_validator(mode="after")
    def _takes_all(self) -> Self:
        if self.groups[-1].percent != 100 or self.groups[-1].device_group is not None:
            raise ValueError("the last group must take all devices that are left: 100 percent and no device group")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """A rollout as it stands.

    Args:
        id: Unique id.
        plan: What it does.
        version: Version that the devices get; empty for a roll back, where each gets its own.
        state: How it stands.
        reason: Why it is paused, as a word code: ``operator``, ``error-threshold``, ``success-threshold``.
        group: The group it is at, from 0.
        next_at: When the next device may begin, at the earliest.
        counted_from: Ends before this time do not count for the error threshold: somebody has seen them and resumed.
        rolls_back: Id of the rollout whose devices it takes back.
        requested_by: Who asked for it.
        created_at: In seconds since 1970.
        changed_at: Since when it is in its state.
        ended_at: When it ended.
        key: Idempotency key of the request for it.
    """

    id: str
    plan: RolloutPlan
    version: str = ""
    state: RolloutState = RolloutState.RUNNING
    reason: str = ""
    group: int = 0
    next_at: float = 0.0
    counted_from: float = 0.0
    rolls_back: str | None = None
    requested_by: str = ""
    created_at: float = 0.0
    changed_at: float = 0.0
    ended_at: float | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """How the devices of a group stand.

    Args:
        waiting: Not begun.
        left_out: Not to be updated: it does not fit them, or they have it.
        running: Their update has begun and not ended.
        succeeded: Have the new version.
        failed: Ended otherwise: failed, rolled back, timed out.
        cancelled: Their update was cancelled.
    """

    waiting: int = 0
    left_out: int = 0
    running: int = 0
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0

    @property
    def total(self) -> int:
        """All devices that are to be updated."""
        return self.waiting + self.running + self.succeeded + self.failed + self.cancelled

    @property
    def is_over(self) -> bool:
        """Whether each device has ended."""
        return not self.waiting and not self.running
