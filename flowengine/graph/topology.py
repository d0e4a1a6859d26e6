"""The order of a graph without circles, and where the circles are in one that has some."""

from collections.abc import Collection, Iterable
from graphlib import CycleError, TopologicalSorter

Pair = tuple[str, str]


def topological(names: Iterable[str], pairs: Iterable[Pair]) -> list[str] | None:
    """Return names so that the first of each pair comes before the second; ``None`` if there are circles.

    Args:
        names: What to put in order.
        pairs: Pairs of names.
    """
    sorter: TopologicalSorter[str] = TopologicalSorter(dict.fromkeys(names, ()))
    for before, after in pairs:
        sorter.add(after, before)
    try:
        return list(sorter.static_order())
    except CycleError:
        return None


def circular(pairs: Collection[Pair]) -> frozenset[Pair]:
    """Return the pairs that lie on a circle.

    Args:
        pairs: Pairs of names.
    """
    # Nearly every graph has no circle, and the library costs 15 MB and a sixth of a second to load.
    if topological((), pairs) is not None:
        return frozenset()
    import networkx as nx  # noqa: PLC0415 - as said above

    graph: nx.DiGraph[str] = nx.DiGraph(list(pairs))
    part = {name: number for number, group in enumerate(nx.strongly_connected_components(graph)) for name in group}
    return frozenset((one, other) for one, other in pairs if part[one] == part[other])
