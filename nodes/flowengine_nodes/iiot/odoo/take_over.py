"""Taking over what Odoo says has changed: a page in one transaction, with the place where the next one begins."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Table, delete, insert, select, update

from flowengine.node import Database, NodeError, TransientError
from flowengine_nodes.iiot.embedded.automation import check_rule, rule_table, save_rule
from flowengine_nodes.iiot.embedded.copy_rows import copy_table, order_table, unfit_table
from flowengine_nodes.iiot.embedded.device_rows import device as device_table
from flowengine_nodes.iiot.embedded.device_rows import device_of
from flowengine_nodes.iiot.embedded.devices import (
    check_addition,
    delete_device,
    difference,
    insert_device,
    replace_device,
)
from flowengine_nodes.iiot.embedded.firmware import check_removal as check_firmware_removal
from flowengine_nodes.iiot.embedded.firmware import firmware as firmware_table
from flowengine_nodes.iiot.embedded.firmware import firmware_of, insert_firmware
from flowengine_nodes.iiot.embedded.firmware import row_of as firmware_row
from flowengine_nodes.iiot.embedded.profiles import check_removal as check_profile_removal
from flowengine_nodes.iiot.embedded.profiles import delete_profile, profile_table, save_profile
from flowengine_nodes.iiot.embedded.revision import raise_revision
from flowengine_nodes.iiot.embedded.schema import replacing
from flowengine_nodes.iiot.embedded.token_rows import token_table
from flowengine_nodes.iiot.embedded.update_rows import update as update_table
from flowengine_nodes.iiot.odoo.lifecycle import merged
from flowengine_nodes.iiot.odoo.records import (
    KINDS,
    Item,
    read_device,
    read_firmware,
    read_profile,
    read_rule,
    read_token,
    read_update,
)
from flowengine_nodes.iiot.registry.device import Device, Lifecycle
from flowengine_nodes.iiot.registry.errors import DuplicateRecordError, UnknownRecordError
from flowengine_nodes.iiot.registry.tokens import TokenState
from flowengine_nodes.iiot.registry.wanted_update import WantedUpdate

WHO: Final = "Odoo"

# A token goes forward only: open, used, void.
_AGE: Final = {state: number for number, state in enumerate((TokenState.OPEN, TokenState.USED, TokenState.VOID))}
_TABLES: Final[Mapping[str, Table]] = {
    "profile": profile_table,
    "device": device_table,
    "token": token_table,
    "firmware": firmware_table,
    "rule": rule_table,
    "update": order_table,
}


@dataclass(frozen=True, kw_only=True)
class Place:
    """How far a copy has come.

    Args:
        source: Id of the database that it is of.
        cursor: Where the next page begins.
    """

    source: str
    cursor: Any


@dataclass
class Taken:
    """What became of a page.

    Attributes:
        revision: Revision of the changes.
        changed: What has changed, as lines for the audit trail.
        unfit: Why records were not taken over, by kind and id.
    """

    revision: int
    changed: list[tuple[str, str, Any]] = field(default_factory=list)
    unfit: dict[tuple[str, str], str] = field(default_factory=dict)


class OvertakenError(TransientError):
    """The copy has changed while a page was on its way: it must be asked for anew."""

    code = "overtaken"

    def __init__(self) -> None:
        super().__init__("the copy of Odoo's records has changed while news was on its way; it is asked for anew")


def read_place(connection: Connection) -> Place | None:
    """Return how far the copy has come; ``None`` if there is none yet."""
    row = connection.execute(select(copy_table)).first()
    return None if row is None else Place(source=row.source, cursor=orjson.loads(row.cursor))


def write_place(connection: Connection, place: Place, now: float) -> None:
    """Note how far the copy has come, within a transaction."""
    row = {"id": 1, "source": place.source, "cursor": orjson.dumps(place.cursor).decode(), "taken_at": now}
    connection.execute(replacing(connection.dialect.name, copy_table), row)


def taking_over(
    database: Database, items: Sequence[Item], before: Place | None, after: Place | None, since: int | None, now: float
) -> Callable[[Connection], Taken]:
    """Return work that takes over a page.

    What does not fit yet, because it refers to something that is not there, say, is kept and tried again each time.

    Args:
        database: Takes the lines for the audit trail.
        items: What has changed.
        before: Where the page begins.
        after: Where the next one does; ``None`` to leave that open.
        since: Revision of the copy when the page was asked for; ``None`` where it does not matter.
        now: In seconds since 1970.

    Raises:
        OvertakenError: Another process was faster, or a device has changed here since.
    """

    def work(connection: Connection) -> Taken:
        at = raise_revision(connection)
        if read_place(connection) != before:
            raise OvertakenError
        if since is not None and _has_changed(connection, [one.id for one in items if one.kind == "device"], since):
            raise OvertakenError
        taken = Taken(at)
        wanted = _with_unfit(connection, items)
        _make_room(connection, wanted)
        for item in wanted:
            _take(connection, item, taken, now)
        _note_unfit(connection, wanted, taken)
        if taken.changed:
            database.audit_many(connection, WHO, taken.changed)
        if after is not None:
            write_place(connection, after, now)
        return taken

    return work


def _has_changed(connection: Connection, ids: Sequence[str], since: int) -> bool:
    changed = set(connection.execute(select(device_table.c.id).where(device_table.c.revision > since)).scalars())
    return not changed.isdisjoint(ids)


def _with_unfit(connection: Connection, items: Sequence[Item]) -> list[Item]:
    """Return what is to be done, in an order in which it can be: from leaves to roots what goes, then what comes."""
    found = {(item.kind, item.id): item for item in items}
    for row in connection.execute(select(unfit_table)):
        document = None if row.document is None else orjson.loads(row.document)
        found.setdefault((row.kind, row.id), Item(row.kind, row.id, document))
    gone = sorted((one for one in found.values() if one.document is None), key=_order, reverse=True)
    there = sorted((one for one in found.values() if one.document is not None), key=_order)
    # A profile goes when the devices that had it have another one.
    early = [one for one in gone if one.kind != "profile"]
    late = [one for one in gone if one.kind == "profile"]
    return [*early, *there, *late]


def _order(item: Item) -> int:
    return KINDS.index(item.kind)


def _note_unfit(connection: Connection, wanted: Sequence[Item], taken: Taken) -> None:
    connection.execute(delete(unfit_table))
    rows = [
        {
            "kind": one.kind,
            "id": one.id,
            "document": None if one.document is None else orjson.dumps(one.document).decode(),
            "why": taken.unfit[one.kind, one.id],
        }
        for one in wanted
        if (one.kind, one.id) in taken.unfit
    ]
    if rows:
        connection.execute(insert(unfit_table), rows)


def _make_room(connection: Connection, wanted: Iterable[Item]) -> None:
    """Let devices that change their serial numbers let go of the old ones: they may swap them."""
    serials = {one.id: str(one.document["serial"]) for one in wanted if one.kind == "device" and one.document}
    for id, serial in _stored_serials(connection, serials):
        if serials[id] != serial:
            statement = update(device_table).where(device_table.c.id == id).values(serial=f"#{id}#{serial}")
            connection.execute(statement)


def _stored_serials(connection: Connection, ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    wanted = sorted(ids)
    for start in range(0, len(wanted), 10_000):
        query = select(device_table.c.id, device_table.c.serial).where(
            device_table.c.id.in_(wanted[start : start + 10_000])
        )
        yield from ((row.id, row.serial) for row in connection.execute(query).all())


def _take(connection: Connection, item: Item, taken: Taken, now: float) -> None:
    take = (_REMOVALS if item.document is None else _TAKES)[item.kind]
    try:
        line = take(connection, item, taken.revision, now)
    except NodeError as error:
        taken.unfit[item.kind, item.id] = str(error)
    else:
        if line is not None:
            taken.changed.append((line[0], item.id, line[1]))


_Line = tuple[str, Any] | None


def _take_profile(connection: Connection, item: Item, at: int, now: float) -> _Line:
    return ("profile-save", None) if save_profile(connection, read_profile(item), at, now) else None


def _take_rule(connection: Connection, item: Item, at: int, now: float) -> _Line:
    rule = read_rule(item)
    check_rule(connection, rule)
    return ("automation-save", None) if save_rule(connection, rule, now) else None


def _take_device(connection: Connection, item: Item, at: int, now: float) -> _Line:
    said = read_device(item)
    row = connection.execute(select(device_table).where(device_table.c.id == item.id)).first()
    if row is None:
        check_addition(connection, said)
        insert_device(connection, replace(said, created_at=now, updated_at=now), at)
        return "device-add", None
    old = device_of(row)
    _check_references(connection, said)
    resumes_as = None if row.resumes_as is None else Lifecycle(row.resumes_as)
    new = replace(
        said,
        lifecycle=merged(said.lifecycle, old.lifecycle, resumes_as),
        # What a device runs is heard at the bridge first.
        firmware=old.firmware or said.firmware,
        groups=old.groups if set(old.groups) == set(said.groups) else said.groups,
        created_at=old.created_at,
        updated_at=old.updated_at,
    )
    if new == old:
        return None
    what = difference(old, new)
    replace_device(connection, old, replace(new, updated_at=now), at)
    return "device-change", what


def _check_references(connection: Connection, said: Device) -> None:
    if connection.execute(select(profile_table.c.id).where(profile_table.c.id == said.profile)).first() is None:
        raise UnknownRecordError("profile", said.profile)
    query = select(device_table.c.id).where(device_table.c.serial == said.serial, device_table.c.id != said.id)
    if connection.execute(query).first() is not None:
        raise DuplicateRecordError("device", "serial", said.serial)


def _take_token(connection: Connection, item: Item, at: int, now: float) -> _Line:
    said = read_token(item)
    if connection.execute(select(device_table.c.id).where(device_table.c.id == said.device)).first() is None:
        raise UnknownRecordError("device", said.device)
    row = connection.execute(select(token_table).where(token_table.c.id == said.id)).first()
    values = {**said.model_dump(), "state": said.state.value}
    if row is None:
        connection.execute(insert(token_table), values)
        return "token-add", {"device": said.device, "state": said.state.value}
    if _AGE[TokenState(row.state)] > _AGE[said.state]:
        return None
    if row.used_at is not None and row.request == said.request:
        values["used_at"] = row.used_at
    if all(getattr(row, name) == value for name, value in values.items()):
        return None
    connection.execute(update(token_table).where(token_table.c.id == said.id).values(values))
    if row.state == said.state.value:
        return None
    return "token-change", {"device": said.device, "state": [row.state, said.state.value]}


def _take_firmware(connection: Connection, item: Item, at: int, now: float) -> _Line:
    said = read_firmware(item)
    row = connection.execute(select(firmware_table).where(firmware_table.c.id == item.id)).first()
    if row is None:
        insert_firmware(connection, replace(said, created_at=said.created_at or now))
        return "firmware-add", {"version": said.version, "sha256": said.sha256, "key_id": said.key_id}
    old = firmware_of(row)
    new = replace(said, created_at=old.created_at)
    if not new.signature and new.sha256 == old.sha256:
        # The bridge has signed what came unsigned.
        new = replace(new, signature=old.signature, key_id=old.key_id)
    if new == old:
        return None
    connection.execute(update(firmware_table).where(firmware_table.c.id == item.id).values(firmware_row(new)))
    return "firmware-change", {"version": new.version, "sha256": new.sha256}


def _take_update(connection: Connection, item: Item, at: int, now: float) -> _Line:
    wanted = read_update(item)
    # What has come by an event is here already.
    known = select(update_table.c.id).where(update_table.c.key == item.id, update_table.c.requested_by == wanted.who)
    if connection.execute(known).first() is None:
        row = {"id": item.id, "document": orjson.dumps(item.document).decode()}
        connection.execute(replacing(connection.dialect.name, order_table), row)
    return None


def _remove_update(connection: Connection, item: Item, at: int, now: float) -> _Line:
    connection.execute(delete(order_table).where(order_table.c.id == item.id))
    return None


def _remove_profile(connection: Connection, item: Item, at: int, now: float) -> _Line:
    if not _is_there(connection, item):
        return None
    check_profile_removal(connection, item.id)
    delete_profile(connection, item.id, at)
    return "profile-remove", None


def _remove_device(connection: Connection, item: Item, at: int, now: float) -> _Line:
    if not _is_there(connection, item):
        return None
    delete_device(connection, item.id, at)
    return "device-remove", None


def _remove_firmware(connection: Connection, item: Item, at: int, now: float) -> _Line:
    if not _is_there(connection, item):
        return None
    check_firmware_removal(connection, item.id)
    return _remove(connection, item, at, now)


def _remove(connection: Connection, item: Item, at: int, now: float) -> _Line:
    table = _TABLES[item.kind]
    removed = connection.execute(delete(table).where(table.c.id == item.id)).rowcount
    return (f"{_WORDS.get(item.kind, item.kind)}-remove", None) if removed else None


def _is_there(connection: Connection, item: Item) -> bool:
    table = _TABLES[item.kind]
    return connection.execute(select(table.c.id).where(table.c.id == item.id)).first() is not None


def read_orders(connection: Connection) -> Sequence[WantedUpdate]:
    """Return updates that Odoo wants and that were not asked for yet."""
    return [WantedUpdate.model_validate_json(row.document) for row in connection.execute(select(order_table))]


def forget_order(connection: Connection, key: str) -> None:
    """Forget an update that was asked for, within a transaction.

    Args:
        connection: Connection inside the transaction.
        key: Its idempotency key.
    """
    connection.execute(delete(order_table).where(order_table.c.id == key))


def read_unfit(connection: Connection) -> Sequence[tuple[str, str, str]]:
    """Return what does not fit: kind, id, and why."""
    return [(row.kind, row.id, row.why) for row in connection.execute(select(unfit_table))]


_WORDS: Final = {"rule": "automation"}
_TAKES: Final = {
    "profile": _take_profile,
    "device": _take_device,
    "token": _take_token,
    "firmware": _take_firmware,
    "rule": _take_rule,
    "update": _take_update,
}
_REMOVALS: Final = {
    "profile": _remove_profile,
    "device": _remove_device,
    "token": _remove,
    "firmware": _remove_firmware,
    "rule": _remove,
    "update": _remove_update,
}
