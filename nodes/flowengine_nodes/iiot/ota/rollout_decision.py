"""What a rollout does next: a pure function of how its devices stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from flowengine_nodes.iiot.registry.rollout import GroupCounts, Rollout, RolloutState

MOST_AT_ONCE: Final = 1_000
"""Devices that begin in one step at most, so that a step stays short."""


LOOK: Final = 1.0
"""Seconds between two looks at a rollout."""


class Step(StrEnum):
    """What is to be done."""

    WAIT = "wait"
    START = "start"
    NEXT_GROUP = "next-group"
    PAUSE = "pause"
    FINISH = "finish"


@dataclass(frozen=True, slots=True)
class Ends:
    """Ends that count for the error threshold.

    Args:
        executed: Devices that ended, other than cancelled.
        failed: How many of them did not succeed.
    """

    executed: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """What a rollout does next.

    Args:
        step: What is to be done.
        count: How many devices are to begin.
        next_at: When the next one after them may.
        reason: Why it pauses, as a word code.
    """

    step: Step
    count: int = 0
    next_at: float = 0.0
    reason: str = ""


WAIT: Final = Decision(Step.WAIT)


def decide(rollout: Rollout, counts: Sequence[GroupCounts], ends: Ends, now: float) -> Decision:
    """Return what a rollout does next.

    Args:
        rollout: The rollout.
        counts: How the devices of each of its groups stand.
        ends: What counts for the error threshold.
        now: In seconds since 1970.
    """
    if rollout.state is not RolloutState.RUNNING:
        return WAIT
    plan = rollout.plan
    # What has failed counts in whole numbers: 20 percent of 10 is 2, whatever binary fractions make of it.
    if ends.executed >= plan.error_minimum and ends.failed * 100 > plan.error * ends.executed:
        return Decision(Step.PAUSE, reason="error-threshold")
    here = counts[rollout.group]
    if here.waiting:
        return _begin(rollout, here.waiting, now)
    if rollout.group < len(counts) - 1:
        return _after(rollout, here)
    # Devices of earlier groups may still be at it.
    return Decision(Step.FINISH) if all(one.is_over for one in counts) else WAIT


def _after(rollout: Rollout, group: GroupCounts) -> Decision:
    own = rollout.plan.groups[rollout.group].success
    wanted = (rollout.plan.success if own is None else own) * group.total
    if group.succeeded * 100 >= wanted:
        return Decision(Step.NEXT_GROUP)
    # Those that are still at it may yet turn it.
    if (group.succeeded + group.running) * 100 < wanted:
        return Decision(Step.PAUSE, reason="success-threshold")
    return WAIT


def _begin(rollout: Rollout, waiting: int, now: float) -> Decision:
    interval = 60 / rollout.plan.rate
    # Time in which none could begin is not made up for, beyond the time between two looks.
    next_at = max(rollout.next_at, now - LOOK)
    count = min(waiting, MOST_AT_ONCE, int((now - next_at) / interval) + 1 if next_at <= now else 0)
    if not count:
        return WAIT
    return Decision(Step.START, count=count, next_at=next_at + count * interval)
