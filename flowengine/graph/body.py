"""The inside of a flow or subflow, laid open: plain nodes, and wires between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from flowengine.flow.identifier import Endpoint
from flowengine.graph.plan import PlannedNode, Wire


class Outlet(NamedTuple):
    """A port of a node that messages leave by."""

    node: str
    port: str


class Link(NamedTuple):
    """A wire as it was drawn: either end may be an instance of a subflow.

    Args:
        source: Id of the node or instance that sends.
        port: Its port.
        target: What receives: a node, or an instance and one of its input ports.
    """

    source: str
    port: str
    target: Endpoint


@dataclass(frozen=True, slots=True)
class Body:
    """Nodes and wires without any subflow.

    Args:
        nodes: The nodes by id.
        wires: The wires, in the order in which a port's messages travel them.
        inputs: For each input port of a subflow, the nodes that a message enters by it.
        outputs: For each output port of a subflow, the ports whose messages leave by it.
    """

    nodes: Mapping[str, PlannedNode]
    wires: Sequence[Wire] = ()
    inputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    outputs: Mapping[str, tuple[Outlet, ...]] = field(default_factory=dict)

    def inside(self, instance: str) -> "Body":
        """Return the same body with every id below an instance's: ``instance/node``."""
        return Body(
            nodes={f"{instance}/{id_}": replace(node, id=f"{instance}/{id_}") for id_, node in self.nodes.items()},
            wires=tuple(
                Wire(f"{instance}/{wire.source}", wire.port, f"{instance}/{wire.target}") for wire in self.wires
            ),
            inputs={port: tuple(f"{instance}/{node}" for node in nodes) for port, nodes in self.inputs.items()},
            outputs={
                port: tuple(Outlet(f"{instance}/{outlet.node}", outlet.port) for outlet in outlets)
                for port, outlets in self.outputs.items()
            },
        )
