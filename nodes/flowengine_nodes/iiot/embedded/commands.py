"""Commands; every step of one is an atomic write, together with its record in the audit trail."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import orjson
from sqlalchemy import ColumnElement, Connection, Row, Select, delete, exists, func, select, update

from flowengine.node import Database
from flowengine_nodes.iiot.embedded.command_rows import command, command_of, is_unreported, row_of
from flowengine_nodes.iiot.embedded.device_rows import device, presence
from flowengine_nodes.iiot.embedded.schema import inserting
from flowengine_nodes.iiot.registry.command import (
    ANSWERABLE,
    Command,
    CommandState,
    IdempotencyConflictError,
    QueueLimitError,
)
from flowengine_nodes.iiot.registry.commands import Added, Answer, Answered, CommandFilter, Outcome, UnderWay
from flowengine_nodes.iiot.registry.device import Lifecycle
from flowengine_nodes.iiot.registry.errors import UnknownRecordError

T = TypeVar("T")

_SYSTEM = "commands"
_TAKING_PART = tuple(state.value for state in Lifecycle if state.takes_part)


class EmbeddedCommands:
    """All commands.

    Args:
        database: Where they are.

    Attributes:
        changed: Set whenever a command changes in this process.
        under_way: What this process is sending.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.changed = asyncio.Event()
        self.under_way = UnderWay()

    async def get(self, id: str) -> Command:
        """Return a command.

        Raises:
            UnknownRecordError: There is none.
        """
        # PostgreSQL has no text with a null character in it.
        found = None if "\0" in id else await self._one(select(command).where(command.c.id == id))
        if found is None:
            raise UnknownRecordError("command", id)
        return found

    async def find(self, who: str, key: str) -> Command | None:
        """Return the command that somebody asked for with an idempotency key."""
        return await self._one(select(command).where(command.c.who == who, command.c.key == key))

    async def list(self, which: CommandFilter, *, before: str = "", limit: int = 100) -> Sequence[Command]:
        """Return commands, newest first."""
        query = select(command).order_by(command.c.number.desc()).limit(limit)
        if which.device is not None:
            query = query.where(command.c.device == which.device)
        if states := [state.value for state in which.states]:
            query = query.where(command.c.state.in_(states))
        if which.action is not None:
            query = query.where(command.c.action == which.action)
        if before:
            query = query.where(
                command.c.number < select(command.c.number).where(command.c.id == before).scalar_subquery()
            )
        return await self._many(query)

    async def add(self, added: Command, *, most_waiting: int) -> Added:
        """Store a new command, and put it in the place of those that it supersedes.

        Raises:
            UnknownRecordError: There is no such device.
            IdempotencyConflictError: The key is taken by a command with another digest.
            QueueLimitError: Too many wait.
        """

        def work(connection: Connection) -> Added:
            if connection.execute(select(device.c.id).where(device.c.id == added.device)).first() is None:
                raise UnknownRecordError("device", added.device)
            statement = inserting(connection.dialect.name, command).values(row_of(added))
            made = connection.execute(
                statement.on_conflict_do_nothing(index_elements=["who", "key"]).returning(command.c.number)
            ).scalar()
            if made is None:
                older = select(command).where(command.c.who == added.who, command.c.key == added.key)
                return Added(command_of(connection.execute(older).one()), is_new=False)
            self._make_room(connection, added, made, most_waiting)
            detail = {"command": added.id, "action": added.action, "params": added.params, "source": added.source}
            self._database.audit(connection, added.who, "command", added.device, {**detail, "result": "accepted"})
            return Added(added, is_new=True)

        done = await self._write(work)
        if not done.is_new and done.command.digest != added.digest:
            raise IdempotencyConflictError(added.key or "", done.command.id)
        return done

    async def refuse(self, who: str, device: str, detail: Any) -> None:
        """Note in the audit trail that a request was refused."""
        await self._database.write(
            lambda connection: self._database.audit(connection, who, "command", device, {**detail, "result": "refused"})
        )

    async def claim(self, now: float, limit: int, *, interval: float, one_at_a_time: bool) -> Sequence[Command]:
        """Move the commands whose turn it is to ``sent`` and count the attempt; at most one of each device."""
        due = _due(now, limit, interval, one_at_a_time=one_at_a_time)
        # Found outside of the write: most looks find nothing, and only one process sends.
        ids = await self._database.read(lambda connection: connection.execute(due).scalars().all())
        if not ids:
            return []
        statement = (
            update(command)
            .where(command.c.id.in_(ids), command.c.state == CommandState.QUEUED.value)
            .values(
                state=CommandState.SENT.value,
                attempts=command.c.attempts + 1,
                sent_at=now,
                deadline=command.c.expires_at,
                revision=command.c.revision + 1,
            )
            .returning(*command.c)
        )

        def work(connection: Connection) -> list[Command]:
            return [command_of(row) for row in sorted(connection.execute(statement), key=lambda row: row.number)]

        return await self._database.write(work)

    async def recover(self, now: float, known: Iterable[str]) -> int:
        """Put back what was on its way when a process died."""
        left_out = frozenset(known)

        def work(connection: Connection) -> int:
            sent = connection.execute(select(command.c.id).where(command.c.state == CommandState.SENT.value)).scalars()
            lost = [id for id in sent if id not in left_out]
            return sum(
                self._move(connection, id, CommandState.QUEUED, next_at=now, code="interrupted") is not None
                for id in lost
            )

        return await self._write(work)

    async def settle(self, outcomes: Sequence[Outcome], now: float, waits: Sequence[float]) -> None:
        """Store how sending went."""

        def work(connection: Connection) -> None:
            for id, attempt, code in outcomes:
                current = command.c.attempts == attempt
                if not code:
                    self._delivered(connection, id, current, now)
                elif attempt <= len(waits):
                    next_at = now + waits[attempt - 1]
                    self._move(connection, id, CommandState.QUEUED, current, next_at=next_at, code=code)
                else:
                    self._end(connection, id, CommandState.UNKNOWN, now, code, current)

        if outcomes:
            await self._write(work)

    async def expire(self, now: float, limit: int = 1000) -> int:
        """End the commands whose deadline has passed; return how many there were."""
        late = (
            select(command.c.id, command.c.state, command.c.attempts)
            .where(command.c.deadline <= now)
            .order_by(command.c.deadline)
            .limit(limit)
        )

        def work(connection: Connection) -> int:
            ended = 0
            for id, state, attempts in connection.execute(late).all():
                if state == CommandState.QUEUED.value and not attempts:
                    to, code = CommandState.EXPIRED, "expired"
                elif state in {CommandState.QUEUED.value, CommandState.SENT.value}:
                    to, code = CommandState.UNKNOWN, "expired"
                else:
                    to, code = CommandState.TIMED_OUT, "no-answer"
                ended += self._end(connection, id, to, now, code, command.c.deadline <= now)
            return ended

        if not await self._database.read(lambda connection: connection.execute(late.limit(1)).first()):
            return 0
        return await self._write(work)

    async def answer(self, device: str, answer: Answer, now: float) -> Answered:
        """Store what a device said."""

        def work(connection: Connection) -> Answered:
            found = _asked(connection, device, answer.id)
            if isinstance(found, Answered):
                if found.effect == "wrong-device":
                    detail = {"command": answer.id, "result": "refused", "code": found.effect}
                    self._database.audit(connection, f"device {device}", "command-answer", device, detail)
                return found
            values: dict[str, Any] = {"code": answer.code, "result": orjson.dumps(answer.result).decode()}
            if answer.state.is_end:
                values |= {"ended_at": now, "deadline": None}
            else:
                wait = found.response_timeout
                values |= {"acknowledged_at": now, "deadline": now + wait if wait else found.expires_at}
            moved = self._move(connection, found.id, answer.state, **values)
            if moved is None:
                return Answered("repeated", command_of(found))
            if answer.state.is_end:
                self._audit_end(connection, moved, f"device {device}")
            return Answered("moved", command_of(moved))

        return await self._write(work)

    async def unreported(self, limit: int) -> Sequence[Command]:
        """Return commands that have changed since somebody last reported it, longest unreported first."""
        return await self._many(select(command).where(is_unreported).order_by(command.c.number).limit(limit))

    async def reported(self, id: str, revision: int) -> None:
        """Note that a change was reported."""
        statement = update(command).where(command.c.id == id, command.c.reported < revision).values(reported=revision)
        await self._database.write(lambda connection: connection.execute(statement).rowcount)

    async def purge(self, before: float, limit: int = 1000) -> int:
        """Forget commands that ended before a time and were reported; return how many there were."""
        old = select(command.c.number).where(command.c.ended_at < before, ~is_unreported).limit(limit)
        statement = delete(command).where(command.c.number.in_(old.scalar_subquery()))
        return await self._database.write(lambda connection: connection.execute(statement).rowcount)

    def _make_room(self, connection: Connection, added: Command, number: int, most_waiting: int) -> None:
        waiting = [command.c.device == added.device, command.c.state == CommandState.QUEUED.value]
        if added.supersede is not None:
            older = select(command.c.id).where(
                *waiting, command.c.supersede == added.supersede, command.c.number < number
            )
            for id in connection.execute(older).scalars().all():
                self._end(connection, id, CommandState.SUPERSEDED, added.created_at, added.id)
        count = connection.execute(select(func.count()).select_from(command).where(*waiting)).scalar() or 0
        if count > most_waiting:
            raise QueueLimitError(added.device, most_waiting)

    def _delivered(self, connection: Connection, id: str, current: ColumnElement[bool], now: float) -> None:
        moved = self._move(connection, id, CommandState.DELIVERED, current, delivered_at=now, code="")
        if moved is None:
            return
        if moved.response_timeout:
            deadline = now + moved.response_timeout
            connection.execute(update(command).where(command.c.id == id).values(deadline=deadline))
        else:
            self._end(connection, id, CommandState.UNKNOWN, now, "no-answer-expected")

    def _end(
        self,
        connection: Connection,
        id: str,
        to: CommandState,
        now: float,
        code: str,
        only: ColumnElement[bool] | None = None,
    ) -> bool:
        moved = self._move(connection, id, to, only, ended_at=now, deadline=None, code=code)
        if moved is not None:
            self._audit_end(connection, moved, _SYSTEM)
        return moved is not None

    def _audit_end(self, connection: Connection, row: Row[Any], who: str) -> None:
        detail = {"command": row.id, "action": row.action, "result": row.state, "code": row.code}
        self._database.audit(connection, who, "command-end", row.device, detail)

    @staticmethod
    def _move(
        connection: Connection, id: str, to: CommandState, only: ColumnElement[bool] | None = None, **values: Any
    ) -> Row[Any] | None:
        """Move a command, if it is where such a step begins; return it as it is then."""
        statement = update(command).where(
            command.c.id == id, command.c.state.in_([source.value for source in to.sources])
        )
        if only is not None:
            statement = statement.where(only)
        changed = statement.values(state=to.value, revision=command.c.revision + 1, **values).returning(*command.c)
        return connection.execute(changed).first()

    async def _write(self, work: Callable[[Connection], T]) -> T:
        done = await self._database.write(work)
        self.changed.set()
        return done

    async def _one(self, query: Select[Any]) -> Command | None:
        found = await self._many(query)
        return found[0] if found else None

    async def _many(self, query: Select[Any]) -> Sequence[Command]:
        return await self._database.read(lambda connection: [command_of(row) for row in connection.execute(query)])


def _due(now: float, limit: int, interval: float, *, one_at_a_time: bool) -> Select[tuple[str]]:
    """Return a query for the ids of the commands whose turn it is."""
    before = command.alias("before")
    blocking = [CommandState.QUEUED.value, CommandState.SENT.value]
    if one_at_a_time:
        blocking += [CommandState.DELIVERED.value, CommandState.ACKNOWLEDGED.value]
    query = (
        select(command.c.id)
        .join(device, device.c.id == command.c.device)
        .outerjoin(presence, presence.c.device == command.c.device)
        .where(
            command.c.state == CommandState.QUEUED.value,
            command.c.next_at <= now,
            command.c.expires_at > now,
            device.c.lifecycle.in_(_TAKING_PART),
            presence.c.online.is_(None) | presence.c.online.is_(True),
            ~exists().where(
                before.c.device == command.c.device,
                before.c.state.in_(blocking),
                before.c.number < command.c.number,
            ),
        )
        .order_by(command.c.number)
        .limit(limit)
    )
    if interval:
        recent = command.alias("recent")
        query = query.where(~exists().where(recent.c.device == command.c.device, recent.c.sent_at > now - interval))
    return query


def _asked(connection: Connection, device: str, id: str | None) -> Row[Any] | Answered:
    """Return the command that an answer is about, or why there is none."""
    if id is not None and "\0" in id:
        return Answered("unknown-command", None)
    if id is not None:
        row = connection.execute(select(command).where(command.c.id == id).with_for_update()).first()
        if row is None:
            return Answered("unknown-command", None)
        return row if row.device == device else Answered("wrong-device", None)
    at_work = select(command).where(
        command.c.device == device, command.c.state.in_([state.value for state in ANSWERABLE])
    )
    rows = connection.execute(at_work.limit(2).with_for_update()).all()
    if not rows:
        return Answered("no-open-command", None)
    return rows[0] if len(rows) == 1 else Answered("ambiguous-response", None)
