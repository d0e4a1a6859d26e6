"""What has become of the telemetry of a profile's devices."""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Final

from flowengine.node import NodeMetric

SAMPLES: Final = 6
"""Samples that a rate looks back over."""
SAMPLE_EVERY: Final = 10.0
"""Seconds between two of them."""
_RATE: Final = "Messages of telemetry in a second, on average of the last minute, by profile."
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

    __slots__ = ("_samples", "failed", "messages", "readings", "unmatched")

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque(maxlen=SAMPLES + 1)
        self.messages = 0
        self.readings = 0
        self.unmatched = 0
        self.failed = 0

    def sample(self, now: float) -> None:
        """Note how many messages there are, for the rate.

        Args:
            now: The clock's monotonic time, in seconds.
        """
        self._samples.append((now, self.messages))

    def rate(self, now: float) -> float:
        """Return how many messages came in a second, on average since the oldest sample.

        Args:
            now: The clock's monotonic time, in seconds.
        """
        if not self._samples or now <= self._samples[0][0]:
            return 0.0
        at, messages = self._samples[0]
        return (self.messages - messages) / (now - at)


def count_metrics(counts: Mapping[str, Counts], now: float) -> Iterator[NodeMetric]:
    """Yield the figures of all profiles.

    Args:
        counts: Counts by the id of the profile.
        now: The clock's monotonic time, in seconds.
    """
    for profile, of_profile in counts.items():
        rate = of_profile.rate(now)
        yield NodeMetric("telemetry_per_second", _RATE, rate, {"profile": profile}, "gauge")
    for name, description in _DESCRIPTIONS.items():
        for profile, of_profile in counts.items():
            value = getattr(of_profile, name)
            yield NodeMetric(f"telemetry_{name}", description, value, {"profile": profile})
