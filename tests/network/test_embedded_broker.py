import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiomqtt
import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from flowengine_nodes.network import embedded_broker
from flowengine_nodes.network.embedded_broker import (
    BrokerKind,
    EmbeddedBroker,
    EmbeddedBrokerEndedError,
    NoEmbeddedBrokerError,
)
from flowengine_nodes.network.listening import CannotListenError


@pytest.fixture(params=list(BrokerKind))
async def broker(request: pytest.FixtureRequest) -> AsyncIterator[EmbeddedBroker]:
    async with EmbeddedBroker(kind=request.param) as running:
        yield running


def kept_session() -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho leaves it so
    properties.SessionExpiryInterval = 3600
    return properties


@asynccontextmanager
async def client(broker: EmbeddedBroker, name: str | None = None) -> AsyncIterator[aiomqtt.Client]:
    async with aiomqtt.Client(
        broker.host,
        broker.port,
        identifier=name,
        protocol=aiomqtt.ProtocolVersion.V5,
        clean_start=name is None,
        properties=kept_session(),
    ) as connected:
        yield connected


def vanish_without_acknowledging(broker: EmbeddedBroker, name: str, topic: str) -> Callable[[], list[bytes]]:
    """Subscribe in a persistent session; the returned callable takes what came and breaks the connection."""
    received: list[bytes] = []
    peer = paho.Client(CallbackAPIVersion.VERSION2, name, protocol=MQTTProtocolVersion.MQTTv5, manual_ack=True)
    peer.on_message = lambda _client, _userdata, message: received.append(bytes(message.payload))
    subscribed: list[bool] = []
    peer.on_subscribe = lambda *_: subscribed.append(True)
    peer.connect(broker.host, broker.port, clean_start=False, properties=kept_session())
    peer.subscribe(topic, qos=1)
    while not subscribed:
        peer.loop(0.1)

    def take() -> list[bytes]:
        while len(received) < 5:
            peer.loop(0.1)
        connection = peer.socket()
        assert connection is not None
        connection.close()
        return received

    return take


async def test_broker_redelivers_what_a_vanished_client_did_not_acknowledge(broker: EmbeddedBroker) -> None:
    take = vanish_without_acknowledging(broker, "vanishes", "plant/+")
    async with client(broker) as publisher:
        for number in range(5):
            await publisher.publish("plant/a", str(number), qos=1)
        assert take() == [b"0", b"1", b"2", b"3", b"4"]
        await publisher.publish("plant/b", "5", qos=1)
    async with client(broker, "vanishes") as back:
        again = [(await anext(back.messages)).payload for _ in range(6)]
    assert again == [b"0", b"1", b"2", b"3", b"4", b"5"]


async def test_broker_speaks_mqtt_311_beside_mqtt_5(broker: EmbeddedBroker) -> None:
    async with (
        client(broker) as new,
        aiomqtt.Client(broker.host, broker.port_311, protocol=aiomqtt.ProtocolVersion.V311) as old,
    ):
        await new.subscribe("both", qos=1)
        await old.subscribe("both", qos=1)
        await old.publish("both", "old", qos=1)
        assert (await anext(new.messages)).payload == b"old"
        assert (await anext(old.messages)).payload == b"old"
        await new.publish("both", "new", qos=1)
        assert (await anext(old.messages)).payload == b"new"


async def test_broker_ends_and_frees_its_ports_with_clients_connected(broker: EmbeddedBroker) -> None:
    async with EmbeddedBroker(kind=broker.kind) as second:
        _, writer = await asyncio.open_connection(second.host, second.port)
        ports, pid = {second.port, second.port_311}, second.pid
    writer.close()
    assert not alive(pid)
    for port in ports:
        with socket.create_server((second.host, port)):
            pass


async def test_broker_starts_again_on_the_port_it_had(broker: EmbeddedBroker) -> None:
    async with EmbeddedBroker(kind=broker.kind) as first:
        port = first.port
    async with EmbeddedBroker(kind=broker.kind, port=port) as second:
        assert second.port == port


async def test_broker_tells_when_its_process_ends(broker: EmbeddedBroker) -> None:
    os.kill(broker.pid, signal.SIGKILL)
    with pytest.raises(EmbeddedBrokerEndedError) as caught:
        await broker.wait_ended()
    assert caught.value.exit_code == -signal.SIGKILL
    assert "ended with exit code -9" in str(caught.value)


async def test_broker_ends_with_an_engine_that_is_killed(broker: EmbeddedBroker) -> None:
    script = (
        "import asyncio\n"
        "from flowengine_nodes.network.embedded_broker import BrokerKind, EmbeddedBroker\n"
        "async def main():\n"
        f"    async with EmbeddedBroker(kind=BrokerKind({broker.kind.value!r})) as broker:\n"
        "        print(broker.pid, flush=True)\n"
        "        await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    engine = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE)
    assert engine.stdout is not None
    pid = int(await engine.stdout.readline())
    assert alive(pid)
    engine.kill()
    await engine.wait()
    async with asyncio.timeout(10):
        while alive(pid):  # noqa: ASYNC110 - another process ends, which sets no event here
            await asyncio.sleep(0.01)


async def test_broker_says_which_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotListenError, match=f"127.0.0.1:{port}: address already in use"):
            async with EmbeddedBroker(port=port):
                pass


async def test_broker_says_what_mosquitto_says_when_it_does_not_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(embedded_broker, "_MOSQUITTO", "no_such_option true\n")
    with pytest.raises(EmbeddedBrokerEndedError, match="Unknown configuration variable"):
        async with EmbeddedBroker(kind=BrokerKind.MOSQUITTO):
            pass


async def test_broker_prefers_mosquitto_and_falls_back_to_rumqttd(monkeypatch: pytest.MonkeyPatch) -> None:
    assert embedded_broker.installed_kinds() == [BrokerKind.MOSQUITTO, BrokerKind.RUMQTTD]
    monkeypatch.setattr(embedded_broker, "_mosquitto", lambda: None)
    async with EmbeddedBroker() as broker:
        assert broker.kind is BrokerKind.RUMQTTD


async def test_broker_says_what_to_install_when_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_broker, "installed_kinds", list)
    with pytest.raises(NoEmbeddedBrokerError, match="apt-get install mosquitto"):
        async with EmbeddedBroker():
            pass


def alive(pid: int) -> bool:
    """Return whether a process runs; one that nobody has waited for yet does not."""
    try:
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123 - may vanish between any two calls
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
