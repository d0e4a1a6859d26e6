"""Which nodes a message can get to."""

from collections import defaultdict
from collections.abc import Iterable


def reached(starts: Iterable[str], wires: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Return the nodes that messages from the given ones can get to, those themselves included.

    Args:
        starts: Ids of the nodes that messages begin at.
        wires: Pairs of the node that sends and the node that receives.
    """
    after: dict[str, list[str]] = defaultdict(list)
    for source, target in wires:
        after[source].append(target)
    seen = set(starts)
    waiting = list(seen)
    while waiting:
        for target in after.get(waiting.pop(), ()):
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return frozenset(seen)
