"""The set of node types, as a value."""

import difflib
from collections.abc import Callable, Iterable, Iterator
from threading import RLock
from typing import Any, NamedTuple, Self

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


class Deferred(NamedTuple):
    """Node types that are loaded when one of them is asked for.

    Args:
        names: Their names; none where they are not known.
        load: Adds them to a registry.
    """

    names: tuple[str, ...]
    load: "Callable[[Registry], object]"


class Registry:
    """Hold node types by name.

    It is a value: nothing global is changed by adding to it, and a clone may be changed alone. It may be asked from
    several threads.

    Args:
        types: Node types to begin with.
    """

    def __init__(self, types: Iterable[NodeType] = ()) -> None:
        self._types: dict[str, NodeType] = {}
        self._deferred: list[Deferred] = []
        self._loading = RLock()
        for one in types:
            self.add(one)

    @property
    def names(self) -> frozenset[str]:
        """The names that are known, those included that are not loaded yet."""
        with self._loading:
            return frozenset((*self._types, *(name for one in self._deferred for name in one.names)))

    def add(self, declared: "NodeType | type[Node[Any]]") -> None:
        """Add a node type, or the class that declares it.

        Raises:
            DuplicateNodeTypeError: Another class has this name.
        """
        added = declared if isinstance(declared, NodeType) else declared.__node_type__
        self._load(added.name)
        known = self._types.get(added.name)
        if known is not None and known.cls is not added.cls:
            raise DuplicateNodeTypeError(added.name, _qualified(known), _qualified(added))
        self._types[added.name] = added

    def defer(self, deferred: Deferred) -> None:
        """Have node types loaded when one of them is asked for, or all are."""
        self._deferred.append(deferred)

    def get(self, name: str) -> NodeType | None:
        """Return a node type, or ``None``."""
        if name not in self._types:
            self._load(name)
        if name not in self._types:
            # It may be where nobody could tell the names.
            self._load(None)
        return self._types.get(name)

    def similar(self, name: str) -> str | None:
        """Return the known name that a mistyped one is nearest to, if any is near."""
        return next(iter(difflib.get_close_matches(name, sorted(self.names), n=1)), None)

    def clone(self) -> Self:
        """Return a registry with the same types."""
        return type(self)(self)

    def _load(self, name: str | None) -> None:
        """Load the types of a name; without one, those whose names are not known."""
        with self._loading:
            wanted = [one for one in self._deferred if (name in one.names if name is not None else not one.names)]
            # Away first, because what is loaded adds itself.
            self._deferred = [one for one in self._deferred if one not in wanted]
            for one in wanted:
                one.load(self)

    def _load_all(self) -> None:
        with self._loading:
            wanted, self._deferred = self._deferred, []
            for one in wanted:
                one.load(self)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def __iter__(self) -> Iterator[NodeType]:
        self._load_all()
        return iter(sorted(self._types.values(), key=lambda one: (one.category, one.name)))

    def __len__(self) -> int:
        self._load_all()
        return len(self._types)


def _qualified(declared: NodeType) -> str:
    return f"{declared.cls.__module__}.{declared.cls.__qualname__}"
