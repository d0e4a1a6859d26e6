"""Connections, of every client, to a real Mosquitto."""

import asyncio
import gc
import ssl
from pathlib import Path

import pytest

from flowengine_nodes.network.mqtt.client import Connected, Disconnected, Reconnecting
from flowengine_nodes.network.mqtt.errors import ConnectRefusedError, OfflineError, QueueFullError
from flowengine_nodes.network.mqtt.options import Will
from tests.certificates import Certificates
from tests.conftest import MosquittoFactory
from tests.mosquitto import Mosquitto
from tests.network.mqtt.conftest import ClientFactory, break_connection
from tests.network.mqtt.contract.client_acts import connected, happened, subscribed
from tests.network.mqtt.inbox import Inbox

pytestmark = pytest.mark.mosquitto


async def test_will_is_published_when_the_connection_breaks(mosquitto: Mosquitto, new_client: ClientFactory) -> None:
    inbox = Inbox()
    watcher = await connected(new_client(mosquitto))
    await subscribed(watcher, "status/#", inbox)
    will = Will(topic="status/dev", payload=b"offline", qos=1)
    device = await connected(new_client(mosquitto, will=will, backoff_base=60, backoff_max=60))
    break_connection(device)
    (message,) = await inbox.wait(1)
    assert (message.topic, message.payload) == ("status/dev", b"offline")
    polite = await connected(new_client(mosquitto, will=will))
    await polite.close()
    await watcher.publish_and_wait("status/end", b"")
    await inbox.wait(2)
    assert inbox.payloads == [b"offline", b""]


async def test_client_waits_for_a_broker_that_is_not_there_yet(
    new_mosquitto: MosquittoFactory, new_client: ClientFactory
) -> None:
    broker = new_mosquitto()
    inbox = Inbox()
    client = new_client(broker, queue_limit=2)
    client.subscribe("a", 1, inbox)
    event = await happened(client, Disconnected, client.connect)
    assert isinstance(event, Disconnected)
    assert f"cannot connect to 127.0.0.1:{broker.port}" in str(event.error)
    assert not client.is_connected
    waiting = [asyncio.create_task(client.publish_and_wait("a", bytes([n]))) for n in range(2)]
    await asyncio.sleep(0)
    assert client.pending.queued == 2
    with pytest.raises(QueueFullError):
        await client.publish_and_wait("a", b"too much")
    with pytest.raises(OfflineError):
        await client.publish_and_wait("a", b"now or never", qos=0)
    await broker.start()
    await asyncio.gather(*waiting)
    await inbox.wait(2)
    assert inbox.payloads == [b"\0", b"\1"]


async def test_broker_that_freezes_is_noticed(new_mosquitto: MosquittoFactory, new_client: ClientFactory) -> None:
    broker = new_mosquitto()
    await broker.start()
    inbox = Inbox()
    client = await connected(new_client(broker, client_id="x", keep_alive=1, ping_timeout=0.5, connect_timeout=1.0))
    await subscribed(client, "a", inbox)
    event = await happened(client, Disconnected, broker.pause)
    assert isinstance(event, Disconnected)
    assert event.error is not None
    assert not client.is_connected
    waiting = asyncio.create_task(client.publish_and_wait("a", b"after"))
    broker.resume()
    await waiting
    await inbox.wait(1)


async def test_wrong_password_is_reported_and_tried_again(
    new_mosquitto: MosquittoFactory, new_client: ClientFactory
) -> None:
    broker = new_mosquitto(users={"ada": "secret"})
    await broker.start()
    client = new_client(broker, username="ada", password=b"wrong")
    event = await happened(client, Disconnected, client.connect)
    assert isinstance(event, Disconnected)
    assert isinstance(event.error, ConnectRefusedError)
    assert "not authori" in str(event.error)
    assert isinstance(await happened(client, Reconnecting, lambda: None), Reconnecting)
    await connected(new_client(broker, username="ada", password=b"secret"))


# paho leaves the socket of a failed handshake to the garbage collector.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket")
async def test_tls_with_client_certificates(
    new_mosquitto: MosquittoFactory, new_client: ClientFactory, tmp_path: Path
) -> None:
    ours = Certificates(tmp_path / "ours")
    certificate, key = ours.issue("127.0.0.1")
    broker = new_mosquitto(tls=(ours.authority, certificate, key), require_certificate=True)
    await broker.start()
    context = ssl.create_default_context(cafile=str(ours.authority))
    context.load_cert_chain(*ours.issue("client"))
    client = await connected(new_client(broker, tls=context))
    inbox = Inbox()
    await subscribed(client, "a", inbox)
    for n in range(100):
        await client.publish_and_wait("a", bytes(n * 100))
    await inbox.wait(100)

    without = new_client(broker, tls=ssl.create_default_context(cafile=str(ours.authority)))
    assert isinstance(await happened(without, Disconnected, without.connect), Disconnected)


async def test_tls_that_trusts_nobody_leaves_no_socket_open(
    new_mosquitto: MosquittoFactory, new_client: ClientFactory, tmp_path: Path
) -> None:
    ours = Certificates(tmp_path / "ours")
    broker = new_mosquitto(tls=(ours.authority, *ours.issue("127.0.0.1")))
    await broker.start()
    distrustful = new_client(broker, tls=ssl.create_default_context())
    # Whatever is left open must not be closed by chance.
    gc.disable()
    try:
        event = await happened(distrustful, Disconnected, distrustful.connect)
        assert isinstance(event, Disconnected)
        assert "certificate verify failed" in str(event.error)
        await distrustful.close()
        assert [each for each in gc.get_objects() if isinstance(each, ssl.SSLSocket) and each.fileno() >= 0] == []
    finally:
        gc.enable()


async def test_tls_expects_the_name_that_it_is_told(
    new_mosquitto: MosquittoFactory, new_client: ClientFactory, tmp_path: Path
) -> None:
    certificates = Certificates(tmp_path / "certificates")
    broker = new_mosquitto(tls=(certificates.authority, *certificates.issue("broker.example")))
    await broker.start()
    tls = ssl.create_default_context(cafile=certificates.authority)
    for name, reason in ((None, "127.0.0.1"), ("other.example", "other.example")):
        client = new_client(broker, tls=tls, server_name=name)
        event = await happened(client, Disconnected, client.connect)
        assert isinstance(event, Disconnected)
        assert reason in str(event.error)
        await client.close()
    client = await connected(new_client(broker, tls=tls, server_name="broker.example"))
    await client.publish_and_wait("a", b"")
    gc.collect()


async def test_websocket_carries_everything(new_mosquitto: MosquittoFactory, new_client: ClientFactory) -> None:
    broker = new_mosquitto(websocket=True)
    await broker.start()
    inbox = Inbox()
    client = await connected(new_client(broker, port=broker.websocket_port, websocket_path="/mqtt", client_id="web"))
    await subscribed(client, "a/{n}", inbox)
    payloads = [b"", b"x", bytes(200), bytes(20_000)]
    for payload in payloads:
        await client.publish_and_wait("a/b", payload)
    await inbox.wait(4)
    assert inbox.payloads == payloads
    event = await happened(client, Connected, lambda: break_connection(client))
    assert event == Connected(session_present=True)
    # No more than a few: Mosquitto serves WebSockets only ten times a second.
    await asyncio.gather(*(client.publish_and_wait("a/b", str(n).encode()) for n in range(30)))
    await inbox.wait(34)


async def test_closing_while_the_broker_is_frozen_ends(
    new_mosquitto: MosquittoFactory, new_client: ClientFactory
) -> None:
    broker = new_mosquitto()
    await broker.start()
    client = await connected(new_client(broker, connect_timeout=1.0))
    broker.pause()
    async with asyncio.timeout(10):
        await client.close()
    assert not client.is_connected
    broker.resume()
