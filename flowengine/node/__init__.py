"""The node API: all that a node's file imports.

A node is one class in one file. Its config model gives validation, defaults, the editor's form and the schema; its
docstring is the help; its examples are tests.
"""

from pydantic import Field

from flowengine.errors import NodeError, TransientError
from flowengine.fields import Code, Cron, Duration, JsonPath, Resource, Secret, StrictConfig, TimeZone
from flowengine.message import Delivery, JointDelivery, Message, Outcome
from flowengine.node.clock import Clock, SystemClock, Timer
from flowengine.node.config import Config
from flowengine.node.context import Context, Shelf, State, Status
from flowengine.node.declaration import node_type
from flowengine.node.example import Example
from flowengine.node.listener import Listener
from flowengine.node.node import ConfigNode, Node
from flowengine.node.node_type import InvalidNodeTypeError, NodeType
from flowengine.node.output import Output
from flowengine.node.services import HttpRequest, HttpResponse, Links, Routes
from flowengine.node.stage_plan import StagePlan

__all__ = [
    "Clock",
    "Code",
    "Config",
    "ConfigNode",
    "Context",
    "Cron",
    "Delivery",
    "Duration",
    "Example",
    "Field",
    "HttpRequest",
    "HttpResponse",
    "InvalidNodeTypeError",
    "JointDelivery",
    "JsonPath",
    "Links",
    "Listener",
    "Message",
    "Node",
    "NodeError",
    "NodeType",
    "Outcome",
    "Output",
    "Resource",
    "Routes",
    "Secret",
    "Shelf",
    "StagePlan",
    "State",
    "Status",
    "StrictConfig",
    "SystemClock",
    "TimeZone",
    "Timer",
    "TransientError",
    "node_type",
]
