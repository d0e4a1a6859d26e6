"""Where a called message goes back to: a stack in the message itself, so that it survives every store."""

from collections.abc import Mapping
from typing import Any, NamedTuple

FIELD = "link_calls"


class Caller(NamedTuple):
    """One call that has not returned.

    Args:
        reply: Name of the entrance that the caller opened for answers.
        id: Which of its calls this is.
    """

    reply: str
    id: str


def push(fields: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
    """Return fields that go back to a caller."""
    return {**fields, FIELD: [*_calls(fields), caller._asdict()]}


def peek(fields: Mapping[str, Any]) -> Caller | None:
    """Return the newest caller, or ``None``."""
    match _calls(fields)[-1:]:
        case [{"reply": str(reply), "id": str(id)}]:
            return Caller(reply, id)
    return None


def pop(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields without the newest caller."""
    rest = _calls(fields)[:-1]
    others = {name: value for name, value in fields.items() if name != FIELD}
    return {**others, FIELD: rest} if rest else others


def _calls(fields: Mapping[str, Any]) -> list[Any]:
    calls = fields.get(FIELD)
    return list(calls) if isinstance(calls, (list, tuple)) else []
