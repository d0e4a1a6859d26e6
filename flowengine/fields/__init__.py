"""The types of a node's settings: each validates, has a widget in the editor, and is ready to use."""

from flowengine.fields.expression import Jsonata, JsonPath, TextTemplate, Value
from flowengine.fields.field import Field
from flowengine.fields.json_schema import CompiledSchema, JsonSchema
from flowengine.fields.python import Code, FunctionBody, FunctionCode, Script
from flowengine.fields.strict import StrictConfig
from flowengine.fields.text import Cron, Duration, LinkName, NodeId, Resource, Secret, TimeZone, Widget

__all__ = [
    "Code",
    "CompiledSchema",
    "Cron",
    "Duration",
    "Field",
    "FunctionBody",
    "FunctionCode",
    "JsonPath",
    "JsonSchema",
    "Jsonata",
    "LinkName",
    "NodeId",
    "Resource",
    "Script",
    "Secret",
    "StrictConfig",
    "TextTemplate",
    "TimeZone",
    "Value",
    "Widget",
]
