import asyncio
import random
import socket

import mqtt5
import pytest

from flowengine_nodes.network.mqtt.client import Connected, ConnectionEvent, Disconnected, Reconnecting
from flowengine_nodes.network.mqtt.errors import (
    ClientClosedError,
    ConnectionLostError,
    ConnectRefusedError,
    ProtocolViolationError,
)
from flowengine_nodes.network.mqtt.inbound import Inbound
from flowengine_nodes.network.mqtt.keep_alive import KeepAlive
from flowengine_nodes.network.mqtt.mqtt5_client import Mqtt5Client
from flowengine_nodes.network.mqtt.options import ClientOptions
from flowengine_nodes.network.mqtt.transport import Connection
from tests.mosquitto import free_port
from tests.network.mqtt.conftest import break_connection
from tests.network.mqtt.fake_server import FakeServer
from tests.network.mqtt.inbox import Inbox
from tests.network.mqtt.peer import FakeTimers, Peer, parse, publish


class FakeTransport(asyncio.Transport):
    """Notes what a connection does."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.is_reading_now = True
        self.is_closed = False
        self.is_aborted = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.writes.append(bytes(data))

    def pause_reading(self) -> None:
        assert self.is_reading_now
        self.is_reading_now = False

    def resume_reading(self) -> None:
        assert not self.is_reading_now
        self.is_reading_now = True

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        assert high

    def is_closing(self) -> bool:
        return self.is_closed

    def close(self) -> None:
        self.is_closed = True

    def abort(self) -> None:
        self.is_closed = self.is_aborted = True


class Rig:
    """A connection on a fake transport, with fake time, already accepted by the broker."""

    def __init__(self, options: ClientOptions | None = None, *, coalesce: bool = True) -> None:
        self.peer = Peer(options)
        self.timers = FakeTimers()
        self.transport = FakeTransport()
        self.ended: list[ConnectionLostError] = []
        self.connection = Connection(
            self.peer.session,
            asyncio.get_running_loop(),
            self.timers,
            coalesce=coalesce,
            on_end=self.ended.append,
        )
        self.peer.subscribe("#")
        self.connection.connection_made(self.transport)
        self.connection.data_received(mqtt5.ConnAckPacket().write())
        self.transport.writes.clear()

    @property
    def written(self) -> list[mqtt5.Packet]:
        return parse(b"".join(self.transport.writes))


async def test_connection_writes_once_for_a_read_with_all_its_answers() -> None:
    rig = Rig()

    def echo(message: Inbound) -> None:
        rig.peer.publish("echo", message.payload, 1)
        message.settle()

    rig.peer.subscribe("in", on_message=echo)
    await asyncio.sleep(0)
    rig.transport.writes.clear()
    rig.connection.data_received(b"".join(publish("in", qos=1, packet_id=n) for n in range(1, 51)))
    assert len(rig.transport.writes) == 1
    kinds = [type(each) for each in rig.written]
    assert kinds.count(mqtt5.PubAckPacket) == 0, "the catch-all subscriber has not settled"
    assert kinds.count(mqtt5.PublishPacket) == 50
    rig.transport.writes.clear()
    for message in rig.peer.received:
        message.settle()
    assert rig.transport.writes == []
    await asyncio.sleep(0)
    assert len(rig.transport.writes) == 1
    assert [type(each) for each in rig.written] == [mqtt5.PubAckPacket] * 50


async def test_connection_gives_the_loop_its_turn_between_portions() -> None:
    rig = Rig()
    rig.connection.data_received(publish() * 1000)
    assert 0 < len(rig.peer.received) < 1000
    assert not rig.transport.is_reading_now
    turns = 0
    while len(rig.peer.received) < 1000:
        before = len(rig.peer.received)
        await asyncio.sleep(0)
        assert len(rig.peer.received) - before <= 256
        turns += 1
        assert turns < 20
    assert turns >= 3
    rig.timers.advance(1)
    assert rig.transport.is_reading_now


async def test_connection_paused_takes_nothing_in_and_goes_on_where_it_was() -> None:
    rig = Rig()
    rig.peer.subscribe("stop", on_message=lambda _: rig.connection.pause_reading())
    rig.connection.data_received(publish("stop") + publish("a") * 2)
    assert [each.topic for each in rig.peer.received] == ["stop"]
    await asyncio.sleep(0)
    assert not rig.transport.is_reading_now
    assert len(rig.peer.received) == 1
    rig.connection.resume_reading()
    await asyncio.sleep(0)
    assert rig.transport.is_reading_now
    assert len(rig.peer.received) == 3


async def test_connection_that_is_overrun_stops_reading_until_there_is_room() -> None:
    rig = Rig(ClientOptions(client_id="me", receive_maximum=2), coalesce=False)
    await asyncio.sleep(0)
    for start in range(1, 1100, 100):
        rig.connection.data_received(b"".join(publish(qos=1, packet_id=n) for n in range(start, start + 100)))
    assert len(rig.peer.received) == 2
    assert not rig.transport.is_reading_now
    # What answers a publish lies behind the surplus, so that it must be read.
    done = rig.peer.publish("out")
    await asyncio.sleep(0)
    assert rig.transport.is_reading_now
    (sent,) = (each for each in rig.written if isinstance(each, mqtt5.PublishPacket))
    assert sent.packet_id is not None
    rig.connection.data_received(mqtt5.PubAckPacket(sent.packet_id).write())
    assert done.error is None
    assert not rig.transport.is_reading_now
    for message in rig.peer.received:
        message.settle()
    while len(rig.peer.received) < 1100:
        rig.peer.received[-1].settle()
        rig.peer.received[-2].settle()
        await asyncio.sleep(0)
    assert rig.transport.is_reading_now


async def busy(rig: Rig, **packet: int) -> None:
    """Make a high rate of messages known to the connection."""
    for _ in range(3):
        rig.timers.advance(0.02)
        rig.connection.data_received(publish(**packet) * 50)  # type: ignore[arg-type]
        rig.timers.advance(0.002)


async def test_connection_coalesces_reads_under_a_high_rate() -> None:
    rig = Rig()
    rig.connection.data_received(publish())
    assert rig.transport.is_reading_now, "one message is no high rate"
    await busy(rig)
    rig.connection.data_received(publish() * 50)
    assert not rig.transport.is_reading_now
    rig.timers.advance(0.0011)
    assert rig.transport.is_reading_now
    rig.connection.data_received(publish() * 200)
    assert rig.transport.is_reading_now, "a read that was full needs no coalescing"
    rig.timers.advance(5)
    rig.connection.data_received(publish())
    assert rig.transport.is_reading_now, "the rate is low again"


async def test_connection_does_not_coalesce_where_latency_counts() -> None:
    rig = Rig(coalesce=False)
    await busy(rig)
    rig.connection.data_received(publish() * 50)
    assert rig.transport.is_reading_now


async def test_connection_does_not_coalesce_with_half_the_window_used() -> None:
    rig = Rig(ClientOptions(receive_maximum=20))
    await busy(rig)
    rig.connection.data_received(b"".join(publish(qos=1, packet_id=n) for n in range(1, 11)))
    assert not rig.transport.is_reading_now
    rig.timers.advance(0.002)
    rig.connection.data_received(publish(qos=1, packet_id=11))
    assert rig.transport.is_reading_now


async def test_connection_does_not_coalesce_while_publishes_wait_for_the_broker() -> None:
    rig = Rig()
    await busy(rig)
    rig.peer.session.outbound.set_writable(False)
    rig.peer.publish()
    rig.connection.data_received(publish() * 50)
    assert rig.transport.is_reading_now


async def test_connection_tells_a_broker_what_it_did_wrong_and_ends() -> None:
    rig = Rig()
    rig.connection.data_received(publish() + b"\x00\x00")
    assert len(rig.peer.received) == 1
    (goodbye,) = rig.written
    assert isinstance(goodbye, mqtt5.DisconnectPacket)
    assert goodbye.reason_code == mqtt5.DisconnectReasonCode.MALFORMED_PACKET
    assert rig.transport.is_closed
    assert isinstance(rig.ended[0], ProtocolViolationError)
    rig.connection.data_received(publish())
    assert len(rig.peer.received) == 1
    rig.timers.advance(3)
    assert rig.transport.is_aborted
    rig.connection.connection_lost(None)
    assert len(rig.ended) == 1


async def test_connection_that_has_ended_takes_no_bytes_of_the_next_one() -> None:
    rig = Rig()
    rig.peer.publish()
    rig.connection.abort(ConnectionLostError("gone"))
    rig.transport.writes.clear()
    rig.peer.session.open()
    await asyncio.sleep(0)
    assert rig.transport.writes == []
    assert len(rig.peer.take()) == 1


async def test_connection_holds_publishes_back_while_the_transport_is_full() -> None:
    rig = Rig()
    rig.connection.pause_writing()
    done = rig.peer.publish(qos=0)
    await asyncio.sleep(0)
    assert not done.told
    rig.connection.resume_writing()
    await asyncio.sleep(0)
    assert done.error is None
    assert len(rig.transport.writes) == 1


def test_keep_alive_probes_and_gives_up_on_silence() -> None:
    timers = FakeTimers()
    happened: list[str] = []
    keep_alive = KeepAlive(
        60, 10, timers, probe=lambda: happened.append("ping"), give_up=lambda: happened.append("dead")
    )
    timers.advance(31)
    assert happened == ["ping"]
    keep_alive.was_heard = True
    timers.advance(30)
    assert happened == ["ping", "ping"]
    timers.advance(8)
    assert happened == ["ping", "ping"]
    timers.advance(2)
    assert happened == ["ping", "ping", "dead"]
    assert timers.planned == 0


def test_keep_alive_pings_at_least_once_an_interval_whatever_the_timeout() -> None:
    for timeout in (1, 10, 29, 30, 45):
        timers = FakeTimers()
        pings: list[float] = []
        keep_alive = KeepAlive(60, timeout, timers, probe=lambda: pings.append(timers.now), give_up=lambda: None)  # noqa: B023 - used within the loop
        for _ in range(600):
            keep_alive.was_heard = True
            timers.advance(1)
        assert all(later - earlier <= 60 for earlier, later in zip([0.0, *pings], pings, strict=False))
        keep_alive.stop()
        assert timers.planned == 0


def test_keep_alive_does_not_judge_what_is_not_read() -> None:
    timers = FakeTimers()
    happened: list[str] = []
    keep_alive = KeepAlive(
        20, 5, timers, probe=lambda: happened.append("ping"), give_up=lambda: happened.append("dead")
    )
    keep_alive.is_deaf = True
    timers.advance(100)
    assert set(happened) == {"ping"}
    keep_alive.is_deaf = False
    timers.advance(20)
    assert happened[-1] == "dead"


def test_keep_alive_zero_never_probes() -> None:
    timers = FakeTimers()
    KeepAlive(0, 10, timers, probe=lambda: None, give_up=lambda: None)
    assert timers.planned == 0


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
