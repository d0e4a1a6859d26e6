"""Put what depends on each other in order."""

from collections.abc import Iterable

from flowengine.graph.topology import Pair, circular, topological


def dependency_order(names: Iterable[str], pairs: Iterable[Pair]) -> tuple[list[str], frozenset[Pair]]:
    """Return names so that each comes after what it depends on, and the pairs that allow no such order.

    Args:
        names: What to put in order.
        pairs: Pairs of a name and one that it depends on.

    Returns:
        The names in order, and the pairs in which each of the two depends on the other, directly or through others;
        those are passed over in the order.
    """
    names, pairs = list(names), list(pairs)
    round_about = circular(pairs)
    order = topological(names, [(needed, name) for name, needed in pairs if (name, needed) not in round_about])
    assert order is not None
    return order, round_about
