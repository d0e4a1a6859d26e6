"""Between our types and the packets of the codec."""

from typing import Final

import mqtt5

from flowengine_nodes.network.mqtt.options import ClientOptions, Will
from flowengine_nodes.network.mqtt.properties import NO_PROPERTIES, Properties

QOS: Final = (mqtt5.QoS.AT_MOST_ONCE, mqtt5.QoS.AT_LEAST_ONCE, mqtt5.QoS.EXACTLY_ONCE)


def encode_publish(
    topic: str,
    payload: bytes,
    *,
    qos: int,
    retain: bool,
    properties: Properties,
    packet_id: int | None = None,
    duplicate: bool = False,
    topic_alias: int | None = None,
    message_expiry: int | None = None,
) -> bytes:
    """Encode a PUBLISH with properties (MQTT 5.0 §3.3).

    Args:
        topic: Topic name; empty where the alias stands for it.
        payload: Bytes.
        qos: 0, 1 or 2.
        retain: Retain flag.
        properties: Message properties.
        packet_id: Packet identifier, for QoS 1 and 2.
        duplicate: This is a redelivery.
        topic_alias: Alias to define or use.
        message_expiry: What is left of the expiry interval, in seconds.

    Raises:
        ValueError: A string is too long or not valid Unicode.
    """
    packet = mqtt5.PublishPacket(
        topic,
        payload,
        qos=QOS[qos],
        retain=retain,
        packet_id=packet_id,
        duplicate=duplicate,
        payload_format_indicator=int(properties.payload_is_text),
        message_expiry_interval=message_expiry,
        content_type=properties.content_type,
        response_topic=properties.response_topic,
        correlation_data=properties.correlation_data,
        user_properties=list(properties.user_properties),
        topic_alias=topic_alias,
    )
    return packet.write()


def properties_of(packet: mqtt5.PublishPacket) -> Properties:
    """Return the message properties of a PUBLISH."""
    is_text = packet.payload_format_indicator == 1
    expiry = packet.message_expiry_interval
    content_type = packet.content_type
    response_topic = packet.response_topic
    correlation_data = packet.correlation_data
    user_properties = packet.user_properties
    if (
        not is_text
        and expiry is None
        and content_type is None
        and response_topic is None
        and correlation_data is None
        and not user_properties
    ):
        return NO_PROPERTIES
    return Properties(
        payload_is_text=is_text,
        message_expiry=expiry,
        content_type=content_type,
        response_topic=response_topic,
        correlation_data=correlation_data,
        user_properties=tuple(user_properties),
    )


def reason_of(packet: object) -> str:
    """Return the broker's words for a reason code, or the name of the code."""
    words = getattr(packet, "reason_str", None)
    if words:
        return str(words)
    return reason_name(getattr(packet, "reason_code", 0))


def reason_name(code: int) -> str:
    """Return the name of a reason code in plain words, such as "not authorized"."""
    # To a type checker the codec's enumerations are IntEnum, but only their repr tells the name.
    name = repr(code).partition(".")[2].partition(":")[0]
    return name.replace("_", " ").lower()


def connect_packet(options: ClientOptions, client_id: str, *, clean_start: bool) -> bytes:
    """Encode CONNECT (MQTT 5.0 §3.1)."""
    will = options.will
    packet = mqtt5.ConnectPacket(
        client_id,
        username=options.username,
        password=options.password,
        clean_start=clean_start,
        will=None if will is None else _will(will),
        keep_alive=options.keep_alive,
        session_expiry_interval=options.session_expiry,
        receive_max=options.receive_maximum,
        topic_alias_max=options.topic_alias_maximum,
        max_packet_size=options.max_packet_size,
    )
    return packet.write()


def _will(will: Will) -> mqtt5.Will:
    properties = will.properties or NO_PROPERTIES
    return mqtt5.Will(
        will.topic,
        payload=will.payload,
        qos=QOS[will.qos],
        retain=will.retain,
        payload_format_indicator=int(properties.payload_is_text),
        message_expiry_interval=properties.message_expiry,
        content_type=properties.content_type,
        response_topic=properties.response_topic,
        correlation_data=properties.correlation_data,
        will_delay_interval=will.delay,
        user_properties=list(properties.user_properties),
    )
