"""Nodes that stand in for those that talk to the outside world, and flows in which they do."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flowengine.errors import NodeError
from flowengine.graph import FlowPlan, PlannedResource
from flowengine.message import Message
from flowengine.node import BatchNode, Node, NodeType
from flowengine.testing.outside import Outside
from flowengine.testing.record import Record


def staged(plan: FlowPlan, outside: Outside, record: Record) -> FlowPlan:
    """Return a plan whose nodes tell what they send, and turn to a played outside world instead of the real one.

    Args:
        plan: The plan.
        outside: The outside world.
        record: Is told what leaves each port.
    """
    made: dict[str, NodeType] = {}
    for node in plan.nodes.values():
        if node.type.name not in made:
            acting = stand_in(node.type, outside) if node.type.outside else node.type
            made[node.type.name] = replace(acting, cls=_telling(acting.cls, record))
    return replace(plan, nodes={id: replace(node, type=made[node.type.name]) for id, node in plan.nodes.items()})


def staged_resources(
    plan: FlowPlan, resources: Mapping[str, PlannedResource], outside: Outside
) -> dict[str, PlannedResource]:
    """Return the resources that a plan needs, with nothing behind those that talk to the outside.

    Args:
        plan: The plan.
        resources: All resources.
        outside: The outside world.
    """
    wanted: dict[str, PlannedResource] = {}
    asked = [id for node in plan.nodes.values() for id in sorted(node.resources)]
    while asked:
        id = asked.pop()
        if id in resources and id not in wanted:
            resource = resources[id]
            wanted[id] = replace(resource, type=stand_in(resource.type, outside)) if resource.type.outside else resource
            asked += sorted(resource.resources)
    return wanted


def stand_in(declared: NodeType, outside: Outside) -> NodeType:
    """Return a node type with the settings, ports and stage of another, which talks to a played outside world.

    Its class is a subclass, so that what the node makes of a message before it sends it stays real: see
    ``Node.incoming`` and ``Node.outgoing``.

    Args:
        declared: A node type that talks to the outside.
        outside: What it talks to instead.
    """
    cls = declared.cls
    body: dict[str, Any] = {"__doc__": cls.__doc__, "__module__": cls.__module__, "is_played": True}
    body |= {"start": _rest, "quiesce": _rest, "stop": _rest, "pause": _nothing, "resume": _nothing}
    body["hand_over"] = _nothing_held
    if cls.run is not Node.run:
        body["run"] = _rest
    if declared.has_input:
        body["receive"] = _receive(declared, outside)
    if issubclass(cls, BatchNode):
        body["receive_batch"] = _receive_batch(outside)
    return replace(declared, cls=type(cls.__name__, (cls,), body))


def _receive(declared: NodeType, outside: Outside) -> Any:
    async def waiting(self: Node[Any], message: Message) -> None:
        await outside.work(self, [message])

    def holding(self: Node[Any], message: Message) -> None:
        outside.work_later(self, message)

    def plain(self: Node[Any], message: Message) -> None:
        outside.work_at_once(self, message)

    if declared.is_stage:
        return waiting
    return holding if declared.holds else plain


def _receive_batch(outside: Outside) -> Any:
    async def receive_batch(self: Node[Any], messages: Sequence[Message]) -> list[BaseException | None]:
        errors: list[BaseException | None] = []
        good = []
        for message in messages:
            try:
                self.outgoing(message)
            except NodeError as error:
                errors.append(error)
            else:
                errors.append(None)
                good.append(message)
        try:
            if good:
                await outside.work(self, good)
        except NodeError as error:
            return [error if one is None else one for one in errors]
        return errors

    return receive_batch


def _telling(cls: type[Node[Any]], record: Record) -> type[Node[Any]]:
    async def start(self: Node[Any]) -> None:
        # The ports have been joined by now, and no node has sent anything.
        for port in self.outputs.values():
            port.deliver = record.tap(self.context.node, port)
        await cls.start(self)

    return type(cls.__name__, (cls,), {"__doc__": cls.__doc__, "start": start})


async def _rest(self: Node[Any]) -> None:
    """Do nothing: there is no outside."""


def _nothing(self: Node[Any]) -> None:
    """Do nothing: there is no outside."""


def _nothing_held(self: Node[Any]) -> list[Message]:
    return []
