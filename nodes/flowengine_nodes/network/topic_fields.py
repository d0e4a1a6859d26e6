"""Settings that hold MQTT topics."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from flowengine.errors import FlowEngineError
from flowengine.fields.compiled import Compiled
from flowengine_nodes.network.mqtt.topics import TopicFilter, check_topic

_NAME = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
# Whoever chooses the topic could else choose who they are, too: "principal".
_OWN_FIELDS = frozenset({"payload", "topic", "qos", "retain", "duplicate", "properties", "error", "principal"})


class CaptureNameError(FlowEngineError):
    """A capture of a topic filter would hide a field of the message.

    Args:
        name: The capture's name.
    """

    code = "topic-filter"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"{{{self.name}}} would replace the message's own field '{self.name}'; give the capture another name"


class MissingTopicFieldError(FlowEngineError):
    """A topic names a field that the message lacks.

    Args:
        topic: The topic as configured.
        name: The field.
    """

    code = "missing-topic-field"

    def __init__(self, topic: str, name: str) -> None:
        super().__init__(topic, name)
        self.topic = topic
        self.name = name

    def __str__(self) -> str:
        return f"the topic {self.topic} needs the message's field '{self.name}', which is missing or no single level"


class TopicPattern:
    """A topic to publish to, in which ``{name}`` stands for a field of the message.

    Args:
        text: The topic as configured.

    Raises:
        TopicNameError: It cannot be a topic, whatever the fields hold.
    """

    def __init__(self, text: str) -> None:
        if text:
            check_topic(_NAME.sub("x", text))
        self.text = text
        self._parts = _NAME.split(text)

    @property
    def is_fixed(self) -> bool:
        """Whether it is one topic, whatever the fields hold."""
        return bool(self.text) and len(self._parts) == 1

    def of(self, fields: Mapping[str, Any]) -> str:
        """Return the topic for a message.

        Args:
            fields: The message's fields.

        Raises:
            MissingTopicFieldError: A field is missing, or would change the topic's levels.
        """
        parts = self._parts
        if len(parts) == 1:
            return self.text
        filled = list(parts)
        for at in range(1, len(parts), 2):
            text = _level(fields.get(parts[at]))
            # A value with a level of its own could send a device's command to another device.
            if not text or "/" in text or "+" in text or "#" in text or "\0" in text:
                raise MissingTopicFieldError(self.text, parts[at])
            filled[at] = text
        return "".join(filled)

    def __eq__(self, other: object) -> bool:
        # A deploy restarts what differs.
        return isinstance(other, TopicPattern) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __str__(self) -> str:
        return self.text


def _level(value: Any) -> str:
    """Return a field's value as a level, empty where it cannot be one."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _fixed(text: str) -> TopicPattern:
    check_topic(text)
    return TopicPattern(text)


def _filter(text: str) -> TopicFilter:
    compiled = TopicFilter(text)
    for name in compiled.names:
        if name in _OWN_FIELDS:
            raise CaptureNameError(name)
    return compiled


TopicFilterText = Annotated[TopicFilter, Compiled(_filter, TopicFilter, "topic-filter")]
"""A topic filter; a level ``{name}`` matches any level and puts it into the message's field of that name."""

TopicText = Annotated[TopicPattern, Compiled(TopicPattern, TopicPattern, "topic")]
"""A topic to publish to; ``{name}`` stands for a field of the message."""

FixedTopicText = Annotated[TopicPattern, Compiled(_fixed, TopicPattern, "topic")]
"""A topic to publish to, where there is no message: ``text`` is all of it, and never empty."""
