"""Fields that hold text of a kind: the kind picks the editor's widget and what lint checks."""

import zoneinfo
from datetime import UTC, datetime
from typing import Annotated, Any

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from flowengine.flow.duration import Duration as Seconds


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


def _is_python(text: str) -> str:
    try:
        compile(text, "function", "exec", dont_inherit=True, flags=_ALLOW_TOP_LEVEL)
    except SyntaxError as error:
        raise PydanticCustomError(
            "python",
            "Python, line {line}, column {column}: {reason}",
            {"line": error.lineno or 1, "column": error.offset or 1, "reason": error.msg},
        ) from error
    except ValueError as error:
        raise PydanticCustomError("python", "Python: {reason}", {"reason": str(error)}) from error
    return text


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


# ast.PyCF_ALLOW_TOP_LEVEL_AWAIT: a function node's code may await.
_ALLOW_TOP_LEVEL = 0x2000

Code = Annotated[str, AfterValidator(_is_python), WithJsonSchema({"type": "string", "x-widget": "python"})]
"""Python source."""

Cron = Annotated[str, AfterValidator(_is_cron), WithJsonSchema({"type": "string", "x-widget": "cron"})]
"""A cron expression of five fields."""

TimeZone = Annotated[str, AfterValidator(_is_time_zone), WithJsonSchema({"type": "string", "x-widget": "time-zone"})]
"""Name of a time zone, such as ``Europe/Berlin``."""

Secret = Annotated[str, WithJsonSchema({"type": "string", "x-widget": "secret", "writeOnly": True})]
"""A password or key; a flow may hold only a reference to it, such as ``${MQTT_PASSWORD}``."""

Duration = Seconds
"""A length of time, written ``500ms``, ``10s``, ``1m30s``; in Python a ``float`` of seconds."""
