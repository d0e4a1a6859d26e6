"""The disk of the outbox is full: nothing is acknowledged that is not stored, and all goes on when there is room."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.mosquitto import Mosquitto
from tests.survival.conftest import EngineFactory
from tests.survival.engine_process import EngineProcess, Nursery
from tests.survival.flows import RECEIVE_MAXIMUM, TO_HTTP, FlowsFolder, to_http
from tests.survival.full_disk import Disk, kinds, small_disk
from tests.survival.http_sink import HANG, TAKEN, HttpSink, always
from tests.survival.load import Load
from tests.survival.outcome import all_arrived, drained

RETRY = {"retry": {"maximum": "2s"}}

pytestmark = [pytest.mark.slow, pytest.mark.mosquitto, pytest.mark.timeout(150)]


class Full(NamedTuple):
    """An engine whose disk has just become full, because its sink hangs."""

    disk: Disk
    engine: EngineProcess
    load: Load


@pytest.fixture(params=kinds())
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of small disk that can be made."""
    kind: str = request.param
    return kind


@pytest.fixture
async def full(
    nursery: Nursery,
    broker: Mosquitto,
    sink: HttpSink,
    folder: FlowsFolder,
    new_engine: EngineFactory,
    tmp_path: Path,
    kind: str,
) -> AsyncIterator[Full]:
    folder.write(TO_HTTP, to_http(sink.url, timeout="1s"), errors=RETRY)
    sink.behave = always(HANG)
    with small_disk(kind, tmp_path / "disk") as disk:
        engine = new_engine(nursery=nursery, store=disk.path, arguments=["--drain", "1"])
        await engine.start()
        disk.apply(engine.pid)
        load = Load(broker, rate=1000, size=4000).start()
        await engine.until_said("cannot be written", 60)
        yield Full(disk, engine, load)


async def test_full_disk_stops_the_outbox_and_nothing_else(full: Full, sink: HttpSink) -> None:
    disk, engine, load = full
    await load.reach(1500)
    await load.stop()
    await engine.wait_ready("/health")
    books = await engine.books()
    assert books.sum("received_total") < load.count
    assert books.sum("settled_total") == books.sum("outbox_stored_total")
    assert 0 < books.in_flight() <= RECEIVE_MAXIMUM
    assert books.sum("failed_total") == 0
    disk.enlarge(engine.pid)
    began = time.monotonic()
    sink.behave = always(TAKEN)
    await all_arrived(load, sink.arrivals, engine, 90)
    print(f"everything arrived {time.monotonic() - began:.1f} s after there was room")  # noqa: T201 - a figure
    books = await drained(engine)
    assert books.sum("failed_total") == 0


async def test_full_disk_is_emptied_without_more_room(full: Full, sink: HttpSink, kind: str) -> None:
    _, engine, load = full
    await load.stop()
    books = await engine.books()
    stored = int(books.sum("outbox_stored_total"))
    assert stored > 0
    sink.behave = always(TAKEN)
    if kind == "tmpfs":
        # What was stored makes room for what was not.
        await all_arrived(load, sink.arrivals, engine, 90)
        await drained(engine)
        return
    async with asyncio.timeout(60):
        while (await engine.books()).sum("outbox_delivered_total") < stored:  # noqa: ASYNC110 - the engine is elsewhere
            await asyncio.sleep(0.1)


async def test_engine_stopped_while_the_disk_is_full_loses_nothing(full: Full, sink: HttpSink) -> None:
    disk, engine, load = full
    await load.stop()
    began = time.monotonic()
    async with asyncio.timeout(30):
        assert await engine.terminate() == 0
    print(f"ended after {time.monotonic() - began:.1f} s")  # noqa: T201 - a figure
    disk.enlarge(0)
    sink.behave = always(TAKEN)
    await engine.start()
    await all_arrived(load, sink.arrivals, engine, 60)
    await drained(engine)
