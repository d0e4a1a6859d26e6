"""Updates of devices."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select, and_, func, or_, select
from sqlalchemy import update as updating

from flowengine.node import Clock, Database
from flowengine_nodes.iiot.embedded.device_rows import device, presence
from flowengine_nodes.iiot.embedded.firmware import firmware, firmware_of
from flowengine_nodes.iiot.embedded.rollout_rows import rollout
from flowengine_nodes.iiot.embedded.schema import asked_by
from flowengine_nodes.iiot.embedded.update_reports import note_ends, take_reports
from flowengine_nodes.iiot.embedded.update_rows import (
    CHANGES,
    change,
    change_of,
    locked,
    portions,
    store_moves,
    update,
    update_of,
)
from flowengine_nodes.iiot.embedded.update_scheduling import schedule
from flowengine_nodes.iiot.ota.report import UpdateReport
from flowengine_nodes.iiot.ota.update_machine import Ignored, UpdateEvent, moved, timed_out
from flowengine_nodes.iiot.registry.bell import Bell
from flowengine_nodes.iiot.registry.device import Lifecycle
from flowengine_nodes.iiot.registry.errors import UnknownRecordError
from flowengine_nodes.iiot.registry.firmware import Firmware
from flowengine_nodes.iiot.registry.rollout import RolloutState
from flowengine_nodes.iiot.registry.update import Update, UpdateChange, UpdateState
from flowengine_nodes.iiot.registry.updates import (
    Notice,
    NoticeOutcome,
    NoticesUnderWay,
    Reported,
    Requested,
    UpdateFilter,
    UpdateRequest,
    UpdateTooLateError,
)

T = TypeVar("T")
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

    async def find(self, who: str, key: str) -> Update | None:
        """Return the newest update that somebody asked for with an idempotency key."""
        query = select(update).where(asked_by(update.c.requested_by, who), update.c.key == key)
        query = query.order_by(update.c.id.desc()).limit(1)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return None if row is None else update_of(row)

    async def history(self, id: str) -> Sequence[UpdateChange]:
        """Return all changes of an update's state, oldest first."""
        query = CHANGES.where(change.c.update == id).order_by(change.c.id)
        return await self._database.read(lambda connection: [change_of(row) for row in connection.execute(query)])

    async def request(self, request: UpdateRequest, who: str) -> Requested:
        """Schedule an update."""
        now = self._clock.time()
        return await self._write(lambda connection: schedule(connection, self._database, request, who, now))

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

        return await self._write(lambda connection: take_reports(connection, self._database, reports, now))

    async def recover(self) -> int:
        """Let notices be sent again that were on their way when a process died."""

        def work(connection: Connection) -> int:
            query = select(update.c.id).where(update.c.sending.is_(True))
            lost = [id for id in connection.execute(query).scalars() if id not in self.under_way]
            for some in portions(lost):
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
            for some in portions(failed):
                values = {"sending": False, "due_at": now + wait}
                connection.execute(updating(update).where(update.c.id.in_(some)).values(values))
            for some in portions(taken_back):
                values = {"sending": False, "taken_back": False}
                connection.execute(updating(update).where(update.c.id.in_(some)).values(values))
            for some in portions(sorted(told)):
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
            note_ends(connection, self._database, (after for _, after in moves))
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
            for some in portions(ids):
                connection.execute(updating(change).where(change.c.id.in_(some)).values(told=True))

        await self._database.write(work)

    async def _write(self, work: Callable[[Connection], T]) -> T:
        answer = await self._database.write(work)
        self.bell.ring()
        return answer

    async def _firmware(self, ids: set[str]) -> Sequence[Firmware]:
        query = select(firmware).where(firmware.c.id.in_(sorted(ids)))
        return await self._database.read(lambda connection: [firmware_of(row) for row in connection.execute(query)])


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
