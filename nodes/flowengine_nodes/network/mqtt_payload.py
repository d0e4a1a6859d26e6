"""Payloads as MQTT carries them."""

from typing import Any

import orjson

from flowengine.node import NodeError


def encode_payload(payload: Any) -> bytes:
    """Return the bytes of a payload: text as UTF-8, bytes as they are, nothing for null, anything else as JSON.

    Raises:
        NodeError: It is no Unicode text, or cannot be JSON.
    """
    if isinstance(payload, bytes):
        return payload
    if payload is None:
        return b""
    try:
        return payload.encode() if isinstance(payload, str) else orjson.dumps(payload)
    except (TypeError, ValueError) as error:
        raise NodeError(f"the payload cannot be sent: {error}", code="invalid-payload") from error
