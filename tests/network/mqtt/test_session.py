import contextlib

import mqtt5
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine_nodes.network.mqtt.errors import ConnectionLostError, ConnectRefusedError, ProtocolViolationError
from flowengine_nodes.network.mqtt.options import ClientOptions, SubscribeOptions, Will
from flowengine_nodes.network.mqtt.properties import Properties
from tests.network.mqtt.peer import Peer, publish

STREAM = (
    mqtt5.ConnAckPacket().write()
    + publish("t/1", b"one")
    + publish("t/2", bytes(200), qos=1, packet_id=1)
    + mqtt5.PingRespPacket().write()
    + publish("t/3", bytes(20_000), qos=2, packet_id=2)
    + mqtt5.SubAckPacket(1, [mqtt5.SubAckReasonCode.GRANTED_QOS_EXACTLY_ONCE]).write()
    + publish("t/4", b"", retain=False)
)


def test_connect_says_everything() -> None:
    will = Will(
        topic="gone",
        payload=b"bye",
        qos=1,
        retain=True,
        delay=5,
        properties=Properties(content_type="text/plain", user_properties=(("k", "v"),)),
    )
    options = ClientOptions(
        client_id="id",
        username="user",
        password=b"secret",
        clean_start=True,
        session_expiry=77,
        keep_alive=33,
        receive_maximum=44,
        max_packet_size=5_555,
        topic_alias_maximum=6,
        will=will,
    )
    peer = Peer(options)
    packet = peer.connect()
    assert (packet.client_id, packet.username, packet.password) == ("id", "user", b"secret")
    assert (packet.clean_start, packet.session_expiry_interval, packet.keep_alive) == (True, 77, 33)
    assert (packet.receive_max, packet.max_packet_size, packet.topic_alias_max) == (44, 5_555, 6)
    assert packet.will is not None
    assert (packet.will.topic, packet.will.payload, packet.will.qos) == ("gone", b"bye", mqtt5.QoS.AT_LEAST_ONCE)
    assert (packet.will.retain, packet.will.will_delay_interval) == (True, 5)
    assert (packet.will.content_type, packet.will.user_properties) == ("text/plain", [("k", "v")])
    peer.session.lost()
    assert peer.connect().clean_start is False


def test_connack_decides_on_client_id_and_keep_alive() -> None:
    peer = Peer(ClientOptions(keep_alive=60))
    assert peer.connect(mqtt5.ConnAckPacket(assigned_client_id="given", server_keep_alive=10)).client_id == ""
    peer.session.lost()
    assert peer.connect(mqtt5.ConnAckPacket(session_present=True)).client_id == "given"
    assert peer.connected == [(10, False), (60, True)]


def test_connack_that_refuses_says_why() -> None:
    peer = Peer()
    peer.session.open()
    with pytest.raises(ConnectRefusedError, match="refused the connection: bad user name or password") as caught:
        peer.feed(mqtt5.ConnAckPacket(reason_code=mqtt5.ConnAckReasonCode.BAD_USER_NAME_OR_PASSWORD))
    assert caught.value.reason_code == 0x86
    peer.session.lost()
    peer.session.open()
    words = mqtt5.ConnAckPacket(reason_code=mqtt5.ConnAckReasonCode.BANNED, reason_str="go away")
    with pytest.raises(ConnectRefusedError, match="refused the connection: go away"):
        peer.feed(words)


def test_disconnect_of_the_broker_says_why() -> None:
    peer = Peer()
    peer.connect()
    with pytest.raises(ConnectionLostError, match="ended the connection: session taken over") as caught:
        peer.feed(mqtt5.DisconnectPacket(reason_code=mqtt5.DisconnectReasonCode.SESSION_TAKEN_OVER))
    assert caught.value.reason_code == 0x8E


@pytest.mark.parametrize(
    "packet",
    [
        mqtt5.ConnAckPacket(),
        mqtt5.ConnectPacket("x"),
        mqtt5.PingReqPacket(),
        mqtt5.AuthPacket(),
        mqtt5.SubscribePacket(1, [mqtt5.TopicFilter("a")]),
    ],
)
def test_packet_that_a_broker_must_not_send_is_a_protocol_error(packet: mqtt5.Packet) -> None:
    peer = Peer()
    peer.connect()
    with pytest.raises(ProtocolViolationError, match="which it must not"):
        peer.feed(packet)


def test_ping_and_goodbye_are_well_formed() -> None:
    peer = Peer()
    peer.connect()
    peer.session.ping()
    peer.session.disconnect()
    peer.session.disconnect(0x81)
    ping, goodbye, complaint = peer.take()
    assert isinstance(ping, mqtt5.PingReqPacket)
    assert isinstance(goodbye, mqtt5.DisconnectPacket)
    assert goodbye.reason_code == mqtt5.DisconnectReasonCode.NORMAL_DISCONNECTION
    assert isinstance(complaint, mqtt5.DisconnectPacket)
    assert complaint.reason_code == mqtt5.DisconnectReasonCode.MALFORMED_PACKET


@given(st.lists(st.integers(1, len(STREAM) - 1), max_size=40))
def test_stream_means_the_same_however_it_is_cut(cuts: list[int]) -> None:
    peer = Peer()
    peer.subscribe("t/#")
    peer.session.open()
    begin = 0
    for end in [*sorted(cuts), len(STREAM)]:
        peer.feed(STREAM[begin:end])
        begin = end
    assert [(each.topic, len(each.payload)) for each in peer.received] == [
        ("t/1", 3),
        ("t/2", 200),
        ("t/3", 20_000),
        ("t/4", 0),
    ]


def test_stream_byte_by_byte_means_the_same() -> None:
    peer = Peer()
    peer.subscribe("t/#")
    peer.session.open()
    for at in range(len(STREAM)):
        peer.feed(STREAM[at : at + 1])
    assert len(peer.received) == 4


# Where a string is not UTF-8 the codec panics, which leaves an exception that nobody raises.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@given(st.binary(min_size=1, max_size=60))
def test_garbage_ends_in_a_clear_error_or_waits_for_more(data: bytes) -> None:
    peer = Peer()
    peer.subscribe("#")
    peer.connect()
    with contextlib.suppress(ConnectionLostError):
        peer.feed(data)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x00\x00", "malformed packet"),
        (b"\x30\x02\x00\x05", "malformed packet"),
        (b"\x36\x05\x00\x01a\x00\x01", "Invalid QoS"),
        (b"\x30\xff\xff\xff\xff\x01", "malformed packet"),
        (b"\x30\x04\x00\x01\xff\x00", "malformed packet"),
        (b"\x40\x01\x00", "malformed packet"),
    ],
)
def test_malformed_packet_is_named(data: bytes, words: str) -> None:
    peer = Peer()
    peer.connect()
    with pytest.raises(ProtocolViolationError, match=words) as caught:
        peer.feed(data)
    assert caught.value.reason_code == 0x81


def test_packet_beyond_our_limit_is_refused_before_it_is_read() -> None:
    peer = Peer(ClientOptions(max_packet_size=1000))
    peer.connect()
    with pytest.raises(ProtocolViolationError, match="we allow 1000") as caught:
        peer.feed(publish(payload=bytes(2000))[:10])
    assert caught.value.reason_code == 0x95


def test_large_message_in_many_pieces_is_joined_once() -> None:
    peer = Peer()
    peer.subscribe("#")
    peer.connect()
    data = publish(payload=bytes(30_000_000))
    for at in range(0, len(data), 65_536):
        peer.feed(data[at : at + 65_536])
    assert len(peer.received[0].payload) == 30_000_000


def test_processing_stops_at_the_limit_and_when_held() -> None:
    peer = Peer()
    peer.subscribe("#")
    peer.connect()
    assert peer.feed(publish() * 10, limit=4) is True
    assert len(peer.received) == 4
    assert peer.feed(publish(payload=b"late"), limit=4) is True
    assert len(peer.received) == 8
    peer.session.is_held = True
    assert peer.session.process(100) is True
    assert len(peer.received) == 8
    peer.session.is_held = False
    assert peer.session.process(100) is False
    assert [each.payload for each in peer.received[-2:]] == [b"x", b"late"]


def test_subscriber_may_hold_the_session_from_within() -> None:
    peer = Peer()

    def hold(_: object) -> None:
        peer.session.is_held = True

    peer.subscribe("#", on_message=hold)
    peer.connect()
    assert peer.feed(publish() * 3) is True
    assert peer.session.publishes == 1


def test_no_local_is_asked_for_only_where_everybody_wants_it() -> None:
    peer = Peer()
    peer.connect()
    peer.subscribe("a", options=SubscribeOptions(no_local=True))
    peer.subscribe("$share/g/a", options=SubscribeOptions(no_local=True))
    alone, shared = peer.take()
    assert isinstance(alone, mqtt5.SubscribePacket)
    assert alone.topic_filters[0].no_local is True
    assert isinstance(shared, mqtt5.SubscribePacket)
    assert shared.topic_filters[0].no_local is False
    peer.subscribe("a", on_message=lambda _: None)
    assert peer.take_one(mqtt5.SubscribePacket).topic_filters[0].no_local is False
