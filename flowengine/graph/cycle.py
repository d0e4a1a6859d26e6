"""Find the wires that lead a message back to where it was without any queue on the way."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from flowengine.graph.plan import Wire
from flowengine.graph.topology import circular

if TYPE_CHECKING:
    import networkx as nx


def cycles(wires: Iterable[Wire], cut: Collection[str] = ()) -> list[tuple[str, ...]]:
    """Return one cycle for each group of nodes that can all reach each other.

    Args:
        wires: All wires of a flow.
        cut: Nodes at which a message rests: stages, and nodes that hold it.

    Returns:
        For each group the ids along its shortest cycle through its first node, in the order of the ids.
    """
    ended = frozenset(cut)
    pairs = {(wire.source, wire.target) for wire in wires if wire.source not in ended and wire.target not in ended}
    round_about = circular(pairs)
    if not round_about:
        return []
    import networkx as nx  # noqa: PLC0415 - flows with circles are rare, and the library is dear to load

    graph: nx.DiGraph[str] = nx.DiGraph(list(round_about))
    return sorted(_shortest(graph.subgraph(group), min(group)) for group in nx.strongly_connected_components(graph))


def _shortest(group: "nx.DiGraph[str]", start: str) -> tuple[str, ...]:
    import networkx as nx  # noqa: PLC0415 - likewise

    ways = (nx.shortest_path(group, after, start) for after in group.successors(start))
    return (start, *min(ways, key=lambda way: (len(way), way))[:-1])
