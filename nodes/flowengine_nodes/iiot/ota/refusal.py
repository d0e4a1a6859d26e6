"""What a caller is told of a request that cannot be carried out."""

from typing import Any, Final

from flowengine.node import Message, NodeError

_CONFLICTS: Final = frozenset(
    {
        *("update-running", "too-late", "wrong-state", "no-devices"),
        *("not-in-service", "wrong-hardware", "version-too-old", "has-version"),
    }
)


def is_refusal(error: NodeError) -> bool:
    """Tell whether an error is about what was asked, and not about the store."""
    return not type(error).__module__.startswith("flowengine.storage")


def refused_message(message: Message, error: NodeError) -> Message:
    """Return a message with the payload ``{code, message, location}`` and a ``status_code`` for an HTTP answer."""
    location = error.detail.get("location", "")
    payload: dict[str, Any] = {"code": error.code, "message": str(error), "location": location}
    return message.replace(payload=payload, status_code=_status(error.code))


def _status(code: str) -> int:
    if code.startswith("unknown-"):
        return 404
    return 409 if code in _CONFLICTS else 400
