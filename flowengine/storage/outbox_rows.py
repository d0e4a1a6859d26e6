# ruff: noqa: S608 - statements are made of this package's own names; values are always bound
"""The outbox's statements that run for every message, in each database's own way."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple, Protocol

import orjson
from sqlalchemy import Connection

from flowengine.storage import schema
from flowengine.storage.rows import ById, Insert
from flowengine.storage.sqlite import driver

#: How many rows of a key come back when an earlier one is gone: about a claim's worth.
_UNPARKED = 100

insert = Insert(schema.outbox, "flow", "node", "key", "coalesce_key", "message", "meta", "created_at", "due_at")
_park = ById("UPDATE flowengine_outbox SET parked = 1 WHERE")

#: The row before this one of the same key; what has no key has none.
_BEFORE = """
CASE WHEN o.key = '' THEN NULL ELSE (
    SELECT max(b.id) FROM flowengine_outbox AS b
    WHERE b.flow = o.flow AND b.node = o.node AND b.key = o.key AND b.key <> '' AND b.id < o.id
) END
"""
#: Rows that wait for a time, or for the end of somebody's lease, and rows that are due as they came (a range, or
#: PostgreSQL might walk through all rows by id).
_WAITING = "o.due_at > 0 AND o.due_at <= {now} AND (o.claimed_by IS NULL OR o.claimed_by <> {me})"
_FRESH = "o.due_at <= 0"
_CANDIDATES = f"""
SELECT o.id AS id, {{size}} AS size, {_BEFORE} AS before FROM flowengine_outbox AS o
WHERE o.flow = {{flow}} AND o.node = {{node}} AND o.parked = 0 AND {{ready}}
ORDER BY o.due_at, o.id LIMIT {{limit}}
"""
_TAKE = """
UPDATE flowengine_outbox
SET attempts = attempts + CASE WHEN claimed_by IS NULL THEN 0 ELSE 1 END, claimed_by = {me}, due_at = {until}
WHERE id
"""


class Wish(NamedTuple):
    """What a process wants.

    Args:
        flow: Flow of the sink.
        node: The sink.
        worker: The process.
        now: Wall-clock time, in seconds.
        until: When the lease ends.
        limit: How many rows at most.
        most_bytes: About how many bytes at most.
    """

    flow: str
    node: str
    worker: str
    now: float
    until: float
    limit: int
    most_bytes: int


class Candidate(NamedTuple):
    """A row that may be claimed, if nothing of its key comes before it.

    Args:
        id: The row.
        size: Bytes of its message and meta.
        before: The row before it of the same key, whatever its state.
    """

    id: int
    size: int
    before: int | None


class TakenRow(NamedTuple):
    """A row as a claim reads it."""

    id: int
    key: str
    coalesce_key: str | None
    message: bytes
    meta: bytes
    created_at: float
    attempts: int
    last_error: str | None


class OutboxRows(Protocol):
    """Statements over outbox rows."""

    def lock(self, connection: Connection, flow: str, node: str) -> None:
        """Keep other claims of this node, and removals, waiting until the end of the transaction."""

    def candidates(self, connection: Connection, wish: Wish, limit: int, *, waiting: bool) -> Sequence[Candidate]:
        """Return rows that are due and not parked, oldest first: those that waited, or those just put."""
        ...

    def take(self, connection: Connection, ids: Collection[int], wish: Wish) -> list[TakenRow]:
        """Claim rows and return them, by id."""
        ...

    def park(self, connection: Connection, ids: Collection[int]) -> None:
        """Keep rows out of claims until an earlier row of their key is gone."""

    def remove(self, connection: Connection, ids: Collection[int]) -> bool:
        """Delete rows, and let rows of their keys back into claims.

        Returns:
            Whether there may be such rows.
        """
        ...


class SqliteRows:
    """On SQLite one transaction at a time writes, so that nothing needs a lock.

    Every answer is one row of JSON, because sqlite3 gives up the interpreter lock at every row.
    """

    _SIZE = "length(o.message) + length(o.meta)"
    # Left alone, SQLite looks for parked rows in the index that has all the others as well.
    _PARKED = "flowengine_outbox INDEXED BY flowengine_outbox_parked"

    def __init__(self) -> None:
        self._candidates = {
            waiting: "SELECT json_group_array(json_array(id, size, before)) FROM ("
            + _CANDIDATES.format(size=self._SIZE, flow="?", node="?", ready=ready.format(now="?", me="?"), limit="?")
            + ")"
            for waiting, ready in ((True, _WAITING), (False, _FRESH))
        }

    def lock(self, connection: Connection, flow: str, node: str) -> None:
        """Do nothing: the transaction is exclusive."""

    def candidates(self, connection: Connection, wish: Wish, limit: int, *, waiting: bool) -> Sequence[Candidate]:
        """Return rows that are due and not parked, oldest first."""
        queue = (wish.flow, wish.node)
        parameters = (*queue, wish.now, wish.worker, limit) if waiting else (*queue, limit)
        (found,) = driver(connection).execute(self._candidates[waiting], parameters).fetchone()
        return [Candidate(*row) for row in orjson.loads(found)]

    def take(self, connection: Connection, ids: Collection[int], wish: Wish) -> list[TakenRow]:
        """Claim rows and return them, by id."""
        execute = driver(connection).execute
        given = orjson.dumps(list(ids)).decode()
        execute(
            f"{_TAKE.format(me='?', until='?')} IN (SELECT value FROM json_each(?))",
            (wish.worker, wish.until, given),
        )
        (found,) = execute(
            "SELECT json_group_array(json_array("
            "id, key, coalesce_key, hex(message), hex(meta), created_at, attempts, last_error"
            ")) FROM flowengine_outbox WHERE id IN (SELECT value FROM json_each(?))",
            (given,),
        ).fetchone()
        rows = [
            TakenRow(id, key, coalesce_key, bytes.fromhex(message), bytes.fromhex(meta), *rest)
            for id, key, coalesce_key, message, meta, *rest in orjson.loads(found)
        ]
        return sorted(rows)

    def park(self, connection: Connection, ids: Collection[int]) -> None:
        """Keep rows out of claims until an earlier row of their key is gone."""
        _park(connection, ids)

    def remove(self, connection: Connection, ids: Collection[int]) -> bool:
        """Delete rows, and let rows of their keys back into claims."""
        execute = driver(connection).execute
        removal = "DELETE FROM flowengine_outbox WHERE id IN (SELECT value FROM json_each(?))"
        given = (orjson.dumps(list(ids)).decode(),)
        if execute(f"SELECT 1 FROM {self._PARKED} WHERE parked = 1 LIMIT 1").fetchone() is None:
            execute(removal, given)
            return False
        for queue in set(execute(f"{removal} RETURNING flow, node, key", given).fetchall()):
            execute(
                f"UPDATE flowengine_outbox SET parked = 0 WHERE id IN (SELECT id FROM {self._PARKED} "
                "WHERE flow = ? AND node = ? AND key = ? AND parked = 1 ORDER BY id LIMIT ?)",
                (*queue, _UNPARKED),
            )
        return True


class PostgresqlRows:
    """On PostgreSQL claims of one node come one after the other, and removals keep out of their way.

    Without that, a claim could park a row behind one that is being removed at the same moment, for ever.
    Claims hold their lock alone and removals share it; a claim skips rows that others have locked, so that it
    never waits while it holds its lock, and there is no deadlock.
    """

    _SIZE = "octet_length(o.message) + octet_length(o.meta)"
    _LOCK = "hashtextextended({}, 0)"

    def __init__(self) -> None:
        self._candidates = {
            waiting: _CANDIDATES.format(
                size=self._SIZE, flow="$1", node="$2", limit="$3", ready=ready.format(now="$4", me="$5")
            )
            + " FOR UPDATE OF o SKIP LOCKED"
            for waiting, ready in ((True, _WAITING), (False, _FRESH))
        }
        self._removal = ById("DELETE FROM flowengine_outbox WHERE", then="RETURNING flow, node, key")

    def lock(self, connection: Connection, flow: str, node: str) -> None:
        """Keep other claims of this node, and removals, waiting until the end of the transaction."""
        connection.exec_driver_sql(
            f"SELECT pg_advisory_xact_lock({self._LOCK.format('$1')})", (_lock_name(flow, node),)
        )

    def candidates(self, connection: Connection, wish: Wish, limit: int, *, waiting: bool) -> Sequence[Candidate]:
        """Return rows that are due and not parked, oldest first."""
        parameters = (wish.flow, wish.node, limit, *((wish.now, wish.worker) if waiting else ()))
        found = connection.exec_driver_sql(self._candidates[waiting], parameters)
        return [Candidate(*row) for row in found]

    def take(self, connection: Connection, ids: Collection[int], wish: Wish) -> list[TakenRow]:
        """Claim rows and return them, by id."""
        found = connection.exec_driver_sql(
            f"{_TAKE.format(me='$1', until='$2')} = ANY($3::int8[]) RETURNING "
            "id, key, coalesce_key, message, meta, created_at, attempts, last_error",
            (wish.worker, wish.until, list(ids)),
        )
        return sorted(TakenRow(*row) for row in found)

    def park(self, connection: Connection, ids: Collection[int]) -> None:
        """Keep rows out of claims until an earlier row of their key is gone."""
        _park(connection, ids)

    def remove(self, connection: Connection, ids: Collection[int]) -> bool:
        """Delete rows, and let rows of their keys back into claims."""
        queues = sorted({tuple(row) for row in self._removal(connection, ids) if row.key})
        if not queues:
            return False
        names = sorted({_lock_name(flow, node) for flow, node, _ in queues})
        connection.exec_driver_sql(
            f"SELECT pg_advisory_xact_lock_shared({self._LOCK.format('name')}) FROM unnest($1::text[]) AS name",
            (names,),
        )
        arrays: Sequence[Any] = [list(column) for column in zip(*queues, strict=True)]
        changed = connection.exec_driver_sql(
            """
            UPDATE flowengine_outbox SET parked = 0 WHERE id IN (
                SELECT waiting.id
                FROM unnest($1::text[], $2::text[], $3::text[]) AS gone(flow, node, key)
                CROSS JOIN LATERAL (
                    SELECT p.id FROM flowengine_outbox AS p
                    WHERE p.flow = gone.flow AND p.node = gone.node AND p.key = gone.key AND p.parked = 1
                    ORDER BY p.id LIMIT $4
                ) AS waiting
            )
            """,
            (*arrays, _UNPARKED),
        )
        return changed.rowcount > 0


def rows_of(dialect: str) -> OutboxRows:
    """Return the statements for a database.

    Args:
        dialect: SQLAlchemy's name of it.
    """
    return SqliteRows() if dialect == "sqlite" else PostgresqlRows()


def _lock_name(flow: str, node: str) -> str:
    return f"{flow}\x1f{node}"
