"""State: JSON values of nodes, flows and the whole engine."""

import asyncio
import math
import secrets
from collections import deque
from collections.abc import Callable, Sequence
from functools import cache, partial
from importlib import import_module
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, and_, delete, select, update

from flowengine.storage import schema
from flowengine.storage.database import Database
from flowengine.storage.errors import StateSizeError, StateValueError
from flowengine.storage.rows import Insert
from flowengine.storage.writer import Bulk, Done, Writer

MOST_BYTES = 1024 * 1024

_table = schema.state
_upsert = Insert(
    _table,
    "flow",
    "node",
    "key",
    "value",
    "version",
    then="ON CONFLICT (flow, node, key) DO UPDATE SET value = excluded.value, version = excluded.version",
)


class Scope(NamedTuple):
    """Whose values: a node's, a flow's, or everybody's.

    Args:
        flow: The flow; empty for everybody's.
        node: The node; empty for the flow's.
    """

    flow: str = ""
    node: str = ""


class _Name(NamedTuple):
    """A value's place."""

    flow: str
    node: str
    key: str


class _Setting(NamedTuple):
    """A value to be set, or to be removed."""

    name: _Name
    value: bytes | None


class _Version(NamedTuple):
    """A value as it was read, as JSON; both ``None`` when there was none."""

    value: bytes | None
    version: int | None


class _Change(NamedTuple):
    """A change that waits for those before it."""

    function: Callable[[Any], Any]
    default: Any
    future: asyncio.Future[Any]


class State:
    """Values by scope and key.

    Args:
        database: Where they are.
        writer: Commits them.
        most_bytes: How large a value may be, as JSON.
    """

    def __init__(self, database: Database, writer: Writer, most_bytes: int = MOST_BYTES) -> None:
        self._database = database
        self._writer = writer
        self._most_bytes = most_bytes
        self._set: Bulk[_Setting] = Bulk(1, _write)
        self._changes: dict[_Name, deque[_Change]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def get(self, scope: Scope, key: str, default: Any = None) -> Any:
        """Return a value as it is on disk.

        Args:
            scope: Whose.
            key: Its name.
            default: What to return where there is none.
        """
        found = await self._read(_Name(*scope, key))
        return default if found.value is None else orjson.loads(found.value)

    async def load(self, scope: Scope) -> dict[str, Any]:
        """Return all values of a scope."""
        query = select(_table.c.key, _table.c.value).where(_table.c.flow == scope.flow, _table.c.node == scope.node)
        return await self._database.read(
            lambda connection: {key: orjson.loads(value) for key, value in connection.execute(query)}
        )

    async def load_flow(self, flow: str) -> dict[str, dict[str, Any]]:
        """Return all values of a flow: of each node by its id, of the flow itself by an empty one."""
        query = select(_table.c.node, _table.c.key, _table.c.value).where(_table.c.flow == flow)

        def work(connection: Connection) -> dict[str, dict[str, Any]]:
            found: dict[str, dict[str, Any]] = {}
            for node, key, value in connection.execute(query):
                found.setdefault(node, {})[key] = orjson.loads(value)
            return found

        return await self._database.read(work)

    async def keys(self, scope: Scope) -> Sequence[str]:
        """Return the names of all values of a scope, in order."""
        query = select(_table.c.key).where(_table.c.flow == scope.flow, _table.c.node == scope.node)
        return await self._database.read(lambda connection: sorted(connection.execute(query).scalars()))

    async def set(self, scope: Scope, key: str, value: Any) -> None:
        """Store a value.

        Raises:
            StateValueError: It is not JSON.
            StateSizeError: It is too large.
            StorageError: It is not stored.
        """
        encoded = self._encoded(key, value)
        await self._writer.write(self._set, _Setting(_Name(*scope, key), encoded), len(encoded))

    def set_nowait(self, scope: Scope, key: str, value: Any, on_done: Done | None = None) -> None:
        """Store a value with the next commit.

        Args:
            scope: Whose.
            key: Its name.
            value: JSON.
            on_done: Told when it is stored, or why not.

        Raises:
            StateValueError: It is not JSON.
            StateSizeError: It is too large.
            StorageBacklogError: Too many writes wait.
        """
        encoded = self._encoded(key, value)
        self._writer.add(self._set, _Setting(_Name(*scope, key), encoded), on_done, len(encoded))

    async def delete(self, scope: Scope, key: str) -> None:
        """Remove a value; harmless where there is none."""
        await self._writer.write(self._set, _Setting(_Name(*scope, key), None))

    async def clear(self, scope: Scope) -> None:
        """Remove all values of a scope."""
        removal = delete(_table).where(_table.c.flow == scope.flow, _table.c.node == scope.node)
        await self._writer.call(lambda connection: connection.execute(removal).rowcount)

    async def update(self, scope: Scope, key: str, function: Callable[[Any], Any], default: Any = None) -> Any:
        """Change a value atomically, across processes too.

        Changes of one value that come together are written together.

        Args:
            scope: Whose.
            key: Its name.
            function: Takes the old value and returns the new; runs in the event loop, again when another
                process has changed the value meanwhile.
            default: The old value where there is none.

        Returns:
            The new value.

        Raises:
            StateValueError: The new value is not JSON.
            StateSizeError: It is too large.
            StorageError: It is not stored.
        """
        name = _Name(*scope, key)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        waiting = self._changes.get(name)
        if waiting is None:
            waiting = self._changes[name] = deque()
            task = asyncio.create_task(self._work_off(name, waiting), name=f"state-{key}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        waiting.append(_Change(function, default, future))
        return await future

    async def _work_off(self, name: _Name, waiting: deque[_Change]) -> None:
        known: _Version | None = None
        while waiting:
            together = list(waiting)
            waiting.clear()
            try:
                known = await self._apply(name, together, known)
            except Exception as error:  # noqa: BLE001 - the callers hear of it
                known = None
                for change in together:
                    _answer(change.future, error)
        del self._changes[name]

    async def _apply(self, name: _Name, together: Sequence[_Change], known: _Version | None) -> _Version:
        while True:
            old = known or await self._read(name)
            encoded = old.value
            changed = False
            answers: list[Any] = []
            for change in together:
                try:
                    before = change.default if encoded is None else orjson.loads(encoded)
                    after = change.function(before)
                    encoded = self._encoded(name.key, after)
                except Exception as error:  # noqa: BLE001 - this caller hears of it, the others go on
                    answers.append(error)
                else:
                    answers.append(after)
                    changed = True
            new = _Version(encoded, _new_version()) if changed else old
            if not changed or await self._writer.call(partial(_swap, name=name, old=old, new=new)):
                for change, answer in zip(together, answers, strict=True):
                    _answer(change.future, answer)
                return new
            known = None

    async def _read(self, name: _Name) -> _Version:
        query = select(_table.c.value, _table.c.version).where(_is(name))
        row = await self._database.read(lambda connection: connection.execute(query).one_or_none())
        return _Version(None, None) if row is None else _Version(bytes(row.value), row.version)

    def _encoded(self, key: str, value: Any) -> bytes:
        try:
            encoded = orjson.dumps(value, option=orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS)
        except TypeError as error:
            raise StateValueError(key, str(error)) from error
        # orjson writes these as null: what comes back must be what was stored.
        if b"null" in encoded and _holds_non_finite(value):
            raise StateValueError(key, "it holds a number that is infinite or not a number")
        if len(encoded) > self._most_bytes:
            raise StateSizeError(key, len(encoded), self._most_bytes)
        return encoded


def _write(connection: Connection, settings: Sequence[_Setting]) -> None:
    # In one order everywhere, so that two processes that write the same values wait for each other in turn.
    last = sorted({setting.name: setting for setting in settings}.values(), key=lambda setting: setting.name)
    stored = [(*setting.name, setting.value, _new_version()) for setting in last if setting.value is not None]
    if stored:
        _upsert(connection, stored)
    for setting in last:
        if setting.value is None:
            connection.execute(delete(_table).where(_is(setting.name)))


def _swap(connection: Connection, name: _Name, old: _Version, new: _Version) -> bool:
    if old.version is None:
        row = {**name._asdict(), **new._asdict()}
        return connection.execute(_addition(connection.dialect.name).values(**row)).rowcount == 1
    change = update(_table).where(_is(name), _table.c.version == old.version).values(**new._asdict())
    return connection.execute(change).rowcount == 1


def _is(name: _Name) -> ColumnElement[bool]:
    return and_(_table.c.flow == name.flow, _table.c.node == name.node, _table.c.key == name.key)


def _new_version() -> int:
    return secrets.randbits(62)


def _holds_non_finite(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_non_finite, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(_holds_non_finite, value))
    return isinstance(value, float) and not math.isfinite(value)


def _answer(future: asyncio.Future[Any], answer: Any) -> None:
    # A caller that was cancelled no longer waits.
    if future.done():
        return
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)


@cache
def _addition(dialect: str) -> Any:
    # Each dialect is loaded only where it is used: the one for PostgreSQL takes some megabytes.
    return import_module(f"sqlalchemy.dialects.{dialect}").insert(_table).on_conflict_do_nothing()
