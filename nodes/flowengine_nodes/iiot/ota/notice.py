"""What a device is told of an update, as the JSON object that it gets on its topic."""

from typing import Any

from flowengine_nodes.iiot.ota.timestamp import timestamp
from flowengine_nodes.iiot.registry.firmware import Firmware
from flowengine_nodes.iiot.registry.update import Update


def manifest(update: Update, firmware: Firmware, url: str, expires: float | None) -> dict[str, Any]:
    """Return the notice of an update.

    Args:
        update: The update.
        firmware: What the device is to get.
        url: Where it gets that.
        expires: When the URL is good no more, in seconds since 1970; ``None`` if it is for good.
    """
    made: dict[str, Any] = {
        "update": update.id,
        "attempt": update.attempt,
        "copy": update.copies,
        "version": firmware.version,
        "size": firmware.size,
        "sha256": firmware.sha256,
        "hardware": list(firmware.hardware),
        "min_version": firmware.min_version,
        "url": url,
        "expires": None if expires is None else timestamp(expires),
    }
    if firmware.signature:
        made["signature"] = {"algorithm": "ed25519", "key": firmware.key_id, "value": firmware.signature}
    return made


def withdrawal(update: Update) -> dict[str, Any]:
    """Return the notice that takes an update back."""
    return {"update": update.id, "attempt": update.attempt, "copy": update.copies, "cancel": True}
