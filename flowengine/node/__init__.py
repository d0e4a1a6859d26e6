"""The node API: all that a node's file imports.

A node is one class in one file. Its config model gives validation, defaults, the editor's form and the schema; its
docstring is the help; its examples are tests.
"""

from flowengine.errors import NodeError, TransientError
from flowengine.fields import (
    Code,
    CompiledSchema,
    Cron,
    Duration,
    Field,
    FunctionBody,
    FunctionCode,
    Jsonata,
    JsonPath,
    JsonSchema,
    LinkName,
    NodeId,
    Resource,
    Script,
    Secret,
    StrictConfig,
    TextTemplate,
    TimeZone,
    Value,
    Widget,
)
from flowengine.message import Delivery, JointDelivery, Message, Outcome, TraceContext, copy_json, excerpt, same_json
from flowengine.node.batch_node import BatchNode
from flowengine.node.clock import Clock, SystemClock, Timer, within
from flowengine.node.config import Config
from flowengine.node.context import Context, Shelf, State, Status
from flowengine.node.declaration import node_type
from flowengine.node.example import Example
from flowengine.node.incoming import Incoming
from flowengine.node.listener import Listener
from flowengine.node.metric import NodeMetric
from flowengine.node.node import ConfigNode, Node
from flowengine.node.node_type import InvalidNodeTypeError, NodeType
from flowengine.node.output import Output
from flowengine.node.scope import NodeScope
from flowengine.node.services import (
    RESERVED_PATHS,
    BodyTooLargeError,
    BrokenOffError,
    Database,
    HttpRequest,
    HttpResponse,
    Links,
    Requests,
    Routes,
)
from flowengine.node.stage_plan import StagePlan

__all__ = [
    "RESERVED_PATHS",
    "BatchNode",
    "BodyTooLargeError",
    "BrokenOffError",
    "Clock",
    "Code",
    "CompiledSchema",
    "Config",
    "ConfigNode",
    "Context",
    "Cron",
    "Database",
    "Delivery",
    "Duration",
    "Example",
    "Field",
    "FunctionBody",
    "FunctionCode",
    "HttpRequest",
    "HttpResponse",
    "Incoming",
    "InvalidNodeTypeError",
    "JointDelivery",
    "JsonPath",
    "JsonSchema",
    "Jsonata",
    "LinkName",
    "Links",
    "Listener",
    "Message",
    "Node",
    "NodeError",
    "NodeId",
    "NodeMetric",
    "NodeScope",
    "NodeType",
    "Outcome",
    "Output",
    "Requests",
    "Resource",
    "Routes",
    "Script",
    "Secret",
    "Shelf",
    "StagePlan",
    "State",
    "Status",
    "StrictConfig",
    "SystemClock",
    "TextTemplate",
    "TimeZone",
    "Timer",
    "TraceContext",
    "TransientError",
    "Value",
    "Widget",
    "copy_json",
    "excerpt",
    "node_type",
    "same_json",
    "within",
]
