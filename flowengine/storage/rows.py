# ruff: noqa: S608 - statements are made of this package's own names; values are always bound
"""Statements over many rows at once: one trip to the server, or one short hold of the interpreter lock."""

import sqlite3
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import BigInteger, Connection, Double, LargeBinary, Table, Text

from flowengine.storage.sqlite import driver

#: Rows of one SQLite statement. sqlite3 gives up the interpreter lock at every row of ``executemany`` and
#: gets it back only when a busy event loop lets go: many rows in few statements are what keeps commits fast
#: under load.
_ROWS = 128

#: Bytes of one value from which on it is not given to a statement.
_LARGE = 1 << 20

_ARRAYS = {Text: "text[]", LargeBinary: "bytea[]", Double: "float8[]", BigInteger: "int8[]"}


class Insert:
    """Insert rows of some columns; the others take their defaults.

    Args:
        table: Where to.
        columns: Names of the columns, in the order of a row's values.
        then: What follows the rows in the statement.
    """

    def __init__(self, table: Table, *columns: str, then: str = "") -> None:
        self._table = table.name
        self._columns = ", ".join(columns)
        self._place = f"({', '.join('?' * len(columns))})"
        self._blobs = [(at, name) for at, name in enumerate(columns) if type(table.c[name].type) is LargeBinary]
        self._then = then
        arrays = [f"${at}::{_ARRAYS[type(table.c[name].type)]}" for at, name in enumerate(columns, 1)]
        # The order of the rows is the order of their ids.
        self._unnest = (
            f"INSERT INTO {self._table} ({self._columns}) SELECT {self._columns} "
            f"FROM unnest({', '.join(arrays)}) WITH ORDINALITY AS given({self._columns}, place) "
            f"ORDER BY place {then}"
        )
        self._values = lru_cache(maxsize=_ROWS)(self._values_of)

    def __call__(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> Sequence[int]:
        """Insert rows; the earlier one gets the smaller id.

        Returns:
            Their row ids on SQLite, where nobody else inserts meanwhile; nothing on PostgreSQL.
        """
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(self._unnest, tuple(list(column) for column in zip(*rows, strict=True)))
            return ()
        database = driver(connection)
        execute = database.execute
        last = 0
        for start in range(0, len(rows), _ROWS):
            part = rows[start : start + _ROWS]
            if any(len(row[at]) > _LARGE for at, _ in self._blobs for row in part):
                for row in part:
                    last = self._insert_large(database, row)
                continue
            last = execute(self._values(len(part)), [value for row in part for value in row]).lastrowid or 0
        return range(last - len(rows) + 1, last + 1)

    def _insert_large(self, database: sqlite3.Connection, row: Sequence[Any]) -> int:
        """Insert a row whose bytes are written into their place, for a statement keeps a copy of what it was given."""
        large = {at: name for at, name in self._blobs if len(row[at]) > _LARGE}
        places = ", ".join("zeroblob(?)" if at in large else "?" for at in range(len(row)))
        statement = f"INSERT INTO {self._table} ({self._columns}) VALUES ({places}) {self._then}"
        given = [len(value) if at in large else value for at, value in enumerate(row)]
        id = database.execute(statement, given).lastrowid or 0
        for at, name in large.items():
            with database.blobopen(self._table, name, id) as blob:
                blob.write(row[at])
        return id

    def _values_of(self, count: int) -> str:
        values = ", ".join([self._place] * count)
        return f"INSERT INTO {self._table} ({self._columns}) VALUES {values} {self._then}"


class ById:
    """A statement over the rows with some ids.

    Args:
        statement: Its text up to and with ``WHERE``; the ids' condition follows.
        column: Column of the ids.
        array: PostgreSQL type of the ids.
        then: What follows the condition.
    """

    def __init__(self, statement: str, column: str = "id", array: str = "int8[]", then: str = "") -> None:
        self._sqlite = f"{statement} {column} IN (SELECT value FROM json_each(?)) {then}"
        self._postgresql = f"{statement} {column} = ANY($1::{array}) {then}"

    def __call__(self, connection: Connection, ids: Collection[int] | Collection[str]) -> list[Any]:
        """Run it and return its rows, where it has any."""
        if connection.dialect.name == "postgresql":
            result = connection.exec_driver_sql(self._postgresql, (sorted(ids),))
            return list(result.fetchall()) if result.returns_rows else []
        return driver(connection).execute(self._sqlite, (orjson.dumps(list(ids)).decode(),)).fetchall()
