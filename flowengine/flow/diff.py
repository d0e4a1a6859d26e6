"""What differs between two versions of a flow, and between three: as data, for deploys and the editor.

Documents are compared down to single config fields and the wires of single ports; what stands inside those is
compared whole. JSON types count: 1, 1.0 and true are different values.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, Final

import orjson

from flowengine.flow.document import FlowDocument, NodeDocument

Path = tuple[str, ...]


class Absent(Enum):
    """Stands for a value that is not there, which null does not."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT
_MAPS: Final = frozenset({"nodes", "groups", "env", "inputs", "outputs"})
_MAPS_OF_ENTRIES: Final = frozenset({"config", "wires", "stage", "env"})


class ChangeKind(StrEnum):
    """What happened to a value."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs.

    Args:
        path: Where it stands: ``("nodes", "a", "config", "topic")``; a whole node is ``("nodes", "a")``.
        before: The old value, or `ABSENT`.
        after: The new value, or `ABSENT`.
    """

    path: Path
    before: Any
    after: Any

    @property
    def kind(self) -> ChangeKind:
        """Whether the value was added, removed or changed."""
        if self.before is ABSENT:
            return ChangeKind.ADDED
        return ChangeKind.REMOVED if self.after is ABSENT else ChangeKind.CHANGED

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values; a side where the value is absent is left out."""
        sides = {"before": self.before, "after": self.after}
        present = {name: value for name, value in sides.items() if value is not ABSENT}
        return {"path": list(self.path), "kind": self.kind.value, **present}


@dataclass(frozen=True, slots=True)
class NodeDifference:
    """What happened to a node.

    Args:
        kind: Whether the node itself was added, removed or changed.
        changes: Its fields that differ, with paths that begin in the node; empty unless it was changed.
    """

    kind: ChangeKind
    changes: tuple[Change, ...] = ()

    def touches(self, *fields: str) -> bool:
        """Tell whether one of these fields of the node differs: ``type``, ``config``, ``wires``, ..."""
        return any(change.path[0] in fields for change in self.changes)


@dataclass(frozen=True, slots=True)
class FlowDifference:
    """What differs between two versions of a flow; false if nothing does.

    Args:
        changes: Every value that differs, in the order of their paths.
    """

    changes: tuple[Change, ...]

    def __bool__(self) -> bool:
        return bool(self.changes)

    @property
    def nodes(self) -> dict[str, NodeDifference]:
        """The nodes that differ, by id."""
        found: dict[str, list[Change]] = {}
        for change in self.changes:
            if change.path[0] == "nodes":
                found.setdefault(change.path[1], []).append(change)
        return {id_: _node_difference(changes) for id_, changes in found.items()}

    @property
    def elsewhere(self) -> tuple[Change, ...]:
        """What differs outside of nodes: name, env, error policy, ports, groups."""
        return tuple(change for change in self.changes if change.path[0] != "nodes")


@dataclass(frozen=True, slots=True)
class Conflict:
    """A value that two people changed in different ways; each may be `ABSENT`."""

    path: Path
    base: Any
    mine: Any
    theirs: Any

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values; a side where the value is absent is left out."""
        sides = {"base": self.base, "mine": self.mine, "theirs": self.theirs}
        return {"path": list(self.path)} | {name: value for name, value in sides.items() if value is not ABSENT}


@dataclass(frozen=True, slots=True)
class Merge:
    """Three versions of a flow brought together.

    Args:
        document: What both sides changed; where they conflict, mine.
        conflicts: Where they do.
    """

    document: FlowDocument
    conflicts: tuple[Conflict, ...]


def diff_flows(before: FlowDocument, after: FlowDocument) -> FlowDifference:
    """Compare two versions of a flow."""
    shared = before.nodes.keys() & after.nodes.keys()
    equal = {id_ for id_ in shared if _is_plainly_equal(before.nodes[id_], after.nodes[id_])}
    changes = _diff((), _value(before, without=equal), _value(after, without=equal))
    return FlowDifference(tuple(sorted(changes, key=lambda change: change.path)))


def merge_flows(base: FlowDocument, mine: FlowDocument, theirs: FlowDocument) -> Merge:
    """Apply to `base` what both sides changed.

    A node that one side removed and the other changed is a conflict, as is one that both added differently.
    """
    conflicts: list[Conflict] = []
    merged = _merge((), _value(base), _value(mine), _value(theirs), conflicts)
    return Merge(FlowDocument.model_validate(merged), tuple(conflicts))


def _is_plainly_equal(one: NodeDocument, other: NodeDocument) -> bool:
    """Tell cheaply that two nodes are equal; those for which this is false may still be."""
    # Only a config holds values of any type, which Python may take for equal where JSON does not.
    return one is other or (one == other and orjson.dumps(one.config) == orjson.dumps(other.config))


def _value(document: FlowDocument, *, without: Collection[str] = ()) -> dict[str, Any]:
    value = document.model_dump(mode="json", by_alias=True, exclude={"nodes"})
    nodes = {id_: node.model_dump(mode="json") for id_, node in document.nodes.items() if id_ not in without}
    return {**value, "nodes": nodes}


def _diff(path: Path, before: Any, after: Any) -> Iterator[Change]:
    if _is_divided(path) and before is not ABSENT and after is not ABSENT:
        for key in before.keys() | after.keys():
            yield from _diff((*path, key), before.get(key, ABSENT), after.get(key, ABSENT))
    elif not _same(before, after):
        yield Change(path, before, after)


def _merge(path: Path, base: Any, mine: Any, theirs: Any, conflicts: list[Conflict]) -> Any:
    if _same(mine, theirs) or _same(base, theirs):
        return mine
    if _same(base, mine):
        return theirs
    if _is_divided(path) and ABSENT not in (base, mine, theirs):
        merged = {}
        for key in base | mine | theirs:
            one, two, three = (side.get(key, ABSENT) for side in (base, mine, theirs))
            value = _merge((*path, key), one, two, three, conflicts)
            if value is not ABSENT:
                merged[key] = value
        return merged
    conflicts.append(Conflict(path, base, mine, theirs))
    return mine


def _is_divided(path: Path) -> bool:
    """Tell whether what stands at a path is compared key by key."""
    match path:
        case ():
            return True
        case (key,):
            return key in _MAPS
        case ("nodes" | "groups", _):
            return True
        case ("nodes" | "groups", _, field):
            return field in _MAPS_OF_ENTRIES
    return False


def _same(one: Any, other: Any) -> bool:
    if one is ABSENT or other is ABSENT:
        return one is other
    return orjson.dumps(one, option=orjson.OPT_SORT_KEYS) == orjson.dumps(other, option=orjson.OPT_SORT_KEYS)


def _node_difference(changes: list[Change]) -> NodeDifference:
    first = changes[0]
    if len(first.path) == 2:  # the node as a whole
        return NodeDifference(first.kind)
    return NodeDifference(
        ChangeKind.CHANGED, tuple(Change(change.path[2:], change.before, change.after) for change in changes)
    )
