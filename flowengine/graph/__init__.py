"""Flows as graphs: the plan of a checked flow, subflows laid open, and what a flow's shape tells."""

from flowengine.graph.body import Body, Link, Outlet
from flowengine.graph.cycle import cycles
from flowengine.graph.depth import deferred_wires
from flowengine.graph.flatten import flatten
from flowengine.graph.order import dependency_order
from flowengine.graph.plan import FlowPlan, PlannedNode, PlannedResource, Wire
from flowengine.graph.reach import reached
from flowengine.node import StagePlan

__all__ = [
    "Body",
    "FlowPlan",
    "Link",
    "Outlet",
    "PlannedNode",
    "PlannedResource",
    "StagePlan",
    "Wire",
    "cycles",
    "deferred_wires",
    "dependency_order",
    "flatten",
    "reached",
]
