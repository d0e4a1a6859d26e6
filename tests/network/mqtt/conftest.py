import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import pytest
import uvloop

from flowengine_nodes.network.mqtt.aiomqtt_client import AiomqttClient
from flowengine_nodes.network.mqtt.client import MqttClient
from flowengine_nodes.network.mqtt.mqtt5_client import Mqtt5Client
from flowengine_nodes.network.mqtt.options import ClientOptions
from flowengine_nodes.network.mqtt.reconnecting import ReconnectingClient
from tests.mosquitto import Mosquitto

ClientFactory = Callable[..., MqttClient]

LoopFactory = Callable[[], asyncio.AbstractEventLoop]


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> Mapping[str, LoopFactory]:
    """Run what talks to a real broker on uvloop, as the engine does, and the rest on plain asyncio."""
    if item.get_closest_marker("mosquitto") is not None:
        return {"uvloop": uvloop.new_event_loop}
    return {"asyncio": asyncio.new_event_loop}


@pytest.fixture(params=[Mqtt5Client, AiomqttClient], ids=["mqtt-5", "mqtt-3.1.1"])
def backend(request: pytest.FixtureRequest) -> type[ReconnectingClient]:
    """The class of client under test, one after the other."""
    backend: type[ReconnectingClient] = request.param
    return backend


@pytest.fixture
async def new_client(backend: type[ReconnectingClient]) -> AsyncIterator[ClientFactory]:
    """Make clients of a broker, not yet connected; all are closed after the test."""
    made: list[MqttClient] = []

    def make(broker: Mosquitto, **options: Any) -> MqttClient:
        settings: dict[str, Any] = {"host": broker.host, "port": broker.port, "backoff_base": 0.05, "backoff_max": 0.2}
        settings |= options
        client = backend(ClientOptions(**settings))
        made.append(client)
        return client

    yield make
    for client in made:
        await client.close()


def break_connection(client: MqttClient) -> None:
    """Cut a client's connection off, as a network would."""
    if isinstance(client, Mqtt5Client):
        connection = client._connection
        assert connection is not None
        if connection._transport is not None:
            connection._transport.abort()
    else:
        assert isinstance(client, AiomqttClient)
        connected: Any = client._link.paho.socket()
        # paho wraps the socket of a WebSocket.
        connected = getattr(connected, "_socket", connected)
        # Without a socket, paho has noticed a break by itself.
        if connected is not None:
            connected.shutdown(socket.SHUT_RDWR)
