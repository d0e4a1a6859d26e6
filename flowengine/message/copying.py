"""Copies that may be changed."""

from typing import Any


def copy_json(value: Any) -> Any:
    """Return a copy of JSON whose lists and objects may be changed; all else is shared, because it cannot change."""
    if isinstance(value, dict):
        return {key: copy_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [copy_json(item) for item in value]
    return bytes(value) if isinstance(value, bytearray) else value
