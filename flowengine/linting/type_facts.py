"""What lint needs to know of a node type, found out once."""

from dataclasses import dataclass
from typing import Any

from flowengine.linting.marks import Marks, marks_of
from flowengine.node import Listener, Node, NodeType
from flowengine.registry import Registry


@dataclass(frozen=True, slots=True, eq=False)
class TypeFacts:
    """The properties of a node type.

    Args:
        type: The node type.
        marks: Its marked fields, if it has any.
        failure: Why its fields cannot be described, where they cannot.
        ports: Names of its ports; None where they depend on the configuration.
        has_input: Whether wires may lead to it.
        starts: Whether messages begin in it: a source or a listener.
        is_stage: Whether it has a queue and workers.
        claims: Whether it may claim something for itself.
        warns: Whether it may warn of its configuration.
    """

    type: NodeType
    marks: Marks | None
    failure: str
    ports: tuple[str, ...] | None
    has_input: bool
    starts: bool
    is_stage: bool
    claims: bool
    warns: bool

    @property
    def rests(self) -> bool:
        """Whether a message may rest in it, so that a cycle through it does not turn for ever."""
        return self.is_stage or self.type.holds

    @classmethod
    def of(cls, type_: NodeType) -> "TypeFacts":
        """Find out the properties of a node type."""
        node = type_.cls
        failure, marks = "", None
        try:
            marks = marks_of(type_.config)
        except Exception as error:  # noqa: BLE001 - a type's own schema code may raise anything
            failure = f"{type(error).__name__}: {error}"
        has_input = type_.has_input
        return cls(
            type=type_,
            marks=marks,
            failure=failure,
            ports=tuple(port.name for port in node.declared_ports()) if _inherits(node, "ports") else None,
            has_input=has_input,
            starts=type_.is_source or issubclass(node, Listener),
            is_stage=type_.is_stage,
            claims=not _inherits(node, "claims"),
            warns=not _inherits(node, "warnings"),
        )


def _inherits(node: type[Node[Any]], name: str) -> bool:
    return getattr(node, name).__func__ is getattr(Node, name).__func__


class TypeBook:
    """The properties of the node types in a registry.

    Args:
        registry: The node types; some may be added or replaced later.
    """

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self._names: frozenset[str] = frozenset()
        self._facts: dict[str, TypeFacts] = {}

    def refresh(self) -> bool:
        """Look whether any type was added, replaced or taken away; tell whether one was."""
        names = self.registry.names
        same = {name: known for name, known in self._facts.items() if self.registry.get(name) is known.type}
        if names == self._names and len(same) == len(self._facts):
            return False
        self._names = names
        self._facts = same
        return True

    def get(self, name: str) -> TypeFacts | None:
        """Return the properties of a node type, or ``None`` if there is no such type."""
        facts = self._facts.get(name)
        if facts is None and (type_ := self.registry.get(name)) is not None:
            facts = self._facts[name] = TypeFacts.of(type_)
        return facts
