"""The set of node types, as a value."""

import difflib
from collections.abc import Iterable, Iterator
from typing import Any, Self

from flowengine.errors import FlowEngineError
from flowengine.node import Node, NodeType


class DuplicateNodeTypeError(FlowEngineError):
    """Two classes claim one node type's name.

    Args:
        name: The name.
        first: Qualified name of the class that has it.
        second: Qualified name of the class that wants it.
    """

    code = "duplicate-node-type"

    def __init__(self, name: str, first: str, second: str) -> None:
        super().__init__(name, first, second)
        self.name = name
        self.first = first
        self.second = second

    def __str__(self) -> str:
        return f'node type "{self.name}" is declared by {self.first} and by {self.second}; rename one of them'


class Registry:
    """Hold node types by name.

    It is a value: nothing global is changed by adding to it, and a clone may be changed alone.

    Args:
        types: Node types to begin with.
    """

    def __init__(self, types: Iterable[NodeType] = ()) -> None:
        self._types: dict[str, NodeType] = {}
        for one in types:
            self.add(one)

    def add(self, declared: "NodeType | type[Node[Any]]") -> None:
        """Add a node type, or the class that declares it.

        Raises:
            DuplicateNodeTypeError: Another class has this name.
        """
        added = declared if isinstance(declared, NodeType) else declared.__node_type__
        known = self._types.get(added.name)
        if known is not None and known.cls is not added.cls:
            raise DuplicateNodeTypeError(added.name, _qualified(known), _qualified(added))
        self._types[added.name] = added

    def get(self, name: str) -> NodeType | None:
        """Return a node type, or ``None``."""
        return self._types.get(name)

    def similar(self, name: str) -> str | None:
        """Return the known name that a mistyped one is nearest to, if any is near."""
        return next(iter(difflib.get_close_matches(name, self._types, n=1)), None)

    def clone(self) -> Self:
        """Return a registry with the same types."""
        return type(self)(self)

    def __contains__(self, name: object) -> bool:
        return name in self._types

    def __iter__(self) -> Iterator[NodeType]:
        return iter(sorted(self._types.values(), key=lambda one: (one.category, one.name)))

    def __len__(self) -> int:
        return len(self._types)


def _qualified(declared: NodeType) -> str:
    return f"{declared.cls.__module__}.{declared.cls.__qualname__}"
