"""What has become of the telemetry of a profile's devices."""

from collections.abc import Iterator, Mapping
from typing import Final

from flowengine.node import NodeMetric

_DESCRIPTIONS: Final = {
    "messages": "Messages of telemetry, by profile; without one, of devices that the registry does not know.",
    "readings": "Readings of which values were sent on.",
    "unmatched": "Messages of telemetry that gave no value.",
    "failed": "Messages of telemetry in which something was wrong.",
}


class Counts:
    """Count the telemetry of one profile.

    Attributes:
        messages: Messages that came.
        readings: Readings of which values were sent on.
        unmatched: Messages that gave no value.
        failed: Messages in which something was wrong.
    """

    __slots__ = ("failed", "messages", "readings", "unmatched")

    def __init__(self) -> None:
        self.messages = 0
        self.readings = 0
        self.unmatched = 0
        self.failed = 0


def count_metrics(counts: Mapping[str, Counts]) -> Iterator[NodeMetric]:
    """Yield the figures of all profiles.

    Args:
        counts: Counts by the id of the profile.
    """
    for name, description in _DESCRIPTIONS.items():
        for profile, of_profile in counts.items():
            value = getattr(of_profile, name)
            yield NodeMetric(f"telemetry_{name}", description, value, {"profile": profile})
