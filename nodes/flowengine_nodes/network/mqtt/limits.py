"""What a broker says it can do."""

from dataclasses import dataclass
from typing import Self

import mqtt5


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerLimits:
    """The limits of a CONNACK (MQTT 5.0 §3.2.2.3); the defaults are those of the standard.

    Attributes:
        receive_maximum: QoS 1 and 2 publishes it takes before it has acknowledged the first.
        max_qos: Highest QoS it takes.
        retain: It keeps retained messages.
        max_packet_size: Largest packet it takes, in bytes; None for no limit.
        topic_aliases: How many topic aliases it takes.
        wildcards: It takes wildcards in filters.
        shared: It takes shared subscriptions.
        subscription_ids: It takes subscription identifiers.
    """

    receive_maximum: int = 65_535
    max_qos: int = 2
    retain: bool = True
    max_packet_size: int | None = None
    topic_aliases: int = 0
    wildcards: bool = True
    shared: bool = True
    subscription_ids: bool = True

    @classmethod
    def of(cls, packet: mqtt5.ConnAckPacket) -> Self:
        """Read them from a CONNACK."""
        return cls(
            receive_maximum=packet.receive_max,
            max_qos=int(packet.max_qos),
            retain=packet.retain_available,
            max_packet_size=packet.max_packet_size,
            topic_aliases=packet.topic_alias_max,
            wildcards=packet.wildcard_subscription_available,
            shared=packet.shared_subscription_available,
            subscription_ids=packet.subscription_id_available,
        )

    @property
    def restricts_publishing(self) -> bool:
        """Whether a publish has to be checked against them."""
        return self.max_qos < 2 or not self.retain or self.max_packet_size is not None
