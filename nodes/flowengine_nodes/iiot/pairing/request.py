"""What a device sends to be paired."""

from dataclasses import dataclass, field
from typing import Any

from flowengine_nodes.iiot.pairing.refusal import Refusal
from flowengine_nodes.iiot.pairing.token_text import LONGEST, read_token

LONGEST_TEXT = 128
_OPTIONAL = ("request_id", "hardware", "firmware", "reply_to")


@dataclass(frozen=True, slots=True, kw_only=True)
class PairingRequest:
    """A request that could be one.

    Args:
        serial: Serial number that is claimed.
        symbols: The token's symbols.
        request_id: The device's own name of the request; empty for none.
        hardware: Hardware revision; empty if not said.
        firmware: Firmware version, likewise.
        reply_to: Topic of the answer, likewise.
    """

    serial: str
    symbols: str = field(repr=False)
    request_id: str = ""
    hardware: str = ""
    firmware: str = ""
    reply_to: str = ""


def read_request(payload: Any) -> PairingRequest | Refusal:
    """Read a request, whatever it is."""
    if not isinstance(payload, dict) or not _is_text(payload.get("serial")) or not payload["serial"].strip():
        return Refusal.REQUEST_MALFORMED
    optional = {name: "" if payload.get(name) is None else payload[name] for name in _OPTIONAL}
    if not all(_is_text(text) for text in optional.values()):
        return Refusal.REQUEST_MALFORMED
    token = payload.get("token")
    if not isinstance(token, str) or len(token) > LONGEST:
        return Refusal.TOKEN_MALFORMED
    symbols = read_token(token)
    if symbols is None:
        return Refusal.TOKEN_MALFORMED
    return PairingRequest(serial=payload["serial"].strip(), symbols=symbols, **optional)


def claimed(payload: Any, name: str) -> str:
    """Return what a request that may be malformed claims in a field, cut short and printable; empty for no text."""
    text = payload.get(name) if isinstance(payload, dict) else None
    if not isinstance(text, str):
        return ""
    return "".join(one if one.isprintable() else "?" for one in text.strip()[:LONGEST_TEXT])


def _is_text(value: Any) -> bool:
    # Neither a database nor a topic takes control characters.
    return isinstance(value, str) and len(value) <= LONGEST_TEXT and (value.isprintable() or not value)
