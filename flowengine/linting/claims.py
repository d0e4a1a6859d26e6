"""Check that no two nodes claim the same for themselves, across all flows."""

from collections.abc import Iterable, Mapping
from typing import Final

from flowengine.linting.check import Check, Finding
from flowengine.linting.checked import CheckedFlow, Claim

_ASK: Final = (
    '{"nodes": {"ask": {"type": "http-in", "config": {"method": "GET", "path": "%s"}, "wires": {"out": ["show"]}},'
    ' "show": {"type": "debug"}}}'
)
CLAIMED_TWICE: Final = Check(
    code="claimed-twice",
    title="Another node has the same path or name",
    explanation=(
        "Some things only one node of all flows can have: an HTTP path with its method, the name of a `link-in`."
        " Two nodes claim the same one. The first keeps it, by the id of its flow and its place in the flow, so"
        " that a flow that was added last stops nothing that ran; the other is stopped until one of the two gets"
        " another path or name."
    ),
    wrong={"first.flow.json": _ASK % "/status", "second.flow.json": _ASK % "/status"},
    right={"first.flow.json": _ASK % "/status", "second.flow.json": _ASK % "/status/2"},
)


def disputes(flows: Iterable[CheckedFlow]) -> Mapping[str, list[Finding]]:
    """Return what is claimed twice, by the id of the flow that has to give way.

    Args:
        flows: The flows that would run; what comes first keeps what it claims.
    """
    holders: dict[Claim, tuple[str, str]] = {}
    lost: dict[str, list[Finding]] = {}
    for flow in flows:
        own: dict[Claim, tuple[str, str]] = {}
        findings = []
        for node in flow.nodes.values():
            for claim in node.claims:
                holder = holders.get(claim) or own.get(claim)
                if holder is None:
                    own[claim] = (flow.document.id, node.id)
                else:
                    findings.append(_lost(claim, node.id, holder))
        if findings:
            lost[flow.document.id] = findings
        else:
            holders.update(own)
    return lost


def _lost(claim: Claim, node: str, holder: tuple[str, str]) -> Finding:
    kind, name = claim
    message = f'the {kind} "{name}" is taken by the node "{holder[1]}" of the flow "{holder[0]}"'
    return CLAIMED_TWICE.at(("nodes", node), message, "give one of the two another")
