"""Messages from the broker, and their acknowledgement in the order received."""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

import mqtt5

from flowengine_nodes.network.mqtt.packets import properties_of
from flowengine_nodes.network.mqtt.properties import NO_PROPERTIES, Properties

ACCEPTED: Final = 0
UNSPECIFIED_ERROR: Final = 0x80
"""Reason code of a refusal that does not say more (MQTT 5.0 §2.4)."""
LEFT: Final = -1
"""Outcome of a message that is left with the broker, unacknowledged."""


class Receipt:
    """What is owed to the broker for one QoS 1 or 2 message, however many subscribers it has.

    Args:
        flow: Where it stands in line.
        packet_id: MQTT packet identifier.
        qos: 1 or 2.
        topic: Topic, to recognise a redelivery.
        payload: Payload, likewise.

    Attributes:
        outcome: ``ACCEPTED``, ``LEFT`` or a reason code of at least 0x80.
        remaining: Subscribers that have not settled.
    """

    __slots__ = ("flow", "outcome", "packet_id", "payload", "qos", "remaining", "topic")

    def __init__(self, flow: "InboundFlow", packet_id: int, qos: int, topic: str, payload: bytes) -> None:
        self.flow = flow
        self.packet_id = packet_id
        self.qos = qos
        self.topic = topic
        self.payload = payload
        self.outcome = ACCEPTED
        self.remaining = 1

    def take(self, outcome: int) -> None:
        """Count one subscriber's outcome: leaving wins over refusing, and refusing over accepting."""
        if outcome != ACCEPTED and (outcome == LEFT or self.outcome == ACCEPTED):
            self.outcome = outcome
        self.remaining -= 1
        if self.remaining == 0:
            self.flow.settled(self)


class Inbound:
    """One message, as one subscriber gets it.

    Attributes:
        topic: Topic it was published to.
        payload: Its bytes.
        qos: QoS it was delivered with.
        retain: Retain flag.
        duplicate: The broker may have sent it before.
        captures: Text of each ``{name}`` level of the filter that matched.
    """

    __slots__ = ("_packet", "_receipt", "captures", "duplicate", "payload", "qos", "retain", "topic")

    def __init__(
        self,
        topic: str,
        payload: bytes,
        qos: int,
        retain: bool,  # noqa: FBT001 - likewise
        duplicate: bool,  # noqa: FBT001 - likewise
        captures: Mapping[str, str],
        receipt: Receipt | None = None,
        packet: mqtt5.PublishPacket | None = None,
    ) -> None:
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.retain = retain
        self.duplicate = duplicate
        self.captures = captures
        self._receipt = receipt
        self._packet = packet

    @property
    def properties(self) -> Properties:
        """MQTT 5 properties of the message; those of MQTT 3.1.1 are all unset."""
        return NO_PROPERTIES if self._packet is None else properties_of(self._packet)

    def settle(self, accepted: bool = True, reason_code: int = UNSPECIFIED_ERROR) -> None:  # noqa: FBT001, FBT002 - reads well at every call
        """Say that the message has come to its end, so that the broker may forget it.

        A second call, and any call for QoS 0, does nothing. When the connection was lost meanwhile, the
        outcome is remembered and sent when the broker delivers the message again.

        Args:
            accepted: False refuses it. MQTT 5 tells the broker the reason code and the broker drops the
                message; MQTT 3.1.1 cannot say no, so there it is left with the broker (see ``leave``).
            reason_code: MQTT 5 reason code of a refusal, at least 0x80.
        """
        receipt = self._receipt
        if receipt is not None:
            self._receipt = None
            receipt.take(ACCEPTED if accepted else reason_code)

    def leave(self) -> None:
        """Leave the message with the broker: it is delivered again after the next reconnect of the session.

        Until then it takes one place of the Receive Maximum. Later messages are acknowledged all the same.
        """
        receipt = self._receipt
        if receipt is not None:
            self._receipt = None
            receipt.take(LEFT)


class InboundFlow:
    """The line of unsettled messages: acknowledgements leave in the order received (MQTT 5.0 §4.6).

    Args:
        acknowledge: Sends what ends one message; called with its receipt, in order.
    """

    __slots__ = ("_acknowledge", "_carried", "_left", "_line", "awaiting_release")

    def __init__(self, acknowledge: Callable[[Receipt], None]) -> None:
        self._acknowledge = acknowledge
        self._line: deque[Receipt] = deque()
        self._carried: dict[int, Receipt] = {}
        self._left = 0
        self.awaiting_release: set[int] = set()
        """QoS 2 packet identifiers between PUBREC and PUBREL."""

    def __len__(self) -> int:
        """Return how many messages wait for their settling or their turn."""
        return len(self._line)

    @property
    def quota_used(self) -> int:
        """How much of our Receive Maximum the broker has used (MQTT 5.0 §4.9)."""
        return len(self._line) + self._left + len(self.awaiting_release)

    def receive(self, packet_id: int, qos: int, topic: str, payload: bytes, *, duplicate: bool) -> Receipt | None:
        """Put a message in line.

        Returns:
            Its receipt; None when subscribers already have the message, from before a reconnect.
        """
        if self._carried:
            earlier = self._carried.pop(packet_id, None)
            if earlier is not None and duplicate and earlier.topic == topic and earlier.payload == payload:
                self._line.append(earlier)
                self._advance()
                return None
        receipt = Receipt(self, packet_id, qos, topic, payload)
        self._line.append(receipt)
        return receipt

    def settled(self, receipt: Receipt) -> None:
        """Acknowledge a settled message if it is its turn, and those behind it that have waited for it."""
        line = self._line
        if line and line[0] is receipt:
            self._advance()

    def disconnected(self) -> None:
        """Keep what is unsettled, to recognise it when the broker sends it again."""
        self._carried.update((each.packet_id, each) for each in self._line if each.outcome != LEFT)
        self._line.clear()
        self._left = 0

    def session_lost(self) -> None:
        """Forget what only the broker's lost session could have asked for again."""
        self._carried.clear()
        self.awaiting_release.clear()

    def _advance(self) -> None:
        line = self._line
        while line and line[0].remaining == 0:
            receipt = line.popleft()
            if receipt.outcome == LEFT:
                self._left += 1
            else:
                self._acknowledge(receipt)
