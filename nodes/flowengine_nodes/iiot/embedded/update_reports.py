"""Taking over what devices report of updates, within a transaction."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, and_, select

from flowengine.node import Database
from flowengine_nodes.iiot.embedded.update_rows import (
    locked,
    note_versions,
    portions,
    store_moves,
    update,
    update_of,
)
from flowengine_nodes.iiot.ota.report import UpdateReport
from flowengine_nodes.iiot.ota.update_machine import Ignored, reported
from flowengine_nodes.iiot.registry.update import Update
from flowengine_nodes.iiot.registry.updates import Reported


def take_reports(
    connection: Connection, database: Database, reports: Sequence[UpdateReport], now: float
) -> list[Reported]:
    """Move updates on by what devices report, and return what became of each report.

    Args:
        connection: Connection inside the transaction.
        database: Takes the audit records of updates that end.
        reports: In the order in which they came.
        now: In seconds since 1970.
    """
    current: dict[str, Update] = {}
    for some in portions(sorted({report.device for report in reports})):
        running = locked(connection, and_(update.c.device.in_(some), update.c.ended_at.is_(None)))
        current.update((one.device, one) for one in running)
    before = dict(current)
    answers = []
    for report in reports:
        found = current.get(report.device)
        if report.update and (found is None or found.id != report.update):
            found = _named(connection, report)
        if found is None:
            answers.append(Reported(None, None, "unknown-update" if report.update else "no-update"))
            continue
        after = reported(found, report, now)
        if isinstance(after, Ignored):
            answers.append(Reported(found, found.state, after.reason))
            continue
        current[report.device] = after
        answers.append(Reported(after, found.state, ""))
    _store(connection, database, before, [one.update for one in answers if one.update and not one.reason], now)
    # What is said on the way may be old, and come again.
    versions = {one.device: one.version for one in reports if one.version and one.state is None}
    note_versions(connection, versions, now)
    return answers


def note_ends(connection: Connection, database: Database, updates: Iterable[Update]) -> None:
    """Add the updates that have ended to the audit trail."""
    for one in updates:
        if one.state.is_end:
            detail = {"update": one.id, "state": one.state, "version": one.version, "error": one.error_code}
            database.audit(connection, "engine", "update-end", one.device, detail)


def _store(
    connection: Connection, database: Database, before: dict[str, Update], waiting: list[Update], now: float
) -> None:
    # A device may say more than one thing in one batch: its history must tell each.
    while waiting:
        moves: dict[str, tuple[Update, Update]] = {}
        later = []
        for after in waiting:
            if after.device in moves:
                later.append(after)
            else:
                moves[after.device] = (before[after.device], after)
        store_moves(connection, list(moves.values()), now)
        note_ends(connection, database, (after for _, after in moves.values()))
        before.update({id: after for id, (_, after) in moves.items()})
        waiting = later


def _named(connection: Connection, report: UpdateReport) -> Update | None:
    query = select(update).where(update.c.id == report.update, update.c.device == report.device)
    row = connection.execute(query).first()
    return None if row is None else update_of(row)
