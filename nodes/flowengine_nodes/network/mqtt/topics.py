"""Topic names and topic filters, as MQTT 5.0 §4.7 has them, and our ``{name}`` captures."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from flowengine_nodes.network.mqtt.errors import TopicFilterError, TopicNameError

MAX_TOPIC_BYTES = 65_535
"""MQTT 5.0 §4.7.3: a topic name or filter takes at most this many bytes of UTF-8."""

NO_CAPTURES: Mapping[str, str] = MappingProxyType({})

_CAPTURE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


def check_topic(topic: str) -> None:
    """Check a topic to publish to.

    Args:
        topic: A topic name, without wildcards.

    Raises:
        TopicNameError: It is empty, too long, not encodable, or holds a wildcard or NUL (MQTT 5.0 §4.7).
    """
    reason = _string_fault(topic)
    if reason is None and ("+" in topic or "#" in topic):
        reason = "a message is published to one topic, so '+' and '#' are not allowed"
    if reason is not None:
        raise TopicNameError(topic, reason)


class TopicFilter:
    """A checked topic filter.

    A level that is exactly ``{name}`` matches any one level, like ``+``, and yields its text as a capture.
    Braces anywhere else are ordinary characters. ``$share/<group>/<filter>`` is a shared subscription.

    Args:
        text: The filter as a user writes it, such as ``telemetry/{device}/data``.

    Attributes:
        text: As given.
        wire: As sent to the broker: captures written ``+``.
        group: Name of the share, or None.
        levels: Levels to match, captures written ``+``, the share prefix left out.
        names: Capture name of each level, None where it has none.

    Raises:
        TopicFilterError: The filter breaks MQTT 5.0 §4.7 or §4.8.2, or names a capture twice.
    """

    __slots__ = ("_captures", "group", "levels", "names", "text", "wire")

    def __init__(self, text: str) -> None:
        reason = _string_fault(text)
        if reason is not None:
            raise TopicFilterError(text, reason)
        self.text = text
        self.group, pattern = _split_share(text)
        self.levels, self.names = _parse_levels(text, pattern)
        self._captures = tuple((name, at) for at, name in enumerate(self.names) if name is not None)
        topic = "/".join(self.levels)
        self.wire = topic if self.group is None else f"$share/{self.group}/{topic}"

    def matches(self, topic: str) -> bool:
        """Tell whether a topic name matches (MQTT 5.0 §4.7)."""
        levels = topic.split("/")
        own = self.levels
        if topic.startswith("$") and own[0] in {"+", "#"}:
            return False
        if own[-1] == "#":
            own = own[:-1]
            if len(levels) < len(own):
                return False
        elif len(levels) != len(own):
            return False
        return all(mine in {"+", theirs} for mine, theirs in zip(own, levels, strict=False))

    def captures(self, topic: str) -> Mapping[str, str]:
        """Return the text of each ``{name}`` level of a topic that is known to match."""
        if not self._captures:
            return NO_CAPTURES
        levels = topic.split("/")
        return {name: levels[at] for name, at in self._captures}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TopicFilter) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"TopicFilter({self.text!r})"


def _split_share(text: str) -> tuple[str | None, str]:
    """Split ``$share/<group>/<filter>`` (MQTT 5.0 §4.8.2)."""
    if text != "$share" and not text.startswith("$share/"):
        return None, text
    parts = text.split("/", 2)
    if len(parts) < 3 or not parts[2]:
        raise TopicFilterError(text, "a shared subscription is written $share/<group>/<filter>")
    group = parts[1]
    if not group or "+" in group or "#" in group:
        raise TopicFilterError(text, "the group of a shared subscription must be a name without '+' and '#'")
    return group, parts[2]


def _parse_levels(text: str, pattern: str) -> tuple[tuple[str, ...], tuple[str | None, ...]]:
    levels: list[str] = []
    names: list[str | None] = []
    parts = pattern.split("/")
    for at, part in enumerate(parts):
        capture = _CAPTURE.fullmatch(part)
        if capture is not None:
            if capture[1] in names:
                raise TopicFilterError(text, f"the capture {part} is used twice")
            levels.append("+")
            names.append(capture[1])
            continue
        if "#" in part and (part != "#" or at != len(parts) - 1):
            raise TopicFilterError(text, "'#' must be the last level and stand alone")
        if "+" in part and part != "+":
            raise TopicFilterError(text, "'+' must stand alone in its level")
        levels.append(part)
        names.append(None)
    return tuple(levels), tuple(names)


def _string_fault(text: str) -> str | None:
    """Say what breaks the rules for every topic string (MQTT 5.0 §1.5.4 and §4.7.3), or None."""
    if not text:
        return "it is empty"
    if "\0" in text:
        return "it holds the NUL character"
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        return "it is not valid Unicode text"
    if size > MAX_TOPIC_BYTES:
        return f"it takes {size} bytes and MQTT allows {MAX_TOPIC_BYTES}"
    return None
