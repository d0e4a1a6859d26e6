"""Find the wires on which a chain of direct calls must be cut."""

from collections.abc import Iterable

import networkx as nx

from flowengine.graph.plan import Wire

# A node takes three Python frames. Beyond some 80 frames the interpreter's frame stack needs a further chunk, which
# it asks of the system and gives back for every message: a chain is then twice as dear as one that is cut here.
DEEPEST_CHAIN = 20


def deferred_wires(wires: Iterable[Wire], cut: Iterable[str] = ()) -> frozenset[Wire]:
    """Return the wires whose messages must travel after the current call.

    Args:
        wires: All wires of a flow.
        cut: Nodes that take a message without calling on: stages. What leaves them begins a new chain.
    """
    ended = frozenset(cut)
    joined = [wire for wire in wires if wire.target not in ended]
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_edges_from((wire.source, wire.target) for wire in joined)
    part = {node: index for index, nodes in enumerate(nx.strongly_connected_components(graph)) for node in nodes}
    inside = frozenset(wire for wire in joined if part[wire.source] == part[wire.target])
    graph.remove_edges_from((wire.source, wire.target) for wire in inside)
    depth: dict[str, int] = {}
    for node in nx.topological_sort(graph):
        depth[node] = max((depth[before] + 1 for before in graph.predecessors(node)), default=0)
    crossing = frozenset(
        wire
        for wire in joined
        if wire not in inside and depth[wire.source] // DEEPEST_CHAIN != depth[wire.target] // DEEPEST_CHAIN
    )
    return inside | crossing
