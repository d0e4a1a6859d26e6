import random

import mqtt5
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine_nodes.network.mqtt.errors import ProtocolViolationError
from flowengine_nodes.network.mqtt.inbound import Inbound
from flowengine_nodes.network.mqtt.options import ClientOptions
from flowengine_nodes.network.mqtt.properties import NO_PROPERTIES, Properties
from tests.network.mqtt.peer import Peer, publish


@pytest.fixture
def peer() -> Peer:
    peer = Peer()
    peer.subscribe("#")
    peer.connect()
    peer.take()
    return peer


def test_message_has_all_that_was_sent(peer: Peer) -> None:
    packet = mqtt5.PublishPacket(
        "a/b",
        b"\xff\x00",
        qos=mqtt5.QoS.AT_LEAST_ONCE,
        packet_id=9,
        duplicate=True,
        payload_format_indicator=1,
        message_expiry_interval=7,
        content_type="text/plain",
        response_topic="r",
        correlation_data=b"c",
        user_properties=[("k", "v"), ("k", "w")],
    )
    peer.feed(packet)
    (message,) = peer.received
    assert (message.topic, message.payload, message.qos) == ("a/b", b"\xff\x00", 1)
    assert (message.retain, message.duplicate) == (False, True)
    assert message.properties == Properties(
        payload_is_text=True,
        message_expiry=7,
        content_type="text/plain",
        response_topic="r",
        correlation_data=b"c",
        user_properties=(("k", "v"), ("k", "w")),
    )


def test_message_without_properties_shares_the_empty_ones(peer: Peer) -> None:
    peer.feed(publish())
    assert peer.received[0].properties is NO_PROPERTIES
    assert Inbound("a", b"", 0, False, False, {}).properties is NO_PROPERTIES


def test_message_qos_0_needs_no_settling(peer: Peer) -> None:
    peer.feed(publish())
    peer.received[0].settle()
    peer.received[0].leave()
    assert peer.take() == []


def test_message_qos_1_is_acknowledged_only_when_settled(peer: Peer) -> None:
    peer.feed(publish(qos=1, packet_id=5))
    assert peer.take() == []
    assert len(peer.session.inbound) == 1
    peer.received[0].settle()
    assert peer.session.outgoing.take() == b"\x40\x02\x00\x05"
    peer.received[0].settle()
    peer.received[0].leave()
    assert peer.take() == []
    assert len(peer.session.inbound) == 0


@given(st.permutations(range(1, 101)), st.sampled_from([1, 2]))
def test_acknowledgements_leave_in_the_order_received(order: list[int], qos: int) -> None:
    peer = Peer()
    peer.subscribe("#")
    peer.connect()
    peer.take()
    peer.feed(*(publish(qos=qos, packet_id=packet_id) for packet_id in range(1, 101)))
    sent: list[int] = []
    settled: set[int] = set()
    for packet_id in order:
        peer.received[packet_id - 1].settle()
        settled.add(packet_id)
        for packet in peer.take():
            assert isinstance(packet, mqtt5.PubAckPacket if qos == 1 else mqtt5.PubRecPacket)
            sent.append(packet.packet_id)
        # As many as the oldest unsettled message allows, no fewer and no more.
        unbroken = next((n for n in range(1, 102) if n not in settled), 101) - 1
        assert sent == list(range(1, unbroken + 1))
    assert len(sent) == 100


def test_message_qos_2_goes_through_the_whole_handshake(peer: Peer) -> None:
    peer.feed(publish(qos=2, packet_id=5))
    assert peer.take() == []
    peer.received[0].settle()
    assert peer.take_one(mqtt5.PubRecPacket).packet_id == 5
    peer.feed(publish(qos=2, packet_id=5, duplicate=True))
    assert peer.take_one(mqtt5.PubRecPacket).packet_id == 5
    peer.feed(mqtt5.PubRelPacket(5))
    assert peer.take_one(mqtt5.PubCompPacket).reason_code == mqtt5.PubCompReasonCode.SUCCESS
    peer.feed(mqtt5.PubRelPacket(5))
    assert peer.take_one(mqtt5.PubCompPacket).reason_code == mqtt5.PubCompReasonCode.PACKET_ID_NOT_FOUND
    assert len(peer.received) == 1
    peer.feed(publish(qos=2, packet_id=5, payload=b"new"))
    assert [each.payload for each in peer.received] == [b"x", b"new"]


@pytest.mark.parametrize("qos", [1, 2])
def test_refused_message_is_answered_with_its_reason(peer: Peer, qos: int) -> None:
    peer.feed(publish(qos=qos, packet_id=5), publish(qos=qos, packet_id=6))
    peer.received[0].settle(accepted=False)
    peer.received[1].settle(accepted=False, reason_code=0x99)
    first, second = peer.take()
    assert isinstance(first, mqtt5.PubAckPacket | mqtt5.PubRecPacket)
    assert isinstance(second, mqtt5.PubAckPacket | mqtt5.PubRecPacket)
    assert [int(first.reason_code), int(second.reason_code)] == [0x80, 0x99]
    # A refusal ends QoS 2 at once: the identifier is free for another message.
    peer.feed(publish(qos=qos, packet_id=5, payload=b"new"))
    assert peer.received[2].payload == b"new"


def test_left_message_is_not_acknowledged_and_blocks_no_other(peer: Peer) -> None:
    peer.feed(*(publish(qos=1, packet_id=n) for n in (1, 2, 3)))
    peer.received[0].leave()
    peer.received[2].settle()
    assert peer.take() == []
    peer.received[1].settle()
    assert [each.packet_id for each in peer.take() if isinstance(each, mqtt5.PubAckPacket)] == [2, 3]
    assert peer.session.inbound.quota_used == 1
    peer.reconnect()
    peer.feed(publish(qos=1, packet_id=1, duplicate=True))
    assert len(peer.received) == 4
    assert peer.session.inbound.quota_used == 1


def test_several_subscribers_settle_once_the_last_has() -> None:
    outcomes = []
    for first, second in [("yes", "yes"), ("no", "yes"), ("yes", "no"), ("leave", "no"), ("no", "leave")]:
        peer = Peer()
        others: list[Inbound] = []
        peer.subscribe("#")
        peer.subscribe("#", on_message=others.append)
        peer.connect()
        peer.take()
        peer.feed(publish(qos=1, packet_id=1))
        for message, outcome in ((peer.received[0], first), (others[0], second)):
            assert peer.take() == []
            if outcome == "leave":
                message.leave()
            else:
                message.settle(outcome == "yes")
        outcomes.append([int(each.reason_code) for each in peer.take() if isinstance(each, mqtt5.PubAckPacket)])
    assert outcomes == [[0], [0x80], [0x80], [], []]


@pytest.mark.parametrize("qos", [1, 2])
def test_redelivery_reaches_nobody_twice_and_is_acknowledged_when_settled(peer: Peer, qos: int) -> None:
    peer.feed(*(publish(qos=qos, packet_id=n, payload=bytes([n])) for n in (1, 2, 3)))
    peer.received[1].settle()
    peer.session.lost()
    peer.received[2].settle()
    assert peer.take() == []
    peer.connect(mqtt5.ConnAckPacket(session_present=True))
    peer.take()
    # The broker's order is the order of the new connection, whatever it was before.
    peer.feed(*(publish(qos=qos, packet_id=n, payload=bytes([n]), duplicate=True) for n in (2, 1, 3)))
    kind = mqtt5.PubAckPacket if qos == 1 else mqtt5.PubRecPacket
    assert [each.packet_id for each in peer.take() if isinstance(each, kind)] == [2]
    peer.received[0].settle()
    assert [each.packet_id for each in peer.take() if isinstance(each, kind)] == [1, 3]
    assert len(peer.received) == 3


def test_redelivery_that_is_another_message_is_handed_over(peer: Peer) -> None:
    peer.feed(publish(qos=1, packet_id=1, payload=b"old"))
    peer.reconnect()
    peer.take()
    peer.feed(publish(qos=1, packet_id=1, payload=b"new"))
    peer.received[0].settle()
    assert peer.take() == []
    peer.received[1].settle()
    assert peer.take_one(mqtt5.PubAckPacket).packet_id == 1


def test_settling_after_the_session_was_lost_does_nothing(peer: Peer) -> None:
    peer.feed(publish(qos=1, packet_id=1), publish(qos=2, packet_id=2))
    peer.received[1].settle()
    peer.reconnect(session_present=False)
    peer.take()
    peer.received[0].settle()
    assert peer.take() == []
    peer.feed(publish(qos=1, packet_id=1, duplicate=True), publish(qos=2, packet_id=2, duplicate=True))
    assert len(peer.received) == 4


def test_qos_2_handshake_goes_on_after_a_reconnect(peer: Peer) -> None:
    peer.feed(publish(qos=2, packet_id=1))
    peer.received[0].settle()
    peer.reconnect()
    peer.take()
    peer.feed(publish(qos=2, packet_id=1, duplicate=True), mqtt5.PubRelPacket(1))
    answers = [type(each) for each in peer.take()]
    assert answers == [mqtt5.PubRecPacket, mqtt5.PubCompPacket]
    assert len(peer.received) == 1


def test_broker_that_exceeds_our_receive_maximum_is_not_heard_before_there_is_room() -> None:
    peer = Peer(ClientOptions(receive_maximum=3))
    peer.subscribe("#")
    assert peer.connect().receive_max == 3
    peer.take()
    peer.feed(*(publish(str(n), qos=1, packet_id=n) for n in range(1, 8)), publish("not counted"))
    assert [each.topic for each in peer.received] == ["1", "2", "3", "not counted"]
    assert not peer.session.has_room
    peer.received[0].settle()
    peer.received[1].settle()
    assert peer.session.has_room
    assert not peer.feed(publish("8", qos=1, packet_id=8))
    assert [each.topic for each in peer.received[4:]] == ["4", "5"]
    # What was not handed over is sent again by the broker.
    peer.reconnect()
    assert not peer.session.has_surplus
    peer.feed(*(publish(str(n), qos=1, packet_id=n, duplicate=True) for n in range(3, 9)))
    for message in (*peer.received[2:3], *peer.received[4:]):
        message.settle()
    peer.feed()
    assert [each.topic for each in peer.received[4:]] == ["4", "5", "6", "7", "8"]


def test_subscriber_that_raises_leaves_its_message_and_stops_nobody_else() -> None:
    peer = Peer()

    def broken(message: Inbound) -> None:
        raise ValueError(message.topic)

    peer.subscribe("bad", on_message=broken)
    peer.subscribe("good")
    peer.connect()
    peer.take()
    peer.feed(publish("bad", qos=1, packet_id=1), publish("good", qos=1, packet_id=2))
    peer.received[0].settle()
    assert peer.take_one(mqtt5.PubAckPacket).packet_id == 2
    assert [str(each) for each in peer.faults] == ["bad"]


def test_subscriber_that_raises_after_settling_has_settled(peer: Peer) -> None:
    def broken(message: Inbound) -> None:
        message.settle()
        raise ValueError

    peer.subscribe("x", on_message=broken)
    peer.take()
    peer.feed(publish("x", qos=1, packet_id=1))
    peer.received[0].settle()
    assert peer.take_one(mqtt5.PubAckPacket).packet_id == 1


def test_message_that_nobody_wants_is_acknowledged_and_reported() -> None:
    peer = Peer()
    peer.connect()
    peer.feed(publish("old/1", qos=1, packet_id=1), publish("old/2"))
    assert peer.take_one(mqtt5.PubAckPacket).packet_id == 1
    assert peer.unclaimed == ["old/1", "old/2"]


def test_topic_aliases_of_the_broker_are_resolved() -> None:
    peer = Peer(ClientOptions(topic_alias_maximum=2))
    peer.subscribe("#")
    assert peer.connect().topic_alias_max == 2
    peer.feed(publish("a", topic_alias=1), publish("b", topic_alias=2), publish("", topic_alias=1))
    peer.feed(publish("c", topic_alias=1), publish("", topic_alias=1), publish("d"))
    assert [each.topic for each in peer.received] == ["a", "b", "a", "c", "c", "d"]
    with pytest.raises(ProtocolViolationError, match="which we did not allow"):
        peer.feed(publish("", topic_alias=3))
    peer.reconnect()
    with pytest.raises(ProtocolViolationError, match="topic is empty"):
        peer.feed(b"\x30\x03\x00\x00\x00")
    peer.reconnect()
    with pytest.raises(ProtocolViolationError, match="before it set it"):
        peer.feed(publish("", topic_alias=1))


def test_seeded_storm_of_settling_and_reconnects_loses_nothing() -> None:  # noqa: C901 - one model, one loop
    seed = 20_240_601
    rng = random.Random(seed)
    peer = Peer(ClientOptions(receive_maximum=20))
    peer.subscribe("#")
    peer.connect()
    peer.take()
    broker: dict[int, bytes] = {}
    handed: dict[bytes, int] = {}
    waiting: list[Inbound] = []
    line: list[int] = []
    sent = 0
    for _ in range(5_000):
        action = rng.random()
        if action < 0.5 and len(broker) < 20:
            sent += 1
            packet_id = next(n for n in range(1, 30) if n not in broker)
            broker[packet_id] = str(sent).encode()
            line.append(packet_id)
            peer.feed(publish(qos=1, packet_id=packet_id, payload=broker[packet_id]))
        elif action < 0.98 and waiting:
            message = waiting.pop(rng.randrange(len(waiting)))
            if rng.random() < 0.02:
                message.leave()
            else:
                message.settle()
        elif action >= 0.98:
            peer.reconnect()
            peer.take()
            line = list(broker)
            for packet_id, payload in broker.items():
                peer.feed(publish(qos=1, packet_id=packet_id, payload=payload, duplicate=True))
        for packet in peer.take():
            assert isinstance(packet, mqtt5.PubAckPacket), f"seed {seed}"
            while line[0] != packet.packet_id:
                assert line.pop(0) in broker, f"seed {seed}: out of order"
            line.pop(0)
            del broker[packet.packet_id]
        for message in peer.received:
            handed[message.payload] = handed.get(message.payload, 0) + 1
            waiting.append(message)
        peer.received.clear()
    for message in waiting:
        message.settle()
    assert handed.keys() == {str(n).encode() for n in range(1, sent + 1)}, f"seed {seed}"
    assert sent > 1_000
