"""What a caller is told of a request that cannot be carried out."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from flowengine.node import HttpResponse, Message, NodeError

_CONFLICTS: Final = frozenset(
    {
        *("update-running", "too-late", "wrong-state", "no-devices"),
        *("not-in-service", "wrong-hardware", "version-too-old", "has-version"),
        *("duplicate-firmware", "firmware-in-use", "untrusted-firmware"),
    }
)


def is_refusal(error: NodeError) -> bool:
    """Tell whether an error is about what was asked, and not about the store."""
    return not type(error).__module__.startswith("flowengine.storage")


def refused_message(message: Message, error: NodeError) -> Message:
    """Return a message with the payload ``{code, message, location}`` and a ``status_code`` for an HTTP answer."""
    location = error.detail.get("location", "")
    payload: dict[str, Any] = {"code": error.code, "message": str(error), "location": location}
    return message.replace(payload=payload, status_code=status_of(error.code))


def problem_response(
    status: int, code: str, message: str, location: str, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """Return an HTTP answer with the body ``{code, message, location}``."""
    body = orjson.dumps({"code": code, "message": message, "location": location})
    return HttpResponse(status, body, {"Content-Type": "application/json", **(headers or {})})


def status_of(code: str) -> int:
    """Return the HTTP status that goes with a word code."""
    if code.startswith("unknown-"):
        return 404
    return 409 if code in _CONFLICTS else 400
