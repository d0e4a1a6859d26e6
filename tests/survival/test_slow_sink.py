"""A sink that takes nothing for a while: memory stays flat, and the broker or the outbox keeps the backlog."""

import asyncio
import os

import pytest

from tests.mosquitto import Mosquitto
from tests.survival.conftest import EngineFactory
from tests.survival.engine_process import EngineProcess, Nursery
from tests.survival.flows import RECEIVE_MAXIMUM, TO_HTTP, TO_MQTT, FlowsFolder, to_http, to_mqtt
from tests.survival.http_sink import HANG, TAKEN, HttpSink, always, answer
from tests.survival.load import Load, MqttSink
from tests.survival.outcome import all_arrived, drained

MESSAGES = 5_000
SIZE = 16_384
SLOW_SECONDS = 60.0 if "SOAK_ROUNDS" in os.environ else 5.0
MIB = 1024 * 1024
MOST_GROWTH = 60 * MIB
"""Bytes; the backlog is larger than this, so that who keeps it in memory is found out."""

RETRY = {"retry": {"attempts": 10, "maximum": "2s"}}

pytestmark = [pytest.mark.serial, pytest.mark.slow, pytest.mark.mosquitto]


async def grown(engine: EngineProcess, before: int, seconds: float) -> int:
    """Return by how many bytes the memory was larger at most than before, while it was watched."""
    most = 0
    for _ in range(int(seconds / 0.1)):
        most = max(most, engine.memory - before)
        await asyncio.sleep(0.1)
    return most


@pytest.mark.timeout(200)
@pytest.mark.parametrize("outbox", [False, True], ids=["broker-keeps", "outbox-keeps"])
async def test_hanging_sink_leaves_memory_flat_and_loses_nothing(
    nursery: Nursery, broker: Mosquitto, sink: HttpSink, folder: FlowsFolder, new_engine: EngineFactory, outbox: bool
) -> None:
    assert MESSAGES * SIZE > MOST_GROWTH
    folder.write(TO_HTTP, to_http(sink.url, outbox=outbox, timeout="2s"), errors=RETRY)
    engine = new_engine(nursery=nursery)
    await engine.start()
    warm = Load(broker, prefix="warm").start()
    await warm.reach(200)
    await warm.stop()
    await all_arrived(warm, sink.arrivals, engine)
    before = engine.memory
    sink.behave = always(HANG)
    load = Load(broker, rate=5000, size=SIZE, window=500).start()
    watching = asyncio.create_task(grown(engine, before, SLOW_SECONDS))
    await load.reach(MESSAGES)
    await load.stop()
    growth = await watching
    books = await engine.books()
    if outbox:
        assert books.in_flight() < MESSAGES / 2
    else:
        assert books.in_flight() <= RECEIVE_MAXIMUM
        assert books.sum("received_total") < MESSAGES / 2
    sink.behave = always(TAKEN)
    growth = max(growth, await grown(engine, before, 2))
    await all_arrived(load, sink.arrivals, engine, 120)
    await drained(engine)
    print(f"grew by {growth / MIB:.0f} MiB with a backlog of {MESSAGES * SIZE / MIB:.0f} MiB")  # noqa: T201 - a figure
    assert growth < MOST_GROWTH


@pytest.mark.timeout(200)
async def test_slow_sink_slows_nobody_else(
    nursery: Nursery, broker: Mosquitto, sink: HttpSink, folder: FlowsFolder, new_engine: EngineFactory
) -> None:
    folder.write(TO_HTTP, to_http(sink.url))
    folder.write(TO_MQTT, to_mqtt())
    engine = new_engine(nursery=nursery)
    sink.behave = always(answer(200, taken=True, after=0.1))
    async with MqttSink(broker) as mqtt_sink:
        await engine.start()
        load = Load(broker, rate=300).start()
        await load.reach(900)
        await load.stop()
        # With an outbox the slow one holds up neither the broker nor the other flow.
        await all_arrived(load, mqtt_sink.arrivals, engine, 10)
        assert sink.arrivals.missing(load.accepted)
        sink.behave = always(TAKEN)
        await all_arrived(load, sink.arrivals, engine)
        await drained(engine)
