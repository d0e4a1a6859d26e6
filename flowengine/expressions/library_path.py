"""A JSONPath that runs through jsonpath-ng."""

from typing import Any

from jsonpath_ng import Fields, Index

from flowengine.expressions.errors import EvaluationError, PathWriteError
from flowengine.expressions.jsonpath import Match, Path
from flowengine.expressions.location import Location
from flowengine.expressions.missing import MISSING


class LibraryPath(Path):
    """A path that is more than names and indexes.

    Args:
        text: The path as its author wrote it.
        tree: jsonpath-ng's tree of it.
    """

    is_simple = False

    def __init__(self, text: str, tree: Any) -> None:
        super().__init__(text)
        self._tree = tree

    def first(self, root: Any, default: Any = MISSING) -> Any:
        """Return the first value that the path finds, or ``default``."""
        found = self._find(root)
        return found[0].value if found else default

    def find(self, root: Any) -> list[Any]:
        """Return the values that the path finds."""
        return [datum.value for datum in self._find(root)]

    def matches(self, root: Any) -> list[Match]:
        """Return the values that the path finds, each with its location."""
        return [Match(datum.value, _location(datum, root)) for datum in self._find(root)]

    def _targets(self, root: Any) -> list[Location]:
        targets = []
        for match in self.matches(root):
            if match.location is None:
                raise PathWriteError(self.text, "it computes a value instead of naming a place")
            targets.append(match.location)
        return targets

    def _find(self, root: Any) -> list[Any]:
        try:
            found = self._tree.find(root)
        except Exception as error:
            # The library raises whatever the data provokes: AssertionError for the parent of the root,
            # TypeError when it sorts text among numbers, ZeroDivisionError.
            reason = str(error) or type(error).__name__
            raise EvaluationError("JSONPath", self.text, f"fails on this message: {reason}") from error
        return found if isinstance(found, list) else [found]


def _location(datum: Any, root: Any) -> Location | None:
    keys: list[str | int] = []
    while datum.context is not None:
        match datum.path:
            case Fields(fields=(name,)):
                keys.append(name)
            case Index(indices=(index,)):
                keys.append(index % len(datum.context.value))
            case _:
                return None
        datum = datum.context
    # A computed value starts a chain of its own.
    return tuple(reversed(keys)) if datum.value is root else None
