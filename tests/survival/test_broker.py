"""The broker goes, comes, comes late, or only seems to be there."""

import asyncio
import time

import pytest

from tests.conftest import MosquittoFactory
from tests.mosquitto import Mosquitto
from tests.survival.conftest import EngineFactory
from tests.survival.engine_process import Nursery
from tests.survival.flows import TO_HTTP, TO_MQTT, FlowsFolder, to_http, to_mqtt
from tests.survival.http_sink import HttpSink
from tests.survival.load import Load, MqttSink
from tests.survival.outcome import all_arrived, drained

pytestmark = [
    pytest.mark.slow,
    pytest.mark.mosquitto,
    pytest.mark.parametrize("broker", [True], indirect=True, ids=["persistent"]),
]


@pytest.mark.timeout(150)
async def test_broker_restarted_under_load_loses_nothing(
    nursery: Nursery, broker: Mosquitto, sink: HttpSink, folder: FlowsFolder, new_engine: EngineFactory
) -> None:
    folder.write(TO_HTTP, to_http(sink.url))
    folder.write(TO_MQTT, to_mqtt())
    engine = new_engine(nursery=nursery)
    async with MqttSink(broker) as mqtt_sink:
        await engine.start()
        load = Load(broker, rate=300).start()
        for _ in range(3):
            await load.reach(load.count + 150)
            # It saves what it has accepted and not delivered.
            broker.stop()
            await asyncio.sleep(0.2)
            await broker.start()
        await load.reach(load.count + 150)
        await load.stop()
        await all_arrived(load, sink.arrivals, engine)
        await all_arrived(load, mqtt_sink.arrivals, engine)
        books = await drained(engine)
        assert books.sum("failed_total") == 0


@pytest.mark.timeout(150)
async def test_broker_killed_with_messages_unacknowledged_has_them_when_it_is_back(
    nursery: Nursery, broker: Mosquitto, sink: HttpSink, folder: FlowsFolder, new_engine: EngineFactory
) -> None:
    flow = to_http(sink.url, outbox=False)
    folder.write(TO_HTTP, flow)
    engine = new_engine(nursery=nursery)
    await engine.start()
    await sink.vanish()
    load = Load(broker, rate=1000).start()
    await load.reach(200)
    await load.stop()
    await broker.persist()
    broker.kill()
    await engine.until_said("connecting again")
    await sink.listen()
    await broker.start()
    await all_arrived(load, sink.arrivals, engine)
    await drained(engine)


@pytest.mark.timeout(150)
async def test_engine_started_before_its_broker_connects_when_that_comes(
    nursery: Nursery,
    new_mosquitto: MosquittoFactory,
    sink: HttpSink,
    broker: Mosquitto,
    folder: FlowsFolder,
    new_engine: EngineFactory,
) -> None:
    folder.write(TO_HTTP, to_http(sink.url))
    broker.stop()
    engine = new_engine(nursery=nursery)
    await engine.start(ready=False)
    await engine.wait_ready("/health")
    await engine.until_said("Connection refused")
    await asyncio.sleep(2)
    assert engine.pid
    await broker.start()
    began = time.monotonic()
    await engine.wait_ready()
    print(f"connected {time.monotonic() - began:.1f} s after the broker came")  # noqa: T201 - a figure
    async with Load(broker) as load:
        await load.reach(100)
        await load.stop()
    await all_arrived(load, sink.arrivals, engine)
    await drained(engine)


@pytest.mark.timeout(150)
async def test_half_open_connection_is_noticed_and_made_anew(
    nursery: Nursery, broker: Mosquitto, sink: HttpSink, folder: FlowsFolder, new_engine: EngineFactory
) -> None:
    folder.write_resources(keep_alive="2s")
    folder.write(TO_HTTP, to_http(sink.url))
    folder.write(TO_MQTT, to_mqtt())
    engine = new_engine(nursery=nursery)
    async with MqttSink(broker) as mqtt_sink:
        await engine.start()
        load = Load(broker, rate=300).start()
        await load.reach(100)
        broker.pause()
        began = time.monotonic()
        await engine.until_said("the connection is dead")
        print(f"noticed after {time.monotonic() - began:.1f} s")  # noqa: T201 - a figure
        broker.resume()
        await load.reach(load.count + 100)
        await load.stop()
        await all_arrived(load, sink.arrivals, engine)
        await all_arrived(load, mqtt_sink.arrivals, engine)
        books = await drained(engine)
        assert books.sum("failed_total") == 0
