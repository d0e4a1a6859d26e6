"""Files that cannot grow: a quota, a limit of the process, a disk that is really broken."""

import errno
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from flowengine.storage import StorageDamagedError, StorageError, StorageFullError, StorageLimitError
from flowengine.storage.sqlite import translated

SCRIPT = """
import asyncio, resource, sys
from flowengine.storage import Entry, StorageError, Store

async def main() -> None:
    store = await Store.open("sqlite:///" + sys.argv[1])
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
    stored = 0
    try:
        while stored < 100:
            await store.outbox.put(Entry("flow", "sink", bytes(20_000)))
            stored += 1
    except StorageError as error:
        print(error.code, error.whole)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    await store.outbox.put(Entry("flow", "sink", b"last"))
    rows = await store.outbox.claim("flow", "sink", limit=1000)
    print(len(rows) == stored + 1)
    await store.close()

asyncio.run(main())
"""


DRAIN = """
import asyncio, resource, sys
from flowengine.storage import Entry, StorageError, Store

ROOM = 2_000_000

async def main() -> None:
    store = await Store.open("sqlite:///" + sys.argv[1], reserve=True)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, resource.RLIM_INFINITY))
    stored = 0
    try:
        while stored < 1000:
            await store.outbox.put(Entry("flow", "sink", bytes(20_000)))
            stored += 1
    except StorageError as error:
        print(error.code)
    print(stored > 20)
    sent = 0
    while rows := await store.outbox.claim("flow", "sink", limit=1000):
        await store.outbox.complete([row.id for row in rows])
        sent += len(rows)
    print(sent == stored)
    try:
        await store.outbox.put(Entry("flow", "sink", b"another"))
    except StorageError as error:
        print(error.code)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    await store.outbox.put(Entry("flow", "sink", b"last"))
    print(len(await store.outbox.claim("flow", "sink")))
    await store.close()

asyncio.run(main())
"""


def disk_error() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_WRITE
    return error


def test_file_at_the_limit_of_the_process_is_told_as_such_and_goes_on_when_it_is_raised(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SCRIPT, str(tmp_path / "store.db")]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    assert ended.stdout.splitlines() == ["storage-limit True", "True"]
    assert not list(tmp_path.glob("*.probe"))


def test_store_without_room_is_emptied_all_the_same(tmp_path: Path) -> None:
    command = [sys.executable, "-c", DRAIN, str(tmp_path / "store.db")]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    assert ended.stdout.splitlines() == ["storage-limit", "True", "True", "storage-full", "1"]
    assert not list(tmp_path.glob("*-reserve"))


@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.EDQUOT, StorageFullError), (errno.EFBIG, StorageLimitError), (errno.EIO, StorageDamagedError)],
)
def test_disk_error_is_told_by_its_cause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[StorageError]
) -> None:
    def refuse(descriptor: int, data: bytes, offset: int) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "pwrite", refuse)
    assert type(translated(disk_error(), str(tmp_path / "store.db"))) is kind
    assert list(tmp_path.iterdir()) == []


def test_disk_error_without_a_cause_to_be_found_is_a_damaged_disk(tmp_path: Path) -> None:
    assert type(translated(disk_error(), str(tmp_path / "store.db"))) is StorageDamagedError
