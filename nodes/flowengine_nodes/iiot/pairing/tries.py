"""Count wrong tries, so that a flood of them costs little.

A limit never concerns a right token: that is found out first, and for a guess it takes no database to find out. So
nobody can lock a device out by guessing in its name. What the limits spare are answers and lines of the audit trail.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from flowengine.node import Clock


class Standing(Enum):
    """Where a wrong try stands.

    ``WITHIN`` the limits. ``LAST``: it reached one, which is worth a line of its own. ``BEYOND``.
    """

    WITHIN = "within"
    LAST = "last"
    BEYOND = "beyond"


class Flood(NamedTuple):
    """What came beyond a limit.

    Args:
        kind: "serial" or "source".
        name: Which.
        tries: How many wrong tries there were in all.
    """

    kind: str
    name: str
    tries: int


@dataclass(slots=True)
class _Window:
    began: float
    limit: int
    tries: int = 0


class Tries:
    """Wrong tries of the last while, by claimed serial number and by source; the oldest are forgotten first.

    Args:
        clock: Measures the while.
        per_serial: Tries in the name of a serial number.
        per_source: Tries from one source.
        window: Seconds after which counting begins anew.
        capacity: Serial numbers and sources to remember.
    """

    def __init__(
        self, clock: Clock, *, per_serial: int, per_source: int, window: float, capacity: int = 10_000
    ) -> None:
        self._clock = clock
        self._limits = {"serial": per_serial, "source": per_source}
        self._window = window
        self._capacity = capacity
        self._windows: OrderedDict[tuple[str, str], _Window] = OrderedDict()
        self._ended: list[Flood] = []

    def __len__(self) -> int:
        return len(self._windows)

    def count(self, serial: str, source: str) -> Standing:
        """Count a wrong try and say where it stands.

        Args:
            serial: Serial number that was claimed; empty for none.
            source: Where it came from.
        """
        windows = [self._of("source", source), *([self._of("serial", serial)] if serial else [])]
        was_beyond = any(window.tries >= window.limit for window in windows)
        for window in windows:
            window.tries += 1
        if was_beyond:
            return Standing.BEYOND
        return Standing.LAST if any(window.tries >= window.limit for window in windows) else Standing.WITHIN

    def is_beyond(self, serial: str, source: str) -> bool:
        """Tell whether the next wrong try would be beyond a limit."""
        horizon = self._clock.monotonic() - self._window
        found = [self._windows.get(("source", source)), self._windows.get(("serial", serial))]
        return any(window is not None and window.began > horizon and window.tries >= window.limit for window in found)

    def retry_after(self, serial: str, source: str) -> float:
        """Return after how many seconds counting begins anew."""
        now = self._clock.monotonic()
        found = [self._windows.get(("source", source)), self._windows.get(("serial", serial))]
        return max((window.began + self._window - now for window in found if window is not None), default=0.0)

    def ended(self) -> Iterator[Flood]:
        """Yield the floods that are over, each once."""
        horizon = self._clock.monotonic() - self._window
        for key in [key for key, window in self._windows.items() if window.began <= horizon]:
            self._end(key)
        while self._ended:
            yield self._ended.pop()

    def _of(self, kind: str, name: str) -> _Window:
        key = (kind, name)
        now = self._clock.monotonic()
        window = self._windows.get(key)
        if window is not None and window.began + self._window <= now:
            self._end(key)
            window = None
        if window is None:
            window = self._windows[key] = _Window(now, self._limits[kind])
            if len(self._windows) > self._capacity:
                self._end(next(iter(self._windows)))
        else:
            self._windows.move_to_end(key)
        return window

    def _end(self, key: tuple[str, str]) -> None:
        window = self._windows.pop(key)
        if window.tries > window.limit and len(self._ended) < self._capacity:
            self._ended.append(Flood(*key, window.tries))
