"""Check the shape of a flow: what no message reaches, what goes round for ever, what leads nowhere."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from flowengine.flow.document import FlowDocument
from flowengine.flow.identifier import Endpoint
from flowengine.flow.problem import Severity
from flowengine.flow.scanner import ValuePath
from flowengine.graph import Link, Wire, cycles, reached
from flowengine.linting.check import Check, Finding
from flowengine.linting.checked import CheckedNode

_TICK: Final = '"tick": {"type": "inject", "wires": {"out": ["%s"]}}'

EMPTY_FLOW: Final = Check(
    code="empty-flow",
    severity=Severity.WARNING,
    title="The flow has no nodes",
    explanation="The flow has no nodes, or all of them are disabled, so it does nothing.",
    wrong='{"nodes": {}}',
    right='{"nodes": {' + _TICK % "show" + ', "show": {"type": "debug"}}}',
)
UNREACHABLE_NODE: Final = Check(
    code="unreachable-node",
    severity=Severity.WARNING,
    title="No message can get to the node",
    explanation=(
        "No wire leads to the node from anything that messages begin at: a source, a listener such as `catch`, or"
        " an input of the subflow. Most often a wire was forgotten. Of several nodes in a row, the first is named."
    ),
    wrong='{"nodes": {' + _TICK % "show" + ', "show": {"type": "debug"}, "log": {"type": "debug"}}}',
    right='{"nodes": {' + _TICK % 'show", "log' + ', "show": {"type": "debug"}, "log": {"type": "debug"}}}',
)
CYCLE_WITHOUT_QUEUE: Final = Check(
    code="cycle-without-queue",
    title="Messages go round in a circle without rest",
    explanation=(
        "The wires lead a message back to a node where it has been, and no node on the way queues or holds it, so"
        " it would go round as fast as the machine can, and never let anything else run. A loop is fine with a"
        " node in it at which messages wait: a `delay`, or a stage such as a request. Retries of failed messages"
        " need no loop; the flow's `errors` does them."
    ),
    wrong='{"nodes": {' + _TICK % "a" + ', "a": {"type": "change", "wires": {"out": ["b"]}},'
    ' "b": {"type": "change", "wires": {"out": ["a"]}}}}',
    right='{"nodes": {' + _TICK % "a" + ', "a": {"type": "change", "wires": {"out": ["b"]}},'
    ' "b": {"type": "delay", "wires": {"out": ["a"]}}}}',
)
USELESS_NODE: Final = Check(
    code="useless-node",
    severity=Severity.WARNING,
    title="Nothing takes what the node sends",
    explanation=(
        "The node makes messages, but no wire leaves it, and it does nothing else: it neither talks to the outside"
        " nor keeps anything. Most often a wire was forgotten."
    ),
    wrong='{"nodes": {' + _TICK % "a" + ', "a": {"type": "change"}}}',
    right='{"nodes": {'
    + _TICK % "a"
    + ', "a": {"type": "change", "wires": {"out": ["show"]}}, "show": {"type": "debug"}}}',
)
BAD_GROUP: Final = Check(
    code="bad-group",
    title="A group lists a node that is not there, or is in another group",
    explanation=(
        "`groups` names the nodes that are drawn in one frame and see the frame's variables. A node can be in one"
        " group only, and must be in the flow."
    ),
    wrong='{"groups": {"night": {"nodes": ["tick", "tock"]}}, "nodes": {' + _TICK % "show" + ', "show": {"type":'
    ' "debug"}}}',
    right='{"groups": {"night": {"nodes": ["tick"]}}, "nodes": {' + _TICK % "show" + ', "show": {"type": "debug"}}}',
)


def check_shape(
    document: FlowDocument,
    nodes: Mapping[str, CheckedNode],
    links: Collection[Link],
    inputs: Mapping[str, tuple[Endpoint, ...]],
    outputs: Mapping[str, tuple[Endpoint, ...]],
) -> Iterator[Finding]:
    """Yield what is wrong with the shape of a flow, circles aside.

    Args:
        document: The flow.
        nodes: Its nodes, checked.
        links: The wires whose ends exist.
        inputs: The input ports of a subflow, and what they feed.
        outputs: Its output ports, and where their messages come from.
    """
    live = [node for node in nodes.values() if node.live]
    if not live:
        yield EMPTY_FLOW.at(("nodes",), "the flow has no nodes that run")
    yield from _groups(document)
    pairs = [(link.source, link.target.node) for link in links]
    fed = {end.node for ends in inputs.values() for end in ends}
    seen = reached({node.id for node in live if node.starts} | fed, pairs)
    yield from _unreachable([node.id for node in live if node.id not in seen], pairs)
    heard = {source for source, _ in pairs} | {end.node for ends in outputs.values() for end in ends}
    for node in live:
        if node.id not in heard and _only_passes_on(node) and not any(node.document.wires.values()):
            yield USELESS_NODE.at(("nodes", node.id), "nothing takes what the node sends")


def check_cycles(document: FlowDocument, nodes: Mapping[str, CheckedNode], wires: Iterable[Wire]) -> Iterator[Finding]:
    """Yield each circle in which nothing rests.

    One inside a subflow has broken the subflow already, so that its instances are not laid open here.

    Args:
        document: The flow.
        nodes: Its nodes, checked.
        wires: Its wires, with subflows laid open.
    """
    for circle in cycles(wires, _resting(nodes)):
        tops = list(dict.fromkeys(id_.partition("/")[0] for id_ in circle))
        way = " → ".join((*tops, tops[0]))
        hint = "put a node in the circle that queues or holds messages, such as a delay"
        message = f"messages go round in a circle without rest: {way}"
        yield CYCLE_WITHOUT_QUEUE.at(_wire_between(document, tops[0], tops[1 % len(tops)]), message, hint)


def stages(nodes: Mapping[str, CheckedNode]) -> Iterator[str]:
    """Yield the ids of the stages of a flow, with subflows laid open."""
    for node in nodes.values():
        if node.body is not None:
            yield from (id_ for id_, inner in node.body.nodes.items() if inner.is_stage)
        elif node.is_stage:
            yield node.id


def _resting(nodes: Mapping[str, CheckedNode]) -> set[str]:
    """Return the ids of the nodes at which a message rests, with subflows laid open."""
    resting = set()
    for node in nodes.values():
        if node.body is not None:
            inner = node.body.nodes.items()
            resting |= {id_ for id_, one in inner if one.type.holds or one.is_stage}
        elif node.rests:
            resting.add(node.id)
    return resting


def _unreachable(ids: list[str], pairs: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    """Yield one finding for each row of nodes that nothing reaches, at the first of it."""
    left = dict.fromkeys(ids)
    inner = [(source, target) for source, target in pairs if source in left]
    has_wire_in = {target for source, target in inner if source != target}
    # Nodes without any wire in come first; what is left after those are circles.
    for id_ in [*(one for one in ids if one not in has_wire_in), *ids]:
        if id_ not in left:
            continue
        behind = reached([id_], inner)
        others = sum(1 for one in behind if one in left) - 1
        for one in behind:
            left.pop(one, None)
        more = f", nor to the {others} behind it" if others > 1 else ", nor to the one behind it" if others else ""
        yield UNREACHABLE_NODE.at(("nodes", id_), f"no message can get to the node{more}")


def _only_passes_on(node: CheckedNode) -> bool:
    """Tell whether a node does nothing but make messages, so that it is useless if nothing takes them."""
    if node.facts is None or not node.ports:
        return False
    outside = node.facts.has_input and node.facts.type.outside
    return not outside and not (node.facts.has_input and node.rests)


def _groups(document: FlowDocument) -> Iterator[Finding]:
    group_of: dict[str, str] = {}
    for group_id, group in document.groups.items():
        for index, node in enumerate(group.nodes):
            path = ("groups", group_id, "nodes", index)
            if node not in document.nodes:
                yield BAD_GROUP.at(path, f'there is no node "{node}" in this flow')
            elif node in group_of:
                yield BAD_GROUP.at(path, f'the node "{node}" is in the group "{group_of[node]}" already')
            group_of.setdefault(node, group_id)


def _wire_between(document: FlowDocument, source: str, target: str) -> ValuePath:
    """Return the path of the wire from one node to another."""
    for port, texts in document.nodes[source].wires.items():
        for index, text in enumerate(texts):
            if Endpoint.parse(text).node == target:
                return ("nodes", source, "wires", port, index)
    return ("nodes", source)
