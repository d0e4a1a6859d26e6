"""The wire format of Protocol Buffers, as far as reading it goes."""

from collections.abc import Iterator
from typing import Final

from flowengine_nodes.iiot.telemetry.errors import PayloadError

VARINT: Final = 0
FIXED64: Final = 1
BYTES: Final = 2
FIXED32: Final = 5

_MOST_VARINT_BITS: Final = 70


def _broken(reason: str) -> PayloadError:
    return PayloadError("Sparkplug B", reason)


def read_fields(data: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    """Yield the fields of a message in the order they come.

    Args:
        data: The message.

    Yields:
        Number, wire type, value of a varint, and the bytes of any other.

    Raises:
        PayloadError: It is no such message.
    """
    at, end = 0, len(data)
    while at < end:
        key = data[at]
        if key < 0x80:
            at += 1
        else:
            key, at = _varint(data, at)
        kind = key & 7
        if kind == VARINT:
            value, at = _varint(data, at)
            yield key >> 3, kind, value, b""
            continue
        if kind == BYTES:
            size, at = _varint(data, at)
        elif kind == FIXED64:
            size = 8
        elif kind == FIXED32:
            size = 4
        else:
            raise _broken(f"a field of the unknown wire type {kind}")
        start, at = at, at + size
        if at > end:
            raise _broken("it is cut off")
        yield key >> 3, kind, 0, data[start:at]


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    try:
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value & 0xFFFF_FFFF_FFFF_FFFF, at
            shift += 7
            if shift >= _MOST_VARINT_BITS:
                raise _broken("a number of more than 64 bits")
    except IndexError:
        raise _broken("it is cut off") from None
