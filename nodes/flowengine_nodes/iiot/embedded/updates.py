"""Updates of devices."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select, and_, func, or_, select
from sqlalchemy import update as updating

from flowengine.node import Clock, Database
from flowengine_nodes.iiot.embedded.device_rows import device, presence
from flowengine_nodes.iiot.embedded.devices import read_device
from flowengine_nodes.iiot.embedded.firmware import find_firmware, firmware, firmware_of, read_firmware
from flowengine_nodes.iiot.embedded.rollout_rows import rollout
from flowengine_nodes.iiot.embedded.update_rows import (
    CHANGES,
    change,
    change_of,
    insert_updates,
    locked,
    note_versions,
    store_moves,
    update,
    update_of,
)
from flowengine_nodes.iiot.ota.fitness import misfit
from flowengine_nodes.iiot.ota.report import UpdateReport
from flowengine_nodes.iiot.ota.update_machine import Ignored, UpdateEvent, moved, reported, timed_out
from flowengine_nodes.iiot.registry.bell import Bell
from flowengine_nodes.iiot.registry.device import Device, Lifecycle
from flowengine_nodes.iiot.registry.errors import UnknownRecordError
from flowengine_nodes.iiot.registry.firmware import Firmware
from flowengine_nodes.iiot.registry.record_id import new_id
from flowengine_nodes.iiot.registry.rollout import RolloutState
from flowengine_nodes.iiot.registry.update import Update, UpdateChange, UpdatePolicy, UpdateState
from flowengine_nodes.iiot.registry.updates import (
    MisfitError,
    Notice,
    NoticeOutcome,
    NoticesUnderWay,
    Reported,
    Requested,
    UpdateFilter,
    UpdateRequest,
    UpdateRunningError,
    UpdateTooLateError,
)

T = TypeVar("T")
# SQLite takes 32,766 values in a statement.
_MANY = 10_000
_POLL = 1.0
_LONGEST_REST = 3600.0
_WAITING = and_(update.c.state == UpdateState.SCHEDULED.value, update.c.sending.is_(False))
_IN_SERVICE = [one.value for one in Lifecycle if one.takes_part]
# A paused rollout holds back those of its updates that have not begun.
_HELD = and_(
    update.c.state == UpdateState.SCHEDULED.value,
    update.c.rollout.is_not(None),
    update.c.rollout.in_(select(rollout.c.id).where(rollout.c.state == RolloutState.PAUSED.value)),
)


class EmbeddedUpdates:
    """All updates.

    Args:
        database: Where they are.
        clock: Tells the time of changes.

    Attributes:
        bell: Rings whenever an update changes in this process.
        under_way: Notices that this process is sending.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self.bell = Bell()
        self.under_way = NoticesUnderWay()
        self._database = database
        self._clock = clock

    async def get(self, id: str) -> Update:
        """Return an update.

        Raises:
            UnknownRecordError: There is none.
        """
        query = select(update).where(update.c.id == id)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        if row is None:
            raise UnknownRecordError("update", id)
        return update_of(row)

    async def list(self, which: UpdateFilter, *, before: str = "", limit: int = 100) -> Sequence[Update]:
        """Return updates, newest first."""
        query = select(update).order_by(update.c.id.desc()).limit(limit)
        for column, wanted in ((update.c.device, which.device), (update.c.rollout, which.rollout)):
            if wanted is not None:
                query = query.where(column == wanted)
        if which.state is not None:
            query = query.where(update.c.state == which.state.value)
        if which.running is not None:
            query = query.where(update.c.ended_at.is_(None) == which.running)
        if before:
            query = query.where(update.c.id < before)
        return await self._database.read(lambda connection: [update_of(row) for row in connection.execute(query)])

    async def history(self, id: str) -> Sequence[UpdateChange]:
        """Return all changes of an update's state, oldest first."""
        query = CHANGES.where(change.c.update == id).order_by(change.c.id)
        return await self._database.read(lambda connection: [change_of(row) for row in connection.execute(query)])

    async def request(self, request: UpdateRequest, who: str) -> Requested:
        """Schedule an update."""
        now = self._clock.time()

        def work(connection: Connection) -> Requested:
            # Two processes that are asked for the same device come one after the other.
            connection.execute(select(device.c.id).where(device.c.id == request.device).with_for_update())
            known = _known(connection, who, request.key)
            if known is not None:
                return Requested(known, is_new=False)
            wanted = read_device(connection, request.device)
            chosen = _chosen(connection, request, wanted)
            problem = misfit(chosen, wanted, again=request.again)
            if problem is not None:
                raise MisfitError(problem.message, code=problem.code)
            running = connection.execute(
                select(update.c.id).where(update.c.device == wanted.id, update.c.ended_at.is_(None))
            ).scalar()
            if running is not None:
                raise UpdateRunningError(wanted.id, running)
            scheduled = new_update(wanted, chosen, request.policy, now, who)
            scheduled = replace(scheduled, id=request.id or scheduled.id, key=request.key)
            insert_updates(connection, [scheduled])
            detail = {"update": scheduled.id, "firmware": chosen.id, "version": chosen.version}
            self._database.audit(connection, who, "update-request", wanted.id, detail)
            return Requested(scheduled, is_new=True)

        return await self._write(work)

    async def cancel(self, id: str, who: str) -> Update:
        """Cancel an update; one that is cancelled already stays so."""
        now = self._clock.time()

        def work(connection: Connection) -> Update:
            found = locked(connection, update.c.id == id)
            if not found:
                raise UnknownRecordError("update", id)
            before = found[0]
            if before.state is UpdateState.CANCELLED:
                return before
            after = moved(before, UpdateEvent.CANCEL, now)
            if isinstance(after, Ignored):
                raise UpdateTooLateError(id, before.state)
            store_moves(connection, [(before, after)], now)
            self._database.audit(connection, who, "update-cancel", after.device, {"update": id})
            return after

        return await self._write(work)

    async def report(self, reports: Sequence[UpdateReport]) -> Sequence[Reported]:
        """Take over what devices have reported, in one transaction."""
        now = self._clock.time()

        def work(connection: Connection) -> list[Reported]:
            devices = sorted({report.device for report in reports})
            current: dict[str, Update] = {}
            for some in _portions(devices):
                condition = and_(update.c.device.in_(some), update.c.ended_at.is_(None))
                current.update((one.device, one) for one in locked(connection, condition))
            before = dict(current)
            answers = []
            # What is said on the way may be old, and come again.
            versions = {one.device: one.version for one in reports if one.version and one.state is None}
            for report in reports:
                running = current.get(report.device)
                found = running
                if report.update and (running is None or running.id != report.update):
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
            # A device may say more than one thing in one batch: its history must tell each.
            self._store(connection, before, answers, now)
            note_versions(connection, versions, now)
            return answers

        return await self._write(work)

    async def recover(self) -> int:
        """Let notices be sent again that were on their way when a process died."""

        def work(connection: Connection) -> int:
            query = select(update.c.id).where(update.c.sending.is_(True))
            lost = [id for id in connection.execute(query).scalars() if id not in self.under_way]
            for some in _portions(lost):
                connection.execute(updating(update).where(update.c.id.in_(some)).values(sending=False))
            return len(lost)

        return await self._database.write(work)

    async def due(self, limit: int) -> Sequence[Notice]:
        """Take notices whose time has come, and count each as sent once more."""
        now = self._clock.time()

        query = _due(now, limit)

        def work(connection: Connection) -> Sequence[Row[Any]]:
            ids = connection.execute(query).scalars().all()
            connection.execute(
                updating(update).where(update.c.id.in_(ids)).values(sending=True, copies=update.c.copies + 1)
            )
            full = (
                select(update, device.c.profile)
                .join(device, device.c.id == update.c.device)
                .where(update.c.id.in_(ids))
                .order_by(update.c.due_at, update.c.id)
            )
            return connection.execute(full).all()

        # Nothing is written where nothing is due.
        if await self._database.read(lambda connection: connection.execute(query.limit(1)).first()) is None:
            return ()
        rows = await self._database.write(work)
        known = {one.id: one for one in await self._firmware({row.firmware for row in rows})}
        return [
            Notice(one, None if one.state.is_end else known.get(one.firmware), row.profile)
            for row, one in ((row, update_of(row)) for row in rows)
        ]

    async def settle(self, outcomes: Sequence[NoticeOutcome], wait: float) -> None:
        """Store how telling devices went."""
        if not outcomes:
            return
        now = self._clock.time()
        told = {one.update: one for one in outcomes if one.is_told and not one.cancels}
        taken_back = [one.update for one in outcomes if one.is_told and one.cancels]
        failed = [one.update for one in outcomes if not one.is_told]

        def work(connection: Connection) -> None:
            for some in _portions(failed):
                values = {"sending": False, "due_at": now + wait}
                connection.execute(updating(update).where(update.c.id.in_(some)).values(values))
            for some in _portions(taken_back):
                values = {"sending": False, "taken_back": False}
                connection.execute(updating(update).where(update.c.id.in_(some)).values(values))
            for some in _portions(sorted(told)):
                moves = []
                for before in locked(connection, update.c.id.in_(some)):
                    after = moved(before, UpdateEvent.NOTIFIED, now)
                    if before.attempt == told[before.id].attempt and isinstance(after, Update):
                        moves.append((before, after))
                store_moves(connection, moves, now)
                connection.execute(updating(update).where(update.c.id.in_(some)).values(sending=False))

        await self._write(work)

    async def expire(self, limit: int) -> int:
        """End stays in a state that were too long."""
        now = self._clock.time()
        late = and_(update.c.ended_at.is_(None), update.c.deadline <= now, ~_HELD)

        def work(connection: Connection) -> int:
            moves = []
            for before in locked(connection, late, limit):
                after = timed_out(before, now)
                assert isinstance(after, Update)
                moves.append((before, after))
            store_moves(connection, moves, now)
            self._note_ends(connection, (after for _, after in moves))
            return len(moves)

        any_late = select(update.c.id).where(late).limit(1)
        if await self._database.read(lambda connection: connection.execute(any_late).first()) is None:
            return 0
        return await self._write(work)

    async def rest(self) -> float:
        """Return the seconds for which there is nothing to do, unless the bell rings before: at least one."""
        if self._database.shared:
            # Other processes cannot ring.
            return _POLL

        def work(connection: Connection) -> float | None:
            due = select(func.min(update.c.due_at)).where(_WAITING)
            late = select(func.min(update.c.deadline)).where(update.c.ended_at.is_(None))
            times = [connection.execute(query).scalar() for query in (due, late)]
            return min((at for at in times if at is not None), default=None)

        soonest = await self._database.read(work)
        return _LONGEST_REST if soonest is None else min(max(soonest - self._clock.time(), _POLL), _LONGEST_REST)

    async def untold(self, limit: int) -> Sequence[UpdateChange]:
        """Return changes that nobody was told of, oldest first."""
        query = CHANGES.where(change.c.told.is_(False)).order_by(change.c.id).limit(limit)
        return await self._database.read(lambda connection: [change_of(row) for row in connection.execute(query)])

    async def told(self, ids: Sequence[int]) -> None:
        """Note that changes were told."""

        def work(connection: Connection) -> None:
            for some in _portions(ids):
                connection.execute(updating(change).where(change.c.id.in_(some)).values(told=True))

        await self._database.write(work)

    async def _write(self, work: Callable[[Connection], T]) -> T:
        answer = await self._database.write(work)
        self.bell.ring()
        return answer

    async def _firmware(self, ids: set[str]) -> Sequence[Firmware]:
        query = select(firmware).where(firmware.c.id.in_(sorted(ids)))
        return await self._database.read(lambda connection: [firmware_of(row) for row in connection.execute(query)])

    def _store(self, connection: Connection, first: dict[str, Update], answers: Sequence[Reported], now: float) -> None:
        before = dict(first)
        waiting = [one.update for one in answers if one.update is not None and not one.reason]
        while waiting:
            moves: dict[str, tuple[Update, Update]] = {}
            later = []
            for after in waiting:
                if after.device in moves:
                    later.append(after)
                else:
                    moves[after.device] = (before[after.device], after)
            store_moves(connection, list(moves.values()), now)
            self._note_ends(connection, (after for _, after in moves.values()))
            before.update({id: after for id, (_, after) in moves.items()})
            waiting = later

    def _note_ends(self, connection: Connection, updates: Any) -> None:
        for one in updates:
            if one.state.is_end:
                detail = {"update": one.id, "state": one.state, "version": one.version, "error": one.error_code}
                self._database.audit(connection, "engine", "update-end", one.device, detail)


def new_update(wanted: Device, chosen: Firmware, policy: UpdatePolicy, now: float, who: str) -> Update:
    """Return a new update of a device, scheduled at once."""
    return Update(
        id=new_id(now),
        device=wanted.id,
        firmware=chosen.id,
        version=chosen.version,
        previous=wanted.firmware,
        policy=policy,
        requested_by=who,
        created_at=now,
        changed_at=now,
        due_at=now,
        deadline=now + policy.timeouts.scheduled,
    )


def _known(connection: Connection, who: str, key: str | None) -> Update | None:
    if key is None:
        return None
    row = connection.execute(select(update).where(update.c.requested_by == who, update.c.key == key)).first()
    return None if row is None else update_of(row)


def _chosen(connection: Connection, request: UpdateRequest, wanted: Device) -> Firmware:
    if request.firmware:
        return read_firmware(connection, request.firmware)
    found = find_firmware(connection, request.version, wanted.hardware)
    if found is None:
        raise UnknownRecordError("firmware", request.version)
    return found


def _named(connection: Connection, report: UpdateReport) -> Update | None:
    query = select(update).where(update.c.id == report.update, update.c.device == report.device)
    row = connection.execute(query).first()
    return None if row is None else update_of(row)


def _due(now: float, limit: int) -> Select[tuple[str]]:
    there = or_(presence.c.online.is_(None), presence.c.online.is_(True))
    tellable = and_(
        update.c.state == UpdateState.SCHEDULED.value,
        update.c.due_at <= now,
        device.c.lifecycle.in_(_IN_SERVICE),
        ~_HELD,
    )
    return (
        select(update.c.id)
        .join(device, device.c.id == update.c.device)
        .outerjoin(presence, presence.c.device == update.c.device)
        .where(update.c.sending.is_(False), there, or_(tellable, update.c.taken_back.is_(True)))
        .order_by(update.c.due_at)
        .limit(limit)
    )


def _portions(ids: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (ids[start : start + _MANY] for start in range(0, len(ids), _MANY))
