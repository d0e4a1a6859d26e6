"""Find the wires on which a chain of direct calls must be cut."""

from collections import defaultdict
from collections.abc import Iterable

from flowengine.graph.plan import Wire
from flowengine.graph.topology import circular, topological

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
    pairs = {(wire.source, wire.target) for wire in joined}
    round_about = circular(pairs)
    straight = pairs - round_about
    order = topological((), straight)
    assert order is not None
    before: dict[str, list[str]] = defaultdict(list)
    for source, target in straight:
        before[target].append(source)
    depth = {name: 0 for pair in round_about for name in pair}
    for name in order:
        depth[name] = max((depth[earlier] + 1 for earlier in before[name]), default=0)
    return frozenset(
        wire
        for wire in joined
        if (wire.source, wire.target) in round_about
        or depth[wire.source] // DEEPEST_CHAIN != depth[wire.target] // DEEPEST_CHAIN
    )
