"""The numbers of Sparkplug messages, by which a loss is noticed (Sparkplug 3.0 §6.4.6), and requests for a rebirth."""

from typing import Any, Final, NamedTuple

from flowengine_nodes.iiot.sparkplug.wire import VARINT, read_fields
from flowengine_nodes.iiot.telemetry.errors import PayloadError

_NAMESPACE: Final = "spBv1.0"
_NUMBERS: Final = 256
_NUMBERED: Final = frozenset({"NBIRTH", "NDATA", "DBIRTH", "DDATA", "DDEATH"})
# A payload with the one metric "Node Control/Rebirth", of the type Boolean (11), that is true (Sparkplug 3.0 §6.4.23).
_NAME: Final = b"Node Control/Rebirth"
_METRIC: Final = b"\x0a" + bytes([len(_NAME)]) + _NAME + b"\x20\x0b\x70\x01"

REBIRTH_WAIT: Final = 30.0
"""Seconds that an edge node has for its rebirth before it is asked again."""


class EdgeNode(NamedTuple):
    """Who numbers messages: its own and those of its devices, in one row.

    Args:
        group: Group id.
        name: Edge node id.
    """

    group: str
    name: str

    @property
    def command_topic(self) -> str:
        """The topic of commands to it."""
        return f"{_NAMESPACE}/{self.group}/NCMD/{self.name}"


class Gap(NamedTuple):
    """Messages of an edge node that did not come.

    Args:
        node: The edge node.
        expected: Number of the message that should have come.
        found: Number of the one that came.
    """

    node: EdgeNode
    expected: int
    found: int

    def describe(self) -> dict[str, Any]:
        """Return it as a field of a message."""
        missing = (self.found - self.expected) % _NUMBERS
        return {"expected": self.expected, "found": self.found, "missing": missing}


def edge_node(topic: str) -> tuple[EdgeNode, str] | None:
    """Return whose a message is and of which kind, or ``None`` for a topic that is not Sparkplug's.

    Args:
        topic: ``spBv1.0/group/kind/node`` or ``spBv1.0/group/kind/node/device``.
    """
    levels = topic.split("/")
    if len(levels) not in {4, 5} or levels[0] != _NAMESPACE:
        return None
    return EdgeNode(levels[1], levels[3]), levels[2]


class Sequences:
    """Follow the numbers of edge nodes' messages, and say when to ask for a rebirth.

    What was last heard of an edge node is not kept over a restart: its first message begins anew.

    Attributes:
        gaps: How many there were.
    """

    def __init__(self) -> None:
        self.gaps = 0
        self._last: dict[EdgeNode, int] = {}
        self._asked: dict[EdgeNode, float] = {}

    def follow(self, node: EdgeNode, kind: str, payload: Any) -> Gap | None:
        """Take a message; return what is missing before it.

        Args:
            node: Whose it is.
            kind: Such as ``DDATA``.
            payload: Its bytes; one that cannot be read has no number.
        """
        if kind == "NDEATH":
            self._last.pop(node, None)
        number = sequence_of(payload) if kind in _NUMBERED else None
        if number is None:
            return None
        last = self._last.get(node)
        self._last[node] = number
        if kind == "NBIRTH":
            self._asked.pop(node, None)
            return None
        # The same number is the same message again.
        if last is None or number in {last, (last + 1) % _NUMBERS}:
            return None
        self.gaps += 1
        return Gap(node, (last + 1) % _NUMBERS, number)

    def asks(self, node: EdgeNode, now: float) -> bool:
        """Tell whether to ask an edge node for a rebirth: not while it may be about to answer the last request.

        Args:
            node: The edge node.
            now: The clock's monotonic time, in seconds.
        """
        asked = self._asked.get(node)
        if asked is not None and now - asked < REBIRTH_WAIT:
            return False
        self._asked[node] = now
        return True


def sequence_of(payload: Any) -> int | None:
    """Return the number of a message, or ``None`` if it has none that can be read."""
    if not isinstance(payload, bytes):
        return None
    try:
        found = [value for number, kind, value, _ in read_fields(payload) if number == 3 and kind == VARINT]
    except PayloadError:
        return None
    return found[-1] if found and found[-1] < _NUMBERS else None


def rebirth_request(now: float) -> bytes:
    """Return the payload of the command by which an edge node is asked to send its births again.

    Args:
        now: In seconds since 1970.
    """
    return b"\x08" + _varint(int(now * 1000)) + b"\x12" + bytes([len(_METRIC)]) + _METRIC


def _varint(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*written, value])
