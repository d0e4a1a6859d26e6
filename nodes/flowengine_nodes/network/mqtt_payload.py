"""Payloads as MQTT carries them."""

from typing import Any

import orjson

from flowengine.node import NodeError


def encode_payload(payload: Any) -> bytes:
    """Return the bytes of a payload: text as UTF-8, bytes as they are, nothing for null, anything else as JSON.

    Raises:
        NodeError: It is not JSON.
    """
    if isinstance(payload, bytes):
        return payload
    if isinstance(payload, str):
        return payload.encode()
    if payload is None:
        return b""
    try:
        return orjson.dumps(payload)
    except TypeError as error:
        raise NodeError(f"the payload cannot be sent as JSON: {error}", code="invalid-payload") from error
