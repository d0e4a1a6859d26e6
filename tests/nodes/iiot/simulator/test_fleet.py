import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiomqtt
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from flowengine_nodes.iiot.registry.topics import Topics
from flowengine_nodes.iiot.simulator.behaviour import Behaviour
from flowengine_nodes.iiot.simulator.fleet import Fleet
from flowengine_nodes.iiot.simulator.pairing import Applicant
from flowengine_nodes.iiot.simulator.registration import applicants, names
from flowengine_nodes.iiot.simulator.site import Site
from tests.conftest import MosquittoFactory
from tests.mosquitto import Mosquitto

pytestmark = pytest.mark.mosquitto


def fleet_at(broker: Mosquitto, count: int, behaviour: Behaviour | None = None, interval: float = 0.02) -> Fleet:
    return Fleet(applicants(names(count)), Site(host=broker.host, port=broker.port, interval=interval), behaviour)


@asynccontextmanager
async def watching(broker: Mosquitto, topic: str = "telemetry/+/data") -> AsyncIterator[aiomqtt.Client]:
    async with aiomqtt.Client(
        broker.host, broker.port, max_queued_incoming_messages=0, protocol=aiomqtt.ProtocolVersion.V5
    ) as watcher:
        await watcher.subscribe(topic, qos=1)
        yield watcher


async def next_payload(watcher: aiomqtt.Client) -> bytes:
    message = await anext(watcher.messages)
    assert isinstance(message.payload, bytes)
    return message.payload


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - the devices tell nobody
        await asyncio.sleep(0.01)


async def test_fleet_publishes_numbered_telemetry_and_counts_what_was_acknowledged(mosquitto: Mosquitto) -> None:
    arrived: defaultdict[str, list[int]] = defaultdict(list)
    async with watching(mosquitto) as watcher:
        async with fleet_at(mosquitto, 5) as fleet:
            while len(arrived) < 5 or min(map(len, arrived.values())) < 10:
                body = json.loads(await next_payload(watcher))
                arrived[body["device"]].append(body["sequence"])
            totals = await fleet.stop()
        while sum(map(len, arrived.values())) < totals.sent:
            body = json.loads(await next_payload(watcher))
            arrived[body["device"]].append(body["sequence"])
    assert sorted(arrived) == ["boiler-01", "boiler-02", "chiller-01", "meter-01", "press-01"]
    for numbers in arrived.values():
        assert numbers == list(range(1, len(numbers) + 1))
    assert (totals.acknowledged, totals.devices, totals.disconnects) == (totals.sent, 5, 0)


async def test_fleet_sends_again_what_a_broker_took_to_its_grave(mosquitto: Mosquitto) -> None:
    async with fleet_at(mosquitto, 3) as fleet:
        await until(lambda: fleet.totals.acknowledged > 10)
        mosquitto.kill()
        await until(lambda: fleet.totals.disconnects >= 3)
        await mosquitto.start()
        before = fleet.totals.acknowledged
        await until(lambda: fleet.totals.connected == 3 and fleet.totals.acknowledged > before)
        totals = await fleet.stop()
    assert totals.acknowledged == totals.sent


async def test_fleet_without_a_broker_stops_and_owns_up_to_it(
    new_mosquitto: MosquittoFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flowengine_nodes.iiot.simulator.fleet.STOP_SECONDS", 0.1)
    async with fleet_at(new_mosquitto(), 3, interval=0.05) as fleet:
        await until(lambda: fleet.totals.disconnects >= 3 and fleet.totals.sent > 0)
    assert fleet.totals.acknowledged == 0
    assert fleet.totals.connected == 0


async def test_fleet_misbehaves_as_told_and_counts_it(mosquitto: Mosquitto) -> None:
    behaviour = Behaviour(drop=0.2, duplicate=0.2, reorder=0.2, garbage=0.2, sensor_faults=0.1, clock_drift=100)
    payloads: list[bytes] = []
    async with watching(mosquitto) as watcher:
        async with fleet_at(mosquitto, 4, behaviour) as fleet:
            await until(lambda: fleet.totals.readings > 200)
            totals = await fleet.stop()
        while len(payloads) < totals.sent + totals.repeated + totals.garbage:
            payloads.append(await next_payload(watcher))
    readings: defaultdict[str, list[int]] = defaultdict(list)
    nonsense = 0
    for payload in payloads:
        try:
            body = json.loads(payload)
        except ValueError:
            body = None
        if isinstance(body, dict):
            readings[body["device"]].append(body["sequence"])
        else:
            nonsense += 1
    assert nonsense == totals.garbage > 0
    assert sum(map(len, readings.values())) == totals.sent + totals.repeated
    assert sum(len(set(numbers)) for numbers in readings.values()) == totals.sent
    assert totals.withheld + totals.sent == totals.readings
    assert any(numbers != sorted(numbers) for numbers in readings.values())
    assert totals.repeated > 0
    assert totals.sensor_faults > 0


async def test_fleet_says_when_devices_come_and_go(mosquitto: Mosquitto) -> None:
    async with watching(mosquitto, "presence/+") as watcher:
        async with fleet_at(mosquitto, 1):
            assert json.loads(await next_payload(watcher)) == {"state": "online", "firmware": "1.0.0"}
        assert json.loads(await next_payload(watcher)) == {"state": "offline"}


async def test_fleet_comes_back_after_a_storm_and_the_broker_tells_of_it(mosquitto: Mosquitto) -> None:
    async with watching(mosquitto, "presence/+") as watcher:
        async with fleet_at(mosquitto, 1) as fleet:
            assert json.loads(await next_payload(watcher))["state"] == "online"
            fleet.devices[0].break_off()
            assert [json.loads(await next_payload(watcher))["state"] for _ in range(2)] == ["offline", "online"]
            totals = await fleet.stop()
        assert totals.sent == totals.acknowledged
        assert totals.disconnects == 1


async def answer(client: aiomqtt.Client, request: aiomqtt.Message, body: dict[str, Any]) -> None:
    topic = getattr(request.properties, "ResponseTopic", "")
    await client.publish(topic, json.dumps(body), qos=1)


async def test_applicant_pairs_and_then_uses_what_it_was_given(mosquitto: Mosquitto) -> None:
    own = {name: getattr(Topics(), name).of("b-7") for name in Topics.model_fields} | {"telemetry": "plant/b-7"}
    configuration = {
        "device": "b-7",
        "broker": {"host": mosquitto.host, "port": mosquitto.port, "tls": False},
        "client_id": "b-7",
        "username": "",
        "password": "",
        "topics": own,
    }
    applicant = Applicant(serial="SN-7", kind="boiler", token="secret")
    site = Site(host=mosquitto.host, port=mosquitto.port, interval=0.02)
    async with watching(mosquitto, "iiot/config/request") as bridge:
        await bridge.subscribe("plant/+", qos=1)
        async with Fleet([applicant], site) as fleet:
            request = await anext(bridge.messages)
            assert isinstance(request.payload, bytes)
            asked = json.loads(request.payload)
            assert (asked["serial"], asked["token"]) == ("SN-7", "secret")
            assert asked["request_id"]
            await answer(bridge, request, configuration)
            body = json.loads(await next_payload(bridge))
    assert (body["device"], body["sequence"]) == ("b-7", 1)
    assert fleet.totals.paired == 1


async def test_applicant_that_is_refused_stays_away(mosquitto: Mosquitto) -> None:
    applicant = Applicant(serial="SN-7", kind="boiler", token="wrong")
    site = Site(host=mosquitto.host, port=mosquitto.port)
    async with watching(mosquitto, "iiot/config/request") as bridge, Fleet([applicant], site) as fleet:
        request = await anext(bridge.messages)
        await answer(bridge, request, {"code": "token-unknown", "message": "there is no such token"})
        await until(lambda: bool(fleet.totals.pairing_refused))
    assert fleet.totals.pairing_refused == {"token-unknown": 1}
    assert fleet.totals.paired == fleet.totals.sent == 0


async def test_device_carries_a_command_out_once_and_answers_each_time(mosquitto: Mosquitto) -> None:

    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho's own
    properties.UserProperty = [("command-id", "c-1")]
    properties.CorrelationData = b"c-1"
    async with watching(mosquitto, "command/+/response") as bridge, fleet_at(mosquitto, 1) as fleet:
        await until(lambda: fleet.totals.connected == 1)
        for _ in range(2):
            await bridge.publish(
                "command/boiler-01/action", '{"action": "reset", "params": {}}', qos=1, properties=properties
            )
        answers = [await anext(bridge.messages) for _ in range(2)]
    for message in answers:
        assert isinstance(message.payload, bytes)
        assert json.loads(message.payload) == {"id": "c-1", "status": "succeeded", "result": {"action": "reset"}}
        assert getattr(message.properties, "CorrelationData", None) == b"c-1"
    assert (fleet.totals.commands, fleet.totals.repeated_commands) == (1, 1)
