"""Flows as graphs: the plan of a checked flow, and what its shape tells."""

from flowengine.graph.depth import deferred_wires
from flowengine.graph.plan import FlowPlan, PlannedNode, PlannedResource, Wire
from flowengine.node import StagePlan

__all__ = ["FlowPlan", "PlannedNode", "PlannedResource", "StagePlan", "Wire", "deferred_wires"]
