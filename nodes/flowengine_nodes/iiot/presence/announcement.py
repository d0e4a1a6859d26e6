"""What a device says of itself when it connects, and what its last will says when it is gone."""

from typing import Any, Final, NamedTuple

import orjson

from flowengine.node import NodeError, excerpt

_ONLINE: Final = frozenset({"online", "connected", "up", "true", "1"})
_OFFLINE: Final = frozenset({"offline", "disconnected", "down", "false", "0"})
_STATES: Final = ("state", "status", "online", "connected")
_LONGEST_VERSION: Final = 100


class Announcement(NamedTuple):
    """What was said.

    Args:
        online: Whether the device is there.
        firmware: Version of its firmware; empty where that was not said.
    """

    online: bool
    firmware: str = ""


class AnnouncementError(NodeError):
    """A device has said something else than whether it is there.

    Args:
        payload: What it said.
    """

    def __init__(self, payload: Any) -> None:
        super().__init__(f"{excerpt(payload, 60)!r} says neither online nor offline", code="invalid-announcement")


def read_announcement(payload: Any) -> Announcement | None:
    """Read an announcement.

    Args:
        payload: ``online`` or ``offline``; or JSON, such as ``{"state": "online", "firmware": "1.4.2"}`` or
            ``{"online": true}``.

    Returns:
        What it says; ``None`` for an empty payload, with which a retained announcement is taken away.

    Raises:
        AnnouncementError: It is none.
    """
    said = _decoded(payload)
    if said is None or said == "":
        return None
    if not isinstance(said, dict):
        return Announcement(_is_online(said, payload))
    for name in _STATES:
        if name in said:
            firmware = said.get("firmware")
            version = firmware if isinstance(firmware, str) and len(firmware) <= _LONGEST_VERSION else ""
            return Announcement(_is_online(said[name], payload), version)
    raise AnnouncementError(payload)


def _decoded(payload: Any) -> Any:
    if not isinstance(payload, bytes | str):
        return payload
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        return payload.decode(errors="replace") if isinstance(payload, bytes) else payload


def _is_online(value: Any, payload: Any) -> bool:
    word = str(value).strip().lower() if isinstance(value, str | int) else ""
    if word in _ONLINE:
        return True
    if word in _OFFLINE:
        return False
    raise AnnouncementError(payload)
