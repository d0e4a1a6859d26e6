"""How simulated devices misbehave, and the chance that decides when."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What goes wrong, and how often; nothing does by default.

    Args:
        drop: Share of readings that a device never sends.
        duplicate: Share of messages that are sent twice.
        reorder: Share of messages that are sent after the one that follows them.
        garbage: Share of messages that are followed by one that makes no sense.
        sensor_faults: Share of readings in which a sensor begins to fail for a while.
        clock_drift: Largest error of a device's clock, in seconds either way.
        silent_commands: Share of commands that are never answered.
        failing_updates: Share of updates that end with an image that does not verify.
        reverted_updates: Share of updates whose version does not start, so that the device goes back to what it had.
        silent_updates: Share of updates of which a device says nothing.
        power_loss: Share of updates in which a device loses its power once, wherever it is.
    """

    drop: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    garbage: float = 0.0
    sensor_faults: float = 0.0
    clock_drift: float = 0.0
    silent_commands: float = 0.0
    failing_updates: float = 0.0
    reverted_updates: float = 0.0
    silent_updates: float = 0.0
    power_loss: float = 0.0


class Dice:
    """The chance of one device; the same seed gives the same decisions.

    Args:
        seed: What it starts from.
    """

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)  # noqa: S311 - decides what goes wrong, guards no secret

    def happens(self, share: float) -> bool:
        """Tell whether something with this probability happens now."""
        return share > 0 and self._random.random() < share

    def between(self, least: float, most: float) -> float:
        """Return a number between two others."""
        return self._random.uniform(least, most)

    def choice(self, count: int) -> int:
        """Return a number from 0 to below ``count``."""
        return self._random.randrange(count)

    def noise(self) -> bytes:
        """Return bytes that no reader of telemetry can make sense of."""
        return (b"", b"{", b'{"temperature_c": ', b"\x00\xff\xfe", b"NaN", b"[[[[", b'"')[self._random.randrange(7)]
