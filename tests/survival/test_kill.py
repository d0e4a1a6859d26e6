"""``kill -9`` at random moments: nothing that the broker accepted is lost, and little comes twice."""

import asyncio
import os
import random
import statistics
import time

import pytest

from tests.mosquitto import Mosquitto
from tests.survival.conftest import EngineFactory
from tests.survival.engine_process import Nursery
from tests.survival.flows import MOST_CLAIMED, RECEIVE_MAXIMUM, TO_HTTP, TO_MQTT, FlowsFolder, to_http, to_mqtt
from tests.survival.http_sink import HttpSink
from tests.survival.load import Load, MqttSink
from tests.survival.outcome import all_arrived, drained

ROUNDS = int(os.environ.get("SOAK_ROUNDS", "50"))

pytestmark = [pytest.mark.serial, pytest.mark.slow, pytest.mark.mosquitto]


@pytest.mark.timeout(120 + ROUNDS * 8)
async def test_engine_killed_again_and_again_loses_nothing(
    nursery: Nursery,
    broker: Mosquitto,
    sink: HttpSink,
    folder: FlowsFolder,
    new_engine: EngineFactory,
    chance: random.Random,
) -> None:
    folder.write(TO_HTTP, to_http(sink.url))
    folder.write(TO_MQTT, to_mqtt())
    starts: list[float] = []
    async with MqttSink(broker) as mqtt_sink:
        engine = new_engine(nursery=nursery)
        await engine.start()
        async with Load(broker, rate=300) as load:
            for _ in range(ROUNDS):
                if chance.random() < 0.8:
                    # While messages pass.
                    before = len(sink.arrivals)
                    await sink.arrivals.until(lambda: len(sink.arrivals) > before, 10)  # noqa: B023 - awaited here
                    await asyncio.sleep(chance.uniform(0, 0.4))
                else:
                    # Perhaps while it starts.
                    await asyncio.sleep(chance.uniform(0, 0.6))
                await engine.kill()
                began = time.monotonic()
                await engine.start(ready=False)
                starts.append(time.monotonic() - began)
            await load.stop()
        await all_arrived(load, sink.arrivals, engine)
        await all_arrived(load, mqtt_sink.arrivals, engine)
        await engine.wait_ready()
        books = await drained(engine)
        assert books.sum("failed_total") == 0
        print(  # noqa: T201 - the figures of a soak
            f"{load.count} accepted, {ROUNDS} kills; twice: {sink.arrivals.repeated} over HTTP, "
            f"{mqtt_sink.arrivals.repeated} over MQTT; start {statistics.median(starts):.2f} s"
        )
        # A kill can repeat what was unacknowledged to the broker then, and what the outbox had claimed.
        assert sink.arrivals.repeated <= ROUNDS * (RECEIVE_MAXIMUM + MOST_CLAIMED)
        assert mqtt_sink.arrivals.repeated <= ROUNDS * RECEIVE_MAXIMUM
