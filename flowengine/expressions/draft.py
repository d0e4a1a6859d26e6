"""A message's fields while several changes are made to them."""

from typing import Any

from flowengine.expressions.jsonpath import Path
from flowengine.expressions.missing import MISSING, Missing

Names = tuple[str, ...]
_CONTAINERS: frozenset[type] = frozenset({dict, list, tuple})


class Draft:
    """Change fields step by step, and copy each object on the way only once.

    The fields it begins with are never changed. An object that the draft has copied is its own, and later changes are
    made in it directly; as soon as somebody else may see it, it counts as copied no more.

    Args:
        fields: What to begin with.

    Attributes:
        fields: The fields as they are now; hand them over when done.
    """

    __slots__ = ("_at", "_here", "_owned", "fields")

    fields: dict[str, Any]
    _owned: dict[Names, dict[str, Any]]
    # The object that the last change was made in, which is one of our own, and its names.
    _here: dict[str, Any]
    _at: Names | Missing | None

    def __init__(self, fields: dict[str, Any]) -> None:
        self.become(fields)

    def set(self, path: Path, value: Any) -> None:
        """Put a value where a path points.

        Args:
            path: Where; missing parents are made.
            value: Any JSON.

        Raises:
            PathWriteError: Something else stands in the way.
        """
        is_plain = value.__class__ not in _CONTAINERS
        if is_plain and path.parent is self._at and self._here.get(path.leaf).__class__ is not dict:
            # Beside the place of the change before: nearly all that a row of rules does.
            self._here[path.leaf] = value
            return
        names = path.names
        if not is_plain or names in self._owned:
            # The value may be, or hold, an object of our own, which would then be seen in two places; and what is
            # written over is ours no more.
            self.become(self.fields)
        parent = self._own(path.parent) if path.parent is not None else None
        if parent is None:
            self.become(path.set(self.fields, value))
        else:
            parent[path.leaf] = value
            self._at, self._here = path.parent, parent

    def delete(self, path: Path) -> Any:
        """Delete what a path finds.

        Returns:
            What stood there, where the path names one place; ``MISSING`` where nothing did.
        """
        if path.parent is self._at:
            value = self._here.get(path.leaf, MISSING)
            if value.__class__ not in _CONTAINERS:
                if value is not MISSING:
                    del self._here[path.leaf]
                return value
        value = path.first(self.fields)
        if value is MISSING:
            return value
        names = path.names
        parent = self._own(path.parent) if path.parent is not None and names not in self._owned else None
        if parent is None:
            self.become(path.delete(self.fields))
        else:
            del parent[path.leaf]
            self._at, self._here = path.parent, parent
        return value

    def become(self, fields: dict[str, Any]) -> None:
        """Go on with other fields, which belong to somebody else too."""
        self.fields = dict(fields)
        self._owned = {(): self.fields}
        self._at = MISSING
        self._here = {}

    def _own(self, names: Names) -> dict[str, Any] | None:
        """Return the object at a place as one of our own, made if it is missing; ``None`` if it is no object."""
        mine = self._owned.get(names)
        if mine is not None:
            return mine
        parent = self._own(names[:-1])
        if parent is None:
            return None
        there = parent.get(names[-1])
        if there is None:
            mine = {}
        elif there.__class__ is dict:
            mine = dict(there)
        else:
            return None
        parent[names[-1]] = mine
        self._owned[names] = mine
        return mine
