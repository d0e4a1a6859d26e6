"""Join the ports of a flow's nodes to the nodes their wires lead to."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from flowengine.graph import FlowPlan
from flowengine.message import Message
from flowengine.runtime.cell import Cell

Hop = Callable[[Message], None]


def join(plan: FlowPlan, cells: Mapping[str, Cell], only: Iterable[str] | None = None) -> None:
    """Join ports to nodes.

    Args:
        plan: The wires.
        cells: The flow's cells by id.
        only: Ids of the nodes whose ports are joined anew; all if not given.
    """
    chosen = set(cells if only is None else only)
    hops: dict[tuple[str, str], list[Hop]] = defaultdict(list)
    for wire in plan.wires:
        if wire.source in chosen:
            hop = cells[wire.target].hop
            hops[wire.source, wire.port].append(_deferred(hop) if wire in plan.deferred else hop)
    for id in chosen:
        node = cells[id].node if id in cells else None
        for name, port in node.outputs.items() if node is not None else ():
            targets = hops.get((id, name))
            if targets is None:
                port.disconnect()
            else:
                port.connect(targets[0] if len(targets) == 1 else _fan_out(tuple(targets)))


def _fan_out(hops: tuple[Hop, ...]) -> Hop:
    def deliver(message: Message) -> None:
        for hop in hops:
            hop(message)

    return deliver


def _deferred(hop: Hop) -> Hop:
    def arrive(message: Message) -> None:
        hop(message)
        message.delivery.release()

    def deliver(message: Message) -> None:
        message.delivery.hold()
        asyncio.get_running_loop().call_soon(arrive, message)

    return deliver
