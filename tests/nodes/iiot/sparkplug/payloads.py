"""Sparkplug payloads, written field by field."""

import struct


def varint(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*written, value])


def whole(number: int, value: int) -> bytes:
    return varint(number << 3) + varint(value % 2**64)


def part(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content


def single(number: int, value: float) -> bytes:
    return varint(number << 3 | 5) + struct.pack("<f", value)


def double(number: int, value: float) -> bytes:
    return varint(number << 3 | 1) + struct.pack("<d", value)


def metric(
    value: bytes = b"", *, name: str | None = None, alias: int | None = None, type: int = 0, at: int | None = None
) -> bytes:
    """Return a metric of a payload; `value` is its field of the value."""
    content = part(1, name.encode()) if name is not None else b""
    content += whole(2, alias) if alias is not None else b""
    content += whole(3, at) if at is not None else b""
    content += whole(4, type) if type else b""
    return part(2, content + value)


def payload(*metrics: bytes, at: int | None = None, sequence: int | None = None) -> bytes:
    beginning = whole(1, at) if at is not None else b""
    return beginning + b"".join(metrics) + (whole(3, sequence) if sequence is not None else b"")
