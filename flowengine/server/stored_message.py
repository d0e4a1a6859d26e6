"""Messages as they are in the store."""

from typing import Any

from flowengine.message import decode_fields


def read_message(data: bytes) -> Any:
    """Return the fields of a stored message; its text where they cannot be read."""
    try:
        return decode_fields(data)
    except ValueError:
        return data.decode(errors="replace")
