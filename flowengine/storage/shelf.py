"""The shelf: durable messages that nodes hold, such as the parts of a join or a delayed message."""

from collections.abc import Collection, Mapping, Sequence
from itertools import count
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, select, update

from flowengine.storage import schema
from flowengine.storage.rows import ById, Insert
from flowengine.storage.writer import Bulk, Done, Writer

_table = schema.shelf
_insert = Insert(_table, "id", "flow", "node", "key", "message", "meta", "due_at", "owner")
_remove = ById("DELETE FROM flowengine_shelf WHERE", array="text[]")


class ShelfEntry(NamedTuple):
    """A message to hold.

    Args:
        flow: Flow of the node.
        node: The node.
        message: The message, encoded.
        key: Group the message belongs to.
        due_at: When the node wants to do something with it, in seconds since 1970.
        meta: What the runtime keeps beside a message.
    """

    flow: str
    node: str
    message: bytes
    key: str = ""
    due_at: float | None = None
    meta: bytes = b""


class ShelvedRow(NamedTuple):
    """A message on the shelf."""

    id: str
    key: str
    message: bytes
    meta: bytes
    due_at: float | None


class Shelf:
    """Messages that nodes of this process hold.

    What a process holds is its own; when it ends, or has died and another has noticed, the next one to load
    takes it over.

    Args:
        writer: Commits them.
        worker: Id of this process.
    """

    def __init__(self, writer: Writer, worker: str) -> None:
        self._writer = writer
        self._worker = worker
        self._numbers = count(1)
        self._put: Bulk[tuple[Any, ...]] = Bulk(0, _insert, grows=True)
        self._remove: Bulk[Collection[str]] = Bulk(2, _remove_all)

    async def put(self, entry: ShelfEntry) -> str:
        """Store a message durably.

        Returns:
            Its id.

        Raises:
            StorageError: It is not stored.
        """
        id = self._new_id()
        await self._writer.write(self._put, self._row(id, entry), len(entry.message))
        return id

    def put_nowait(self, entry: ShelfEntry, on_done: Done) -> str:
        """Store a message with the next commit.

        Args:
            entry: The message.
            on_done: Told when it is stored, or why not.

        Returns:
            Its id, by which it can be removed even before it is stored.

        Raises:
            StorageBacklogError: Too many writes wait.
        """
        id = self._new_id()
        self._writer.add(self._put, self._row(id, entry), on_done, len(entry.message))
        return id

    async def load(
        self, flow: str, node: str, *, key: str | None = None, limit: int | None = None
    ) -> Sequence[ShelvedRow]:
        """Return what a node holds, in the order it was put, and take over what dead processes left.

        Args:
            flow: Flow of the node.
            node: The node.
            key: Group, where only one is asked for.
            limit: Return so many at the most.
        """
        row = _table.c
        query = select(row.id, row.key, row.message, row.meta, row.due_at).order_by(row.position).limit(limit)
        if key is not None:
            query = query.where(row.key == key)
        return [ShelvedRow(*found) for found in await self._held(flow, node, query)]

    async def counts(self, flow: str, node: str) -> Mapping[str, int]:
        """Return how many messages a node holds, by group, and take over what dead processes left.

        Args:
            flow: Flow of the node.
            node: The node.
        """
        key = _table.c.key
        found = await self._held(flow, node, select(key, func.count()).group_by(key))
        return dict(found)

    async def _held(self, flow: str, node: str, query: Select[*tuple[Any, ...]]) -> list[Any]:
        row = _table.c
        mine = (row.flow == flow, row.node == node)
        left = update(_table).where(*mine, row.owner.not_in(select(schema.worker.c.id))).values(owner=self._worker)
        query = query.where(*mine, row.owner == self._worker)

        def work(connection: Connection) -> list[Any]:
            connection.execute(left)
            return [tuple(found) for found in connection.execute(query)]

        return await self._writer.call(work)

    async def remove(self, ids: Collection[str]) -> None:
        """Remove messages."""
        await self._writer.write(self._remove, ids)

    def remove_nowait(self, ids: Collection[str], on_done: Done | None = None) -> None:
        """Remove messages with the next commit.

        Args:
            ids: Which.
            on_done: Told when they are removed, or why not.
        """
        self._writer.add(self._remove, ids, on_done)

    def _new_id(self) -> str:
        return f"{self._worker}-{next(self._numbers)}"

    def _row(self, id: str, entry: ShelfEntry) -> tuple[Any, ...]:
        flow, node, message, key, due_at, meta = entry
        return (id, flow, node, key, message, meta, due_at, self._worker)


def _remove_all(connection: Connection, groups: Sequence[Collection[str]]) -> None:
    _remove(connection, [id for ids in groups for id in ids])
