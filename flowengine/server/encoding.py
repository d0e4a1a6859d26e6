"""JSON for browsers and programs, whatever is in it."""

import json
from typing import Any

import orjson


def to_json(value: Any) -> bytes:
    """Encode a value.

    Half a surrogate pair and integers beyond 64 bits, which flows may carry, are written as JSON allows; a number that
    is not finite becomes null.
    """
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":"), default=str).encode()
