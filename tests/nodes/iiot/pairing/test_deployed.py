"""The shipped Mosquitto configurations, attacked by somebody who has the account of one device."""

import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from tests.certificates import Certificates
from tests.conftest import MosquittoFactory
from tests.mosquitto import Mosquitto
from tests.nodes.iiot.pairing.deployed_mosquitto import ADMIN, ADMIN_PASSWORD, as_deployed
from tests.nodes.iiot.pairing.site import PAIRING, PAIRING_PASSWORD, Applicant, PairingSite

pytestmark = [pytest.mark.mosquitto]

B_TOPICS = ["iiot/config/B", "command/B/action", "ota/B/notify", "iiot/config/reply/B"]
"""What is meant for device B alone."""


class Plant:
    """A broker as deployed, and the accounts of devices A and B.

    Args:
        broker: The broker.
        tls: Trusts it.
        passwords: Passwords by user name.
    """

    def __init__(self, broker: Mosquitto, tls: ssl.SSLContext, passwords: dict[str, str]) -> None:
        self.broker = broker
        self.tls = tls
        self.passwords = passwords

    def client(self, user: str, **changes: Any) -> aiomqtt.Client:
        settings: dict[str, Any] = {
            "identifier": user,
            "username": user,
            "password": self.passwords[user],
            "tls_context": self.tls,
            "protocol": aiomqtt.ProtocolVersion.V5,
            **changes,
        }
        return aiomqtt.Client(self.broker.host, self.broker.port, **settings)

    async def forge(self, user: str, topic: str, payload: str = "forged", **changes: Any) -> None:
        """Try to publish something; the broker has decided on it when this returns."""
        # aiomqtt takes a refusal for the end of the connection, so each try has one of its own.
        with contextlib.suppress(aiomqtt.MqttError):
            async with self.client(user, **changes) as client:
                await client.publish(topic, payload, qos=1)

    async def refuses(self, user: str, **changes: Any) -> bool:
        """Tell whether the broker does not let somebody in."""
        try:
            async with self.client(user, **changes):
                return False
        except (aiomqtt.MqttError, ssl.SSLError):
            return True


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path / "certificates")


async def with_dynamic_security(
    stack: AsyncExitStack,
    tmp_path: Path,
    broker: Mosquitto,
    certificates: Certificates,
    tls: ssl.SSLContext,
    *,
    rules: str = "roles",
) -> Plant:
    """Run the configuration with accounts that the engine keeps."""
    await as_deployed(broker, "mosquitto.conf", certificates, acl_file=rules == "acl-file").start()
    folder = tmp_path / "site"
    folder.mkdir()
    site = PairingSite(folder, broker, MQTT_PUBLIC_TLS="yes", MQTT_DEVICE_RULES=rules)
    resources = folder / "flows" / "resources.json"
    document = json.loads(resources.read_text())
    document["resources"]["main"]["config"]["tls"] = {"ca": str(certificates.authority)}
    resources.write_text(json.dumps(document))
    await stack.enter_async_context(site)
    await site.shows("in place")
    passwords = {ADMIN: ADMIN_PASSWORD, PAIRING: PAIRING_PASSWORD}
    for device in ("A", "B"):
        token = await site.new_device(device)
        async with Applicant(broker, tls_context=tls) as applicant:
            answer = await applicant.ask(serial=f"SN-{device}", token=token)
        assert answer["broker"]["tls"] is True
        passwords[device] = answer["password"]
    return Plant(broker, tls, passwords)


async def static(
    stack: AsyncExitStack, tmp_path: Path, broker: Mosquitto, certificates: Certificates, tls: ssl.SSLContext
) -> Plant:
    """Run the configuration with a password file and patterns."""
    passwords = {ADMIN: ADMIN_PASSWORD, PAIRING: PAIRING_PASSWORD, "A": "password of A", "B": "password of B"}
    await as_deployed(broker, "mosquitto-static.conf", certificates, passwords=passwords).start()
    return Plant(broker, tls, passwords)


@pytest.fixture(
    params=[with_dynamic_security, partial(with_dynamic_security, rules="acl-file"), static],
    ids=["dynamic-security", "dynamic-security-and-acl-file", "static"],
)
async def plant(
    request: pytest.FixtureRequest, tmp_path: Path, new_mosquitto: MosquittoFactory, certificates: Certificates
) -> AsyncIterator[Plant]:
    run: Callable[..., Awaitable[Plant]] = request.param
    tls = ssl.create_default_context(cafile=str(certificates.authority))
    async with AsyncExitStack() as stack:
        yield await run(stack, tmp_path, new_mosquitto(), certificates, tls)


async def heard(client: aiomqtt.Client, until: str) -> dict[str, bytes]:
    """Return what a client hears until a message comes on a topic of its own."""
    got: dict[str, bytes] = {}
    async with asyncio.timeout(20):
        async for message in client.messages:
            if message.topic.value == until:
                return got
            got[message.topic.value] = bytes(message.payload)
    raise AssertionError("the connection ended")


async def test_only_who_has_an_account_gets_in(plant: Plant) -> None:
    assert not await plant.refuses("A")
    assert await plant.refuses("A", username=None, password=None), "anonymous"
    assert await plant.refuses("A", password="wrong")
    assert await plant.refuses("A", password=plant.passwords["B"])
    assert await plant.refuses("A", username="nobody")
    assert await plant.refuses("A", tls_context=None, timeout=2), "plain text"


async def test_device_cannot_hear_what_is_meant_for_another(plant: Plant) -> None:
    async with plant.client("A") as a, plant.client("B") as b, plant.client(ADMIN) as engine:
        wildcards = ["#", "+/#", "+/+/+", "iiot/config/+", "iiot/config/#", "command/+/action", "command/#"]
        shared = ["$share/x/command/B/action", "$share/x/#"]
        for topic in [*B_TOPICS, *wildcards, *shared, "telemetry/B/data", "command/A/action"]:
            await a.subscribe(topic, qos=1)
        for topic in B_TOPICS:
            await b.subscribe(topic, qos=1)
        await b.publish("telemetry/B/data", b"B measures", qos=1)
        for topic in B_TOPICS:
            await engine.publish(topic, b"for B", qos=1)
        await engine.publish("command/A/action", b"for A", qos=1)
        await b.subscribe("ota/B/notify", qos=1)
        got = await heard(a, "command/A/action")
        # What A may read by patterns of its own is harmless; nothing of B may be among it.
        assert not [topic for topic in got if "/B/" in topic or topic.endswith("/B")], got
        async with asyncio.timeout(20):
            mine = {(await anext(aiter(b.messages))).topic.value for _ in range(3)}
        assert mine <= set(B_TOPICS)


async def test_device_cannot_speak_as_another_or_as_the_engine(plant: Plant) -> None:
    forbidden = [
        "telemetry/B/data",
        "command/B/response",
        "ota/B/status",
        "presence/B",
        "command/A/action",
        "command/B/action",
        "iiot/config/B",
        "iiot/config/A",
        "ota/B/notify",
        "$CONTROL/dynamic-security/v1",
        "telemetry/A/data/more",
        "telemetry//data",
    ]
    async with plant.client(ADMIN) as engine:
        for topic in ("telemetry/#", "command/#", "ota/#", "presence/#", "iiot/#"):
            await engine.subscribe(topic, qos=1)
        for topic in forbidden:
            await plant.forge("A", topic)
        await plant.forge("A", "telemetry/A/data")
        assert await heard(engine, "telemetry/A/data") == {}


async def test_last_will_cannot_speak_as_another(plant: Plant) -> None:
    async with plant.client(ADMIN) as engine:
        await engine.subscribe("presence/#", qos=1)
        will = aiomqtt.Will("presence/B", b"offline", qos=1)
        with contextlib.suppress(aiomqtt.MqttError):
            # The second takes the session over, and the broker sees the first end without a goodbye.
            async with plant.client("A", will=will), plant.client("A"):
                pass
        async with plant.client("B") as b:
            await b.publish("presence/B", b"online", qos=1)
        async with asyncio.timeout(20):
            message = await anext(aiter(engine.messages))
        assert message.payload == b"online"


async def test_device_cannot_administer_or_watch_the_broker(plant: Plant) -> None:
    command = {"command": "setClientPassword", "username": "B", "password": "mine"}
    await plant.forge("A", "$CONTROL/dynamic-security/v1", json.dumps({"commands": [command]}))
    async with plant.client("A") as a, plant.client(ADMIN) as engine:
        for topic in ("$CONTROL/#", "$CONTROL/dynamic-security/v1/response", "$SYS/#"):
            await a.subscribe(topic, qos=1)
        await a.subscribe("command/A/action", qos=1)
        await engine.publish("command/A/action", b"for A", qos=1)
        assert await heard(a, "command/A/action") == {}
    assert not await plant.refuses("B")


async def test_who_has_not_paired_can_only_ask_and_hear_his_own_answer(plant: Plant) -> None:
    stranger = {"identifier": "0123456789abcdef"}
    mine = "iiot/config/reply/0123456789abcdef"
    async with plant.client(PAIRING, **stranger) as spy, plant.client(ADMIN) as engine:
        for topic in [*B_TOPICS[:3], "#", "iiot/config/#", "iiot/config/reply/+", "iiot/config/reply/#", mine]:
            await spy.subscribe(topic, qos=1)
        await engine.subscribe("telemetry/#", qos=1)
        await engine.subscribe("iiot/config/request", qos=1)
        for topic in [*B_TOPICS[:3], "iiot/config/reply/of-another"]:
            await engine.publish(topic, b"for another", qos=1)
        for topic in ("telemetry/B/data", "iiot/config/B", mine, "iiot/config/request"):
            await plant.forge(PAIRING, topic, identifier="another-client")
        assert await heard(engine, "iiot/config/request") == {}
        await engine.publish(mine, b"for him", qos=1)
        assert await heard(spy, mine) == {}


async def test_account_of_a_device_is_bound_to_its_client_id(
    tmp_path: Path, new_mosquitto: MosquittoFactory, certificates: Certificates
) -> None:
    tls = ssl.create_default_context(cafile=str(certificates.authority))
    async with AsyncExitStack() as stack:
        plant = await with_dynamic_security(stack, tmp_path, new_mosquitto(), certificates, tls)
        assert await plant.refuses("A", identifier="B")
        assert await plant.refuses("A", identifier="")
