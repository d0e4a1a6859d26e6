"""A checked flow, ready to run: subflows laid open, variables put in, configurations validated."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from flowengine.flow.document import ErrorPolicy
from flowengine.node import Config, NodeType, StagePlan


class Wire(NamedTuple):
    """One wire: from a port of a node to a node.

    Args:
        source: Id of the node that sends.
        port: Its port.
        target: Id of the node that receives.
    """

    source: str
    port: str
    target: str


@dataclass(frozen=True, slots=True)
class PlannedNode:
    """One node of a plan.

    Two that are equal need no restart when a flow is deployed again; wires are not part of it.

    Args:
        id: Its id; inside a subflow ``instance/node``.
        type: Its node type.
        config: Its validated configuration.
        stage: How it works as a stage; used when it is one.
        env: Variables as it sees them.
        resources: Ids of the resources that its configuration refers to.
        name: What the editor shows.
        opts_in: Whether it is a stage because its flow gives it stage options.
        company: Ids of the nodes in its group, as its own flow or subflow knows them; only for nodes that listen.
    """

    id: str
    type: NodeType
    config: Config
    stage: StagePlan = field(default_factory=StagePlan)
    env: Mapping[str, str] = field(default_factory=dict)
    resources: frozenset[str] = frozenset()
    name: str = ""
    opts_in: bool = False
    company: frozenset[str] = frozenset()

    @property
    def is_stage(self) -> bool:
        """Whether it has a queue and workers: an async node always, another one where its flow says so."""
        return self.type.is_stage or self.opts_in


@dataclass(frozen=True, slots=True)
class PlannedResource:
    """One config node of a plan.

    Args:
        id: Its id in ``resources.json``.
        type: Its node type.
        config: Its validated configuration.
        resources: Ids of other resources that it refers to.
    """

    id: str
    type: NodeType
    config: Config
    resources: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FlowPlan:
    """One flow, ready to run.

    Args:
        id: The flow's id.
        nodes: Its nodes by id, subflow instances replaced by the nodes within.
        wires: Its wires, in the order in which a port's messages travel them.
        errors: What happens to messages that no catch node takes.
        env: Variables of the flow.
        deferred: Wires whose messages travel after the current call: those in a cycle, and some of a long
            chain, so that no chain of direct calls grows deep.
    """

    id: str
    nodes: Mapping[str, PlannedNode]
    wires: tuple[Wire, ...] = ()
    errors: ErrorPolicy = field(default_factory=ErrorPolicy)
    env: Mapping[str, str] = field(default_factory=dict)
    deferred: frozenset[Wire] = frozenset()
