"""What tests do with a client, and wait for."""

import asyncio
from collections.abc import Callable

from flowengine_nodes.network.mqtt.client import ConnectionEvent, MqttClient
from flowengine_nodes.network.mqtt.errors import MqttError
from tests.network.mqtt.inbox import Inbox


async def subscribed(client: MqttClient, topic_filter: str, inbox: Inbox, qos: int = 1) -> None:
    """Subscribe and wait for the broker's answer."""
    granted: asyncio.Future[MqttError | None] = asyncio.get_running_loop().create_future()
    client.subscribe(topic_filter, qos, inbox, on_done=granted.set_result)
    async with asyncio.timeout(10):
        assert await granted is None


async def happened(client: MqttClient, kind: type[ConnectionEvent], cause: Callable[[], object]) -> ConnectionEvent:
    """Do something, and return the event of a kind that follows."""
    seen: asyncio.Future[ConnectionEvent] = asyncio.get_running_loop().create_future()

    def watch(event: ConnectionEvent) -> None:
        if isinstance(event, kind) and not seen.done():
            seen.set_result(event)

    stop = client.listen(watch)
    cause()
    async with asyncio.timeout(20):
        event = await seen
    stop()
    return event


async def connected(client: MqttClient) -> MqttClient:
    client.connect()
    async with asyncio.timeout(20):
        await client.wait_connected()
    return client
