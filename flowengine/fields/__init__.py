"""The types of a node's settings: each validates, says what it is to the editor, and is ready to use in Python."""

from flowengine.fields.expression import JsonPath
from flowengine.fields.strict import StrictConfig
from flowengine.fields.text import Code, Cron, Duration, Resource, Secret, TimeZone

__all__ = ["Code", "Cron", "Duration", "JsonPath", "Resource", "Secret", "StrictConfig", "TimeZone"]
