"""The accounts of devices at a real Mosquitto with the dynamic-security plugin."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from flowengine_nodes.iiot.dynamic_security import console
from flowengine_nodes.iiot.embedded.tokens import EmbeddedTokens
from flowengine_nodes.iiot.registry.device import Lifecycle
from flowengine_nodes.iiot.registry.secret_keys import SecretKeys
from tests.conftest import MosquittoFactory
from tests.mosquitto import Mosquitto
from tests.nodes.iiot.pairing.deployed_mosquitto import ADMIN, ADMIN_PASSWORD, forget_accounts, with_dynamic_security
from tests.nodes.iiot.pairing.site import PairingSite, may_log_in

pytestmark = [pytest.mark.mosquitto]


@pytest.fixture
async def broker(new_mosquitto: MosquittoFactory) -> Mosquitto:
    broker = with_dynamic_security(new_mosquitto())
    await broker.start()
    return broker


@pytest.fixture
async def site(tmp_path: Path, broker: Mosquitto) -> AsyncIterator[PairingSite]:
    async with PairingSite(tmp_path, broker) as site:
        await site.shows("in place")
        yield site


async def paired(site: PairingSite, id: str) -> dict[str, Any]:
    """Add a device, pair it, and return its configuration."""
    token = await site.new_device(id)
    response = await site.post({"serial": f"SN-{id}", "token": token})
    assert response.status_code == 200, response.text
    configuration: dict[str, Any] = response.json()
    return configuration


async def until_login(broker: Mosquitto, configuration: dict[str, Any], *, works: bool) -> None:
    """Wait until the broker lets a device in, or does not."""
    async with asyncio.timeout(30):
        while await may_log_in(broker, configuration) is not works:  # noqa: ASYNC110 - the broker tells nobody
            # A broker that is away refuses at once.
            await asyncio.sleep(0.1)


async def control(broker: Mosquitto, *commands: dict[str, Any]) -> list[dict[str, Any]]:
    """Administer the plugin by hand."""
    async with aiomqtt.Client(
        broker.host, broker.port, username=ADMIN, password=ADMIN_PASSWORD, protocol=aiomqtt.ProtocolVersion.V5
    ) as client:
        await client.subscribe("$CONTROL/dynamic-security/v1/response")
        numbered = [command | {"correlationData": "by hand"} for command in commands]
        await client.publish("$CONTROL/dynamic-security/v1", json.dumps({"commands": numbered}), qos=1)
        async for message in client.messages:
            answers: list[dict[str, Any]] = json.loads(bytes(message.payload))["responses"]
            # The plugin sends what it answers the engine to everyone who listens.
            if answers[0].get("correlationData") == "by hand":
                return answers
        raise AssertionError


async def test_suspended_device_is_cut_off_until_it_resumes(site: PairingSite, broker: Mosquitto) -> None:
    configuration = await paired(site, "boiler-1")
    async with aiomqtt.Client(
        broker.host,
        broker.port,
        identifier="boiler-1",
        username="boiler-1",
        password=configuration["password"],
        protocol=aiomqtt.ProtocolVersion.V5,
    ) as connected:
        await site.registry.devices.change("boiler-1", {"lifecycle": Lifecycle.SUSPENDED}, "test")
        with pytest.raises(aiomqtt.MqttError):
            async with asyncio.timeout(20):
                await anext(aiter(connected.messages))
    await until_login(broker, configuration, works=False)
    await site.registry.devices.resume("boiler-1", "test")
    await until_login(broker, configuration, works=True)


async def test_removed_device_loses_its_account(site: PairingSite, broker: Mosquitto) -> None:
    configuration = await paired(site, "boiler-1")
    other = await paired(site, "boiler-2")
    await site.registry.devices.remove("boiler-1", "test")
    await until_login(broker, configuration, works=False)
    async with asyncio.timeout(20):
        while True:
            client, role = await control(
                broker,
                {"command": "getClient", "username": "boiler-1"},
                {"command": "getRole", "rolename": "device:boiler-1"},
            )
            if "error" in client and "error" in role:
                break
    assert await may_log_in(broker, other)


async def test_device_whose_credentials_are_withdrawn_loses_its_account(site: PairingSite, broker: Mosquitto) -> None:
    configuration = await paired(site, "boiler-1")
    await site.registry.devices.change("boiler-1", {"lifecycle": Lifecycle.DRAFT}, "test")
    await until_login(broker, configuration, works=False)


async def test_account_outlives_the_key_that_its_password_was_made_with(site: PairingSite, broker: Mosquitto) -> None:
    configuration = await paired(site, "boiler-1")
    assert isinstance(site.registry.tokens, EmbeddedTokens)
    site.registry.tokens.keys = SecretKeys.parse("another-key-of-the-registry")
    await paired(site, "boiler-2")
    async with asyncio.timeout(20):
        while "boiler-1" not in site.left_alone:  # noqa: ASYNC110 - a resource tells nobody
            await asyncio.sleep(0.05)
    assert await may_log_in(broker, configuration)


async def test_account_follows_the_topics_of_the_profile(site: PairingSite, broker: Mosquitto) -> None:
    await paired(site, "boiler-1")
    profile = await site.registry.profiles.get("boiler")
    document = profile.model_dump(mode="json") | {"topics": {"telemetry": "plant/{device}/measured"}}
    await site.registry.profiles.save(type(profile).model_validate(document), "test")
    async with asyncio.timeout(20):
        while True:
            (role,) = await control(broker, {"command": "getRole", "rolename": "device:boiler-1"})
            topics = {rule["topic"] for rule in role["data"]["role"]["acls"]}
            if "plant/boiler-1/measured" in topics and "telemetry/boiler-1/data" not in topics:
                break


async def test_broker_that_lost_its_accounts_gets_them_again_with_the_same_passwords(
    site: PairingSite, broker: Mosquitto
) -> None:
    configurations = [await paired(site, f"boiler-{number}") for number in range(3)]
    broker.stop()
    forget_accounts(broker)
    await broker.start()
    for configuration in configurations:
        await until_login(broker, configuration, works=True)


async def test_pairing_waits_for_a_broker_that_hangs(site: PairingSite, broker: Mosquitto) -> None:
    token = await site.new_device("boiler-1")
    broker.pause()
    asking = asyncio.create_task(site.post({"serial": "SN-boiler-1", "token": token, "request_id": "one"}))
    await asyncio.wait({asking}, timeout=1)
    assert not asking.done(), "it was answered before the account was in place"
    broker.resume()
    response = await asking
    assert response.status_code == 200
    assert await may_log_in(broker, response.json())


async def test_pairing_survives_a_restart_of_the_broker(site: PairingSite, broker: Mosquitto) -> None:
    token = await site.new_device("boiler-1")
    broker.kill()
    asking = asyncio.create_task(site.post({"serial": "SN-boiler-1", "token": token, "request_id": "one"}))
    await asyncio.wait({asking}, timeout=0.5)
    await broker.start()
    response = await asking
    assert response.status_code == 200
    assert await may_log_in(broker, response.json())


async def test_pairing_anew_changes_the_password(site: PairingSite, broker: Mosquitto) -> None:
    old = await paired(site, "boiler-1")
    issued = await site.registry.tokens.issue("SN-boiler-1", 900, "test")
    new = (await site.post({"serial": "SN-boiler-1", "token": issued.text})).json()
    assert old["password"] != new["password"]
    assert not await may_log_in(broker, old)
    assert await may_log_in(broker, new)


@pytest.mark.parametrize("name", [ADMIN, "pairing"])
async def test_device_does_not_get_the_account_of_somebody_else(
    site: PairingSite, broker: Mosquitto, name: str
) -> None:
    token = await site.new_device(name)
    response = await site.post({"serial": f"SN-{name}", "token": token})
    assert response.status_code == 500
    assert response.json()["code"] == "broker-name-taken"
    (client,) = await control(broker, {"command": "getClient", "username": ADMIN})
    assert "admin" in {role["rolename"] for role in client["data"]["client"]["roles"]}


async def test_plugin_that_is_not_there_is_said_so(
    tmp_path: Path, new_mosquitto: MosquittoFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "PATIENCE", 0.5)
    plain = new_mosquitto(users={ADMIN: ADMIN_PASSWORD})
    await plain.start()
    async with PairingSite(tmp_path, plain) as site:
        await site.shows("see that the plugin is loaded")
