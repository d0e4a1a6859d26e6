"""MQTT 5 properties as messages carry them."""

from typing import Any

from flowengine.node import NodeError
from flowengine_nodes.network.mqtt.properties import Properties

_LONGEST_EXPIRY = 0xFFFF_FFFF
"""MQTT 5.0 §3.3.2.3.3: the expiry interval takes four bytes."""


def describe_properties(properties: Properties) -> dict[str, Any]:
    """Return the properties that a packet carries, as a message's `properties`."""
    described: dict[str, Any] = {}
    if properties.payload_is_text:
        described["payload_is_text"] = True
    for name in ("message_expiry", "content_type", "response_topic", "correlation_data"):
        value = getattr(properties, name)
        if value is not None:
            described[name] = value
    if properties.user_properties:
        described["user_properties"] = [list(pair) for pair in properties.user_properties]
    return described


def read_properties(given: Any, content_type: str = "", expiry: float | None = None) -> Properties:
    """Return what a packet is to carry.

    Args:
        given: The message's `properties`: an object as :func:`describe_properties` makes it, or null. User properties
            may be an object too, and correlation data text.
        content_type: Wins over the message's, unless empty.
        expiry: Seconds; wins over the message's, unless None.

    Raises:
        NodeError: It is no object, names a property that there is not, or has a value of a wrong type.
    """
    if given is not None and not isinstance(given, dict):
        raise NodeError("the message's properties must be an object", code="invalid-properties")
    found = dict(given or {})
    if content_type:
        found["content_type"] = content_type
    if expiry is not None:
        found["message_expiry"] = max(1, round(expiry))
    return Properties(**{name: _read(name, value) for name, value in found.items() if value is not None})


def _read(name: str, value: Any) -> Any:
    match name:
        case "payload_is_text" if isinstance(value, bool):
            return value
        case "message_expiry" if type(value) is int and 0 <= value <= _LONGEST_EXPIRY:
            return value
        case "content_type" | "response_topic" if isinstance(value, str):
            return value
        case "correlation_data" if isinstance(value, bytes):
            return value
        case "correlation_data" if isinstance(value, str):
            return value.encode()
        case "user_properties":
            return _read_pairs(value)
        case _ if name in _WANTED:
            reason = f"the message's property '{name}' must be {_WANTED[name]}"
        case _:
            reason = f"there is no property '{name}' in MQTT; it may be one of {', '.join(_WANTED)}"
    raise NodeError(reason, code="invalid-properties")


def _read_pairs(value: Any) -> tuple[tuple[str, str], ...]:
    pairs = list(value.items()) if isinstance(value, dict) else value
    if isinstance(pairs, list) and all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in pairs):
        read = tuple((name, _text(content)) for name, content in pairs)
        if all(isinstance(name, str) and content is not None for name, content in read):
            return read  # type: ignore[return-value]  # as was just checked
    raise NodeError(
        f"the message's property 'user_properties' must be {_WANTED['user_properties']}", code="invalid-properties"
    )


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


_WANTED = {
    "payload_is_text": "true or false",
    "message_expiry": "a whole number of seconds, at most 4,294,967,295",
    "content_type": "text",
    "response_topic": "text",
    "correlation_data": "bytes or text",
    "user_properties": "an object, or a list of pairs; its values text or numbers",
}
