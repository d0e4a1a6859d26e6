"""Bytes on their way out, gathered so that many packets leave in one write."""

from collections.abc import Callable


def _nowhere() -> None:
    """Wake nobody: there is no transport yet."""


class Outgoing:
    """Packets to send next.

    Attributes:
        parts: Encoded packets in order.
        is_gathered: Somebody will take the parts soon; while False, the next ``write`` calls ``wake``.
        wake: Asks the transport to take the parts soon.
    """

    __slots__ = ("is_gathered", "parts", "wake")

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.is_gathered = False
        self.wake: Callable[[], None] = _nowhere

    def write(self, packet: bytes) -> None:
        """Add one encoded packet."""
        self.parts.append(packet)
        if not self.is_gathered:
            self.is_gathered = True
            self.wake()

    def take(self) -> bytes:
        """Return what has been gathered, and begin anew."""
        parts = self.parts
        self.is_gathered = False
        if len(parts) == 1:
            return parts.pop()
        data = b"".join(parts)
        parts.clear()
        return data

    def reset(self) -> None:
        """Forget everything, for a new connection."""
        self.parts.clear()
        self.is_gathered = False
        self.wake = _nowhere
