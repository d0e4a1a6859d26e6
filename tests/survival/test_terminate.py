"""SIGTERM under load: it ends in time, says so with 0, and has lost nothing."""

import time

import pytest

from tests.mosquitto import Mosquitto
from tests.survival.conftest import EngineFactory
from tests.survival.engine_process import EngineProcess, Nursery
from tests.survival.flows import TO_HTTP, TO_MQTT, FlowsFolder, to_http, to_mqtt
from tests.survival.http_sink import HANG, TAKEN, HttpSink, always, answer
from tests.survival.load import Load, MqttSink
from tests.survival.outcome import all_arrived, drained

DRAIN = 2.0
SLACK = 6.0
"""Seconds beyond the deadline that a busy machine gets, and the HTTP server to say goodbye."""

pytestmark = [pytest.mark.serial, pytest.mark.slow, pytest.mark.mosquitto]


async def terminated(engine: EngineProcess) -> float:
    """Ask an engine to end, and return after how many seconds it had."""
    began = time.monotonic()
    assert await engine.terminate() == 0, engine.tail()
    took = time.monotonic() - began
    print(f"ended after {took:.1f} s")  # noqa: T201 - a figure
    return took


@pytest.mark.timeout(150)
async def test_engine_terminated_under_load_drains_and_loses_nothing(
    broker: Mosquitto, sink: HttpSink, folder: FlowsFolder, new_engine: EngineFactory
) -> None:
    folder.write(TO_HTTP, to_http(sink.url))
    folder.write(TO_MQTT, to_mqtt())
    # The script itself: its exit code is what a supervisor sees.
    engine = new_engine(arguments=["--drain", str(DRAIN)])
    async with MqttSink(broker) as mqtt_sink:
        await engine.start()
        load = Load(broker, rate=400).start()
        for _ in range(3):
            await load.reach(load.count + 200)
            assert await terminated(engine) < DRAIN + SLACK
            await engine.start()
        await load.reach(load.count + 100)
        await load.stop()
        await all_arrived(load, sink.arrivals, engine)
        await all_arrived(load, mqtt_sink.arrivals, engine)
        books = await drained(engine)
        assert books.sum("failed_total") == 0
        assert await engine.call("GET", "/dead-letters/kinds") == {"kinds": []}
        # All that was in flight had its time: nothing came twice.
        assert (sink.arrivals.repeated, mqtt_sink.arrivals.repeated) == (0, 0)


@pytest.mark.timeout(150)
@pytest.mark.parametrize("outbox", [False, True], ids=["memory", "outbox"])
async def test_engine_terminated_with_a_hanging_sink_ends_at_the_deadline_and_loses_nothing(
    nursery: Nursery, broker: Mosquitto, sink: HttpSink, folder: FlowsFolder, new_engine: EngineFactory, outbox: bool
) -> None:
    folder.write(TO_HTTP, to_http(sink.url, outbox=outbox))
    engine = new_engine(nursery=nursery, arguments=["--drain", str(DRAIN)])
    await engine.start()
    sink.behave = always(HANG)
    load = Load(broker, rate=400).start()
    await load.reach(200)
    assert await terminated(engine) < DRAIN + SLACK
    await load.stop()
    sink.behave = always(TAKEN)
    await engine.start()
    await all_arrived(load, sink.arrivals, engine)
    await drained(engine)
    assert await engine.call("GET", "/dead-letters/kinds") == {"kinds": []}


@pytest.mark.timeout(150)
async def test_engine_terminated_with_a_failing_sink_takes_no_retry_for_a_reason_to_stay(
    nursery: Nursery, broker: Mosquitto, sink: HttpSink, folder: FlowsFolder, new_engine: EngineFactory
) -> None:
    folder.write(TO_HTTP, to_http(sink.url, outbox=False), errors={"retry": {"attempts": 1000, "initial": "10s"}})
    engine = new_engine(nursery=nursery, arguments=["--drain", str(DRAIN)])
    await engine.start()
    sink.behave = always(answer(500))
    load = Load(broker, rate=400).start()
    await load.reach(200)
    assert await terminated(engine) < DRAIN + SLACK
    await load.stop()
    sink.behave = always(TAKEN)
    await engine.start()
    await all_arrived(load, sink.arrivals, engine)
    await drained(engine)


@pytest.mark.timeout(150)
async def test_engine_terminated_with_a_broker_that_hangs_ends_at_the_deadline_and_loses_nothing(
    nursery: Nursery, broker: Mosquitto, folder: FlowsFolder, new_engine: EngineFactory
) -> None:
    folder.write(TO_MQTT, to_mqtt())
    engine = new_engine(nursery=nursery, arguments=["--drain", str(DRAIN)])
    async with MqttSink(broker) as mqtt_sink:
        await engine.start()
        load = Load(broker, rate=400).start()
        await load.reach(200)
        broker.pause()
        assert await terminated(engine) < DRAIN + SLACK
        broker.resume()
        await load.stop()
        await engine.start()
        await all_arrived(load, mqtt_sink.arrivals, engine)
        await drained(engine)
        assert await engine.call("GET", "/dead-letters/kinds") == {"kinds": []}
