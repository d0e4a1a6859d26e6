# ruff: noqa: S608 - statements are made of this package's own names; values are always bound
"""The outbox's statements that run for every message, in each database's own way."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple, Protocol

import orjson
from sqlalchemy import Connection

from flowengine.storage import schema
from flowengine.storage.outbox_lot import Lot, LotRow, insert_alike
from flowengine.storage.rows import ById, Insert
from flowengine.storage.sqlite import driver

#: How many rows of a key come back when an earlier one is gone: about a claim's worth.
_UNPARKED = 100

insert = Insert(
    schema.outbox,
    *("flow", "node", "key", "message", "meta", "created_at", "due_at", "claimed_by"),
)
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
SELECT o.id AS id, {{size}} AS size, {_BEFORE} AS before, o.crashes AS crashes FROM flowengine_outbox AS o
WHERE o.flow = {{flow}} AND o.node = {{node}} AND o.parked = 0 AND {{ready}}
ORDER BY o.due_at, o.id LIMIT {{limit}}
"""
_TAKE = """
UPDATE flowengine_outbox
SET crashes = crashes + CASE WHEN claimed_by IS NULL THEN 0 ELSE 1 END, claimed_by = {me}, due_at = {until}
WHERE id
"""


#: Whether rows wait that could be claimed, which what has just come must not overtake for ever (those that are claimed
#: are due when their lease ends); and the keys, of some, of which somebody else has a row, or nobody.
_BEFORE_LOT = """
SELECT
    EXISTS (SELECT 1 FROM flowengine_outbox WHERE flow = ? AND node = ? AND parked = 0 AND due_at <= ?),
    (SELECT json_group_array(k.value) FROM json_each(?) AS k WHERE EXISTS (
        SELECT 1 FROM flowengine_outbox AS o
        WHERE o.flow = ? AND o.node = ? AND o.key = k.value AND o.key <> '' AND o.claimed_by IS NOT ?
    ))
"""


#: Whether there is a row of the sink that a process has not.
_ELSE = "SELECT EXISTS (SELECT 1 FROM flowengine_outbox WHERE flow = ? AND node = ? AND claimed_by IS NOT ?)"


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
        held: How many rows the process has of the sink already.
        frugal: Whether to change few rows, as there is little room on the disk.
    """

    flow: str
    node: str
    worker: str
    now: float
    until: float
    limit: int
    most_bytes: int
    held: int = 0
    frugal: bool = False


class Candidate(NamedTuple):
    """A row that may be claimed, if nothing of its key comes before it.

    Args:
        id: The row.
        size: Bytes of its message and meta.
        before: The row before it of the same key, whatever its state.
        crashes: How often a process died while it had the row.
    """

    id: int
    size: int
    before: int | None
    crashes: int


class Claimed(NamedTuple):
    """A message that this process is to send.

    Args:
        id: Its row.
        created_at: When it was put, in seconds since 1970.
        attempts: How often it was tried before.
        last_error: What went wrong then.
        crashes: How often a process died, or let the lease end, while it had the row.
    """

    id: int
    key: str
    message: bytes
    meta: bytes
    created_at: float
    attempts: int
    last_error: str | None
    crashes: int = 0


class OutboxRows(Protocol):
    """Statements over outbox rows."""

    def put(self, connection: Connection, lots: Sequence[Lot]) -> None:
        """Insert messages, and claim those that their process wants and may have."""

    def lock(self, connection: Connection, flow: str, node: str) -> None:
        """Keep other claims of this node, and removals, waiting until the end of the transaction."""

    def candidates(self, connection: Connection, wish: Wish, limit: int, *, waiting: bool) -> Sequence[Candidate]:
        """Return rows that are due and not parked, oldest first: those that waited, or those just put."""
        ...

    def take(self, connection: Connection, ids: Collection[int], wish: Wish) -> list[Claimed]:
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
            waiting: "SELECT json_group_array(json_array(id, size, before, crashes)) FROM ("
            + _CANDIDATES.format(size=self._SIZE, flow="?", node="?", ready=ready.format(now="?", me="?"), limit="?")
            + ")"
            for waiting, ready in ((True, _WAITING), (False, _FRESH))
        }

    def put(self, connection: Connection, lots: Sequence[Lot]) -> None:
        """Insert messages, and claim those that their process wants and may have."""
        plain: list[LotRow] = []
        for lot in lots:
            # A transaction that was rolled back may have given some.
            lot.given, lot.is_clear = (), False
            if not lot.wanted and len(lot.entries) == 1:
                plain += lot.rows()
                continue
            if plain:
                insert(connection, plain)
                plain = []
            claimed = self._claimed(connection, lot) if lot.wanted else None
            ids = insert_alike(connection, lot, claimed=claimed is not None) if claimed is None or all(claimed) else ()
            ids = ids or insert(connection, lot.rows(claimed))
            if claimed is not None:
                lot.given = [id if ours else 0 for id, ours in zip(ids, claimed, strict=True)]
                lot.is_clear = lot.asks and all(claimed) and self._has_all(connection, lot)
        if plain:
            insert(connection, plain)

    def _claimed(self, connection: Connection, lot: Lot) -> list[bool] | None:
        """Return which messages of a lot its process gets; ``None`` for none of them."""
        begun = lot.begun
        if begun == len(lot.entries):
            return [True] * begun
        keys = orjson.dumps(list(lot.keys())).decode()
        queue = (lot.flow, lot.node)
        execute = driver(connection).execute
        waits, found = execute(_BEFORE_LOT, (*queue, lot.now, keys, *queue, lot.hold.worker)).fetchone()
        if waits and not begun:
            return None
        kept_back = set(orjson.loads(found))
        wanted = begun if waits else lot.wanted
        return [
            place < begun or (place < wanted and entry.key not in kept_back) for place, entry in enumerate(lot.entries)
        ]

    def _has_all(self, connection: Connection, lot: Lot) -> bool:
        (has_others,) = driver(connection).execute(_ELSE, (lot.flow, lot.node, lot.hold.worker)).fetchone()
        return not has_others

    def lock(self, connection: Connection, flow: str, node: str) -> None:
        """Do nothing: the transaction is exclusive."""

    def candidates(self, connection: Connection, wish: Wish, limit: int, *, waiting: bool) -> Sequence[Candidate]:
        """Return rows that are due and not parked, oldest first."""
        queue = (wish.flow, wish.node)
        parameters = (*queue, wish.now, wish.worker, limit) if waiting else (*queue, limit)
        (found,) = driver(connection).execute(self._candidates[waiting], parameters).fetchone()
        return [Candidate(*row) for row in orjson.loads(found)]

    def take(self, connection: Connection, ids: Collection[int], wish: Wish) -> list[Claimed]:
        """Claim rows and return them, by id."""
        execute = driver(connection).execute
        given = orjson.dumps(list(ids)).decode()
        execute(
            f"{_TAKE.format(me='?', until='?')} IN (SELECT value FROM json_each(?))",
            (wish.worker, wish.until, given),
        )
        (found,) = execute(
            "SELECT json_group_array(json_array("
            "id, key, hex(message), hex(meta), created_at, attempts, last_error, crashes"
            ")) FROM flowengine_outbox WHERE id IN (SELECT value FROM json_each(?))",
            (given,),
        ).fetchone()
        rows = [
            Claimed(id, key, bytes.fromhex(message), bytes.fromhex(meta), *rest)
            for id, key, message, meta, *rest in orjson.loads(found)
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

    def put(self, connection: Connection, lots: Sequence[Lot]) -> None:
        """Insert messages and claim none: what other processes insert at this moment cannot be seen."""
        insert(connection, [row for lot in lots for row in lot.rows()])

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

    def take(self, connection: Connection, ids: Collection[int], wish: Wish) -> list[Claimed]:
        """Claim rows and return them, by id."""
        found = connection.exec_driver_sql(
            f"{_TAKE.format(me='$1', until='$2')} = ANY($3::int8[]) RETURNING "
            "id, key, message, meta, created_at, attempts, last_error, crashes",
            (wish.worker, wish.until, list(ids)),
        )
        return sorted(Claimed(*row) for row in found)

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
