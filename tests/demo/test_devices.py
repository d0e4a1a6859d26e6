import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiomqtt
import pytest

from flowengine_nodes.demo.devices import SimulatedDevices
from tests.conftest import MosquittoFactory
from tests.mosquitto import Mosquitto


@asynccontextmanager
async def watching(broker: Mosquitto) -> AsyncIterator[aiomqtt.Client]:
    async with aiomqtt.Client(broker.host, broker.port, max_queued_incoming_messages=0) as watcher:
        await watcher.subscribe("telemetry/+/data", qos=1)
        yield watcher


async def next_message(watcher: aiomqtt.Client) -> tuple[str, dict[str, Any]]:
    message = await anext(watcher.messages)
    assert message.qos == 1
    assert isinstance(message.payload, bytes)
    return str(message.topic), json.loads(message.payload)


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - the devices tell nobody
        await asyncio.sleep(0.01)


async def test_devices_publish_numbered_telemetry_and_report_what_was_acknowledged(
    mosquitto: Mosquitto,
) -> None:
    arrived: defaultdict[str, list[int]] = defaultdict(list)
    async with watching(mosquitto) as watcher:
        async with SimulatedDevices(mosquitto.host, mosquitto.port, count=5, interval=0.02) as devices:
            while len(arrived) < 5 or min(map(len, arrived.values())) < 10:
                topic, body = await next_message(watcher)
                assert topic == f"telemetry/{body['device']}/data"
                arrived[body["device"]].append(body["sequence"])
            totals = await devices.stop()
        while sum(map(len, arrived.values())) < totals.sent:
            _, body = await next_message(watcher)
            arrived[body["device"]].append(body["sequence"])
    assert sorted(arrived) == ["boiler-01", "boiler-02", "chiller-01", "meter-01", "press-01"]
    for device in devices.devices:
        assert arrived[device.name] == list(range(1, device.sent + 1))
    assert totals == (5, totals.sent, totals.sent, 0, 0)


async def test_devices_repeat_what_was_not_acknowledged_after_the_broker_came_back(
    mosquitto: Mosquitto,
) -> None:
    async with SimulatedDevices(mosquitto.host, mosquitto.port, count=3, interval=0.01) as devices:
        async with watching(mosquitto) as watcher:
            await next_message(watcher)
        mosquitto.kill()
        await mosquitto.start()
        async with watching(mosquitto) as watcher:
            returned: set[str] = set()
            while len(returned) < 3:
                _, body = await next_message(watcher)
                returned.add(body["device"])
        totals = await devices.stop()
    assert totals.acknowledged == totals.sent
    assert totals.disconnects >= 3


async def test_devices_stop_without_a_broker_and_own_up_to_it(new_mosquitto: MosquittoFactory) -> None:
    absent = new_mosquitto()
    async with SimulatedDevices(absent.host, absent.port, count=3, interval=0.01) as devices:
        await until(lambda: devices.totals.disconnects == 3)
    assert devices.totals == (3, 0, 0, 0, 3)


async def test_devices_count_a_message_that_was_never_acknowledged(
    mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flowengine_nodes.demo.devices.STOP_SECONDS", 0.2)
    async with SimulatedDevices(mosquitto.host, mosquitto.port, count=1, interval=0.01) as devices:
        await until(lambda: devices.totals.acknowledged > 0)
        mosquitto.pause()
        (device,) = devices.devices
        await until(lambda: device.waiting is not None)
        mosquitto.kill()
        totals = await devices.stop()
    assert totals.sent == totals.acknowledged + 1
