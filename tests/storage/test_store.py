import asyncio
import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect

from flowengine.storage import (
    Entry,
    NewerSchemaError,
    NotADatabaseError,
    NotWritableError,
    Scope,
    StorageAddressError,
    StorageClosedError,
    StorageDriverError,
    StorageUnreachableError,
    Store,
    schema,
)
from tests.postgresql import Postgresql
from tests.storage.conftest import OpenStore


@pytest.fixture
def read_only() -> Iterator[Path]:
    """A directory with a store in it, where this process may write nothing."""
    directory = Path(tempfile.mkdtemp(prefix="flowengine-read-only-"))
    sqlite3.connect(directory / "store.db").execute("CREATE TABLE something (x)").connection.close()
    (directory / "store.db").chmod(0o444)
    directory.chmod(0o555)
    user = os.geteuid()
    if user == 0:
        # Nothing stops root from writing.
        os.seteuid(65534)
    yield directory
    os.seteuid(user)
    shutil.rmtree(directory)


async def test_store_in_memory_works() -> None:
    store = await Store.open("sqlite://")
    await store.outbox.put(Entry("f", "n", b"x"))
    await store.state.set(Scope(), "x", 1)
    assert await store.state.get(Scope(), "x") == 1
    assert len(await store.outbox.claim("f", "n")) == 1
    await store.close()


async def test_store_keeps_everything_when_closed_and_opened_again(open_store: OpenStore) -> None:
    one = await open_store()
    await one.outbox.put(Entry("f", "n", b"x"))
    await one.state.set(Scope("f"), "x", 1)
    await one.close()
    two = await open_store()
    assert await two.state.get(Scope("f"), "x") == 1
    (row,) = await two.outbox.claim("f", "n")
    assert row.message == b"x"


async def test_store_has_the_tables_that_queries_expect(store: Store) -> None:
    def work(connection: Connection) -> dict[str, set[str]]:
        found = inspect(connection)
        return {name: {column["name"] for column in found.get_columns(name)} for name in found.get_table_names()}

    tables = await store._database.read(work)
    expected = {table.name: {column.name for column in table.columns} for table in schema.metadata.tables.values()}
    assert {name: columns for name, columns in tables.items() if name != "sqlite_sequence"} == expected


async def test_store_refuses_a_newer_schema(open_store: OpenStore) -> None:
    store = await open_store()

    def work(connection: Connection) -> None:
        connection.execute(schema.version.update().values(version=99))

    await store._database.write(work)
    with pytest.raises(NewerSchemaError, match="has version 99, this flowengine knows 4"):
        await open_store()


async def test_store_is_of_no_use_when_closed(store: Store) -> None:
    await store.close()
    await store.close()
    with pytest.raises(StorageClosedError):
        await store.outbox.put(Entry("f", "n", b"x"))


@pytest.mark.parametrize(
    "url",
    ["", "store.db", "mysql://u:secret@h/d", "sqlite://secret/x", "sqlite:///x?mode=ro", "postgresql+psycopg://h/d"],
)
async def test_store_refuses_an_address_of_nothing_it_knows(url: str) -> None:
    with pytest.raises(StorageAddressError, match="write sqlite:///path/to/file") as caught:
        await Store.open(url)
    assert "u:secret" not in str(caught.value)


async def test_store_refuses_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("shopping list\n" * 100)
    with pytest.raises(NotADatabaseError, match=r"notes\.txt: this file is not an SQLite database"):
        await Store.open(f"sqlite:///{path}")
    assert path.read_text().startswith("shopping list")


async def test_store_refuses_a_directory_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(NotWritableError, match="create its directory"):
        await Store.open(f"sqlite:///{tmp_path / 'missing' / 'store.db'}")


async def test_store_refuses_a_directory_that_cannot_be_written(read_only: Path) -> None:
    with pytest.raises(NotWritableError, match="cannot be opened for writing"):
        await Store.open(f"sqlite:///{read_only / 'new.db'}")


async def test_store_refuses_a_file_that_cannot_be_written(read_only: Path) -> None:
    with pytest.raises(NotWritableError, match="let this user write to the directory and the file"):
        await Store.open(f"sqlite:///{read_only / 'store.db'}")


async def test_store_can_be_made_by_several_at_once(open_store: OpenStore) -> None:
    stores = await asyncio.gather(*(open_store() for _ in range(4)))
    await asyncio.gather(*(store.outbox.put(Entry("f", "n", b"x")) for store in stores))
    assert len(await stores[0].outbox.claim("f", "n")) == 4


@pytest.mark.postgresql
async def test_store_says_when_there_is_no_such_database(postgresql: Postgresql) -> None:
    url = f"postgresql://postgres:secret@/nowhere?host={postgresql.directory}"
    with pytest.raises(StorageUnreachableError, match='database "nowhere" does not exist') as caught:
        await Store.open(url)
    assert "secret" not in str(caught.value)


async def test_store_says_when_there_is_no_server() -> None:
    with pytest.raises(StorageUnreachableError, match="check that it runs"):
        await Store.open("postgresql://postgres@127.0.0.1:1/database")


async def test_store_says_when_the_driver_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(StorageDriverError, match="pip install"):
        await Store.open("postgresql://postgres@127.0.0.1:1/database")
