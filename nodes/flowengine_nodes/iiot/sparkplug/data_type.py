"""The data types of Sparkplug metrics, and values of them (Sparkplug 3.0 §6.4.16)."""

import base64
import struct
from typing import Any, Final

from flowengine_nodes.iiot.telemetry.errors import PayloadError

# Bits of the signed whole numbers, by data type.
_SIGNED: Final = {1: 8, 2: 16, 3: 32, 4: 64}
_STRING_ARRAY: Final = 33
_BOOLEAN_ARRAY: Final = 32
# Format of an item in an array, by data type.
_ARRAYS: Final = {22: "b", 23: "h", 24: "i", 25: "q", 26: "B", 27: "H", 28: "I", 29: "Q", 30: "f", 31: "d", 34: "Q"}


def signed(value: int, data_type: int) -> int:
    """Return a whole number as its type has it: negative ones come as the two's complement.

    Args:
        value: As on the wire.
        data_type: Sparkplug's number of the type.
    """
    bits = _SIGNED.get(data_type)
    if bits is None:
        return value
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def bytes_value(data: bytes, data_type: int) -> Any:
    """Return the list that an array is, or the Base64 of bytes that are none.

    Args:
        data: As on the wire.
        data_type: Sparkplug's number of the type.

    Raises:
        PayloadError: It is no array of this type.
    """
    form = _ARRAYS.get(data_type)
    if form is not None:
        size = struct.calcsize(f"<{form}")
        if len(data) % size:
            raise PayloadError("Sparkplug B", "an array ends in the middle of an item")
        return list(struct.unpack(f"<{len(data) // size}{form}", data))
    if data_type == _STRING_ARRAY:
        return [text(item) for item in data.split(b"\0")[:-1]]
    if data_type == _BOOLEAN_ARRAY:
        return _booleans(data)
    return base64.b64encode(data).decode()


def text(data: bytes) -> str:
    """Return text.

    Raises:
        PayloadError: It is not in UTF-8.
    """
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise PayloadError("Sparkplug B", "a text is not in UTF-8") from None


def _booleans(data: bytes) -> list[bool]:
    # Their number in four bytes, then their bits, the highest first.
    count = int.from_bytes(data[:4], "little")
    bits = data[4:]
    if len(data) < 4 or count > len(bits) * 8:
        raise PayloadError("Sparkplug B", "an array ends in the middle of an item")
    return [bool(bits[at // 8] >> (7 - at % 8) & 1) for at in range(count)]
