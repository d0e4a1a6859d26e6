"""Find circles that no single flow shows: they lead over the links between nodes."""

from collections.abc import Collection, Iterable, Mapping
from itertools import chain

from flowengine.graph import FlowPlan, PlannedNode, Wire, cycles
from flowengine.linting.check import Finding
from flowengine.linting.checked import Claim
from flowengine.linting.shape import CYCLE_WITHOUT_QUEUE
from flowengine.node import Node


def link_circles(plans: Collection[FlowPlan]) -> Mapping[str, list[Finding]]:
    """Return the circles over links in which nothing rests, by the id of the flow that has to give way.

    Args:
        plans: The flows that would run; a circle within the wires of one is none of them.
    """
    exits = {_place(plan, node): targets for plan, node, targets in _exits(plans)}
    if not exits:
        return {}
    entrances = {
        claim: _place(plan, node)
        for plan in plans
        for node in plan.nodes.values()
        for claim in node.type.cls.claims(node.config)
    }
    links = [Wire(place, "", entrances[to]) for place, targets in exits.items() for to in targets if to in entrances]
    wires = (
        Wire(f"{plan.id}:{one.source}", one.port, f"{plan.id}:{one.target}") for plan in plans for one in plan.wires
    )
    resting = {_place(plan, node) for plan in plans for node in plan.nodes.values() if node.type.holds or node.is_stage}
    found: dict[str, list[Finding]] = {}
    for circle in cycles(chain(wires, links), resting):
        flow, _, node = next(place for place in circle if place in exits).partition(":")
        way = " → ".join(place.replace(":", "/", 1) for place in (*circle, circle[0]))
        message = f"messages go round in a circle without rest, over links: {way}"
        hint = "put a node in the circle that queues or holds messages, such as a delay"
        path = ("nodes", node.partition("/")[0])
        found.setdefault(flow, []).append(CYCLE_WITHOUT_QUEUE.at(path, message, hint))
    return found


def _exits(plans: Iterable[FlowPlan]) -> Iterable[tuple[FlowPlan, PlannedNode, tuple[Claim, ...]]]:
    leads: dict[str, bool] = {}
    for plan in plans:
        for node in plan.nodes.values():
            name = node.type.name
            if name not in leads:
                leads[name] = node.type.cls.leads_to.__func__ is not Node.leads_to.__func__  # type: ignore[attr-defined]  # class methods have it
            if leads[name]:
                yield plan, node, tuple(node.type.cls.leads_to(node.config))


def _place(plan: FlowPlan, node: PlannedNode) -> str:
    return f"{plan.id}:{node.id}"
