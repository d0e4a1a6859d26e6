"""The times of a cron trigger."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim

from flowengine_nodes.iiot.registry.automation import CronTrigger


def next_time(trigger: CronTrigger, after: float) -> float:
    """Return the first of a trigger's times after a moment; both in seconds since 1970."""
    start = datetime.fromtimestamp(after, UTC).astimezone(ZoneInfo(trigger.time_zone))
    found: datetime = next(CronSim(trigger.cron, start))
    return found.timestamp()


def due_times(trigger: CronTrigger, reached: float, now: float) -> tuple[float | None, float]:
    """Return the newest of a trigger's times that has come, and the next one.

    Args:
        trigger: The trigger.
        reached: Until when its times have been worked off.
        now: In seconds since 1970.

    Returns:
        The newest time after ``reached`` that is not after ``now``, or ``None``; and the first after ``now``.
    """
    upcoming = next_time(trigger, now)
    first = next_time(trigger, reached)
    if first > now:
        return None, upcoming
    newest = first
    # However long nothing ran, a few halvings find the newest of many times.
    low, high = first, now
    while high - low > 60:
        middle = (low + high) / 2
        found = next_time(trigger, middle)
        if found > now:
            high = middle
        else:
            newest = low = found
    return newest, upcoming
