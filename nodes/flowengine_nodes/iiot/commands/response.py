"""What a device answers, read."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson

from flowengine.expressions import MISSING, Path
from flowengine.node import NodeError, excerpt
from flowengine_nodes.iiot.registry.command import CommandState
from flowengine_nodes.iiot.registry.commands import Answer

ID_PROPERTY: Final = "command-id"
"""MQTT 5 user property with the command's id."""
ATTEMPT_PROPERTY: Final = "attempt"
"""MQTT 5 user property that tells how often the command was sent, this time included."""
LARGEST_RESULT: Final = 65_536
"""Bytes of an answer that are kept whole."""

_ID_FIELDS: Final = ("command_id", "id")
_SHOWN: Final = 4_000
_LONGEST_CODE: Final = 100


class Words(NamedTuple):
    """What devices say of how a command went, in lower case.

    Args:
        acknowledged: It has begun, or goes on.
        succeeded: It is done.
        failed: It is not.
    """

    acknowledged: frozenset[str]
    succeeded: frozenset[str]
    failed: frozenset[str]

    @classmethod
    def of(cls, acknowledged: Sequence[str], succeeded: Sequence[str], failed: Sequence[str]) -> "Words":
        """Make them from lists in any case."""
        return cls(*(frozenset(word.lower() for word in words) for words in (acknowledged, succeeded, failed)))


class ResponseStatusError(NodeError):
    """A device's answer says in unknown words how the command went.

    Args:
        status: What it says.
    """

    code = "unknown-status"

    def __init__(self, status: Any) -> None:
        super().__init__(
            f"the answer's status is {excerpt(status, 100)!r}, which is none of the words for acknowledged, succeeded "
            "or failed; add it to the node's settings"
        )
        self.status = status


def read_response(payload: Any, properties: Mapping[str, Any], words: Words, status: Path, id_field: str) -> Answer:
    """Read a device's answer.

    The id is taken from the correlation data, the user property ``command-id``, the field that the profile puts it
    into, ``command_id`` or ``id``, whichever comes first. An answer without a status says that the command has failed
    if it has an ``error``, and else that it is done.

    Args:
        payload: What came, decoded.
        properties: The MQTT 5 properties that it came with.
        words: What devices say.
        status: Where they say it.
        id_field: Name under which the profile's messages hold the id; empty if they do not.

    Raises:
        ResponseStatusError: The status is none of the words.
    """
    found = status.first({"payload": payload})
    if found is MISSING and isinstance(payload, str):
        found = payload
    state = _state(found, payload, words)
    code = ""
    if state is CommandState.FAILED:
        code = _code(payload)
    return Answer(_id(payload, properties, id_field), state, code, _kept(payload))


def _state(status: Any, payload: Any, words: Words) -> CommandState:
    if status is MISSING or status is None:
        has_error = isinstance(payload, dict) and (bool(payload.get("error")) or payload.get("success") is False)
        return CommandState.FAILED if has_error else CommandState.SUCCEEDED
    if isinstance(status, bool):
        return CommandState.SUCCEEDED if status else CommandState.FAILED
    word = str(status).strip().lower()
    if word in words.acknowledged:
        return CommandState.ACKNOWLEDGED
    if word in words.succeeded:
        return CommandState.SUCCEEDED
    if word in words.failed:
        return CommandState.FAILED
    raise ResponseStatusError(status)


def _id(payload: Any, properties: Mapping[str, Any], id_field: str) -> str | None:
    correlation = properties.get("correlation_data")
    if isinstance(correlation, bytes):
        correlation = correlation.decode("utf-8", "replace")
    if isinstance(correlation, str) and correlation:
        return correlation
    for name, value in properties.get("user_properties", ()):
        if name == ID_PROPERTY:
            return str(value)
    if isinstance(payload, dict):
        for field in (id_field, *_ID_FIELDS):
            value = payload.get(field)
            if isinstance(value, str) and value:
                return value
    return None


def _code(payload: Any) -> str:
    """Return the device's own word for what went wrong, if it has a short one."""
    for field in ("code", "error_code", "error") if isinstance(payload, dict) else ():
        value = payload.get(field)
        if isinstance(value, int | str) and not isinstance(value, bool):
            text = str(value)
            if len(text) <= _LONGEST_CODE and text.isprintable() and text:
                return text
    return "device-failed"


def _kept(payload: Any) -> Any:
    try:
        size = len(orjson.dumps(payload))
    except (TypeError, ValueError):
        return excerpt(payload, _SHOWN)
    return payload if size <= LARGEST_RESULT else excerpt(payload, _SHOWN)
