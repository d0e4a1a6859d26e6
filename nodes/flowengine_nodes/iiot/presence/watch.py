"""Who is online: what is told of devices becomes changes, and flapping does not."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

Cause = Literal["announced", "heard", "silent"]


class Change(NamedTuple):
    """A device has come online or gone offline.

    Args:
        device: Its id.
        online: Whether it is there now.
        at: Since when, in seconds since 1970.
        cause: How that is known: it was announced, by the device or its last will; the device was heard; or it was
            silent for too long.
    """

    device: str
    online: bool
    at: float
    cause: Cause


class Watch:
    """Follow devices.

    A device that is said to be gone is given some time to come back before it counts as offline: a connection that is
    lost and made again is no change.

    Args:
        settle: Seconds that a device gets to come back.
    """

    def __init__(self, settle: float) -> None:
        self._settle = settle
        self._online: dict[str, bool] = {}
        # When each device left that may come back, the one that left first being first.
        self._left: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._online)

    def __iter__(self) -> Iterator[str]:
        return iter(self._online)

    def is_online(self, device: str) -> bool:
        """Tell whether a device is online; one that has left counts as online as long as it may come back."""
        return self._online.get(device, False)

    def recall(self, device: str, online: bool) -> None:  # noqa: FBT001 - it is the fact itself
        """Take over what was known before."""
        self._online[device] = online

    def forget(self, device: str) -> None:
        """Follow a device no more; harmless for one that is unknown."""
        self._online.pop(device, None)
        self._left.pop(device, None)

    def came(self, device: str, at: float, cause: Cause) -> Change | None:
        """Note that a device is there.

        Args:
            device: Its id.
            at: When that was known, in seconds since 1970.
            cause: How that is known.
        """
        if self._left:
            self._left.pop(device, None)
        if self._online.get(device):
            return None
        self._online[device] = True
        return Change(device, online=True, at=at, cause=cause)

    def left(self, device: str, at: float) -> Change | None:
        """Note that a device is said to be gone.

        Returns:
            The change for a device of which nothing was known; another one may still come back.
        """
        known = self._online.get(device)
        if known is None:
            self._online[device] = False
            return Change(device, online=False, at=at, cause="announced")
        if known:
            self._left.setdefault(device, at)
        return None

    def silent(self, device: str, at: float) -> Change | None:
        """Note that a device has not been heard of for too long."""
        if not self._online.get(device):
            return None
        self._left.pop(device, None)
        self._online[device] = False
        return Change(device, online=False, at=at, cause="silent")

    def settled(self, now: float) -> list[Change]:
        """Return the devices that have left and have had their time to come back.

        Args:
            now: In seconds since 1970.
        """
        changes: list[Change] = []
        for device, at in self._left.items():
            # A clock that was set back must not keep them for ever.
            if 0 <= now - at < self._settle:
                break
            changes.append(Change(device, online=False, at=at, cause="announced"))
        for change in changes:
            del self._left[change.device]
            self._online[change.device] = False
        return changes
