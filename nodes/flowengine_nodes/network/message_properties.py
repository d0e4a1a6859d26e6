"""MQTT 5 properties as messages carry them."""

import math
from dataclasses import replace
from typing import Any

from flowengine.message.trace_context import TRACEPARENT, TRACESTATE
from flowengine.node import NodeError, TraceContext
from flowengine_nodes.network.mqtt.errors import TopicNameError
from flowengine_nodes.network.mqtt.properties import NO_PROPERTIES, Properties
from flowengine_nodes.network.mqtt.topics import check_topic

_LONGEST_EXPIRY = 0xFFFF_FFFF
"""MQTT 5.0 §3.3.2.3.3: the expiry interval takes four bytes."""


_MILLISECONDS = 100_000_000_000
"""A time since 1970 that is as large as this is not in seconds."""


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


def trace_context(properties: Properties) -> TraceContext | None:
    """Return the W3C trace context that a packet's user properties carry, if they carry one."""
    found = dict(properties.user_properties)
    return TraceContext.parse(found.get(TRACEPARENT), found.get(TRACESTATE))


def with_trace(properties: Properties | None, context: TraceContext) -> Properties:
    """Return properties that carry a trace context in the place of any other.

    Args:
        properties: What a packet is to carry besides.
        context: The trace context.
    """
    properties = properties or NO_PROPERTIES
    others = (pair for pair in properties.user_properties if pair[0] not in {TRACEPARENT, TRACESTATE})
    return replace(properties, user_properties=(*others, *context.headers.items()))


def read_properties(
    given: Any, now: float, *, content_type: str = "", response_topic: str = "", expiry: float | None = None
) -> Properties:
    """Return what a packet is to carry.

    Args:
        given: The message's `properties`: an object as :func:`describe_properties` makes it, or null. User properties
            may be an object too, and correlation data text; `expires_at` is a time in seconds since 1970 after which
            nobody wants the message, however long it has waited before it is sent.
        now: The time, in seconds since 1970.
        content_type: Wins over the message's, unless empty.
        response_topic: Likewise.
        expiry: Seconds; wins over the message's, unless None.

    Raises:
        NodeError: It is no object, names a property that there is not, or has a value of a wrong type; or nobody wants
            the message any more.
    """
    if given is not None and not isinstance(given, dict):
        raise NodeError("the message's properties must be an object", code="invalid-properties")
    found = dict(given or {})
    if content_type:
        found["content_type"] = content_type
    if response_topic:
        found["response_topic"] = response_topic
    if expiry is not None:
        found["message_expiry"] = max(1, round(expiry))
    expires_at = found.pop("expires_at", None)
    read = {name: _read(name, value) for name, value in found.items() if value is not None}
    if expires_at is not None:
        left = _time_left(expires_at, now)
        read["message_expiry"] = min(left, read.get("message_expiry", left))
    return Properties(**read)


def _time_left(expires_at: Any, now: float) -> int:
    if isinstance(expires_at, bool) or not isinstance(expires_at, int | float) or not 0 <= expires_at < _MILLISECONDS:
        reason = f"the message's property 'expires_at' must be {_WANTED['expires_at']}"
        raise NodeError(reason, code="invalid-properties")
    if now >= expires_at:
        raise NodeError(f"nobody wants the message any more: it expired {now - expires_at:.0f} s ago", code="expired")
    return min(math.ceil(expires_at - now), _LONGEST_EXPIRY)


def _read(name: str, value: Any) -> Any:
    if name == "user_properties":
        return _read_pairs(value)
    if name == "response_topic" and isinstance(value, str):
        # A broker would end the connection over a wrong one (MQTT 5.0 §3.3.2.3.5).
        return _checked_topic(value)
    match name, value:
        case ("payload_is_text", bool()) | ("correlation_data", bytes()):
            return value
        case "message_expiry", int() | float() if _is_expiry(value):
            return int(value)
        case "content_type", str() if "\0" not in value:
            return value
        case "correlation_data", str():
            return value.encode()
    if name in _WANTED:
        reason = f"the message's property '{name}' must be {_WANTED[name]}"
    else:
        reason = f"there is no property '{name}' in MQTT; it may be one of {', '.join(_WANTED)}"
    raise NodeError(reason, code="invalid-properties")


def _is_expiry(value: float) -> bool:
    return not isinstance(value, bool) and float(value).is_integer() and 0 <= value <= _LONGEST_EXPIRY


def _checked_topic(text: str) -> str:
    try:
        check_topic(text)
    except TopicNameError as error:
        raise NodeError(f"the message's response topic cannot be one: {error}", code="invalid-properties") from error
    return text


def _read_pairs(value: Any) -> tuple[tuple[str, str], ...]:
    pairs = list(value.items()) if isinstance(value, dict) else value
    if isinstance(pairs, list) and all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in pairs):
        read = tuple((name, _text(content)) for name, content in pairs)
        if all(isinstance(name, str) and "\0" not in name and content is not None for name, content in read):
            return read  # type: ignore[return-value]  # as was just checked
    raise NodeError(
        f"the message's property 'user_properties' must be {_WANTED['user_properties']}", code="invalid-properties"
    )


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return None if "\0" in value else value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


_WANTED = {
    "payload_is_text": "true or false",
    "message_expiry": "a whole number of seconds, at most 4,294,967,295",
    "content_type": "text without NUL",
    "response_topic": "text",
    "correlation_data": "bytes or text",
    "user_properties": "an object, or a list of pairs; its values text or numbers",
    "expires_at": "a time in seconds since 1970",
}
