"""Lay subflows open: put the nodes within in the place of each instance."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from flowengine.flow.identifier import Endpoint
from flowengine.graph.body import Body, Link, Outlet
from flowengine.graph.plan import PlannedNode, Wire


def flatten(
    nodes: Mapping[str, PlannedNode],
    links: Iterable[Link],
    instances: Mapping[str, Body] | None = None,
    inputs: Mapping[str, Sequence[Endpoint]] | None = None,
    outputs: Mapping[str, Sequence[Endpoint]] | None = None,
) -> Body:
    """Return a body in which every instance of a subflow is replaced by what is inside it.

    A wire to an input port becomes one wire to each node behind the port, a wire from an output port one from
    each port behind it. All ends must exist; checking that is the linter's work.

    Args:
        nodes: The plain nodes by id.
        links: The wires as they were drawn.
        instances: For each instance the body of its subflow, with the instance's id before every id in it.
        inputs: The input ports of the flow itself, if it is a subflow, and what they feed.
        outputs: Its output ports, and where their messages come from; every source names its port.
    """
    inside = instances or {}
    wires = [wire for body in inside.values() for wire in body.wires]
    for source, port, target in links:
        if source not in inside and target.node not in inside:
            wires.append(Wire(source, port, target.node))
            continue
        starts = list(_outlets(inside, Endpoint(source, port)))
        wires += [Wire(*start, end) for end in _entries(inside, target) for start in starts]
    return Body(
        nodes={**nodes, **{id_: node for body in inside.values() for id_, node in body.nodes.items()}},
        wires=tuple(wires),
        inputs={
            port: tuple(entry for end in ends for entry in _entries(inside, end))
            for port, ends in (inputs or {}).items()
        },
        outputs={
            port: tuple(outlet for end in ends for outlet in _outlets(inside, end))
            for port, ends in (outputs or {}).items()
        },
    )


def _entries(inside: Mapping[str, Body], end: Endpoint) -> Iterator[str]:
    """Yield the nodes that a message sent to an endpoint enters."""
    body = inside.get(end.node)
    if body is None:
        yield end.node
    elif end.port is not None:
        yield from body.inputs[end.port]
    else:
        (only,) = body.inputs.values()
        yield from only


def _outlets(inside: Mapping[str, Body], end: Endpoint) -> Iterator[Outlet]:
    """Yield the ports whose messages come out of an endpoint."""
    body = inside.get(end.node)
    assert end.port is not None
    if body is None:
        yield Outlet(end.node, end.port)
    else:
        yield from body.outputs[end.port]
