"""MQTT packets, as many as the load generators need: MQTT 3.1.1 and 5, QoS 0 and 1."""

from typing import NamedTuple

V4 = 4
V5 = 5

CONNECT = 1
CONNACK = 2
PUBLISH = 3
PUBACK = 4
SUBSCRIBE = 8
SUBACK = 9
UNSUBSCRIBE = 10
PINGREQ = 12
DISCONNECT = 14

PINGRESP = b"\xd0\x00"
Packet = tuple[int, bytes]


def split(data: bytes) -> tuple[list[Packet], bytes]:
    """Cut received bytes into packets.

    Returns:
        The whole packets as (first byte, body), and the bytes of the last, still incomplete one.
    """
    packets: list[Packet] = []
    start, end = 0, len(data)
    while end - start >= 2:
        length, shift, at = 0, 0, start + 1
        while at < end:
            digit = data[at]
            length |= (digit & 0x7F) << shift
            shift += 7
            at += 1
            if digit < 0x80:
                break
        else:
            break
        if at + length > end:
            break
        packets.append((data[start], data[at : at + length]))
        start = at + length
    return packets, data[start:]


def framed(first: int, body: bytes) -> bytes:
    """Put the fixed header, MQTT 5.0 §2.1, before a body."""
    length, digits = len(body), bytearray()
    while True:
        length, digit = divmod(length, 128)
        digits.append(digit | 0x80 if length else digit)
        if not length:
            return bytes((first,)) + bytes(digits) + body


def text(value: str) -> bytes:
    """Encode a UTF-8 string with its length, MQTT 5.0 §1.5.4."""
    encoded = value.encode()
    return len(encoded).to_bytes(2, "big") + encoded


def connect(client: str, version: int = V4) -> bytes:
    """Encode a CONNECT with a clean session and a long keep-alive."""
    properties = b"\x00" if version == V5 else b""
    return framed(0x10, text("MQTT") + bytes((version, 2)) + b"\x0e\x10" + properties + text(client))


def subscribe(topic_filter: str, qos: int, version: int = V4) -> bytes:
    properties = b"\x00" if version == V5 else b""
    return framed(0x82, b"\x00\x01" + properties + text(topic_filter) + bytes((qos,)))


def puback(identifier: bytes) -> bytes:
    return b"\x40\x02" + identifier


class Publish(NamedTuple):
    """What a PUBLISH packet carries; the identifier is empty at QoS 0."""

    identifier: bytes
    payload: bytes


def publish(first: int, body: bytes, version: int) -> Publish:
    """Read the body of a PUBLISH packet, skipping its topic and properties."""
    at = 2 + int.from_bytes(body[:2], "big")
    identifier = b""
    if first & 0x06:
        identifier = body[at : at + 2]
        at += 2
    if version == V5:
        length, at = variable(body, at)
        at += length
    return Publish(identifier, body[at:])


def variable(body: bytes, at: int) -> tuple[int, int]:
    """Read a variable byte integer, MQTT 5.0 §1.5.5; returns it and where the next field starts."""
    value, shift = 0, 0
    while True:
        digit = body[at]
        value |= (digit & 0x7F) << shift
        shift += 7
        at += 1
        if digit < 0x80:
            return value, at
