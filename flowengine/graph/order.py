"""Put what depends on each other in order."""

from collections.abc import Iterable

import networkx as nx

Pair = tuple[str, str]


def dependency_order(names: Iterable[str], pairs: Iterable[Pair]) -> tuple[list[str], frozenset[Pair]]:
    """Return names so that each comes after what it depends on, and the pairs that allow no such order.

    Args:
        names: What to put in order.
        pairs: Pairs of a name and one that it depends on.

    Returns:
        The names in order, and the pairs in which each of the two depends on the other, directly or through others;
        those are passed over in the order.
    """
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(names)
    graph.add_edges_from(pairs)
    part = {name: number for number, group in enumerate(nx.strongly_connected_components(graph)) for name in group}
    circular = frozenset((one, other) for one, other in graph.edges if part[one] == part[other])
    graph.remove_edges_from(circular)
    return list(reversed(list(nx.topological_sort(graph)))), circular
