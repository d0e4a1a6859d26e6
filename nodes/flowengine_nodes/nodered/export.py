"""An export of Node-RED: the entries of its ``flows.json``, by what they are."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import orjson

from flowengine.errors import FlowEngineError

# The whole numbers that JavaScript keeps exactly.
_EXACT: Final = 2**53
_REFERENCE: Final = re.compile(r"\$\{[^{}\s]+\}")


class ExportError(FlowEngineError):
    """A file is no export of Node-RED.

    Args:
        file: The file.
        reason: What is wrong with it.
    """

    code = "node-red-export"

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(file, reason)
        self.file = file
        self.reason = reason

    def __str__(self) -> str:
        return (
            f"{self.file} is no export of Node-RED: {self.reason}; take its flows.json, or what its menu "
            "Export gives for all flows"
        )


@dataclass(frozen=True)
class Entry:
    """One entry of an export: a tab, a subflow, a group, a node or a config node.

    Args:
        raw: The entry as it is.
    """

    raw: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.raw["id"])

    @property
    def type(self) -> str:
        """Its type, such as ``mqtt in``."""
        return str(self.raw["type"])

    @property
    def name(self) -> str:
        """What its author calls it."""
        return str(self.raw.get("label" if self.type == "tab" else "name") or "").strip()

    @property
    def info(self) -> str:
        """What its author says of it, in Markdown."""
        return str(self.raw.get("info") or "")

    @property
    def parent(self) -> str:
        """Id of the tab or subflow that it is in, empty for none."""
        return str(self.raw.get("z") or "")

    @property
    def group(self) -> str:
        """Id of the group that it is in, empty for none."""
        return str(self.raw.get("g") or "")

    @property
    def is_disabled(self) -> bool:
        """Whether it is turned off."""
        return bool(self.raw.get("disabled" if self.type == "tab" else "d"))

    @property
    def is_drawn(self) -> bool:
        """Whether it stands on the canvas, as config nodes do not."""
        return "x" in self.raw and "y" in self.raw

    @cached_property
    def wires(self) -> tuple[tuple[str, ...], ...]:
        """Ids that each of its outputs leads to."""
        given = self.raw.get("wires")
        outputs = given if isinstance(given, list) else []
        return tuple(tuple(map(str, output)) for output in outputs if isinstance(output, list))

    def text(self, key: str, default: str = "") -> str:
        """Return a setting as text, ready for a document: what Node-RED takes literally is escaped."""
        value = self.raw.get(key)
        return default if value is None or value == "" else literal_text(str(value))

    def number(self, key: str, default: float | None = None) -> float | str | None:
        """Return a setting as a number, a variable as its reference, ``default`` for what is neither."""
        return as_number(self.raw.get(key), default)

    def length(self, key: str) -> float | None:
        """Return a length on the canvas, if it is one."""
        number = as_number(self.raw.get(key))
        return float(number) if isinstance(number, (int, float)) else None

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return a setting as true or false."""
        value = self.raw.get(key, default)
        return value == "true" if isinstance(value, str) else bool(value)

    def rows(self, key: str) -> list[Mapping[str, Any]]:
        """Return a setting that is a list of objects."""
        value = self.raw.get(key)
        return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []

    def credential(self, key: str) -> str:
        """Return a credential, which only old exports hold, empty for none."""
        value = self.raw.get("credentials")
        return str(value.get(key) or "") if isinstance(value, dict) else ""

    def ids(self, key: str) -> list[str]:
        """Return a setting that is a list of ids."""
        value = self.raw.get(key)
        return [str(id_) for id_ in value] if isinstance(value, list) else []


class Export:
    """The entries of an export.

    Args:
        entries: All of them, in the order of the file.
    """

    def __init__(self, entries: list[Entry]) -> None:
        self.entries = {entry.id: entry for entry in entries}

    @classmethod
    def read(cls, data: bytes, file: str) -> "Export":
        """Read an export.

        Args:
            data: What the file holds.
            file: Its name, for errors.

        Raises:
            ExportError: It is none.
        """
        try:
            value = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise ExportError(file, f"it is no JSON ({error})") from error
        # The admin API of Node-RED gives the list inside an object.
        found = value.get("flows") if isinstance(value, dict) else value
        if not isinstance(found, list) or not found:
            raise ExportError(file, "it holds no list of nodes")
        for number, raw in enumerate(found, 1):
            if not isinstance(raw, dict) or not all(isinstance(raw.get(key), str) for key in ("id", "type")):
                raise ExportError(file, f"its entry {number} has no id and type")
        return cls([Entry(raw) for raw in found])

    def of_type(self, type_: str) -> Iterator[Entry]:
        """Yield the entries of a type."""
        return (entry for entry in self.entries.values() if entry.type == type_)

    @cached_property
    def containers(self) -> tuple[Entry, ...]:
        """The tabs and subflows; one is made up for nodes that were exported without theirs."""
        found = [entry for entry in self.entries.values() if entry.type in {"tab", "subflow"}]
        known = {entry.id for entry in found}
        strays = dict.fromkeys(node.parent for node in self.nodes if node.parent not in known)
        return (*found, *(Entry({"id": id_, "type": "tab", "label": "imported"}) for id_ in strays))

    @cached_property
    def nodes(self) -> tuple[Entry, ...]:
        """The nodes on the canvas."""
        return tuple(
            entry for entry in self.entries.values() if entry.is_drawn and entry.type not in {"tab", "subflow", "group"}
        )

    @cached_property
    def config_nodes(self) -> tuple[Entry, ...]:
        """The config nodes."""
        return tuple(
            entry
            for entry in self.entries.values()
            if not entry.is_drawn and entry.type not in {"tab", "subflow", "group"}
        )


def literal_text(text: str) -> str:
    """Return text for a document: Node-RED knows a variable only where it is the whole text."""
    return text if _REFERENCE.fullmatch(text) else text.replace("${", "$${")


def as_number(value: Any, default: float | None = None) -> float | str | None:
    """Return a value as a number, a variable as its reference, ``default`` for what is neither."""
    if isinstance(value, str) and _REFERENCE.fullmatch(value):
        return value
    try:
        number = float(value) if not isinstance(value, bool) else float("nan")
    except (TypeError, ValueError):
        return default
    if number != number or number in {float("inf"), float("-inf")}:  # noqa: PLR0124 - NaN is not itself
        return default
    return int(number) if number.is_integer() and abs(number) < _EXACT else number
