"""One entry that is being converted: what its converter may ask, and what it says."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias

from flowengine.errors import FlowEngineError
from flowengine.flow.duration import LONGEST, format_duration, parse_duration
from flowengine_nodes.nodered.export import Entry, as_number

_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}


class NotConvertibleError(FlowEngineError):
    """Nothing in flowengine does what an entry of Node-RED does.

    Args:
        reason: Why, as the beginning of a sentence.
        advice: What to do, as its end.
    """

    code = "not-convertible"

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(reason, advice)
        self.reason = reason
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.reason}: {self.advice}"


@dataclass(frozen=True)
class Converted:
    """What an entry becomes.

    Attributes:
        type: Node type.
        config: Its settings.
        ports: The port that each output of the entry has become, in their order.
        description: What to say of it beside what its author said.
        takes_messages: Whether wires may lead to it.
    """

    type: str
    config: dict[str, Any]
    ports: tuple[str, ...] = ("out",)
    description: str = ""
    takes_messages: bool = True


class Surroundings(Protocol):
    """What a converter may ask about the rest of the export."""

    def entry(self, id: str) -> Entry | None:
        """Return another entry by its id in Node-RED."""
        ...

    def node(self, id: str) -> str | None:
        """Return the id that another node of the same flow gets."""
        ...

    def members(self, group: str) -> list[str]:
        """Return the ids of the nodes that are in a group, or in one within it."""
        ...

    def has_inner_groups(self, group: str) -> bool:
        """Tell whether there are groups within a group."""
        ...

    def link(self, id: str) -> str | None:
        """Return the name of the entrance that a link-in node of any flow becomes."""
        ...

    def callers(self, id: str) -> list[str]:
        """Return the ids of the link-in nodes that say a link-out node leads to them."""
        ...

    def resource(self, id: str) -> str | None:
        """Return the id of the resource that a config node becomes."""
        ...

    def subflow(self, id: str) -> tuple[str, Entry] | None:
        """Return the id that a subflow gets, and its entry."""
        ...

    def variable(self, name: str, purpose: str) -> None:
        """Tell that somebody has to set a variable."""
        ...


@dataclass
class Case:
    """One entry that is being converted.

    Attributes:
        entry: The entry.
        around: The rest of the export.
        differences: What will be other than it was, as sentences without a final full stop.
    """

    entry: Entry
    around: Surroundings
    differences: list[str] = field(default_factory=list)

    def differ(self, sentence: str) -> None:
        """Say what will be other than it was."""
        if sentence not in self.differences:
            self.differences.append(sentence)

    def variable(self, suffix: str, purpose: str, *, optional: bool = False) -> str:
        """Return a reference to a variable that takes the place of a credential, which no export holds.

        Args:
            suffix: What the variable holds, such as ``PASSWORD``.
            purpose: The same for people.
            optional: Whether it may be left out.
        """
        words = re.sub(r"[^A-Z0-9]+", "_", (self.entry.name or self.entry.type).upper()).strip("_") or "NODE"
        name = f"{'_' if words[0].isdigit() else ''}{words}_{suffix}"
        self.around.variable(name, f"{purpose} of {self.entry.name or self.entry.type}")
        return f"${{{name}:-}}" if optional else f"${{{name}}}"

    def duration(self, value: Any, unit: str, default: float) -> str:
        """Return a length of time as documents have it.

        Args:
            value: A number, as text or not, or a variable.
            unit: Its unit: ms, s, m, h or d.
            default: What to take for anything else, in the same unit.

        Raises:
            NotConvertibleError: It is longer than any here.
        """
        number = as_number(value, default)
        return f"{number}{unit}" if isinstance(number, str) else _written((number or 0) * _UNITS[unit])


Converter: TypeAlias = Callable[[Case], Converted]
"""Converts the nodes of a type; raises `NotConvertibleError` where that would make something else of it."""


def _written(number: float) -> str:
    if number > LONGEST:
        raise NotConvertibleError("it waits for longer than 36500d", "set a shorter time")
    return format_duration(parse_duration(max(number, 0.0)))
