import asyncio
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Table, text

import flowengine_nodes.iiot.embedded.groups  # noqa: F401 - it brings all tables together
from flowengine.storage import Store
from flowengine.testing import VirtualClock
from flowengine_nodes.iiot.embedded import migrations
from flowengine_nodes.iiot.embedded.migrations import HEAD, NewerRegistryError, bring_up_to_date
from flowengine_nodes.iiot.embedded.schema import metadata


def _is_ours(thing: Any, name: str | None, kind: str, *_more: object) -> bool:
    table = thing if isinstance(thing, Table) else getattr(thing, "table", None)
    return table is None or (str(table.name).startswith("iiot_") and table.name != migrations.VERSION_TABLE)


def _differences(connection: Connection) -> list[Any]:
    options = {"include_object": _is_ours, "compare_type": True, "compare_server_default": True}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


async def test_migrations_make_the_tables_that_the_code_declares(store: Store) -> None:
    await bring_up_to_date(store.tables)
    differences = await store.tables.read(_differences)
    assert differences == [], "run scripts/generate-registry-migration"


def test_migrations_end_with_the_version_that_the_code_needs() -> None:
    scripts = ScriptDirectory(migrations.__path__[0])
    assert scripts.get_heads() == [HEAD]


async def test_migrations_run_once_when_two_processes_start_at_once(
    url: str, store: Store, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = []
    run = migrations._run

    def counted(connection: Connection, found: str | None) -> None:
        runs.append(found)
        run(connection, found)

    monkeypatch.setattr(migrations, "_run", counted)
    other = await Store.open(url, clock=clock.time)
    await asyncio.gather(*(bring_up_to_date(one.tables) for one in (store, other, store, other)))
    await bring_up_to_date(store.tables)
    await other.close()
    assert runs == [None]
    assert await store.tables.read(_version) == HEAD


async def test_migrations_refuse_tables_of_a_newer_program(store: Store) -> None:
    await bring_up_to_date(store.tables)
    await store.tables.write(lambda connection: connection.execute(text("UPDATE iiot_schema SET version_num = '9999'")))
    with pytest.raises(NewerRegistryError, match=f"have version 9999, this flowengine knows {HEAD}; install") as raised:
        await bring_up_to_date(store.tables)
    assert raised.value.code == "registry-newer-schema"


async def test_migrations_leave_nothing_behind_when_they_fail(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run = migrations._run

    def broken(connection: Connection, found: str | None) -> None:
        run(connection, found)
        raise ZeroDivisionError

    monkeypatch.setattr(migrations, "_run", broken)
    with pytest.raises(ZeroDivisionError):
        await bring_up_to_date(store.tables)
    monkeypatch.undo()
    await bring_up_to_date(store.tables)
    assert await store.tables.read(_version) == HEAD


def _version(connection: Connection) -> str | None:
    found: str | None = connection.execute(text("SELECT version_num FROM iiot_schema")).scalar()
    return found
