"""Rules that put, copy, move and delete fields, compiled to one plain function.

The rules are known when a flow is deployed and run for every message. A ``Draft`` finds out for each message again
which objects it has copied already; here that is written down once, as the straight code that somebody would write by
hand for just these rules. It takes a third of the time.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from types import CodeType
from typing import Any, Final, NamedTuple, TypeAlias

from flowengine.expressions import MISSING, Path

Fields: TypeAlias = dict[str, Any]
_Names: TypeAlias = tuple[str, ...]

_MOST_OPERATIONS: Final = 100
_MOST_NAMES: Final = 16
"""More operations, and longer paths, are not worth the time to compile them."""


class Put(NamedTuple):
    """Put a literal somewhere."""

    target: Path
    value: Any


class Copy(NamedTuple):
    """Put a value of the message somewhere; where there is none, the target is deleted."""

    source: Path
    target: Path


class Move(NamedTuple):
    """Put a value of the message somewhere else; where there is none, nothing happens."""

    source: Path
    target: Path


class Delete(NamedTuple):
    """Delete a value of the message."""

    target: Path


Operation: TypeAlias = Put | Copy | Move | Delete


def compile_rearrangement(
    operations: Sequence[Operation], otherwise: Callable[[Fields], Fields]
) -> Callable[[Fields], Fields]:
    """Return the function that applies operations to the fields of a message and returns new ones.

    Args:
        operations: In order.
        otherwise: Does the same at leisure. It gets the fields as they came where a parent is no object, and is all
            there is where a path has more than names.
    """
    paths = [path for operation in operations for path in operation if isinstance(path, Path)]
    if len(operations) > _MOST_OPERATIONS or not all(path.names and len(path.names) <= _MOST_NAMES for path in paths):
        return otherwise
    return _Writer(operations, otherwise).function()


class _Writer:
    """Write the function.

    Every object that the operations change, or look for something in, has a variable: ``None`` until the function has
    made a copy of the object, and again once somebody else may see that copy.
    """

    def __init__(self, operations: Sequence[Operation], otherwise: Callable[[Fields], Fields]) -> None:
        self._otherwise = otherwise
        self._lines: list[str] = []
        self._indent = 1
        # Whatever a user wrote is handed over as a value, never as text.
        self._values: dict[str, Any] = {"MISSING": MISSING, "otherwise": otherwise}
        self._variables: dict[_Names, str] = {(): "root"}
        for operation in operations:
            for path in operation:
                if isinstance(path, Path) and path.parent:
                    for depth in range(1, len(path.parent) + 1):
                        self._variables.setdefault(path.parent[:depth], f"object_{len(self._variables)}")
        for operation in operations:
            self._write(operation)

    def function(self) -> Callable[[Fields], Fields]:
        objects = [name for name in self._variables.values() if name != "root"]
        head = ["def apply(fields):", "    root = fields.copy()"]
        if objects:
            head.append(f"    {' = '.join(objects)} = None")
        exec(_code("\n".join([*head, *self._lines, "    return root"])), self._values)  # noqa: S102 - text of ours alone, see above
        function: Callable[[Fields], Fields] = self._values["apply"]
        return function

    def _write(self, operation: Operation) -> None:
        match operation:
            case Put(target, value):
                self._put(target, self._value(value))
            case Delete(target):
                self._take(target)
            case Move(source, target):
                self._take(source)
                self._add("if value is not MISSING:")
                with _Deeper(self):
                    self._put(target, "value")
            case Copy(source, target):
                self._read(source)
                # From here on it is seen in two places.
                self._give_up(source)
                self._add("if value is MISSING:")
                with _Deeper(self):
                    self._take(target)
                self._add("else:")
                with _Deeper(self):
                    self._put(target, "value")

    def _put(self, path: Path, value: str) -> None:
        parent = self._own(path.parent or ())
        self._add(f"{parent}[{self._value(path.leaf)}] = {value}")
        self._give_up(path)

    def _read(self, path: Path) -> None:
        parent = self._variables[path.parent or ()]
        direct = f"value = {parent}.get({self._value(path.leaf)}, MISSING)"
        if parent == "root":
            self._add(direct)
            return
        self._add(f"if {parent} is None:")
        self._add(f"    value = {self._value(path.first)}(root)")
        self._add("else:")
        self._add(f"    {direct}")

    def _take(self, path: Path) -> None:
        """Delete what a path finds and have it in ``value``."""
        self._read(path)
        self._add("if value is not MISSING:")
        with _Deeper(self):
            parent = self._own(path.parent or ())
            self._add(f"del {parent}[{self._value(path.leaf)}]")
            self._give_up(path)

    def _own(self, names: _Names) -> str:
        """Make an object a copy of our own, or a new one where it is missing, unless it is; return its variable."""
        mine = self._variables[names]
        if names:
            self._add(f"if {mine} is None:")
            with _Deeper(self):
                parent = self._own(names[:-1])
                key = self._value(names[-1])
                self._add(f"{mine} = {parent}.get({key})")
                self._add(f"if {mine}.__class__ is dict: {mine} = {mine}.copy()")
                self._add(f"elif {mine} is None: {mine} = {{}}")
                self._add("else: return otherwise(fields)")
                self._add(f"{parent}[{key}] = {mine}")
        return mine

    def _give_up(self, path: Path) -> None:
        """Take what stood at a path, and below it, as our own no more."""
        names = path.names or ()
        gone = [mine for known, mine in self._variables.items() if known[: len(names)] == names]
        if gone:
            self._add(f"{' = '.join(gone)} = None")

    def _value(self, value: Any) -> str:
        name = f"value_{len(self._values)}"
        self._values[name] = value
        return name

    def _add(self, line: str) -> None:
        self._lines.append("    " * self._indent + line)


class _Deeper:
    """Indent what is written in the ``with``."""

    def __init__(self, writer: _Writer) -> None:
        self._writer = writer

    def __enter__(self) -> None:
        self._writer._indent += 1  # noqa: SLF001 - of this module

    def __exit__(self, *_: object) -> None:
        self._writer._indent -= 1  # noqa: SLF001 - likewise


@lru_cache(maxsize=256)
def _code(text: str) -> CodeType:
    """Compile the function; rules that differ only in names and values have one text."""
    return compile(text, "<rules of a change node>", "exec")
