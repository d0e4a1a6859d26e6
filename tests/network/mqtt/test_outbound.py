import mqtt5
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine_nodes.network.mqtt.errors import (
    ClientClosedError,
    MessageExpiredError,
    OfflineError,
    ProtocolViolationError,
    PublishRefusedError,
    QueueFullError,
    TopicNameError,
)
from flowengine_nodes.network.mqtt.options import ClientOptions
from flowengine_nodes.network.mqtt.outbound import _encode_plain
from flowengine_nodes.network.mqtt.properties import Properties
from tests.network.mqtt.peer import Done, Peer


@pytest.fixture
def peer() -> Peer:
    peer = Peer()
    peer.connect()
    return peer


@given(
    st.text(st.characters(exclude_characters="+#\0", exclude_categories=["Cs"]), min_size=1, max_size=40),
    st.sampled_from([0, 1, 100, 127, 128, 16_300, 16_383, 16_384, 2_097_100, 2_097_152]),
    st.sampled_from([0, 1, 2]),
    st.booleans(),
)
def test_plain_encoding_is_the_codecs(topic: str, size: int, qos: int, retain: bool) -> None:
    payload = bytes(size)
    packet_id = 513 if qos else None
    encoded = topic.encode()
    head = len(encoded).to_bytes(2, "big") + encoded + (b"\x02\x01" if qos else b"")
    codec = mqtt5.PublishPacket(topic, payload, qos=mqtt5.QoS(qos), retain=retain, packet_id=packet_id)
    assert _encode_plain(0x30 | qos << 1 | retain, head, payload) == codec.write()


def test_publish_qos_0_is_done_when_written(peer: Peer) -> None:
    done = peer.publish(qos=0, retain=True)
    packet = peer.take_one(mqtt5.PublishPacket)
    assert (packet.topic, packet.payload, packet.retain, packet.packet_id) == ("a", b"x", True, None)
    assert done.error is None


def test_publish_qos_1_is_done_at_puback(peer: Peer) -> None:
    done = peer.publish()
    packet = peer.take_one(mqtt5.PublishPacket)
    assert not done.told
    assert packet.packet_id is not None
    peer.feed(mqtt5.PubAckPacket(packet.packet_id))
    assert done.error is None
    peer.feed(mqtt5.PubAckPacket(packet.packet_id))
    assert done.error is None


@pytest.mark.parametrize("retain", [False, True])
def test_publish_qos_1_is_sent_at_once_as_it_is_after_a_wait(peer: Peer, retain: bool) -> None:
    at_once, waiting = Peer(), peer
    at_once.connect()
    waiting.session.outbound.set_writable(False)
    for one in (at_once, waiting):
        one.publish("a/b", qos=1, retain=retain)
    assert waiting.session.outbound.queued == 1
    waiting.session.outbound.set_writable(True)
    assert at_once.session.outgoing.take() == waiting.session.outgoing.take()
    for one in (at_once, waiting):
        one.reconnect()
    assert at_once.session.outgoing.take() == waiting.session.outgoing.take()


def test_publish_qos_2_is_done_at_pubcomp(peer: Peer) -> None:
    done = peer.publish(qos=2)
    packet_id = peer.take_one(mqtt5.PublishPacket).packet_id or 0
    peer.feed(mqtt5.PubRecPacket(packet_id))
    assert peer.take_one(mqtt5.PubRelPacket).packet_id == packet_id
    assert not done.told
    peer.feed(mqtt5.PubCompPacket(packet_id))
    assert done.error is None


@pytest.mark.parametrize("qos", [1, 2])
def test_publish_that_the_broker_refuses_fails_with_its_reason(peer: Peer, qos: int) -> None:
    done = peer.publish("secret/x", qos=qos)
    packet_id = peer.take_one(mqtt5.PublishPacket).packet_id or 0
    if qos == 1:
        peer.feed(mqtt5.PubAckPacket(packet_id, reason_code=mqtt5.PubAckReasonCode.NOT_AUTHORIZED))
    else:
        peer.feed(mqtt5.PubRecPacket(packet_id, reason_code=mqtt5.PubRecReasonCode.NOT_AUTHORIZED))
    assert isinstance(done.error, PublishRefusedError)
    assert str(done.error) == 'publish to "secret/x" refused: the broker says: not authorized'
    assert done.error.reason_code == 0x87
    assert peer.session.outbound.in_flight == 0


def test_publish_without_subscribers_succeeds(peer: Peer) -> None:
    done = peer.publish()
    packet_id = peer.take_one(mqtt5.PublishPacket).packet_id or 0
    peer.feed(mqtt5.PubAckPacket(packet_id, reason_code=mqtt5.PubAckReasonCode.NO_MATCHING_SUBSCRIBERS))
    assert done.error is None


def test_publish_carries_all_properties(peer: Peer) -> None:
    properties = Properties(
        payload_is_text=True,
        message_expiry=60,
        content_type="text/plain",
        response_topic="answer",
        correlation_data=b"\x01",
        user_properties=(("a", "1"), ("a", "2")),
    )
    peer.publish(properties=properties)
    packet = peer.take_one(mqtt5.PublishPacket)
    assert packet.payload_format_indicator == 1
    assert packet.message_expiry_interval == 60
    assert packet.content_type == "text/plain"
    assert packet.response_topic == "answer"
    assert packet.correlation_data == b"\x01"
    assert packet.user_properties == [("a", "1"), ("a", "2")]


def test_publish_with_a_property_that_cannot_be_encoded_is_refused(peer: Peer) -> None:
    done = peer.publish(properties=Properties(content_type="x" * 70_000))
    assert isinstance(done.error, PublishRefusedError)
    surrogate = peer.publish(qos=0, properties=Properties(content_type="\ud800"))
    assert isinstance(surrogate.error, PublishRefusedError)
    assert peer.take() == []
    assert peer.session.outbound.in_flight == 0


def test_publish_to_an_invalid_topic_is_refused(peer: Peer) -> None:
    assert isinstance(peer.publish("a/+").error, TopicNameError)


def test_publish_of_more_than_mqtt_carries_is_refused(peer: Peer) -> None:
    error = peer.publish(payload=bytes(268_435_455)).error
    assert isinstance(error, PublishRefusedError)
    assert "268435455 bytes" in str(error)


def test_window_of_the_broker_is_never_exceeded() -> None:
    peer = Peer()
    peer.connect(mqtt5.ConnAckPacket(receive_max=2))
    dones = [peer.publish(payload=bytes([n]), qos=1 + n % 2) for n in range(5)]
    assert [each.payload for each in peer.take() if isinstance(each, mqtt5.PublishPacket)] == [b"\0", b"\1"]
    assert (peer.session.outbound.in_flight, peer.session.outbound.queued) == (2, 3)
    peer.feed(mqtt5.PubAckPacket(1))
    assert peer.take_one(mqtt5.PublishPacket).payload == b"\2"
    peer.feed(mqtt5.PubRecPacket(2))
    assert peer.take_one(mqtt5.PubRelPacket).packet_id == 2
    peer.feed(mqtt5.PubCompPacket(2))
    assert peer.take_one(mqtt5.PublishPacket).payload == b"\3"
    assert [bool(each.told) for each in dones] == [True, True, False, False, False]


def test_offline_queue_is_bounded_and_sent_in_order() -> None:
    peer = Peer(ClientOptions(queue_limit=3))
    dones = [peer.publish(payload=bytes([n])) for n in range(4)]
    assert isinstance(dones[3].error, QueueFullError)
    assert str(dones[3].error) == '3 messages already wait for the broker: one for "a" was refused'
    peer.connect()
    assert [each.payload for each in peer.take() if isinstance(each, mqtt5.PublishPacket)] == [b"\0", b"\1", b"\2"]


def test_publish_qos_0_while_offline_fails() -> None:
    peer = Peer()
    assert isinstance(peer.publish(qos=0).error, OfflineError)
    assert isinstance(peer.publish(qos=0, properties=Properties(content_type="x")).error, OfflineError)


def test_full_transport_holds_publishes_back_in_order(peer: Peer) -> None:
    peer.session.outbound.set_writable(False)
    dones = [peer.publish(payload=bytes([n]), qos=n % 2) for n in range(4)]
    assert peer.take() == []
    peer.session.outbound.set_writable(True)
    assert [each.payload for each in peer.take() if isinstance(each, mqtt5.PublishPacket)] == [
        b"\0",
        b"\1",
        b"\2",
        b"\3",
    ]
    assert [bool(each.told) for each in dones] == [True, False, True, False]


def test_full_transport_that_breaks_fails_qos_0_and_keeps_qos_1(peer: Peer) -> None:
    peer.session.outbound.set_writable(False)
    lost, kept = peer.publish(qos=0), peer.publish(qos=1)
    peer.reconnect()
    assert isinstance(lost.error, OfflineError)
    assert not kept.told
    assert peer.take_one(mqtt5.PublishPacket).duplicate is False


def test_reconnect_with_session_repeats_what_is_in_flight() -> None:
    peer = Peer()
    peer.connect(mqtt5.ConnAckPacket(receive_max=3))
    dones = [peer.publish(payload=bytes([n]), qos=qos) for n, qos in enumerate([1, 2, 2, 1])]
    sent = [each.packet_id for each in peer.take() if isinstance(each, mqtt5.PublishPacket)]
    peer.feed(mqtt5.PubRecPacket(sent[1] or 0))
    peer.take()
    peer.reconnect(receive_max=10)
    first, release, second, fresh = peer.take()
    assert isinstance(first, mqtt5.PublishPacket)
    assert (first.packet_id, first.duplicate, first.payload) == (sent[0], True, b"\0")
    assert isinstance(release, mqtt5.PubRelPacket)
    assert release.packet_id == sent[1]
    assert isinstance(second, mqtt5.PublishPacket)
    assert (second.packet_id, second.duplicate, second.payload) == (sent[2], True, b"\2")
    assert isinstance(fresh, mqtt5.PublishPacket)
    assert (fresh.duplicate, fresh.payload) == (False, b"\3")
    peer.feed(mqtt5.PubAckPacket(sent[0] or 0), mqtt5.PubCompPacket(sent[1] or 0))
    assert [each.told for each in dones] == [[None], [None], [], []]


def test_reconnect_repeats_no_more_than_the_new_window_allows() -> None:
    peer = Peer()
    peer.connect()
    for n in range(4):
        peer.publish(payload=bytes([n]))
    peer.take()
    peer.reconnect(receive_max=2)
    assert len(peer.take()) == 2
    peer.reconnect(receive_max=2)
    again = [each.payload for each in peer.take() if isinstance(each, mqtt5.PublishPacket)]
    assert again == [b"\0", b"\1"]
    peer.feed(mqtt5.PubAckPacket(1), mqtt5.PubAckPacket(2))
    rest = [each for each in peer.take() if isinstance(each, mqtt5.PublishPacket)]
    assert [(each.payload, each.duplicate, each.packet_id) for each in rest] == [(b"\2", True, 3), (b"\3", True, 4)]


def test_reconnect_without_session_publishes_anew(peer: Peer) -> None:
    done = peer.publish(qos=2)
    first = peer.take_one(mqtt5.PublishPacket)
    peer.feed(mqtt5.PubRecPacket(first.packet_id or 0))
    peer.take()
    peer.reconnect(session_present=False)
    again = peer.take_one(mqtt5.PublishPacket)
    assert again.duplicate is False
    peer.feed(mqtt5.PubRecPacket(again.packet_id or 0), mqtt5.PubCompPacket(again.packet_id or 0))
    assert done.error is None


def test_message_that_expires_while_waiting_fails() -> None:
    peer = Peer()
    dones = [peer.publish(payload=b"old", qos=1, properties=Properties(message_expiry=10))]
    peer.now += 4
    dones.append(peer.publish(payload=b"young", qos=1, properties=Properties(message_expiry=10)))
    peer.now += 6
    peer.connect()
    packet = peer.take_one(mqtt5.PublishPacket)
    assert (packet.payload, packet.message_expiry_interval) == (b"young", 4)
    assert isinstance(dones[0].error, MessageExpiredError)
    assert not dones[1].told


@pytest.mark.parametrize("now", [6.036, 6.039, 100.0, 2239.118348300273])
def test_message_never_lives_longer_than_it_was_told_to(now: float) -> None:
    peer = Peer()
    peer.now = now
    peer.connect()
    for expiry in (10, 3600):
        peer.publish(properties=Properties(message_expiry=expiry))
        assert peer.take_one(mqtt5.PublishPacket).message_expiry_interval == expiry


def test_message_that_is_sent_again_has_only_the_rest_of_its_time() -> None:
    peer = Peer()
    peer.connect()
    peer.publish(qos=1, properties=Properties(message_expiry=10))
    assert peer.take_one(mqtt5.PublishPacket).message_expiry_interval == 10
    peer.now += 6
    peer.reconnect()
    packet = peer.take_one(mqtt5.PublishPacket)
    assert (packet.duplicate, packet.message_expiry_interval) == (True, 4)


def test_limits_of_the_broker_refuse_what_it_cannot_take() -> None:
    peer = Peer()
    peer.connect(mqtt5.ConnAckPacket(max_qos=mqtt5.QoS.AT_LEAST_ONCE, retain_available=False, max_packet_size=30))
    assert "QoS 1 at most" in str(peer.publish(qos=2).error)
    assert "no retained messages" in str(peer.publish(qos=1, retain=True).error)
    assert "the broker allows 30" in str(peer.publish(qos=0, payload=bytes(40)).error)
    assert peer.take() == []
    peer.publish(qos=1)
    assert peer.take_one(mqtt5.PublishPacket).qos == mqtt5.QoS.AT_LEAST_ONCE


def test_topic_aliases_replace_topics_within_both_limits() -> None:
    peer = Peer(ClientOptions(topic_alias_maximum=2))
    peer.connect(mqtt5.ConnAckPacket(topic_alias_max=5))
    for topic in ("a", "b", "c", "a", "b", "c"):
        peer.publish(topic, qos=0)
    packets = [each for each in peer.take() if isinstance(each, mqtt5.PublishPacket)]
    assert [(each.topic, each.topic_alias) for each in packets] == [
        ("a", 1),
        ("b", 2),
        ("c", None),
        ("", 1),
        ("", 2),
        ("c", None),
    ]
    peer.publish("a")
    assert peer.take_one(mqtt5.PublishPacket).topic == ""
    peer.reconnect()
    # MQTT 5.0 §3.3.2.3.4: mappings end with the connection; CONNACK of this one allows none.
    again = peer.take_one(mqtt5.PublishPacket)
    assert (again.topic, again.topic_alias, again.duplicate) == ("a", None, True)


def test_close_ends_every_publish(peer: Peer) -> None:
    in_flight = peer.publish()
    peer.session.lost()
    queued = peer.publish()
    peer.session.outbound.close(ClientClosedError())
    assert isinstance(in_flight.error, ClientClosedError)
    assert isinstance(queued.error, ClientClosedError)
    assert (peer.session.outbound.in_flight, peer.session.outbound.queued) == (0, 0)


def test_packet_ids_are_reused_only_when_free(peer: Peer) -> None:
    kept = peer.publish()
    kept_id = peer.take_one(mqtt5.PublishPacket).packet_id
    seen = set()
    for _ in range(65_600):
        peer.publish()
        packet_id = int.from_bytes(peer.session.outgoing.take()[5:7], "big")
        seen.add(packet_id)
        peer.feed(b"\x40\x02" + packet_id.to_bytes(2, "big"))
    assert seen == set(range(1, 65_536)) - {kept_id}
    assert not kept.told


def test_on_done_that_raises_stops_nobody_else(peer: Peer) -> None:
    def broken(_: object) -> None:
        raise ValueError("broken")

    peer.session.outbound.publish("a", b"", 1, False, None, broken)
    done = peer.publish()
    peer.feed(mqtt5.PubAckPacket(1), mqtt5.PubAckPacket(2))
    assert done.error is None
    assert [str(each) for each in peer.faults] == ["broken"]


def test_on_done_may_publish_again(peer: Peer) -> None:
    last = Done()
    peer.session.outbound.publish(
        "a", b"1", 1, False, None, lambda _: peer.session.outbound.publish("a", b"2", 1, False, None, last)
    )
    peer.take()
    peer.feed(mqtt5.PubAckPacket(1))
    assert peer.take_one(mqtt5.PublishPacket).payload == b"2"
    peer.feed(mqtt5.PubAckPacket(2))
    assert last.error is None


def test_answers_of_the_wrong_kind_are_protocol_errors(peer: Peer) -> None:
    peer.publish(qos=2)
    with pytest.raises(ProtocolViolationError, match="PUBACK 1 for a QoS 2"):
        peer.feed(mqtt5.PubAckPacket(1))
    peer.reconnect(session_present=False)
    peer.publish(qos=1)
    packet_id = [each.packet_id for each in peer.take() if isinstance(each, mqtt5.PublishPacket)][-1] or 0
    with pytest.raises(ProtocolViolationError, match=f"PUBREC {packet_id} for a QoS 1"):
        peer.feed(mqtt5.PubRecPacket(packet_id))


def test_pubrec_for_an_unknown_message_is_answered(peer: Peer) -> None:
    peer.feed(mqtt5.PubRecPacket(77))
    answer = peer.take_one(mqtt5.PubRelPacket)
    assert (answer.packet_id, answer.reason_code) == (77, mqtt5.PubRelReasonCode.PACKET_ID_NOT_FOUND)
