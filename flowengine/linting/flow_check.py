"""Check one flow, and plan it if it can run; what did not change since the last time is taken from there."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

import orjson

from flowengine.flow.document import FlowDocument, NodeDocument
from flowengine.flow.document_file import DocumentFile
from flowengine.flow.problem import Severity
from flowengine.graph import FlowPlan, deferred_wires, flatten
from flowengine.linting.check import Finding
from flowengine.linting.checked import CheckedFlow, CheckedNode, Wiring
from flowengine.linting.node_check import Surroundings, check_node
from flowengine.linting.place import problems_of
from flowengine.linting.resource_book import ResourceBook
from flowengine.linting.scope import FlowScope, Variables
from flowengine.linting.shape import check_cycles, check_shape, stages
from flowengine.linting.subflow_check import PREFIX, Subflows, check_instance, subflow_id
from flowengine.linting.wires import check_wires


@dataclass(frozen=True, slots=True)
class Outside:
    """What the check of a flow depends on beside its document.

    Attributes:
        around: Node types and secrets.
        variables: The variables of the process.
        resources: The resources there are.
        subflows: The flows that may be used as nodes.
    """

    around: Surroundings
    variables: Variables
    resources: ResourceBook
    subflows: Subflows


def check_flow(
    file: DocumentFile[FlowDocument], document: FlowDocument, outside: Outside, before: CheckedFlow | None
) -> CheckedFlow:
    """Check a flow.

    Args:
        file: Its file.
        document: Its document.
        outside: What else the check depends on.
        before: The flow as it was checked last, from which everything is taken that is still true.
    """
    scope = FlowScope(document, outside.variables)
    if before is not None and before.scope.is_same_for(document, outside.variables):
        scope = before.scope
    nodes = _check_nodes(document, scope, outside, before)
    wiring = _check_wiring(document, nodes, before)
    uses = [use for node in nodes.values() for use in node.uses]
    findings: list[Finding] = list(chain.from_iterable(node.findings for node in nodes.values()))
    findings += wiring.findings
    findings += outside.resources.check(use for node in nodes.values() if node.live for use in node.uses)
    is_broken = any(finding.severity is Severity.ERROR for finding in findings)
    return CheckedFlow(
        file=file,
        document=document,
        scope=scope,
        nodes=nodes,
        wiring=wiring,
        uses=frozenset(use.id for use in uses),
        secrets=tuple(dict.fromkeys(fact for node in nodes.values() for fact in node.secrets)),
        resources=outside.resources,
        subflows={
            name: node.subflow
            for node in nodes.values()
            if node.live and (name := subflow_id(node.document.type)) is not None
        },
        problems=problems_of(file, findings),
        is_broken=is_broken,
        plan=None if is_broken or document.disabled or document.is_subflow else _plan(document, nodes, wiring),
    )


def still_holds(flow: CheckedFlow, outside: Outside) -> bool:
    """Tell whether everything that a flow's check depended on, beside its file, is as it was."""
    return (
        flow.scope.around is outside.variables
        and flow.resources is outside.resources
        and all(outside.around.secrets.fact(name) == fact for name, fact in flow.secrets)
        and all(
            subflow is not None and subflow is outside.subflows.checked.get(name)
            for name, subflow in flow.subflows.items()
        )
    )


def _check_nodes(
    document: FlowDocument, scope: FlowScope, outside: Outside, before: CheckedFlow | None
) -> dict[str, CheckedNode]:
    known = before.nodes if before is not None else {}
    around, subflows = outside.around, outside.subflows
    checked = {}
    companies = {id_: frozenset(group.nodes) for group in document.groups.values() for id_ in group.nodes}
    alone = frozenset[str]()
    for id_, node in document.nodes.items():
        old = known.get(id_)
        seen = scope.of(id_)
        company = companies.get(id_, alone) if companies else alone
        is_same = old is not None and old.scope is seen and old.company == company
        if old is not None and is_same and _is_equal(old.document, node) and _holds(old, outside):
            checked[id_] = old
        elif node.type.startswith(PREFIX):
            checked[id_] = check_instance(document.id, id_, node, seen, around, subflows)
        else:
            checked[id_] = check_node(id_, node, seen, around, company)
    return checked


def _is_equal(one: NodeDocument, other: NodeDocument) -> bool:
    # A model's own comparison costs ten times as much, which counts in a flow of ten thousand nodes. To Python true is
    # equal to 1, to JSON it is not.
    return one is other or (one.__dict__ == other.__dict__ and orjson.dumps(one.config) == orjson.dumps(other.config))


def _holds(node: CheckedNode, outside: Outside) -> bool:
    """Tell whether what a node depends on, beside its document and variables, is as it was."""
    if node.secrets and not node.secrets_are_same(outside.around.secrets):
        return False
    if not node.document.type.startswith(PREFIX):
        return True
    name = node.document.type.removeprefix(PREFIX)
    return node.subflow is not None and node.subflow is outside.subflows.checked.get(name)


def _check_wiring(document: FlowDocument, nodes: Mapping[str, CheckedNode], before: CheckedFlow | None) -> Wiring:
    if before is not None and _joins_like(document, nodes, before):
        return before.wiring
    checked = check_wires(document, nodes)
    links = tuple(checked.links)
    findings = [*checked.findings, *check_shape(document, nodes, links, checked.inputs, checked.outputs)]
    bodies = {id_: node.body for id_, node in nodes.items() if node.body is not None}
    wires = tuple(flatten({}, links, bodies).wires)
    deferred = deferred_wires(wires, stages(nodes))
    if deferred:  # where nothing is deferred there is no circle
        findings += check_cycles(document, nodes, wires)
    return Wiring(links, checked.inputs, checked.outputs, wires, deferred, tuple(findings))


def _joins_like(document: FlowDocument, nodes: Mapping[str, CheckedNode], before: CheckedFlow) -> bool:
    """Tell whether wires and shape are as they were."""
    old = before.document
    return (
        nodes.keys() == before.nodes.keys()
        and (document.inputs, document.outputs, document.groups) == (old.inputs, old.outputs, old.groups)
        and all(node is before.nodes[id_] or node.joins_like(before.nodes[id_]) for id_, node in nodes.items())
    )


def _plan(document: FlowDocument, nodes: Mapping[str, CheckedNode], wiring: Wiring) -> FlowPlan:
    planned = {id_: node.planned for id_, node in nodes.items() if node.planned is not None}
    for node in nodes.values():
        if node.body is not None:
            planned.update(node.body.nodes)
    return FlowPlan(
        id=document.id,
        nodes=planned,
        wires=wiring.wires,
        errors=document.errors,
        env=document.env,
        deferred=wiring.deferred,
    )
