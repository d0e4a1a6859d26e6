"""The audit trail: who did what to what, and when."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, select

from flowengine.storage import schema
from flowengine.storage.database import Database
from flowengine.storage.rows import Insert
from flowengine.storage.writer import Bulk, Writer

_table = schema.audit
_insert = Insert(_table, "at", "who", "what", "subject", "detail")


class AuditRecord(NamedTuple):
    """One thing that somebody did.

    Args:
        id: Its number; newer records have larger ones.
        at: When, in seconds since 1970.
        who: User, token or part of the system.
        what: The action, as a word: "deploy", "replay", "command".
        subject: What it was done to.
        detail: JSON: facts, and the result.
    """

    id: int
    at: float
    who: str
    what: str
    subject: str
    detail: Any


class Audit:
    """Records are only ever added.

    Args:
        database: Where they are.
        writer: Commits them.
        clock: Wall clock, in seconds.
    """

    def __init__(self, database: Database, writer: Writer, clock: Callable[[], float]) -> None:
        self._database = database
        self._writer = writer
        self._clock = clock
        self._append: Bulk[tuple[Any, ...]] = Bulk(0, _insert)

    async def append(self, who: str, what: str, subject: str, detail: Any = None) -> None:
        """Add a record durably.

        Args:
            who: User, token or part of the system.
            what: The action, as a word.
            subject: What it was done to.
            detail: JSON.

        Raises:
            StorageError: It is not stored.
        """
        await self._writer.write(self._append, self._row(who, what, subject, detail))

    def add(self, connection: Connection, who: str, what: str, subject: str, detail: Any = None) -> None:
        """Add a record within a transaction.

        Args:
            connection: Connection inside the transaction.
            who: User, token or part of the system.
            what: The action, as a word.
            subject: What it was done to.
            detail: JSON.
        """
        _insert(connection, [self._row(who, what, subject, detail)])

    def add_many(self, connection: Connection, who: str, done: Sequence[tuple[str, str, Any]]) -> None:
        """Add many records within a transaction.

        Args:
            connection: Connection inside the transaction.
            who: User, token or part of the system.
            done: The action, what it was done to, and the detail, of each.
        """
        if done:
            _insert(connection, [self._row(who, *one) for one in done])

    def _row(self, who: str, what: str, subject: str, detail: Any) -> tuple[Any, ...]:
        return (self._clock(), who, what, subject, orjson.dumps(detail).decode())

    async def list(
        self,
        *,
        who: str | None = None,
        what: str | None = None,
        subject: str | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> Sequence[AuditRecord]:
        """Return records, newest first.

        Args:
            who: Only of this user.
            what: Only this action.
            subject: Only done to this.
            before: Only records with a smaller id: the last id of the page before.
            limit: How many at most.
        """
        query = select(_table).order_by(_table.c.id.desc()).limit(limit)
        for column, wanted in ((_table.c.who, who), (_table.c.what, what), (_table.c.subject, subject)):
            if wanted is not None:
                query = query.where(column == wanted)
        if before is not None:
            query = query.where(_table.c.id < before)
        return await self._database.read(
            lambda connection: [
                AuditRecord(row.id, row.at, row.who, row.what, row.subject, orjson.loads(row.detail))
                for row in connection.execute(query)
            ]
        )
