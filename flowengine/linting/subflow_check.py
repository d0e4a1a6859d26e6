"""Check the instances of subflows: what they name, what they give, and what that does to the nodes within."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from flowengine.flow.document import NodeDocument
from flowengine.flow.environment import references
from flowengine.flow.problem import Severity
from flowengine.flow.scanner import ValuePath
from flowengine.flow.subject import field_text
from flowengine.graph import Body, flatten
from flowengine.linting.check import Finding
from flowengine.linting.checked import CheckedFlow, CheckedNode, Claim
from flowengine.linting.given import Given, give
from flowengine.linting.node_check import Surroundings, check_node
from flowengine.linting.ports import unknown_port
from flowengine.linting.resource_book import ResourceUse
from flowengine.linting.scope import FlowScope, Scope
from flowengine.linting.settings import has_references
from flowengine.linting.stage_options import check_stage
from flowengine.linting.subflow_rules import BROKEN_SUBFLOW, NOT_A_SUBFLOW, SUBFLOW_RECURSION, UNKNOWN_SUBFLOW
from flowengine.linting.suggestion import did_you_mean

PREFIX: Final = "subflow:"
"""What the type of an instance begins with; the id of the subflow follows."""


@dataclass(frozen=True, slots=True)
class Subflows:
    """The flows that may be used as nodes.

    Attributes:
        checked: Those that have been checked, by id.
        ids: Ids of all subflows, for suggestions.
        known: Ids of all flows there are, be they broken, disabled or no subflows.
        recursive: Pairs of a flow and a subflow in it that contains the flow in turn.
    """

    checked: Mapping[str, CheckedFlow]
    ids: tuple[str, ...] = ()
    known: frozenset[str] = frozenset()
    recursive: frozenset[tuple[str, str]] = frozenset()


def subflow_id(type_name: str) -> str | None:
    """Return the id of the subflow that a node type stands for, or ``None`` for a plain type."""
    return type_name.removeprefix(PREFIX) if type_name.startswith(PREFIX) else None


def check_instance(
    flow_id: str, id_: str, document: NodeDocument, scope: Scope, around: Surroundings, subflows: Subflows
) -> CheckedNode:
    """Check an instance of a subflow.

    Args:
        flow_id: The flow it is in.
        id_: Its id.
        document: Its document.
        scope: The variables it sees.
        around: What else the check depends on.
        subflows: The flows that may be used as nodes.
    """
    path: ValuePath = ("nodes", id_)
    bare = CheckedNode(id=id_, document=document, scope=scope)
    if document.disabled:
        return replace(bare, live=False)
    flow, finding = _find(flow_id, document.type.removeprefix(PREFIX), (*path, "type"), subflows)
    if flow is None:
        return replace(bare, findings=(finding,) if finding else ())
    bare = replace(
        bare,
        subflow=flow,
        ports=tuple(flow.document.outputs),
        entries=tuple(flow.document.inputs),
        starts=any(node.starts for node in flow.nodes.values() if node.live),
        refers=has_references(document.config),
        secrets=tuple((one.name, around.secrets.fact(one.name)) for one in references(document.config) if one.secret),
    )
    stage_finding = check_stage(document.stage, (*path, "stage"), has_input=False)
    warnings = (stage_finding,) if stage_finding else ()
    if finding is not None:
        return replace(bare, findings=(finding, *warnings))
    given = give(flow, document.config, scope, around)
    if given.findings or given.is_open:
        wrong = (one._replace(path=(*path, "config", *one.path)) for one in given.findings)
        return replace(bare, findings=(*wrong, *warnings))
    inside = _lay_open(flow, given, around, subflows)
    return replace(
        bare,
        findings=(*(_at_instance(path, given, *one) for one in inside.findings), *warnings),
        body=inside.body.inside(id_) if inside.body is not None else None,
        uses=tuple(replace(use, path=given.place(path, node, use.path)) for node, use in inside.uses),
        claims=inside.claims,
    )


def _find(flow_id: str, name: str, path: ValuePath, subflows: Subflows) -> tuple[CheckedFlow | None, Finding | None]:
    """Return a subflow and what keeps it from being used, as far as either is there."""
    flow = subflows.checked.get(name)
    if name not in subflows.known:
        hint = did_you_mean(name, subflows.ids)
        return None, UNKNOWN_SUBFLOW.at(path, f'there is no flow "{name}"', hint)
    if (flow_id, name) in subflows.recursive:
        message = (
            f'the subflow "{name}" contains this flow in turn' if name != flow_id else "a flow cannot contain itself"
        )
        return None, SUBFLOW_RECURSION.at(path, message)
    if flow is None:
        return None, BROKEN_SUBFLOW.at(path, f'the file of the flow "{name}" has errors')
    if not flow.document.is_subflow:
        message = f'the flow "{name}" has neither inputs nor outputs, so it cannot be used as a node'
        return None, NOT_A_SUBFLOW.at(path, message, "give it 'inputs' or 'outputs'")
    return flow, _flaw(flow, path)


def _flaw(flow: CheckedFlow, path: ValuePath) -> Finding | None:
    if flow.document.disabled:
        hint = "enable it, or disable this node"
        return NOT_A_SUBFLOW.at(path, f'the subflow "{flow.document.id}" is disabled', hint)
    if flow.is_broken:
        return BROKEN_SUBFLOW.at(path, f'the subflow "{flow.document.id}" has errors')
    return None


@dataclass(frozen=True, slots=True)
class _Inside:
    """What is inside one instance.

    Attributes:
        findings: What is wrong with the nodes within for what the instance gives, each with its node.
        body: Nodes and wires; None if anything is wrong.
        uses: The resources that the nodes refer to, each with its node.
        claims: What they claim.
    """

    findings: tuple[tuple[CheckedNode, Finding], ...]
    body: Body | None
    uses: tuple[tuple[CheckedNode, ResourceUse], ...]
    claims: tuple[Claim, ...]


def _lay_open(flow: CheckedFlow, given: Given, around: Surroundings, subflows: Subflows) -> _Inside:
    """Check the nodes of a subflow again as far as they depend on what an instance gives."""
    scopes = FlowScope(flow.document, flow.scope.around, given.values, given.literal)
    nodes = [
        _check_within(flow.document.id, node, scopes.of(id_), around, subflows)
        for id_, node in flow.nodes.items()
        if node.live
    ]
    findings = [(node, one) for node in nodes for one in node.findings if one.severity is Severity.ERROR]
    ports = {node.id: node for node in nodes}
    for link in flow.wiring.links:
        source = ports[link.source]
        if source.ports is not None and link.port not in source.ports:
            findings.append((source, unknown_port(source, link.port)))
    body = None
    if not findings:
        body = flatten(
            {node.id: node.planned for node in nodes if node.planned is not None},
            flow.wiring.links,
            {node.id: node.body for node in nodes if node.body is not None},
            flow.wiring.inputs,
            flow.wiring.outputs,
        )
    return _Inside(
        findings=tuple(findings),
        body=body,
        uses=tuple((node, use) for node in nodes for use in node.uses),
        claims=tuple(claim for node in nodes for claim in node.claims),
    )


def _check_within(
    flow_id: str, node: CheckedNode, scope: Scope, around: Surroundings, subflows: Subflows
) -> CheckedNode:
    if node.subflow is not None:
        return check_instance(flow_id, node.id, node.document, scope, around, subflows)
    if node.refers or node.planned is None:
        return check_node(node.id, node.document, scope, around, node.company)
    return replace(node, scope=scope, planned=replace(node.planned, env=scope.values))


def _at_instance(path: ValuePath, given: Given, node: CheckedNode, finding: Finding) -> Finding:
    """Say at an instance what is wrong with a node within."""
    field = field_text(finding.path[3:])
    where = f'in its node "{node.id}" ({node.document.type})'
    message = f"{where}, {field}: {finding.message}" if field else f"{where}: {finding.message}"
    return Finding(given.place(path, node, finding.path), finding.code, message, finding.hint)
