"""What became of every entry of an export, for people and for programs."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from flowengine_nodes.nodered.export import Entry


class Outcome(StrEnum):
    """What became of one entry.

    Attributes:
        CONVERTED: It does here what it did.
        DIFFERENT: It does nearly that; its notes say what is other.
        NOT_CONVERTIBLE: It needs work; its notes say what to do.
    """

    CONVERTED = "converted"
    DIFFERENT = "converted with a difference"
    NOT_CONVERTIBLE = "not convertible"


@dataclass
class Fate:
    """What became of one entry.

    Attributes:
        entry: The entry.
        outcome: How well it went.
        where: What it was in: the name of a tab or subflow, empty for config nodes.
        flow: Id of the flow that it is or is in, empty for none.
        node: Id of the node that it became, empty for none.
        resource: Id of the resource that it became, empty for none.
        notes: What is other, or what to do.
    """

    entry: Entry
    outcome: Outcome = Outcome.CONVERTED
    where: str = ""
    flow: str = ""
    node: str = ""
    resource: str = ""
    notes: list[str] = field(default_factory=list)

    def note(self, sentence: str, outcome: Outcome = Outcome.DIFFERENT) -> None:
        """Add a note; the worst outcome counts."""
        self.notes.append(sentence)
        if self.outcome is not Outcome.NOT_CONVERTIBLE:
            self.outcome = outcome

    def as_dict(self) -> dict[str, Any]:
        """Return this for programs."""
        return {
            "id": self.entry.id,
            "type": self.entry.type,
            "name": self.entry.name,
            "disabled": self.entry.is_disabled,
            "where": self.where,
            "outcome": self.outcome.value,
            "flow": self.flow,
            "node": self.node,
            "resource": self.resource,
            "notes": self.notes,
        }

    def __str__(self) -> str:
        entry = self.entry
        name = f' "{entry.name}"' if entry.name else ""
        became = self.node or self.resource or (self.flow if entry.type in {"tab", "subflow"} else "")
        disabled = " (disabled)" if entry.is_disabled else ""
        return f"{entry.type}{name}{f' → {became}' if became else ''}{disabled}: {self.outcome}"


@dataclass
class Report:
    """What became of an export.

    Attributes:
        fates: Of each entry.
        variables: Variables that somebody has to set, and what for.
    """

    fates: list[Fate] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        """Whether everything was converted."""
        return all(fate.outcome is not Outcome.NOT_CONVERTIBLE for fate in self.fates)

    @property
    def counts(self) -> dict[str, int]:
        """How many entries went how well."""
        counted = Counter(fate.outcome for fate in self.fates)
        return {outcome.value: counted[outcome] for outcome in Outcome}

    def as_dict(self) -> dict[str, Any]:
        """Return this for programs."""
        variables = [{"name": name, "purpose": purpose} for name, purpose in self.variables.items()]
        return {"counts": self.counts, "variables": variables, "nodes": [fate.as_dict() for fate in self.fates]}

    def lines(self) -> Iterator[str]:
        """Yield this for people, line by line."""
        where = None
        for fate in self.fates:
            if fate.where != where:
                where = fate.where
                yield f"{where or 'Config nodes'}:"
            yield f"  {fate}"
            yield from (f"      {note}" for note in fate.notes)
        if self.variables:
            yield "Set these variables, in the environment or in the file .env beside the folder:"
            yield from (f"  {name}  {purpose}" for name, purpose in self.variables.items())
