import asyncio

import mqtt5

from flowengine_nodes.network.mqtt.errors import ConnectionLostError, ProtocolViolationError
from flowengine_nodes.network.mqtt.inbound import Inbound
from flowengine_nodes.network.mqtt.options import ClientOptions
from tests.network.mqtt.peer import publish
from tests.network.mqtt.rig import Rig


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
