"""Find the wires that lead a message back to where it was without any queue on the way."""

from collections.abc import Collection, Iterable

import networkx as nx

from flowengine.graph.plan import Wire


def cycles(wires: Iterable[Wire], cut: Collection[str] = ()) -> list[tuple[str, ...]]:
    """Return one cycle for each group of nodes that can all reach each other.

    Args:
        wires: All wires of a flow.
        cut: Nodes at which a message rests: stages, and nodes that hold it.

    Returns:
        For each group the ids along its shortest cycle through its first node, in the order of the ids.
    """
    ended = frozenset(cut)
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_edges_from(
        (wire.source, wire.target) for wire in wires if wire.source not in ended and wire.target not in ended
    )
    found = [
        _shortest(graph.subgraph(group), min(group))
        for group in nx.strongly_connected_components(graph)
        if len(group) > 1 or graph.has_edge(min(group), min(group))
    ]
    return sorted(found)


def _shortest(group: "nx.DiGraph[str]", start: str) -> tuple[str, ...]:
    ways = (nx.shortest_path(group, after, start) for after in group.successors(start))
    return (start, *min(ways, key=lambda way: (len(way), way))[:-1])
