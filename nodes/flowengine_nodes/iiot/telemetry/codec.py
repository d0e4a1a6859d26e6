"""Payloads of devices, decoded."""

import json
from collections.abc import Callable
from typing import Any

import orjson

from flowengine_nodes.iiot.telemetry.errors import PayloadError

Decode = Callable[[Any], Any]
"""Returns what a payload says; raises :class:`PayloadError`. What is no bytes has been decoded before."""


def decode_json(payload: Any) -> Any:
    """Decode JSON; NaN and Infinity, which JSON has not but many devices send, are taken as numbers.

    Raises:
        PayloadError: It is no JSON.
    """
    if not isinstance(payload, bytes | str):
        return payload
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        content = payload if isinstance(payload, bytes) else payload.encode(errors="replace")
        # Only the value that is no number is refused then, by its rule, and not all that came with it.
        if b"NaN" in content or b"Infinity" in content:
            return _lenient(content)
        raise PayloadError("JSON", str(error)) from None


def decode_scalar(payload: Any) -> Any:
    """Decode a payload that is one value: a number, true or false, or else text.

    Raises:
        PayloadError: It is no text in UTF-8.
    """
    if not isinstance(payload, bytes | str):
        return payload
    try:
        text = payload.decode() if isinstance(payload, bytes) else payload
    except UnicodeDecodeError as error:
        raise PayloadError("text in UTF-8", str(error)) from None
    text = text.strip("\0 \t\r\n")
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text or None
    return text if isinstance(value, list | dict) else value


def _lenient(content: bytes) -> Any:
    try:
        value = json.loads(content)
        # What the engine could not store again: half a surrogate, a number of a thousand digits.
        orjson.dumps(value)
    except (ValueError, TypeError, RecursionError) as error:
        raise PayloadError("JSON", str(error)) from None
    return value
