"""Nodes under test, with an odoo-server that they use."""

from collections.abc import Iterable
from typing import Any

from flowengine.message import Delivery, Message
from flowengine.node import Node, StagePlan
from flowengine.testing import NodeHarness
from flowengine_nodes.odoo.odoo_server import OdooServer

EQUIPMENT = "maintenance.equipment"


def harness(
    node: type[Node[Any]], server: dict[str, Any], config: dict[str, Any] | None = None, stage: StagePlan | None = None
) -> NodeHarness:
    """Return a node that talks to a server."""
    return NodeHarness(node, config, resources={"odoo": (OdooServer, server)}, stage=stage)


def message(node: NodeHarness, **fields: Any) -> Message:
    """Return a message in the books of a harness."""
    return Message(fields, Delivery(node.account, node.closed.append))


def written(id: int, device: str = "d", **values: Any) -> dict[str, Any]:
    """Return the payload by which telemetry-map asks for values of a piece of equipment."""
    return {"device": device, "writes": [{"model": EQUIPMENT, "id": id, "values": values}]}


def codes(errors: Iterable[BaseException | None]) -> list[str]:
    """Return the word codes of errors, empty where all is well."""
    return ["" if error is None else str(getattr(error, "code", type(error).__name__)) for error in errors]


async def work(node: NodeHarness, *payloads: Any, **fields: Any) -> list[BaseException | None]:
    """Have a node work on messages as one batch, and end them."""
    messages = [message(node, payload=payload, **fields) for payload in payloads]
    errors: list[BaseException | None] = await node.node.receive_batch(messages)
    for one in messages:
        one.delivery.release()
    return errors
