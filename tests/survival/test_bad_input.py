"""What is no good gets a clear error, and stops nothing else."""

import asyncio
import json
import time

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.mosquitto import Mosquitto
from tests.survival.conftest import EngineFactory
from tests.survival.engine_process import EngineProcess, Nursery
from tests.survival.flows import TO_HTTP, FlowsFolder, change, http_request, mqtt_in, node, to_http
from tests.survival.http_sink import HttpSink
from tests.survival.load import Load
from tests.survival.outcome import all_arrived, drained

LARGEST = 268_435_455 - 100
"""Bytes of the largest payload that MQTT carries, less what the topic takes (MQTT 5.0 §2.1.4)."""

BAD: dict[str, bytes] = {
    "no JSON": b"temperature: 20",
    "cut off": b'{"sequence": 1, "value": ',
    "empty": b"",
    "NaN": b'{"sequence": 1, "value": NaN}',
    "infinite": b'{"sequence": 1, "value": 1e999}',
    "single quotes": b"{'sequence': 1}",
    "too deep": b"[" * 100_000 + b"]" * 100_000,
    "Latin-1": '{"sequence": 1, "unit": "°C"}'.encode("latin-1"),
    "UTF-16": '{"sequence": 1}'.encode("utf-16"),
    "half a surrogate": b'{"sequence": 1, "name": "\\ud800"}',
    "zero bytes": b"\0" * 1000,
    "a digit too many": b'{"sequence": 1, "value": ' + b"9" * 5000 + b"}",
}

pytestmark = [pytest.mark.serial, pytest.mark.slow, pytest.mark.mosquitto]


async def publish(broker: Mosquitto, *payloads: bytes, topic: str = "telemetry/bad/data") -> None:
    """Publish at QoS 1, one after the other."""
    client = paho.Client(CallbackAPIVersion.VERSION2, "bad-input", protocol=paho.MQTTv5)
    client.connect(broker.host, broker.port)
    client.loop_start()
    try:
        for payload in payloads:
            told = client.publish(topic, payload, qos=1)
            await asyncio.to_thread(told.wait_for_publish, 60)
            assert told.is_published()
    finally:
        client.disconnect()
        await asyncio.to_thread(client.loop_stop)


async def letters(engine: EngineProcess, count: int) -> dict[tuple[str, str], int]:
    """Wait until there are so many dead letters, and return how many there are by node and code."""
    deadline = time.monotonic() + 60
    while True:
        kinds = (await engine.call("GET", "/dead-letters/kinds"))["kinds"]
        if sum(kind["letters"] for kind in kinds) >= count:
            return {(kind["node"], kind["code"]): kind["letters"] for kind in kinds}
        assert time.monotonic() < deadline, f"{kinds}\n{engine.tail()}"
        await asyncio.sleep(0.05)


@pytest.mark.timeout(100)
async def test_bad_payloads_become_dead_letters_and_good_ones_go_on(
    nursery: Nursery, broker: Mosquitto, sink: HttpSink, folder: FlowsFolder, new_engine: EngineFactory
) -> None:
    folder.write(TO_HTTP, to_http(sink.url))
    engine = new_engine(nursery=nursery)
    await engine.start()
    load = Load(broker, rate=200).start()
    await publish(broker, *BAD.values())
    await load.reach(100)
    await load.stop()
    await all_arrived(load, sink.arrivals, engine)
    books = await drained(engine)
    assert sink.requests["bad"] == 0
    assert await letters(engine, len(BAD)) == {("in", "invalid-payload"): len(BAD)}
    assert books.sum("failed_total") == len(BAD)
    # Each says which topic and what is wrong, and holds what came.
    listed = (await engine.call("GET", "/dead-letters?size=2000"))["letters"]
    assert all("the payload on telemetry/bad/data is not JSON: " in letter["error"] for letter in listed)
    assert not engine.has_said("Traceback")
    details = [await engine.call("GET", f"/dead-letters/{letter['id']}") for letter in listed]
    assert all(detail["message"]["topic"] == "telemetry/bad/data" for detail in details)


@pytest.mark.timeout(100)
async def test_deep_and_odd_payloads_pass_through_a_whole_flow_or_fail_alone(
    nursery: Nursery, broker: Mosquitto, sink: HttpSink, folder: FlowsFolder, new_engine: EngineFactory
) -> None:
    # What no JSON is becomes text or bytes here, and must pass the outbox as well as any message.
    flow = {
        "in": mqtt_in("sink", topic="raw/{device}", payload="detect"),
        "sink": http_request(sink.url, body_format="json"),
    }
    folder.write(TO_HTTP, to_http(sink.url))
    folder.write("raw", flow)
    deep = b'{"sequence": 1, "a": ' + b"[" * 900 + b"]" * 900 + b"}"
    engine = new_engine(nursery=nursery)
    await engine.start()
    await publish(broker, *BAD.values(), deep, topic="raw/odd")
    load = Load(broker, rate=200).start()
    await load.reach(100)
    await load.stop()
    await all_arrived(load, sink.arrivals, engine)
    deadline = time.monotonic() + 30
    while True:
        books = await engine.books()
        if books.in_flight() == 0:
            break
        assert time.monotonic() < deadline, engine.tail()
        await asyncio.sleep(0.1)
    assert books.sum("received_total", flow="raw") == len(BAD) + 1
    assert not engine.has_said("Traceback")


@pytest.mark.timeout(150)
@pytest.mark.parametrize("payload", ["json", "detect"])
async def test_payload_of_256_megabytes_fails_or_passes_alone(
    nursery: Nursery,
    broker: Mosquitto,
    sink: HttpSink,
    folder: FlowsFolder,
    new_engine: EngineFactory,
    payload: str,
) -> None:
    folder.write(TO_HTTP, to_http(sink.url))
    flow = {"in": mqtt_in("map", topic="large/{device}", payload=payload), "map": change()}
    folder.write("large", flow)
    engine = new_engine(nursery=nursery)
    await engine.start()
    before = engine.memory
    load = Load(broker, rate=100).start()
    began = time.monotonic()
    await publish(broker, b"x" * LARGEST, topic="large/one")
    await letters(engine, 1)
    took = time.monotonic() - began
    await load.reach(load.count + 100)
    await load.stop()
    await all_arrived(load, sink.arrivals, engine)
    books = await drained(engine)
    assert books.sum("failed_total") == 1
    grown = (engine.memory - before) / 2**20
    print(f"256 MB were a dead letter after {took:.1f} s; memory afterwards {grown:.0f} MiB more")  # noqa: T201 - figures
    assert grown < LARGEST / 2**20 / 2


def broken_flows(url: str) -> dict[str, str]:
    """Return files that are wrong, by name."""

    def flow(id: str, **nodes: object) -> str:
        return json.dumps({"flowengine": 1, "id": id, "nodes": nodes})

    path = {"method": "POST", "path": "/orders"}
    return {
        "cut-off.flow.json": '{"flowengine": 1, "id": "cut-off", "nodes": {',
        "binary.flow.json": "\0\0\0",
        "unknown-type.flow.json": flow("unknown-type", a=node("mqtt-inn", {})),
        "unknown-key.flow.json": flow("unknown-key", a={**node("debug", {}), "colour": "red"}),
        "bad-setting.flow.json": flow("bad-setting", a=node("mqtt-in", {"broker": "main", "topic": "a/#/b"})),
        "no-resource.flow.json": flow("no-resource", a=node("mqtt-in", {"broker": "nobody", "topic": "a"})),
        "no-target.flow.json": flow("no-target", a=mqtt_in("nowhere")),
        "other-id.flow.json": flow("another", a=node("debug", {})),
        "orders-1.flow.json": flow("orders-1", a=node("http-in", path, "b"), b=node("debug", {})),
        "orders-2.flow.json": flow("orders-2", a=node("http-in", path, "b"), b=node("debug", {})),
    }


@pytest.mark.timeout(100)
async def test_broken_flows_are_named_and_the_good_one_runs(
    nursery: Nursery, broker: Mosquitto, sink: HttpSink, folder: FlowsFolder, new_engine: EngineFactory
) -> None:
    folder.write(TO_HTTP, to_http(sink.url))
    broken = broken_flows(sink.url)
    for name, text in broken.items():
        (folder.path / name).write_text(text)
    engine = new_engine(nursery=nursery)
    await engine.start()
    load = Load(broker, rate=200).start()
    await load.reach(100)
    await load.stop()
    await all_arrived(load, sink.arrivals, engine)
    books = await drained(engine)
    # Of two that claim one path, at most one may run.
    runs = set(books.flows)
    assert TO_HTTP in runs
    assert len(runs & {"orders-1", "orders-2"}) <= 1
    assert runs <= {TO_HTTP, "orders-1", "orders-2"}
    for name in broken:
        flow = name.removesuffix(".flow.json")
        if flow not in runs:
            assert engine.has_said(flow), f"nothing is said of {flow}:\n{engine.tail(40)}"
    assert not engine.has_said("Traceback"), engine.tail(60)
