"""A flow is broken over restarts: what comes meanwhile waits for it."""

import pytest

from tests.mosquitto import Mosquitto
from tests.survival.conftest import EngineFactory
from tests.survival.engine_process import Nursery
from tests.survival.flows import TO_HTTP, TO_MQTT, FlowsFolder, node, to_http, to_mqtt
from tests.survival.http_sink import HttpSink
from tests.survival.load import Load, MqttSink
from tests.survival.outcome import all_arrived, drained

pytestmark = [pytest.mark.slow, pytest.mark.mosquitto]


@pytest.mark.timeout(150)
async def test_flow_broken_over_kills_loses_nothing_and_holds_up_no_other(
    nursery: Nursery, broker: Mosquitto, sink: HttpSink, folder: FlowsFolder, new_engine: EngineFactory
) -> None:
    folder.write(TO_HTTP, to_http(sink.url))
    folder.write(TO_MQTT, to_mqtt())
    engine = new_engine(nursery=nursery)
    async with MqttSink(broker) as mqtt_sink:
        await engine.start()
        load = Load(broker, rate=400).start()
        await load.reach(100)
        await engine.kill()
        broken = to_http(sink.url)
        broken["map"] = node("no-such-type", {}, "sink")
        folder.write(TO_HTTP, broken)
        for _ in range(2):
            await engine.start(ready=False)
            await engine.until_said(f"{TO_HTTP}/in does not run; the messages on telemetry/{{device}}/data are kept")
            await load.reach(load.count + 300)
            await engine.kill()
        await engine.start(ready=False)
        await engine.wait_ready("/health")
        folder.write(TO_HTTP, to_http(sink.url))
        report = await engine.call("POST", "/deploy", {})
        assert report["broken"] == {}
        await load.reach(load.count + 100)
        await load.stop()
        await all_arrived(load, sink.arrivals, engine)
        await all_arrived(load, mqtt_sink.arrivals, engine)
        books = await drained(engine)
        assert (books.sum("failed_total"), books.sum("dropped_total")) == (0, 0)
