"""Check the wires of a flow: that both ends of each exist, and that none is drawn twice."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from flowengine.flow.document import FlowDocument
from flowengine.flow.identifier import Endpoint
from flowengine.flow.problem import Severity
from flowengine.flow.scanner import ValuePath
from flowengine.graph import Link
from flowengine.linting.check import Check, Finding
from flowengine.linting.checked import CheckedNode
from flowengine.linting.ports import unknown_port
from flowengine.linting.suggestion import did_you_mean

_FLOW: Final = '{"nodes": {"every-minute": {"type": "inject", "wires": {"out": [%s]}}, "show": {"type": "debug"}%s}}'
_ORDER: Final = ', "order": {"type": "http-in", "config": {"path": "/order"}, "wires": {"out": ["show"]}}'
_RIGHT: Final = _FLOW % ('"show"', "")
_SUM: Final = (
    '{"inputs": {"left": {"targets": ["show"]}, "right": {"targets": ["show"]}}, "nodes": {"show": {"type": "debug"}}}'
)
_ADD: Final = '{"nodes": {"tick": {"type": "inject", "wires": {"out": ["add%s"]}}, "add": {"type": "subflow:sum"}}}'
_LATE: Final = (
    '{"inputs": {"in": {"targets": ["wait"]}}, "outputs": {"out": {"sources": ["wait%s"]}},'
    ' "nodes": {"wait": {"type": "delay"}}}'
)

UNKNOWN_TARGET: Final = Check(
    code="unknown-target",
    title="A wire leads to a node that is not there",
    explanation=(
        "The end of a wire names a node that the flow does not have: it was deleted or renamed, or the name is"
        " mistyped. Messages on this wire would be lost, so the flow does not run until the wire is put right."
    ),
    wrong=_FLOW % ('"shwo"', ""),
    right=_RIGHT,
)
WIRE_TO_SOURCE: Final = Check(
    code="wire-to-source",
    title="A wire leads to a node that takes no messages",
    explanation=(
        "Messages begin at this node; it has no input. To join two branches, lead both wires to the node behind it."
    ),
    wrong=_FLOW % ('"order"', _ORDER),
    right=_FLOW % ('"show"', _ORDER),
)
UNKNOWN_INPUT: Final = Check(
    code="unknown-input",
    title="A wire leads to an input port that is not there",
    explanation=(
        "`node.port` names an input port of a subflow's instance. The subflow has no such input; or the node is no"
        " instance, and then it has one input without a name: write the node's id alone."
    ),
    wrong={"sum.flow.json": _SUM, "example.flow.json": _ADD % ".middle"},
    right={"sum.flow.json": _SUM, "example.flow.json": _ADD % ".left"},
)
AMBIGUOUS_INPUT: Final = Check(
    code="ambiguous-input",
    title="A wire does not say which input port it leads to",
    explanation="The subflow has several inputs, so a wire to its instance names one of them: `node.port`.",
    wrong={"sum.flow.json": _SUM, "example.flow.json": _ADD % ""},
    right={"sum.flow.json": _SUM, "example.flow.json": _ADD % ".left"},
)
AMBIGUOUS_OUTPUT: Final = Check(
    code="ambiguous-output",
    title="An output of a subflow does not say which port it comes from",
    explanation=(
        "The node has several output ports, so an entry of a subflow's `outputs` names one of them: `node.port`."
    ),
    wrong=_LATE % "",
    right=_LATE % ".excess",
)
DUPLICATE_WIRE: Final = Check(
    code="duplicate-wire",
    title="The same wire is drawn twice",
    explanation=(
        "Two wires lead from one port to the same input, so every message would arrive twice. If that is wanted,"
        " say so with a node that repeats it; otherwise take one of the wires away."
    ),
    wrong=_FLOW % ('"show", "show"', ""),
    right=_RIGHT,
)
WIRE_TO_DISABLED: Final = Check(
    code="wire-to-disabled",
    severity=Severity.WARNING,
    title="A wire leads to a node that is disabled",
    explanation=(
        "A disabled node is left out when the flow runs, and with it the wires to it and from it. What would have"
        " gone along this wire ends here, as if the wire were not drawn."
    ),
    wrong=_FLOW % ('"show", "log"', ', "log": {"type": "debug", "disabled": true}'),
    right=_FLOW % ('"show", "log"', ', "log": {"type": "debug"}'),
)


@dataclass(slots=True)
class CheckedWires:
    """The wires of a flow whose ends exist.

    Attributes:
        links: The wires as they were drawn.
        inputs: The input ports of a subflow, and what they feed.
        outputs: Its output ports, and where their messages come from.
        findings: What is wrong with the rest.
    """

    links: list[Link] = field(default_factory=list)
    inputs: dict[str, tuple[Endpoint, ...]] = field(default_factory=dict)
    outputs: dict[str, tuple[Endpoint, ...]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def check_wires(document: FlowDocument, nodes: Mapping[str, CheckedNode]) -> CheckedWires:
    """Check every wire between live nodes, and the ports of a subflow.

    Args:
        document: The flow.
        nodes: Its nodes, checked.
    """
    checked = CheckedWires()
    for node in nodes.values():
        if not node.live:
            continue
        for port, targets in node.document.wires.items():
            path: ValuePath = ("nodes", node.id, "wires", port)
            if node.ports is not None and port not in node.ports:
                checked.findings.append(unknown_port(node, port))
            else:
                ends = _targets(targets, path, nodes, checked.findings)
                checked.links += [Link(node.id, port, end) for end in ends]
    for port, entry in document.inputs.items():
        path = ("inputs", port, "targets")
        checked.inputs[port] = tuple(_targets(entry.targets, path, nodes, checked.findings))
    for port, exit_ in document.outputs.items():
        path = ("outputs", port, "sources")
        checked.outputs[port] = tuple(_sources(exit_.sources, path, nodes, checked.findings))
    return checked


def _targets(
    texts: list[str], path: ValuePath, nodes: Mapping[str, CheckedNode], findings: list[Finding]
) -> list[Endpoint]:
    ends: list[Endpoint] = []
    for index, text in enumerate(texts):
        end = Endpoint.parse(text)
        node = nodes.get(end.node)
        if node is None:
            findings.append(_unknown((*path, index), end.node, nodes))
        elif not node.live:
            message = f'the node "{end.node}" is disabled, so this wire has no effect'
            findings.append(WIRE_TO_DISABLED.at((*path, index), message))
        elif wrong := _wrong_input((*path, index), end, node):
            findings.append(wrong)
        else:
            if end.port is None and node.subflow is not None and node.entries:
                end = Endpoint(end.node, node.entries[0])
            if end in ends:
                findings.append(DUPLICATE_WIRE.at((*path, index), f'there is a wire to "{text}" already'))
            else:
                ends.append(end)
    return ends


def _wrong_input(path: ValuePath, end: Endpoint, node: CheckedNode) -> Finding | None:
    """Return what is wrong with the input port that a wire leads to, if anything is."""
    entries = node.entries
    if entries is None:
        return None
    if not entries:
        return WIRE_TO_SOURCE.at(path, f'the node "{end.node}" takes no messages')
    if end.port is None:
        if len(entries) == 1:
            return None
        hint = f'write "{end.node}.{entries[0]}"'
        return AMBIGUOUS_INPUT.at(path, f'the node "{end.node}" has the inputs {", ".join(entries)}', hint)
    if end.port in entries:
        return None
    hint = f"its inputs are {', '.join(entries)}" if node.subflow else f'write "{end.node}"'
    return UNKNOWN_INPUT.at(path, f'the node "{end.node}" has no input port "{end.port}"', hint)


def _sources(
    texts: list[str], path: ValuePath, nodes: Mapping[str, CheckedNode], findings: list[Finding]
) -> list[Endpoint]:
    ends: list[Endpoint] = []
    for index, text in enumerate(texts):
        end = Endpoint.parse(text)
        node = nodes.get(end.node)
        place = (*path, index)
        if node is None:
            findings.append(_unknown(place, end.node, nodes))
        elif not node.live:
            message = f'the node "{end.node}" is disabled, so nothing comes from it'
            findings.append(WIRE_TO_DISABLED.at(place, message))
        elif node.ports is None:
            ends.append(end if end.port else Endpoint(end.node, ""))
        elif end.port is None and len(node.ports) > 1:
            hint = f'write "{end.node}.{node.ports[0]}"'
            message = f'the node "{end.node}" has the ports {", ".join(node.ports)}'
            findings.append(AMBIGUOUS_OUTPUT.at(place, message, hint))
        elif not node.ports or (end.port is not None and end.port not in node.ports):
            findings.append(unknown_port(node, end.port or "", place))
        elif (end := Endpoint(end.node, end.port or node.ports[0])) in ends:
            findings.append(DUPLICATE_WIRE.at(place, f'"{text}" is listed already'))
        else:
            ends.append(end)
    return ends


def _unknown(path: ValuePath, name: str, nodes: Mapping[str, CheckedNode]) -> Finding:
    return UNKNOWN_TARGET.at(path, f'there is no node "{name}" in this flow', did_you_mean(name, nodes))
