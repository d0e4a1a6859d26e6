"""Dead letters: messages that were given up, with all that is needed to try them again."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    delete,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    true,
    update,
)

from flowengine.storage import schema
from flowengine.storage.database import Database
from flowengine.storage.errors import MissingDeadLetterError
from flowengine.storage.letter import ALL, DeadLetter, Failure, LetterCount, LetterFilter, NewLetter, storable
from flowengine.storage.rows import Insert
from flowengine.storage.writer import Bulk, Done, Writer

_table = schema.dead_letter
_insert = Insert(
    _table,
    "flow",
    "node",
    "origin",
    "key",
    "message",
    "meta",
    "error_code",
    "error_text",
    "error_detail",
    "source_id",
    "attempts",
    "created_at",
    "failed_at",
)


class DeadLetters:
    """The messages that were given up.

    Args:
        database: Where they are.
        writer: Commits them.
        clock: Wall clock, in seconds.
        worker: Id of this process.
    """

    def __init__(self, database: Database, writer: Writer, clock: Callable[[], float], worker: str) -> None:
        self._database = database
        self._writer = writer
        self._clock = clock
        self._worker = worker
        self._put: Bulk[Sequence[Any]] = Bulk(0, _insert, grows=True)

    async def put(self, letter: NewLetter) -> None:
        """Store a letter durably.

        Raises:
            StorageError: It is not stored.
        """
        await self._writer.write(self._put, self._row(letter), len(letter.message))

    def put_nowait(self, letter: NewLetter, on_done: Done) -> None:
        """Store a letter with the next commit.

        Args:
            letter: The message and why it failed.
            on_done: Told when it is stored, or why not.

        Raises:
            StorageBacklogError: Too many writes wait.
        """
        self._writer.add(self._put, self._row(letter), on_done, len(letter.message))

    async def list(self, which: LetterFilter = ALL, *, before: int | None = None, limit: int = 50) -> list[DeadLetter]:
        """Return letters, newest first.

        Args:
            which: Which letters.
            before: Only letters with a smaller id: the last id of the page before.
            limit: How many at most.
        """
        query = self._letters().order_by(_table.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(_table.c.id < before)
        return await self._database.read(
            lambda connection: [
                _letter(row) for row in connection.execute(query.where(_where(connection, which))).mappings()
            ]
        )

    async def get(self, id: int) -> DeadLetter | None:
        """Return one letter, or ``None`` where there is none."""
        found = await self.list(LetterFilter(ids=[id]))
        return found[0] if found else None

    async def count(self, which: LetterFilter = ALL) -> int:
        """Return how many letters there are."""
        query = select(func.count()).select_from(_table)
        return await self._database.read(
            lambda connection: int(connection.execute(query.where(_where(connection, which))).scalar_one())
        )

    async def counts(self) -> Sequence[LetterCount]:
        """Return how many letters there are by flow, node and error code."""
        kinds = (_table.c.flow, _table.c.node, _table.c.error_code)
        query = select(*kinds, func.count()).group_by(*kinds).order_by(*kinds)
        return await self._database.read(lambda connection: [LetterCount(*row) for row in connection.execute(query)])

    async def edit(self, id: int, message: bytes) -> None:
        """Change a letter's message before it is replayed.

        Args:
            id: The letter.
            message: The new message, encoded.

        Raises:
            MissingDeadLetterError: There is none, or it is being replayed.
        """
        change = update(_table).where(_table.c.id == id, self._free()).values(message=message)
        if not await self._writer.call(lambda connection: connection.execute(change).rowcount):
            raise MissingDeadLetterError(id)

    async def take_for_replay(self, which: LetterFilter, limit: int = 100) -> Sequence[DeadLetter]:
        """Take letters to replay them, oldest first.

        A letter stays stored until :meth:`mark_replayed`. When this process dies before, it can be taken
        again, and then says in ``replays`` that it may have arrived already.

        Args:
            which: Which letters; those that somebody is replaying are left out.
            limit: How many at most.
        """
        return await self._writer.call(lambda connection: self._take(connection, which, limit))

    async def mark_replayed(self, ids: Collection[int]) -> None:
        """Remove letters that are safe elsewhere: settled by the flow, or in the outbox."""
        removal = delete(_table).where(_table.c.id.in_(ids))
        await self._writer.call(lambda connection: connection.execute(removal).rowcount)

    async def give_back(self, ids: Collection[int]) -> None:
        """Put taken letters back: they could not be replayed."""
        change = update(_table).where(_table.c.id.in_(ids), _table.c.taken_by == self._worker).values(taken_by=None)
        await self._writer.call(lambda connection: connection.execute(change).rowcount)

    async def requeue(self, which: LetterFilter) -> int:
        """Move letters that came from the outbox back into it, each exactly once.

        Args:
            which: Which letters; those that came from elsewhere, or that somebody is replaying, are left out.

        Returns:
            How many were moved.
        """
        moved = 0
        while some := await self._writer.call(lambda connection: self._requeue(connection, which)):
            moved += some
        return moved

    async def drop(self, which: LetterFilter) -> int:
        """Remove letters for good.

        Returns:
            How many there were.
        """
        return await self._writer.call(
            lambda connection: connection.execute(delete(_table).where(_where(connection, which))).rowcount
        )

    def bury(self, connection: Connection, id: int, failure: Failure) -> bool:
        """Copy a row that this process has claimed from the outbox, in the caller's transaction.

        Args:
            connection: Connection in a transaction.
            id: The outbox row.
            failure: Why it was given up.

        Returns:
            Whether there was such a row.
        """
        row = schema.outbox.c
        text = [literal(storable(part)) for part in (failure.code, failure.text, failure.detail.decode())]
        now = literal(self._clock())
        source = select(
            row.flow,
            row.node,
            literal("outbox"),
            row.key,
            row.message,
            row.meta,
            *text,
            literal(""),
            row.attempts + 1,
            row.created_at,
            now,
            literal(0),
        ).where(row.id == id, row.claimed_by == self._worker)
        columns = [column.name for column in _table.c if column.name not in {"id", "taken_by"}]
        return connection.execute(insert(_table).from_select(columns, source)).rowcount == 1

    def _row(self, letter: NewLetter) -> Sequence[Any]:
        now = self._clock()
        failure = letter.failure
        return (
            letter.flow,
            letter.node,
            letter.origin,
            letter.key,
            letter.message,
            letter.meta,
            storable(failure.code),
            storable(failure.text),
            storable(failure.detail.decode()),
            letter.source_id,
            letter.attempts,
            now,
            now,
        )

    def _letters(self) -> Select[Any]:
        shown = (column for column in _table.c if column.name != "taken_by")
        return select(*shown, not_(self._free()).label("taken"))

    def _free(self) -> ColumnElement[bool]:
        # What a dead process has taken is free again.
        return or_(_table.c.taken_by.is_(None), _table.c.taken_by.not_in(select(schema.worker.c.id)))

    def _take(self, connection: Connection, which: LetterFilter, limit: int) -> Sequence[DeadLetter]:
        query = (
            self._letters()
            .where(_where(connection, which), self._free())
            .order_by(_table.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=_table)
        )
        letters = [_letter(row) for row in connection.execute(query).mappings()]
        change = update(_table).where(_table.c.id.in_([letter.id for letter in letters]))
        connection.execute(change.values(taken_by=self._worker, replays=_table.c.replays + 1))
        return letters

    def _requeue(self, connection: Connection, which: LetterFilter) -> int:
        query = (
            select(_table.c.id)
            .where(_where(connection, which), self._free(), _table.c.origin == "outbox")
            .order_by(_table.c.id)
            .limit(1000)
            .with_for_update(skip_locked=True, of=_table)
        )
        ids = list(connection.execute(query).scalars())
        names = ["flow", "node", "key", "message", "meta", "created_at"]
        source = select(*(_table.c[name] for name in names), literal(0.0), literal(0), literal(0))
        source = source.where(_table.c.id.in_(ids)).order_by(_table.c.id)
        connection.execute(insert(schema.outbox).from_select([*names, "due_at", "attempts", "parked"], source))
        return connection.execute(delete(_table).where(_table.c.id.in_(ids))).rowcount


def _where(connection: Connection, which: LetterFilter) -> ColumnElement[bool]:
    row = _table.c
    wanted: list[ColumnElement[bool]] = [true()]
    if which.flow is not None:
        wanted.append(row.flow == which.flow)
    if which.node is not None:
        wanted.append(row.node == which.node)
    if which.code is not None:
        wanted.append(row.error_code == which.code)
    if which.ids is not None:
        wanted.append(row.id.in_(which.ids))
    if which.search is not None:
        sought = literal(which.search.encode(), schema.dead_letter.c.message.type)
        in_bytes = {
            "sqlite": func.instr(row.message, sought),
            "postgresql": func.position(sought.op("IN")(row.message)),
        }
        wanted.append(
            or_(in_bytes[connection.dialect.name] > 0, row.error_text.icontains(which.search, autoescape=True))
        )
    return and_(*wanted)


def _letter(row: RowMapping) -> DeadLetter:
    values: dict[str, Any] = {**row}
    values["taken"] = bool(values["taken"])
    values["error_detail"] = orjson.loads(values["error_detail"])
    return DeadLetter(**values)
