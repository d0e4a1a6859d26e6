"""Find whole packets in a stream of bytes."""

from typing import Final

from flowengine_nodes.network.mqtt.errors import ProtocolViolationError

_MALFORMED: Final = 0x81
_PACKET_TOO_LARGE: Final = 0x95


class PacketBuffer:
    """Bytes received and not yet parsed.

    A packet that comes in many pieces is joined once, when it is whole.

    Args:
        max_packet_size: Largest packet allowed, in bytes, or None.

    Attributes:
        data: What to parse now.
        position: Where in it the next packet begins.
    """

    __slots__ = ("_have", "_max_packet_size", "_need", "_pieces", "data", "position")

    def __init__(self, max_packet_size: int | None = None) -> None:
        self._max_packet_size = max_packet_size
        self._pieces: list[bytes] = []
        self._have = 0
        self._need = 0
        self.data = b""
        self.position = 0

    def feed(self, data: bytes) -> bool:
        """Add received bytes.

        Returns:
            Whether parsing can go further than before.
        """
        if self._pieces:
            self._pieces.append(data)
            self._have += len(data)
            if self._have < self._need:
                return False
            data = b"".join(self._pieces)
            self._pieces.clear()
        elif self.position < len(self.data):
            data = self.data[self.position :] + data
        self.data = data
        self.position = 0
        return True

    def wait(self, position: int) -> None:
        """Set the incomplete packet at a position aside until the rest of it arrives.

        Raises:
            ProtocolViolationError: It is malformed, or larger than we told the broker to send.
        """
        rest = self.data[position:]
        self.data = b""
        self.position = 0
        if not rest:
            return
        size = _packet_size(rest)
        self._have = len(rest)
        self._need = self._have + 1 if size is None else size
        if self._have >= self._need:
            raise ProtocolViolationError("the broker sent a malformed packet: it ends too early", _MALFORMED)
        if self._max_packet_size is not None and self._need > self._max_packet_size:
            raise ProtocolViolationError(
                f"the broker sent a packet of {self._need} bytes and we allow {self._max_packet_size}",
                _PACKET_TOO_LARGE,
            )
        self._pieces.append(rest)


def _packet_size(data: bytes) -> int | None:
    """Return the size of the packet that begins here, or None when too little of it is there (§2.1.4)."""
    size = 0
    for at in range(1, 5):
        if at >= len(data):
            return None
        size |= (data[at] & 0x7F) << 7 * (at - 1)
        if data[at] < 0x80:
            return size + at + 1
    raise ProtocolViolationError("the broker sent a malformed packet: its length is invalid", _MALFORMED)
