"""Packet identifiers, free and taken."""

from typing import Final

_LAST: Final = 65_535


class PacketIds:
    """Hands out packet identifiers that are not in use (MQTT 5.0 §2.2.1)."""

    __slots__ = ("_next", "_taken")

    def __init__(self) -> None:
        self._next = 1
        self._taken: set[int] = set()

    def take(self) -> int:
        """Return a free identifier; the caller keeps well below 65,535 of them."""
        candidate = self._next
        taken = self._taken
        while candidate in taken:
            candidate = candidate + 1 if candidate < _LAST else 1
        taken.add(candidate)
        self._next = candidate + 1 if candidate < _LAST else 1
        return candidate

    def free(self, packet_id: int) -> None:
        """Give an identifier back."""
        self._taken.discard(packet_id)
