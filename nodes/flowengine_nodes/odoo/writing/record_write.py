"""Writes to single records, and how those of many messages become few."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flowengine.node import TransientError
from flowengine_nodes.odoo.writing.wanted import Record, Wanted


@dataclass(eq=False, slots=True)
class Part:
    """What one message wants of a record.

    Args:
        message: Number of the message.
        wanted: What it wants.
        by_domain: Whether a domain said that it is this record.

    Attributes:
        error: Why Odoo has not taken it.
    """

    message: int
    wanted: Wanted
    by_domain: bool
    error: BaseException | None = None


@dataclass(eq=False, slots=True)
class RecordWrite:
    """Values for one record.

    Args:
        record: The record.
        values: Values by field: of each field the newest.
        parts: What they are made of, oldest first.
    """

    record: Record
    values: dict[str, Any]
    parts: list[Part] = field(default_factory=list)

    @property
    def device(self) -> str:
        """Device that the newest values are of; empty where they are of none."""
        return self.parts[-1].wanted.device

    @property
    def at(self) -> str:
        """When the newest values were measured; empty where nobody said."""
        return self.parts[-1].wanted.at

    def fail(self, error: BaseException) -> None:
        """Say of all parts why they were not taken."""
        for part in self.parts:
            part.error = error


def merged(parts: Iterable[tuple[Record, Part]], *, coalesce: bool) -> list[RecordWrite]:
    """Return the writes that have the effect of all parts, one after the other.

    Args:
        parts: Records and what is wanted of them, oldest first.
        coalesce: One write a record, with the newest value of each field; else one for each part.
    """
    writes: dict[Record, RecordWrite] = {}
    every: list[RecordWrite] = []
    for record, part in parts:
        write = writes.get(record) if coalesce else None
        if write is None:
            write = RecordWrite(record, {})
            writes[record] = write
            every.append(write)
        write.values.update(part.wanted.values)
        write.parts.append(part)
    return every


def hold_back(writes: Sequence[RecordWrite], errors: list[BaseException | None]) -> None:
    """Have messages wait that touch a record after one that is tried again, so that no older value comes last.

    Args:
        writes: All writes.
        errors: What became of each message; changed.
    """
    if not any(isinstance(error, TransientError) for error in errors):
        return
    records: dict[int, set[Record]] = {}
    for write in writes:
        for part in write.parts:
            records.setdefault(part.message, set()).add(write.record)
    late: dict[Record, BaseException] = {}
    for message in sorted(records):
        error = errors[message]
        if error is None:
            found = next((late[record] for record in records[message] if record in late), None)
            errors[message] = error = found
        if isinstance(error, TransientError):
            late.update(dict.fromkeys(records[message], error))


def values_by_ids(writes: Sequence[RecordWrite]) -> list[tuple[Mapping[str, Any], list[RecordWrite]]]:
    """Return writes with equal values together."""
    groups: list[tuple[Mapping[str, Any], list[RecordWrite]]] = []
    places: dict[str, int] = {}
    for write in writes:
        # In their text, 1, 1.0 and true differ.
        text = repr(sorted(write.values.items(), key=lambda item: item[0]))
        if text not in places:
            places[text] = len(groups)
            groups.append((write.values, []))
        groups[places[text]][1].append(write)
    return groups
