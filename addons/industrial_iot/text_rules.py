"""What texts must look like that people enter, with a sentence for each that does not."""

import json
import re

from .entry_error import EntryError, _lt

DEVICE_ID_PATTERN = r"^[^\s/+#$\x00-\x1f][^/+#\x00-\x1f]{0,127}$"
"""A device's id is one level of a topic (MQTT 5.0 §4.7); the bridge's rule."""

_CODE = re.compile(r"[a-z0-9][a-z0-9-]*")
_LONGEST_TOPIC = 65_535


def check_code(code):
    """Raise unless a text can be the id of a record at the bridge."""
    if not _CODE.fullmatch(code or ""):
        raise EntryError(
            _lt(
                "“%s” cannot be a code: it is lower-case letters, digits and hyphens, and starts with a letter "
                "or digit.",
                code or "",
            )
        )


def check_topic(name, topic, needs_device):
    """Raise unless a text can be a topic to publish to (MQTT 5.0 §4.7), and has {device} in it where it must.

    Args:
        name: What the topic is called.
        topic: The topic.
        needs_device: Whether {device} must be in it.
    """
    topic = topic or ""
    if needs_device and "{device}" not in topic:
        raise EntryError(_lt("%s: “%s” needs {device} in it, so that each device has a topic of its own.", name, topic))
    if not topic:
        raise EntryError(_lt("%s: a topic cannot be empty.", name))
    if "+" in topic or "#" in topic:
        raise EntryError(_lt("%s: “%s” has “+” or “#” in it, and a message is published to one topic.", name, topic))
    unknown = [word for word in re.findall(r"\{[^{}/]*\}", topic) if word != "{device}"]
    if unknown:
        raise EntryError(_lt("%s: there is no %s; only {device} can stand in a topic.", name, unknown[0]))
    if "\0" in topic or not topic.isprintable() or len(topic.encode("utf-8", "replace")) > _LONGEST_TOPIC:
        raise EntryError(_lt("%s: a topic is one line of at most 65,535 bytes, without control characters.", name))


def check_json_object(name, text):
    """Return the JSON object that a text is; an empty one where there is no text.

    Args:
        name: What the field is called.
        text: The text.
    """
    try:
        value = json.loads(text or "{}")
    except ValueError as error:
        raise EntryError(_lt("%(name)s: this is no JSON: %(why)s", name=name, why=error)) from error
    if not isinstance(value, dict):
        raise EntryError(_lt("%s: this must be a JSON object, such as {}.", name))
    return value
