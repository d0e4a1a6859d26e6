"""Flows change while messages pass: none is lost, and only what changed restarts."""

from typing import Any

import pytest

from tests.mosquitto import Mosquitto
from tests.survival.conftest import EngineFactory
from tests.survival.engine_process import EngineProcess, Nursery
from tests.survival.flows import TO_HTTP, TO_MQTT, FlowsFolder, change, mqtt_out, node, to_http, to_mqtt
from tests.survival.http_sink import HttpSink
from tests.survival.load import Load, MqttSink
from tests.survival.outcome import all_arrived, drained

DEPLOYS = 8

pytestmark = [pytest.mark.slow, pytest.mark.mosquitto]


async def deploy(engine: EngineProcess) -> Any:
    return await engine.call("POST", "/deploy", {})


@pytest.mark.timeout(150)
async def test_node_changed_under_load_restarts_alone_and_loses_nothing(
    nursery: Nursery, broker: Mosquitto, sink: HttpSink, folder: FlowsFolder, new_engine: EngineFactory
) -> None:
    folder.write(TO_HTTP, to_http(sink.url))
    folder.write(TO_MQTT, to_mqtt())
    engine = new_engine(nursery=nursery)
    async with MqttSink(broker) as mqtt_sink:
        await engine.start()
        load = Load(broker, rate=400).start()
        for turn in range(DEPLOYS):
            await load.reach(load.count + 100)
            # Every node of the flow has its turn.
            flow = to_http(sink.url, **({"timeout": f"{20 + turn}s"} if turn % 3 == 1 else {"timeout": "20s"}))
            flow["map"] = change("sink", version=turn)
            folder.write(TO_HTTP, flow)
            report = await deploy(engine)
            assert report["broken"] == {}
            assert set(report["restarted"]) == {TO_HTTP}
            assert set(report["restarted"][TO_HTTP]) <= {"map", "sink"}
            assert report["resources"] == []
        await load.stop()
        await all_arrived(load, sink.arrivals, engine)
        await all_arrived(load, mqtt_sink.arrivals, engine)
        books = await drained(engine)
        assert (books.sum("failed_total"), books.sum("dropped_total")) == (0, 0)
        # The outbox hands a claimed row to nobody twice, and MQTT has not been touched.
        assert (sink.arrivals.repeated, mqtt_sink.arrivals.repeated) == (0, 0)


@pytest.mark.timeout(150)
async def test_files_that_change_are_deployed_under_load_and_lose_nothing(
    nursery: Nursery, broker: Mosquitto, sink: HttpSink, folder: FlowsFolder, new_engine: EngineFactory
) -> None:
    folder.write(TO_HTTP, to_http(sink.url))
    engine = new_engine(nursery=nursery, arguments=["--watch"])
    async with MqttSink(broker) as mqtt_sink:
        await engine.start()
        load = Load(broker, rate=400).start()
        await load.reach(100)
        # A wire more: what passes from now on goes to two sinks.
        flow = to_http(sink.url)
        flow["map"] = change("sink", "copy")
        flow["copy"] = mqtt_out()
        folder.write(TO_HTTP, flow)
        await engine.until_said("files changed: deployed")
        assert await mqtt_sink.arrivals.until(lambda: len(mqtt_sink.arrivals) > 50, 20)
        # And broken: what ran before does not run on with a file that is wrong.
        (folder.path / "half.flow.json").write_text('{"flowengine": 1')
        await engine.until_said("half.flow.json")
        before = len(sink.arrivals)
        assert await sink.arrivals.until(lambda: len(sink.arrivals) > before + 50, 20)
        await load.stop()
        await all_arrived(load, sink.arrivals, engine)
        books = await drained(engine)
        assert (books.sum("failed_total"), books.sum("dropped_total")) == (0, 0)


@pytest.mark.timeout(150)
async def test_flow_broken_and_mended_again_loses_nothing(
    nursery: Nursery, broker: Mosquitto, sink: HttpSink, folder: FlowsFolder, new_engine: EngineFactory
) -> None:
    folder.write(TO_HTTP, to_http(sink.url))
    folder.write(TO_MQTT, to_mqtt())
    engine = new_engine(nursery=nursery)
    async with MqttSink(broker) as mqtt_sink:
        await engine.start()
        load = Load(broker, rate=400).start()
        for _ in range(3):
            await load.reach(load.count + 100)
            folder.write(TO_HTTP, {**to_http(sink.url), "map": node("no-such-type", {}, "sink")})
            report = await deploy(engine)
            assert report["stopped"] == [TO_HTTP]
            assert list(report["broken"]) == [TO_HTTP]
            await load.reach(load.count + 100)
            folder.write(TO_HTTP, to_http(sink.url))
            report = await deploy(engine)
            assert report["started"] == [TO_HTTP]
        await load.reach(load.count + 100)
        await load.stop()
        await all_arrived(load, sink.arrivals, engine)
        await all_arrived(load, mqtt_sink.arrivals, engine)
        books = await drained(engine)
        assert books.sum("failed_total") == 0


@pytest.mark.timeout(150)
async def test_flow_removed_and_added_again_harms_no_other(
    nursery: Nursery, broker: Mosquitto, sink: HttpSink, folder: FlowsFolder, new_engine: EngineFactory
) -> None:
    folder.write(TO_HTTP, to_http(sink.url))
    folder.write(TO_MQTT, to_mqtt())
    engine = new_engine(nursery=nursery)
    async with MqttSink(broker) as mqtt_sink:
        await engine.start()
        load = Load(broker, rate=400).start()
        for _ in range(3):
            await load.reach(load.count + 100)
            folder.remove(TO_HTTP)
            report = await deploy(engine)
            assert report["stopped"] == [TO_HTTP]
            folder.write(TO_HTTP, to_http(sink.url))
            report = await deploy(engine)
            assert report["started"] == [TO_HTTP]
        await load.reach(load.count + 100)
        await load.stop()
        await all_arrived(load, mqtt_sink.arrivals, engine)
        books = await drained(engine)
        assert books.sum("failed_total") == 0
        assert mqtt_sink.arrivals.repeated == 0


@pytest.mark.timeout(150)
async def test_broker_settings_changed_under_load_lose_nothing(
    nursery: Nursery, broker: Mosquitto, sink: HttpSink, folder: FlowsFolder, new_engine: EngineFactory
) -> None:
    folder.write(TO_HTTP, to_http(sink.url))
    folder.write(TO_MQTT, to_mqtt())
    engine = new_engine(nursery=nursery)
    async with MqttSink(broker) as mqtt_sink:
        await engine.start()
        load = Load(broker, rate=400).start()
        for turn in range(4):
            await load.reach(load.count + 150)
            folder.write_resources(keep_alive=f"{31 + turn}s")
            report = await deploy(engine)
            assert report["resources"] == ["main"]
        await load.stop()
        await all_arrived(load, sink.arrivals, engine)
        await all_arrived(load, mqtt_sink.arrivals, engine)
        books = await drained(engine)
        assert books.sum("failed_total") == 0
        # The flows had come to rest before the connection ended.
        assert (sink.arrivals.repeated, mqtt_sink.arrivals.repeated) == (0, 0)


@pytest.mark.timeout(200)
async def test_large_flow_changed_in_one_node_under_load_loses_nothing(
    nursery: Nursery, broker: Mosquitto, sink: HttpSink, folder: FlowsFolder, new_engine: EngineFactory
) -> None:
    flow = to_http(sink.url)
    flow |= {f"n{number}": change(*[f"n{number + 1}"] if number % 50 else []) for number in range(10_000 - len(flow))}
    last = max(number for number in range(10_000) if f"n{number}" in flow)
    flow[f"n{last}"] = change()
    folder.write(TO_HTTP, flow)
    engine = new_engine(nursery=nursery)
    await engine.start()
    load = Load(broker, rate=300).start()
    took = []
    for turn in range(3):
        await load.reach(load.count + 150)
        flow["map"] = change("sink", version=turn)
        folder.write(TO_HTTP, flow)
        report = await deploy(engine)
        assert report["restarted"] == {TO_HTTP: ["map"]}
        took.append(report["seconds"])
    await load.stop()
    await all_arrived(load, sink.arrivals, engine)
    books = await drained(engine)
    assert (books.sum("failed_total"), books.sum("dropped_total")) == (0, 0)
    print("deploys took", ", ".join(f"{seconds * 1000:.0f} ms" for seconds in took))  # noqa: T201 - figures
    assert sink.arrivals.repeated == 0
