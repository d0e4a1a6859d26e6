"""Commands to a real Mosquitto's dynamic-security plugin."""

import asyncio

import pytest

from flowengine.node.clock import SystemClock
from flowengine_nodes.iiot.dynamic_security.console import Console
from flowengine_nodes.network.mqtt.mqtt5_client import Mqtt5Client
from flowengine_nodes.network.mqtt.options import ClientOptions
from tests.conftest import MosquittoFactory
from tests.nodes.iiot.pairing.deployed_mosquitto import ADMIN, ADMIN_PASSWORD, with_dynamic_security

pytestmark = [pytest.mark.mosquitto]

AT_ONCE = 50


async def test_engines_at_one_broker_do_not_take_each_others_answers(new_mosquitto: MosquittoFactory) -> None:
    broker = with_dynamic_security(new_mosquitto())
    await broker.start()

    async def administer(role: str) -> set[str]:
        client = Mqtt5Client(
            ClientOptions(host=broker.host, port=broker.port, username=ADMIN, password=ADMIN_PASSWORD.encode())
        )
        console = Console(client, SystemClock())
        console.open()
        client.connect()
        try:
            await client.wait_connected()
            await console.run([{"command": "createRole", "rolename": role}])
            asked = (console.run([{"command": "getRole", "rolename": role}]) for _ in range(AT_ONCE))
            answers = await asyncio.gather(*asked)
        finally:
            await client.close()
        return {answer["data"]["role"]["rolename"] for (answer,) in answers}

    one, other = await asyncio.gather(administer("one"), administer("other"))
    assert (one, other) == ({"one"}, {"other"})
