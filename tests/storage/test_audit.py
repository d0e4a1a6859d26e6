import pytest
from sqlalchemy import Connection

from flowengine.storage import AuditRecord, Store
from tests.storage.conftest import Clock


async def test_audit_keeps_who_did_what_when(store: Store, clock: Clock) -> None:
    await store.audit.append("ada", "deploy", "telemetry", {"revision": 7})
    clock.now += 1
    await store.audit.append("bob", "drop", "letter 3")
    newest, oldest = await store.audit.list()
    assert oldest == AuditRecord(oldest.id, clock.now - 1, "ada", "deploy", "telemetry", {"revision": 7})
    assert newest == AuditRecord(newest.id, clock.now, "bob", "drop", "letter 3", None)


async def test_audit_is_listed_in_pages_and_by_who_what_and_subject(store: Store) -> None:
    for number in range(6):
        await store.audit.append("ada" if number % 2 else "bob", "command", f"pump-{number}")
    await store.audit.append("ada", "deploy", "pump-1")
    page = await store.audit.list(who="ada", limit=2)
    assert [record.subject for record in page] == ["pump-1", "pump-5"]
    page = await store.audit.list(who="ada", limit=2, before=page[-1].id)
    assert [record.subject for record in page] == ["pump-3", "pump-1"]
    assert [record.what for record in await store.audit.list(subject="pump-1")] == ["deploy", "command"]
    assert [record.who for record in await store.audit.list(what="deploy")] == ["ada"]


async def test_many_records_come_with_the_work_they_belong_to_or_not_at_all(store: Store) -> None:
    done = [("device-add", f"d{number}", {"n": number}) for number in range(300)]

    def work(connection: Connection) -> None:
        store.tables.audit_many(connection, "anna", done)

    def failing(connection: Connection) -> None:
        work(connection)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.tables.write(failing)
    assert await store.audit.list() == []
    await store.tables.write(work)
    await store.tables.write(lambda connection: store.tables.audit_many(connection, "anna", []))
    found = await store.audit.list(limit=500)
    assert [(one.what, one.subject, one.detail) for one in reversed(found)] == done
