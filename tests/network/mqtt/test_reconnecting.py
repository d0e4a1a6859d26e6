import asyncio
import random
import socket

import mqtt5
import pytest

from flowengine_nodes.network.mqtt.client import Connected, ConnectionEvent, Disconnected, Reconnecting
from flowengine_nodes.network.mqtt.errors import ClientClosedError, ConnectRefusedError, ProtocolViolationError
from flowengine_nodes.network.mqtt.mqtt5_client import Mqtt5Client
from flowengine_nodes.network.mqtt.options import ClientOptions
from tests.mosquitto import free_port
from tests.network.mqtt.conftest import break_connection
from tests.network.mqtt.fake_server import FakeServer
from tests.network.mqtt.inbox import Inbox
from tests.network.mqtt.peer import FakeTimers, publish


async def until(events: asyncio.Queue[ConnectionEvent], kind: type[ConnectionEvent]) -> ConnectionEvent:
    """Return the next event of a kind."""
    while True:
        event = await events.get()
        if isinstance(event, kind):
            return event


async def test_client_waits_longer_after_each_failure_with_full_jitter() -> None:
    timers = FakeTimers()
    options = ClientOptions(host="127.0.0.1", port=free_port(), backoff_base=1, backoff_max=20)
    client = Mqtt5Client(options, timers=timers, jitter=random.Random(5))
    events: asyncio.Queue[ConnectionEvent] = asyncio.Queue()
    client.listen(events.put_nowait)
    client.connect()
    delays = []
    for _ in range(8):
        event = await until(events, Disconnected)
        assert isinstance(event, Disconnected)
        assert f"cannot connect to 127.0.0.1:{options.port}" in str(event.error)
        event = await until(events, Reconnecting)
        assert isinstance(event, Reconnecting)
        delays.append(event.delay)
        timers.advance(event.delay)
    await client.close()
    expected = random.Random(5)
    assert delays == [expected.uniform(0, limit) for limit in (1, 2, 4, 8, 16, 20, 20, 20)]


async def test_client_reports_a_refusal_and_tries_again() -> None:
    refusal = mqtt5.ConnAckPacket(reason_code=mqtt5.ConnAckReasonCode.BAD_USER_NAME_OR_PASSWORD)
    async with FakeServer() as server:
        server.connack = refusal
        client = Mqtt5Client(ClientOptions(host="127.0.0.1", port=server.port, backoff_base=0))
        events: asyncio.Queue[ConnectionEvent] = asyncio.Queue()
        client.listen(events.put_nowait)
        client.connect()
        event = await until(events, Disconnected)
        assert isinstance(event, Disconnected)
        assert isinstance(event.error, ConnectRefusedError)
        server.connack = mqtt5.ConnAckPacket()
        await client.wait_connected()
        await client.close()


@pytest.mark.parametrize("garbage", [b"\x00\x00", b"HTTP/1.1 400 Bad Request\r\n" + b"x" * 90, b"\x30\x02\x00\x05"])
async def test_client_survives_a_server_that_talks_nonsense(garbage: bytes) -> None:
    async with FakeServer() as server:
        client = Mqtt5Client(ClientOptions(host="127.0.0.1", port=server.port, backoff_base=0))
        events: asyncio.Queue[ConnectionEvent] = asyncio.Queue()
        client.listen(events.put_nowait)
        client.connect()
        await client.wait_connected()
        server.send(garbage)
        event = await until(events, Disconnected)
        assert isinstance(event, Disconnected)
        assert isinstance(event.error, ProtocolViolationError)
        assert "the broker sent" in str(event.error)
        await client.wait_connected()
        assert len(server.connections) == 2
        goodbye = server.connections[0].packets[-1]
        assert isinstance(goodbye, mqtt5.DisconnectPacket)
        assert int(goodbye.reason_code) in {0x81, 0x82}
        await client.close()


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", b"\x20\x03\x00\x00\x00\r\n"]
)
async def test_client_reports_a_server_that_speaks_no_websocket(answer: bytes) -> None:
    async with FakeServer() as server:
        server.greeting = answer
        options = ClientOptions(host="127.0.0.1", port=server.port, websocket_path="/mqtt", backoff_base=60)
        client = Mqtt5Client(options)
        events: asyncio.Queue[ConnectionEvent] = asyncio.Queue()
        client.listen(events.put_nowait)
        client.connect()
        event = await until(events, Disconnected)
        assert isinstance(event, Disconnected)
        assert "the WebSocket was refused" in str(event.error)
        await client.close()


async def test_client_gives_up_on_a_server_that_never_answers_connect() -> None:
    async with FakeServer() as server:
        server.connack = None
        options = ClientOptions(host="127.0.0.1", port=server.port, connect_timeout=0.05, backoff_base=0)
        client = Mqtt5Client(options)
        events: asyncio.Queue[ConnectionEvent] = asyncio.Queue()
        client.listen(events.put_nowait)
        client.connect()
        event = await until(events, Disconnected)
        assert isinstance(event, Disconnected)
        assert "no answer within 0.05 s" in str(event.error)
        server.connack = mqtt5.ConnAckPacket()
        await client.wait_connected()
        await client.close()


async def test_client_notices_a_half_open_connection() -> None:
    async with FakeServer() as server:
        timers = FakeTimers()
        options = ClientOptions(host="127.0.0.1", port=server.port, keep_alive=60, ping_timeout=10, backoff_base=0)
        client = Mqtt5Client(options, timers=timers)
        events: asyncio.Queue[ConnectionEvent] = asyncio.Queue()
        client.listen(events.put_nowait)
        client.connect()
        await client.wait_connected()
        server.is_silent = True
        timers.advance(30)
        await server.connections[0].got(mqtt5.PingReqPacket)
        timers.advance(10)
        event = await until(events, Disconnected)
        assert isinstance(event, Disconnected)
        assert "did not answer a ping" in str(event.error)
        server.is_silent = False
        await until(events, Reconnecting)
        timers.advance(1)
        await client.wait_connected()
        await client.close()


async def test_client_paused_connects_and_stays_paused() -> None:
    async with FakeServer() as server:
        client = Mqtt5Client(ClientOptions(host="127.0.0.1", port=server.port, backoff_base=0))
        events: asyncio.Queue[ConnectionEvent] = asyncio.Queue()
        client.listen(events.put_nowait)
        inbox = Inbox()
        client.subscribe("a", 0, inbox)
        client.pause_reading()
        client.connect()
        for number in range(2):
            await until(events, Connected)
            server.send(publish())
            await client.publish_and_wait("b", b"", qos=0)
            await server.connections[number].got(mqtt5.PublishPacket)
            assert inbox.messages == []
            if number == 0:
                break_connection(client)
        client.resume_reading()
        await inbox.wait(1)
        await client.close()


async def test_client_reports_an_address_that_makes_no_sense() -> None:
    for options in (
        ClientOptions(host="127.0.0.1", port=1, websocket_path="/a#b", backoff_base=60),
        ClientOptions(host="no such host..", backoff_base=60),
    ):
        client = Mqtt5Client(options)
        events: asyncio.Queue[ConnectionEvent] = asyncio.Queue()
        client.listen(events.put_nowait)
        client.connect()
        event = await until(events, Disconnected)
        assert isinstance(event, Disconnected)
        assert "cannot connect to" in str(event.error)
        await client.close()


async def test_client_sets_tcp_nodelay() -> None:
    async with FakeServer() as server:
        client = Mqtt5Client(ClientOptions(host="127.0.0.1", port=server.port))
        client.connect()
        await client.wait_connected()
        assert client._connection is not None
        assert client._connection._transport is not None
        connected = client._connection._transport.get_extra_info("socket")
        assert connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
        await client.close()


async def test_client_closed_says_goodbye_and_ends_what_waits() -> None:
    async with FakeServer() as server:
        client = Mqtt5Client(ClientOptions(host="127.0.0.1", port=server.port))
        events: asyncio.Queue[ConnectionEvent] = asyncio.Queue()
        client.listen(events.put_nowait)
        client.connect()
        await client.wait_connected()
        waiting = asyncio.create_task(client.publish_and_wait("a", b""))
        await server.connections[0].got(mqtt5.PublishPacket)
        await client.close()
        await client.close()
        with pytest.raises(ClientClosedError):
            await waiting
        with pytest.raises(ClientClosedError):
            await client.wait_connected()
        goodbye = await server.connections[0].got(mqtt5.DisconnectPacket)
        assert goodbye.reason_code == mqtt5.DisconnectReasonCode.NORMAL_DISCONNECTION
        assert await until(events, Disconnected) == Disconnected(None)


async def test_client_closed_before_it_ever_connected() -> None:
    client = Mqtt5Client(ClientOptions(host="127.0.0.1", port=free_port()))
    waiting = asyncio.create_task(client.wait_connected())
    client.connect()
    await asyncio.sleep(0)
    await client.close()
    with pytest.raises(ClientClosedError):
        await waiting
    client.connect()
    assert not client.is_connected


async def test_client_listener_that_raises_stops_nobody_else() -> None:
    faults: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context["exception"]))

    def broken(event: ConnectionEvent) -> None:
        raise ValueError(event)

    async with FakeServer() as server:
        client = Mqtt5Client(ClientOptions(host="127.0.0.1", port=server.port))
        client.listen(broken)
        events: asyncio.Queue[ConnectionEvent] = asyncio.Queue()
        stop = client.listen(events.put_nowait)
        client.connect()
        assert await until(events, Connected) == Connected(session_present=False)
        stop()
        await client.close()
        assert events.empty()
    assert len(faults) == 2
