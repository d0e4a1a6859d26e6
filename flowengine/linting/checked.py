"""Nodes and flows that were checked: what lint keeps from one time to the next."""

from collections.abc import Mapping
from dataclasses import dataclass

from flowengine.flow.document import FlowDocument, NodeDocument
from flowengine.flow.document_file import DocumentFile
from flowengine.flow.identifier import Endpoint
from flowengine.flow.problem import Problem
from flowengine.graph import Body, FlowPlan, Link, PlannedNode, Wire
from flowengine.linting.check import Finding
from flowengine.linting.resource_book import ResourceBook, ResourceUse
from flowengine.linting.scope import FlowScope, Scope
from flowengine.linting.secret_cache import SecretCache, SecretFact
from flowengine.linting.type_facts import TypeFacts

Claim = tuple[str, str]
"""What only one node may have: what it is, and its name."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CheckedNode:
    """A node, alone: without its wires and the resources it uses.

    Attributes:
        id: Its id.
        document: Its document.
        scope: The variables it sees.
        facts: Its node type; None if there is no such type, or it is an instance of a subflow.
        subflow: Its subflow, if it is an instance of one that exists.
        live: Whether it is in the flow: not disabled.
        findings: What is wrong with it.
        ports: Names of its ports; None if they are not known.
        entries: Names of its input ports, of which a plain node has one, named ''; None if they are not known.
        starts: Whether messages begin in it.
        rests: Whether a message may rest in it.
        company: Ids of the nodes in its group, itself among them.
        refers: Whether its configuration refers to variables or secrets.
        secrets: The secrets it refers to, each with what was found.
        uses: The resources it refers to.
        claims: What it claims for itself.
        planned: The node as it will run; None if it cannot, or is an instance.
        body: What is inside an instance; None if it is not known.
    """

    id: str
    document: NodeDocument
    scope: Scope
    facts: TypeFacts | None = None
    subflow: "CheckedFlow | None" = None
    live: bool = True
    findings: tuple[Finding, ...] = ()
    ports: tuple[str, ...] | None = None
    entries: tuple[str, ...] | None = None
    starts: bool = True
    rests: bool = True
    company: frozenset[str] = frozenset()
    refers: bool = False
    secrets: tuple[tuple[str, SecretFact], ...] = ()
    uses: tuple[ResourceUse, ...] = ()
    claims: tuple[Claim, ...] = ()
    planned: PlannedNode | None = None
    body: Body | None = None

    @property
    def is_stage(self) -> bool:
        """Whether it has a queue and workers."""
        return self.facts is not None and (self.facts.is_stage or bool(self.document.stage.model_fields_set))

    def secrets_are_same(self, secrets: SecretCache) -> bool:
        """Tell whether the secrets it refers to are what they were."""
        return all(secrets.fact(name) == fact for name, fact in self.secrets)

    def joins_like(self, other: "CheckedNode") -> bool:
        """Tell whether another node in its place would leave the flow's wires and their checks as they are."""
        return (
            self.facts is other.facts
            and self.live == other.live
            and self.document.wires == other.document.wires
            and self.ports == other.ports
            and self.entries == other.entries
            and self.starts == other.starts
            and _same_shape(self.body, other.body)
        )


def _same_shape(one: Body | None, other: Body | None) -> bool:
    if one is None or other is None or one is other:
        return one is other
    return (
        one.wires == other.wires
        and one.inputs == other.inputs
        and one.outputs == other.outputs
        and all(id_ in other.nodes and node.type is other.nodes[id_].type for id_, node in one.nodes.items())
    )


@dataclass(frozen=True, slots=True, eq=False)
class Wiring:
    """The wires of a flow, checked.

    Attributes:
        links: The wires whose ends exist, as they were drawn.
        inputs: The input ports of a subflow, and what they feed.
        outputs: Its output ports, and where their messages come from.
        wires: The wires with subflows laid open.
        deferred: Those whose messages travel after the current call.
        findings: What is wrong with the wires and the shape.
    """

    links: tuple[Link, ...]
    inputs: Mapping[str, tuple[Endpoint, ...]]
    outputs: Mapping[str, tuple[Endpoint, ...]]
    wires: tuple[Wire, ...]
    deferred: frozenset[Wire]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CheckedFlow:
    """A flow that was checked.

    Attributes:
        file: Its file.
        document: Its document.
        scope: Its variables.
        nodes: Its nodes by id.
        wiring: Its wires.
        uses: Ids of the resources it refers to, those of disabled nodes included.
        secrets: The secrets it refers to, each with what was found.
        resources: The resources that there were.
        subflows: The subflows it uses, by id; None for one that cannot be used.
        problems: What is wrong with it.
        is_broken: Whether that includes an error.
        plan: The flow as it will run; None if it is broken, disabled or a subflow.
    """

    file: DocumentFile[FlowDocument]
    document: FlowDocument
    scope: FlowScope
    nodes: Mapping[str, CheckedNode]
    wiring: Wiring
    uses: frozenset[str]
    secrets: tuple[tuple[str, SecretFact], ...]
    resources: ResourceBook
    subflows: "Mapping[str, CheckedFlow | None]"
    problems: tuple[Problem, ...]
    is_broken: bool
    plan: FlowPlan | None
