"""Fields that hold text of a kind: the kind picks the editor's widget and what lint checks."""

import zoneinfo
from datetime import UTC, datetime
from typing import Annotated, Any

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from flowengine.flow.duration import Duration as Seconds
from flowengine.flow.identifier import Identifier


class Widget:
    """Annotate a field with the editor's widget for it, where the type alone does not tell.

    Args:
        name: The widget's name.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        """Return the field's JSON Schema with the widget's name."""
        return {**handler(schema), "x-widget": self.name}


class Resource:
    """Annotate a field that refers to a config node: ``broker: Annotated[str, Resource("mqtt-broker")]``.

    Args:
        types: Node types that the resource may have.
    """

    def __init__(self, *types: str) -> None:
        self.types = types

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        """Return the field's JSON Schema, from which the editor makes a picker and lint its check."""
        return {**handler(schema), "x-widget": "resource", "x-resource-types": list(self.types)}


def _is_cron(text: str) -> str:
    try:
        CronSim(text, datetime.now(UTC))
    except CronSimError as error:
        raise PydanticCustomError(
            "cron",
            "'{text}' is no cron expression ({reason}); it has five fields: minute hour day month weekday",
            {"text": text, "reason": str(error)},
        ) from error
    return text


def _is_time_zone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise PydanticCustomError(
            "time-zone", "'{name}' is no time zone; write for example UTC or Europe/Berlin", {"name": name}
        ) from error
    return name


Cron = Annotated[str, AfterValidator(_is_cron), Widget("cron")]
"""A cron expression of five fields."""

TimeZone = Annotated[str, AfterValidator(_is_time_zone), Widget("time-zone")]
"""Name of a time zone, such as ``Europe/Berlin``."""

Secret = Annotated[str, WithJsonSchema({"type": "string", "x-widget": "secret", "writeOnly": True})]
"""A password or key; a flow may hold only a reference to it, such as ``${MQTT_PASSWORD}``."""

NodeId = Annotated[Identifier, Widget("node")]
"""Id of another node of the same flow."""

LinkName = Annotated[Identifier, Widget("link")]
"""Name of an entrance that a link-in node opens."""

Duration = Annotated[Seconds, Widget("duration")]
"""A length of time, written ``500ms``, ``10s``, ``1m30s``; in Python a ``float`` of seconds."""
