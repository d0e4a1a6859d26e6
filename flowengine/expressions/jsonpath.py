"""JSONPath: reads places of a message and writes to them, leaving the message itself as it was.

jsonpath-ng decides what a path means. Paths of names and indexes, which nearly all are, do not run through
it: they are read directly, with the same result at less than a tenth of the cost.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, cast

from flowengine.expressions import location as at
from flowengine.expressions.errors import PathWriteError
from flowengine.expressions.location import Location
from flowengine.expressions.missing import MISSING
from flowengine.expressions.path_syntax import Segment, parse


@dataclass(frozen=True, slots=True)
class Match:
    """One value that a path found.

    Args:
        value: What was found.
        location: Names and indexes from the root to it; None for a computed value (a length, a sum).
    """

    value: Any
    location: Location | None


class Path(ABC):
    """A compiled JSONPath.

    Args:
        text: The path as its author wrote it.
    """

    is_simple: ClassVar[bool]
    """The path has only names and indexes, so it has at most one match."""
    names: tuple[str, ...] | None = None
    """The names of a path that has only names."""
    parent: tuple[str, ...] | None = None
    """The names of the object that the last of them is in."""
    leaf: str = ""
    """The last of the names."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        # Not left to the cache: a deploy compares configurations, and there may be more paths than it holds.
        return isinstance(other, Path) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"compile_path({self.text!r})"

    @abstractmethod
    def first(self, root: Any, default: Any = MISSING) -> Any:
        """Return the first value that the path finds, or ``default``."""

    @abstractmethod
    def matches(self, root: Any) -> list[Match]:
        """Return the values that the path finds, each with its location."""

    @abstractmethod
    def _targets(self, root: Any) -> list[Location]:
        """Return where the path writes."""

    def find(self, root: Any) -> list[Any]:
        """Return the values that the path finds."""
        return [match.value for match in self.matches(root)]

    def set(self, root: dict[str, Any], value: Any, *, create_parents: bool = True) -> dict[str, Any]:
        """Return a root that has ``value`` where the path points and shares all else with ``root``.

        A path of names and indexes creates what is missing, parents included; any other path only replaces
        what it finds. A null parent counts as missing. A list grows only by one item at its end.

        Args:
            root: The message's fields; not changed.
            value: Any JSON.
            create_parents: Whether missing parents of the last segment may be created.

        Raises:
            PathWriteError: A parent is a scalar or of the wrong kind, a list is too short, a parent is
                missing and may not be created, or the value is computed and stands nowhere.
        """
        changed: Any = root
        written: Location | None = None
        try:
            for target in self._sorted_targets(root):
                # `$..a` may find a value inside another that has just been replaced.
                if written is None or target[: len(written)] != written:
                    changed = at.replace(changed, target, value, create_parents=create_parents)
                    written = target
        except at.BlockedError as error:
            raise PathWriteError(self.text, str(error)) from None
        if not isinstance(changed, dict):
            raise PathWriteError(self.text, "a whole message is replaced only by an object")
        return changed

    def delete(self, root: dict[str, Any]) -> dict[str, Any]:
        """Return a root without what the path finds; the same root if it finds nothing.

        Raises:
            PathWriteError: The path is the whole message, or the value is computed and stands nowhere.
        """
        changed: Any = root
        try:
            # From the end, so that what is still to be deleted keeps its index.
            for target in reversed(self._sorted_targets(root)):
                changed = at.remove(changed, target)
        except at.BlockedError as error:
            raise PathWriteError(self.text, str(error)) from None
        return cast("dict[str, Any]", changed)

    def _sorted_targets(self, root: Any) -> list[Location]:
        return sorted(set(self._targets(root)), key=_document_order)


_PARENTS: dict[tuple[str, ...], tuple[str, ...]] = {}


class _SimplePath(Path):
    is_simple = True

    def __init__(self, text: str, keys: Location) -> None:
        super().__init__(text)
        self._keys = keys
        names = tuple(key for key in keys if isinstance(key, str))
        self.names = names if len(names) == len(keys) else None
        self._depth = len(self.names or ())
        if self.names:
            *parent, self.leaf = self.names
            # One object for equal parents, so that comparing them costs nothing.
            self.parent = _PARENTS.setdefault(tuple(parent), tuple(parent))

    def first(self, root: Any, default: Any = MISSING) -> Any:
        # As `location.read`, written out: the call would double the cost.
        value = root
        try:
            for key in self._keys:
                if key.__class__ is int and not isinstance(value, at.LIST):
                    return default
                value = value[key]
        except (KeyError, IndexError, TypeError):
            return default
        return value

    def set(self, root: dict[str, Any], value: Any, *, create_parents: bool = True) -> dict[str, Any]:
        # A field of the message, or of an object in it, is what nearly every write is to: at a fifth of the cost.
        if self._depth == 1:
            return {**root, self._keys[0]: value}  # type: ignore[dict-item]  # a name: the depth says so
        if self._depth == 2:
            field, name = self._keys
            parent = root.get(field)  # type: ignore[arg-type]  # likewise
            if parent.__class__ is dict:
                return {**root, field: {**parent, name: value}}  # type: ignore[dict-item]  # likewise
        return super().set(root, value, create_parents=create_parents)

    def delete(self, root: dict[str, Any]) -> dict[str, Any]:
        # Likewise.
        if self._depth != 1:
            return super().delete(root)
        if self._keys[0] not in root:
            return root
        changed = dict(root)
        del changed[self._keys[0]]
        return changed

    def matches(self, root: Any) -> list[Match]:
        value = self.first(root)
        return [] if value is MISSING else [Match(value, _counted_from_start(root, self._keys))]

    def _targets(self, root: Any) -> list[Location]:
        return [self._keys]


class _NestedPath(Path):
    """A path with segments that are read from the message: ``$.payload[$.topic]``."""

    is_simple = False

    def __init__(self, text: str, segments: tuple[Segment, ...]) -> None:
        super().__init__(text)
        self._segments = segments

    def first(self, root: Any, default: Any = MISSING) -> Any:
        keys = _resolve(self._segments, root)
        value = MISSING if keys is None else at.read(root, keys)
        return default if value is MISSING else value

    def matches(self, root: Any) -> list[Match]:
        keys = _resolve(self._segments, root)
        if keys is None or (value := at.read(root, keys)) is MISSING:
            return []
        return [Match(value, _counted_from_start(root, keys))]

    def _targets(self, root: Any) -> list[Location]:
        keys = _resolve(self._segments, root)
        if keys is None:
            raise PathWriteError(self.text, "the path in brackets finds neither text nor an index")
        return [keys]


@lru_cache(maxsize=4096)
def compile_path(text: str) -> Path:
    """Compile a JSONPath; the same text gives the same object.

    Args:
        text: JSONPath, with or without ``$.`` in front: ``$.payload.temperature``, ``payload.temperature``,
            ``$.payload.readings[-1]``, ``$.payload["a b"]``, ``$.payload[$.topic]``,
            ``$..alarms[?(@.level > 3)]``.

    Raises:
        JsonPathError: With the column of the mistake.
    """
    meaning = parse(text)
    if not isinstance(meaning, tuple):
        from flowengine.expressions.library_path import LibraryPath  # noqa: PLC0415 - needed by few paths only

        return LibraryPath(text, meaning)
    keys = tuple(segment for segment in meaning if not isinstance(segment, tuple))
    return _SimplePath(text, keys) if len(keys) == len(meaning) else _NestedPath(text, meaning)


def _resolve(segments: tuple[Segment, ...], root: Any) -> Location | None:
    keys: list[str | int] = []
    for segment in segments:
        if isinstance(segment, tuple):
            inner = _resolve(segment, root)
            key = MISSING if inner is None else at.read(root, inner)
            if not isinstance(key, str | int) or isinstance(key, bool):
                return None
            keys.append(key)
        else:
            keys.append(segment)
    return tuple(keys)


def _counted_from_start(root: Any, keys: Location) -> Location:
    counted: list[str | int] = []
    value = root
    for key in keys:
        counted.append(key + len(value) if isinstance(key, int) and key < 0 else key)
        value = value[key]
    return tuple(counted)


def _document_order(target: Location) -> list[tuple[str, int]]:
    return [("", key) if isinstance(key, int) else (key, 0) for key in target]
