"""SUBSCRIBE and UNSUBSCRIBE, and the broker's answers."""

from typing import Final

import mqtt5

from flowengine_nodes.network.mqtt.errors import MqttError, SubscribeRefusedError
from flowengine_nodes.network.mqtt.limits import ServerLimits
from flowengine_nodes.network.mqtt.outgoing import Outgoing
from flowengine_nodes.network.mqtt.packet_ids import PacketIds
from flowengine_nodes.network.mqtt.packets import QOS, reason_name
from flowengine_nodes.network.mqtt.subscriptions import FilterEntry, Subscriptions, TopicSubscription

_WINDOW: Final = 1000
"""Requests without an answer at a time."""


class SubscribeFlow:
    """Keeps the broker's idea of our subscriptions up to date.

    Args:
        subscriptions: What is wanted.
        outgoing: Where packets go.
        packet_ids: Shared with publishes.
    """

    __slots__ = ("_limits", "_outgoing", "_packet_ids", "_requests", "_subscriptions")

    def __init__(self, subscriptions: Subscriptions, outgoing: Outgoing, packet_ids: PacketIds) -> None:
        self._subscriptions = subscriptions
        self._outgoing = outgoing
        self._packet_ids = packet_ids
        self._limits: ServerLimits | None = None
        self._requests: dict[int, tuple[str, tuple[TopicSubscription, ...]]] = {}

    def connected(self, limits: ServerLimits, *, session_present: bool) -> None:
        """Ask for what the broker does not know of."""
        self._limits = limits
        if not session_present:
            self._subscriptions.ask_all_again()
        self.ask()

    def disconnected(self) -> None:
        """Note what has to be asked again, because the answer is lost."""
        self._limits = None
        for packet_id, (wire, _) in self._requests.items():
            self._packet_ids.free(packet_id)
            self._subscriptions.unasked[wire] = None
            entry = self._subscriptions.entry(wire)
            if entry is not None:
                entry.wants_retained = True
        self._requests.clear()

    def ask(self) -> None:
        """Send what has changed, as far as the window allows."""
        unasked = self._subscriptions.unasked
        while unasked and self._limits is not None and len(self._requests) < _WINDOW:
            wire = next(iter(unasked))
            del unasked[wire]
            entry = self._subscriptions.entry(wire)
            if entry is None:
                packet_id = self._packet_ids.take()
                self._requests[packet_id] = (wire, ())
                self._outgoing.write(mqtt5.UnsubscribePacket(packet_id, [wire]).write())
            else:
                self._subscribe(wire, entry, self._limits)

    def subscribed(self, packet: mqtt5.SubAckPacket) -> None:
        """Take a SUBACK."""
        wire, asked = self._answered(packet.packet_id)
        code = packet.reason_codes[0]
        error: MqttError | None = None
        if int(code) >= 0x80:
            error = SubscribeRefusedError(wire, packet.reason_str or reason_name(code), int(code))
        for each in asked:
            each.answered(error)

    def unsubscribed(self, packet: mqtt5.UnsubAckPacket) -> None:
        """Take an UNSUBACK."""
        wire, _ = self._answered(packet.packet_id)
        if self._subscriptions.entry(wire) is None:
            self._subscriptions.departed(wire)

    def _answered(self, packet_id: int) -> tuple[str, tuple[TopicSubscription, ...]]:
        request = self._requests.pop(packet_id, ("", ()))
        self._packet_ids.free(packet_id)
        self.ask()
        return request

    def _subscribe(self, wire: str, entry: FilterEntry, limits: ServerLimits) -> None:
        entry.is_asked = True
        asked = tuple(entry.subscriptions)
        missing = _missing(entry, limits)
        if missing is not None:
            for each in asked:
                each.answered(SubscribeRefusedError(wire, reason_name(missing), int(missing)))
            return
        packet_id = self._packet_ids.take()
        self._requests[packet_id] = (wire, asked)
        wanted = mqtt5.TopicFilter(
            wire,
            max_qos=QOS[entry.qos],
            no_local=entry.no_local,
            retain_as_published=entry.retain_as_published,
            retain_handling=entry.retained,
        )
        identifier = entry.identifier if limits.subscription_ids else None
        self._outgoing.write(mqtt5.SubscribePacket(packet_id, [wanted], subscription_id=identifier).write())
        entry.wants_retained = False


def _missing(entry: FilterEntry, limits: ServerLimits) -> mqtt5.SubAckReasonCode | None:
    """Return why a broker would refuse a filter, as it has said; asking would break the connection."""
    if entry.topic_filter.group is not None and not limits.shared:
        return mqtt5.SubAckReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED
    if not limits.wildcards and not {"+", "#"}.isdisjoint(entry.topic_filter.levels):
        return mqtt5.SubAckReasonCode.WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED
    return None
