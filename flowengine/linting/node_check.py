"""Check one plain node of a flow: its type, its configuration and its stage options."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flowengine.flow.document import NodeDocument
from flowengine.flow.problem import Severity
from flowengine.flow.scanner import ValuePath
from flowengine.graph import PlannedNode
from flowengine.linting.check import Check, Finding
from flowengine.linting.checked import CheckedNode, Claim
from flowengine.linting.resource_book import ResourceUse
from flowengine.linting.scope import Scope
from flowengine.linting.secret_cache import SecretCache
from flowengine.linting.settings import Settings, check_settings, node_type_failure, value_at
from flowengine.linting.stage_options import check_stage, merge_stage
from flowengine.linting.suggestion import did_you_mean
from flowengine.linting.type_facts import TypeBook, TypeFacts
from flowengine.node import Config, Listener

UNKNOWN_NODE_TYPE: Final = Check(
    code="unknown-node-type",
    title="There is no such node type",
    explanation=(
        "`type` names a node type that is neither in an installed node pack nor in the folder given with `--nodes`."
        " Either the name is mistyped, or the pack that has it is not installed where the flow runs."
        " `flowengine nodes` lists the types there are."
    ),
    wrong='{"nodes": {"every-minute": {"type": "injekt", "wires": {"out": ["show"]}}, "show": {"type": "debug"}}}',
    right='{"nodes": {"every-minute": {"type": "inject", "wires": {"out": ["show"]}}, "show": {"type": "debug"}}}',
)
RESOURCE_IN_FLOW: Final = Check(
    code="resource-in-flow",
    title="A resource among the nodes of a flow",
    explanation=(
        "Brokers, servers and registries are shared by all flows, so they are kept in `resources.json` and not in"
        " any one flow; nodes refer to them by id. Move the entry there."
    ),
    wrong='{"nodes": {"main": {"type": "mqtt-broker", "config": {"host": "mqtt.example"}}}}',
    right={
        "resources.json": '{"resources": {"main": {"type": "mqtt-broker", "config": {"host": "mqtt.example"}}}}',
        "example.flow.json": '{"nodes": {"read": {"type": "mqtt-in", "config": {"broker": "main", "topic": "a/b"},'
        ' "wires": {"out": ["show"]}}, "show": {"type": "debug"}}}',
    },
)

NODE_WARNING: Final = Check(
    code="node-warning",
    severity=Severity.WARNING,
    title="A node warns of its own configuration",
    explanation=(
        "The configuration is valid and the flow runs, but the node type says that it is hardly what anybody wants for"
        " good: a `placeholder`, for example, stands where something is still to be written."
    ),
    wrong='{"nodes": {"tick": {"type": "inject", "wires": {"out": ["later"]}}, "later": {"type": "placeholder"}}}',
    right='{"nodes": {"tick": {"type": "inject", "wires": {"out": ["now"]}}, "now": {"type": "debug"}}}',
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the check of a node depends on beside its document.

    Attributes:
        types: The node types.
        secrets: The secrets.
    """

    types: TypeBook
    secrets: SecretCache


def check_node(
    id_: str, document: NodeDocument, scope: Scope, around: Surroundings, company: frozenset[str] = frozenset()
) -> CheckedNode:
    """Check a node that is no instance of a subflow.

    Args:
        id_: Its id.
        document: Its document.
        scope: The variables it sees.
        around: What else the check depends on.
        company: Ids of the nodes in its group.
    """
    path: ValuePath = ("nodes", id_)
    facts = around.types.get(document.type)
    if document.disabled:
        uses = tuple(_uses(facts, document.config, document.config, (*path, "config"))) if facts else ()
        return CheckedNode(id=id_, document=document, scope=scope, facts=facts, live=False, uses=uses)
    finding = wrong_type(path, document.type, facts, around.types)
    if facts is None or finding is not None:
        wrong = (finding,) if finding else ()
        return CheckedNode(id=id_, document=document, scope=scope, facts=facts, findings=wrong)
    settings = check_settings(facts, document.config, scope, around.secrets)
    findings = tuple(_below(settings.findings, (*path, "config")))
    stage_finding = check_stage(document.stage, (*path, "stage"), has_input=facts.has_input)
    if stage_finding is not None:
        findings = (*findings, stage_finding)
    ports, claims = facts.ports, tuple[Claim, ...]()
    if settings.config is not None and (ports is None or facts.claims or facts.warns):
        ports, claims, said = _ask(facts, settings.config, path)
        findings = (*findings, *said)
    uses = tuple(resource_uses(facts, document.config, settings, (*path, "config")))
    planned = None
    if settings.config is not None:
        planned = PlannedNode(
            id=id_,
            type=facts.type,
            config=settings.config,
            stage=merge_stage(document.stage, facts.type.cls.stage),
            env=scope.values,
            resources=frozenset(use.id for use in uses),
            name=document.name,
            opts_in=facts.has_input and bool(document.stage.model_fields_set),
            # Others know nothing of their group: they need no restart when it changes.
            company=company if issubclass(facts.type.cls, Listener) else frozenset(),
        )
    return CheckedNode(
        id=id_,
        document=document,
        scope=scope,
        facts=facts,
        findings=findings,
        ports=ports,
        entries=("",) if facts.has_input else (),
        starts=facts.starts,
        company=company,
        rests=facts.rests or bool(document.stage.model_fields_set),
        refers=settings.refers,
        secrets=settings.secrets,
        uses=uses,
        claims=claims,
        planned=planned,
    )


def wrong_type(path: ValuePath, name: str, facts: TypeFacts | None, types: TypeBook) -> Finding | None:
    """Return what is wrong with the type of a node in a flow, if anything is."""
    if facts is None:
        return unknown_type((*path, "type"), name, types, resources=False)
    if facts.type.is_resource:
        hint = "move it to resources.json, and refer to it by its id"
        return RESOURCE_IN_FLOW.at((*path, "type"), f"{name} is a resource, which no flow can hold", hint)
    return None


def unknown_type(path: ValuePath, name: str, types: TypeBook, *, resources: bool) -> Finding:
    """Return the finding that there is no such node type.

    Args:
        path: Where the type is named.
        name: The name.
        types: The types there are.
        resources: Whether resources or nodes may stand here.
    """
    names = (type_.name for type_ in types.registry if type_.is_resource == resources)
    hint = did_you_mean(name, names) or "`flowengine nodes` lists the node types"
    return UNKNOWN_NODE_TYPE.at(path, f'there is no node type "{name}"', hint)


def resource_uses(
    facts: TypeFacts, written: Mapping[str, Any], settings: Settings, path: ValuePath
) -> Iterator[ResourceUse]:
    """Yield the resources that a configuration refers to, those that its defaults name included.

    Args:
        facts: The node type.
        written: The configuration as its document has it.
        settings: The configuration as it was checked.
        path: Where the configuration is.
    """
    if facts.marks is not None:
        value = settings.resolved if settings.config is None else settings.config
        for use in _uses(facts, value, written, path):
            if use.path[len(path) :] not in settings.unsettled:
                yield use


def _uses(facts: TypeFacts, value: Any, written: Mapping[str, Any], path: ValuePath) -> Iterator[ResourceUse]:
    for marked in facts.marks.find(value) if facts.marks else ():
        if marked.resource is None or not isinstance(marked.value, str):
            continue
        # An empty default means that the node does without; an empty text in the document was left blank.
        if marked.value or value_at(written, marked.path) is not None:
            yield ResourceUse((*path, *marked.path), marked.value, marked.resource)


def _below(findings: Iterable[Finding], path: ValuePath) -> Iterator[Finding]:
    return (finding._replace(path=(*path, *finding.path)) for finding in findings)


def _ask(
    facts: TypeFacts, config: Config, path: ValuePath
) -> tuple[tuple[str, ...] | None, tuple[Claim, ...], tuple[Finding, ...]]:
    """Return the ports and the claims of a node, and what its class warns of or fails with when it is asked."""
    try:
        ports = facts.ports
        if ports is None:
            ports = tuple(port.name for port in facts.type.ports(config))
        warnings = tuple(NODE_WARNING.at(path, sentence) for sentence in facts.type.cls.warnings(config))
        return ports, tuple(facts.type.cls.claims(config)), warnings
    except Exception as error:  # noqa: BLE001 - a type's own code may raise anything
        failure = node_type_failure(facts, f"{type(error).__name__}: {error}")
        return None, (), (failure._replace(path=(*path, "config")),)
