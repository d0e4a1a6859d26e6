import mqtt5
import pytest

from flowengine_nodes.network.mqtt.covering import CoveringFilters
from flowengine_nodes.network.mqtt.errors import SubscribeRefusedError
from flowengine_nodes.network.mqtt.inbound import Inbound
from flowengine_nodes.network.mqtt.options import DEFAULT_SUBSCRIBE_OPTIONS, SubscribeOptions
from flowengine_nodes.network.mqtt.subscriptions import Subscriptions, TopicSubscription
from flowengine_nodes.network.mqtt.topics import TopicFilter
from tests.network.mqtt.peer import Done, Peer, publish


@pytest.fixture
def peer() -> Peer:
    peer = Peer()
    peer.connect()
    return peer


def subscribes(peer: Peer) -> list[tuple[str, int]]:
    return [
        (each.topic_filters[0].pattern, int(each.topic_filters[0].max_qos))
        for each in peer.take()
        if isinstance(each, mqtt5.SubscribePacket)
    ]


def test_subscription_is_granted_or_refused(peer: Peer) -> None:
    granted, refused = Done(), Done()
    peer.subscribe("a", on_done=granted)
    peer.subscribe("b", on_done=refused)
    first, second = peer.take()
    assert isinstance(first, mqtt5.SubscribePacket)
    assert isinstance(second, mqtt5.SubscribePacket)
    peer.feed(mqtt5.SubAckPacket(first.packet_id, [mqtt5.SubAckReasonCode.GRANTED_QOS_AT_MOST_ONCE]))
    peer.feed(mqtt5.SubAckPacket(second.packet_id, [mqtt5.SubAckReasonCode.NOT_AUTHORIZED]))
    assert granted.error is None
    assert isinstance(refused.error, SubscribeRefusedError)
    assert str(refused.error) == 'the broker refused to subscribe "b": not authorized'


def test_captures_are_sent_as_wildcards_and_read_from_the_topic(peer: Peer) -> None:
    peer.subscribe("telemetry/{device}/data")
    assert subscribes(peer) == [("telemetry/+/data", 2)]
    peer.feed(publish("telemetry/d1/data"))
    assert peer.received[0].captures == {"device": "d1"}


def test_filter_is_subscribed_once_with_the_highest_qos(peer: Peer) -> None:
    others: list[Inbound] = []
    first = peer.subscribe("a/+", 0)
    second = peer.subscribe("a/{x}", 1, others.append)
    assert subscribes(peer) == [("a/+", 0), ("a/+", 1)]
    peer.feed(publish("a/b"))
    assert (len(peer.received), len(others)) == (1, 1)
    first.unsubscribe()
    assert peer.take() == []
    second.unsubscribe()
    second.unsubscribe()
    assert peer.take_one(mqtt5.UnsubscribePacket).patterns == ["a/+"]


def test_filter_that_is_wanted_again_before_the_answer_stays(peer: Peer) -> None:
    peer.subscribe("a").unsubscribe()
    peer.subscribe("a")
    kinds = [type(each).__name__ for each in peer.take()]
    assert kinds == ["SubscribePacket", "UnsubscribePacket", "SubscribePacket"]


def test_subscriptions_made_offline_are_sent_at_once_when_connected() -> None:
    peer = Peer()
    peer.subscribe("a")
    peer.subscribe("b").unsubscribe()
    peer.connect()
    assert [type(each).__name__ for each in peer.take()] == ["SubscribePacket", "UnsubscribePacket"]


def test_subscriptions_live_on_with_the_session_and_are_repeated_without(peer: Peer) -> None:
    done = Done()
    peer.subscribe("a")
    (first,) = peer.take()
    assert isinstance(first, mqtt5.SubscribePacket)
    peer.feed(mqtt5.SubAckPacket(first.packet_id, [mqtt5.SubAckReasonCode.GRANTED_QOS_AT_MOST_ONCE]))
    peer.subscribe("b", on_done=done)
    peer.take()
    peer.reconnect(session_present=True)
    assert subscribes(peer) == [("b", 2)]
    peer.reconnect(session_present=False)
    assert sorted(subscribes(peer)) == [("a", 2), ("b", 2)]
    assert not done.told


def test_subscriptions_are_repeated_to_the_session_of_an_older_process() -> None:
    peer = Peer()
    peer.subscribe("a")
    peer.connect(mqtt5.ConnAckPacket(session_present=True))
    assert subscribes(peer) == [("a", 2)]


def test_requests_are_sent_in_portions(peer: Peer) -> None:
    for n in range(2_500):
        peer.subscribe(f"a/{n}")
    packets = peer.take()
    assert len(packets) == 1000
    for packet in packets[:10]:
        assert isinstance(packet, mqtt5.SubscribePacket)
        peer.feed(mqtt5.SubAckPacket(packet.packet_id, [mqtt5.SubAckReasonCode.GRANTED_QOS_AT_MOST_ONCE]))
    assert len(peer.take()) == 10


def test_what_the_broker_cannot_do_is_refused_without_asking() -> None:
    peer = Peer()
    limits = mqtt5.ConnAckPacket(
        wildcard_subscription_available=False,
        shared_subscription_available=False,
        subscription_id_available=False,
    )
    peer.connect(limits)
    wild, shared = Done(), Done()
    peer.subscribe("a/+", on_done=wild)
    peer.subscribe("$share/g/a", on_done=shared)
    assert "wildcard subscriptions not supported" in str(wild.error)
    assert "shared subscriptions not supported" in str(shared.error)
    peer.subscribe("a")
    assert peer.take_one(mqtt5.SubscribePacket).subscription_id is None


def test_identifiers_are_the_same_in_every_process_and_never_shared() -> None:
    def identifiers() -> list[int]:
        peer = Peer()
        peer.connect()
        for n in range(900):
            peer.subscribe(f"{n}/#")
        return [each.subscription_id or 0 for each in peer.take() if isinstance(each, mqtt5.SubscribePacket)]

    first = identifiers()
    assert first == identifiers()
    assert len(set(first)) == 900
    assert all(0 < each <= 268_435_455 for each in first)


@pytest.mark.parametrize("one_copy", [True, False])
def test_overlapping_filters_give_each_subscriber_one_copy(peer: Peer, one_copy: bool) -> None:
    others: list[Inbound] = []
    peer.subscribe("a/#", 0)
    peer.subscribe("a/{x}", 1)
    peer.subscribe("a/b", 1)
    peer.subscribe("+/b", 1, others.append)
    identifiers = [each.subscription_id or 0 for each in peer.take() if isinstance(each, mqtt5.SubscribePacket)]
    if one_copy:
        peer.feed(publish("a/b", qos=1, packet_id=1, subscription_ids=identifiers))
    else:
        for n, identifier in enumerate(identifiers, 1):
            qos = min(n - 1, 1)
            peer.feed(publish("a/b", qos=qos, packet_id=n if qos else None, subscription_ids=[identifier]))
    assert [(each.qos, dict(each.captures)) for each in peer.received] == [(1, {"x": "b"} if one_copy else {})]
    assert [each.qos for each in others] == [1]
    for message in (*peer.received, *others):
        message.settle()
    assert len(peer.session.inbound) == 0


def test_message_with_identifiers_of_another_time_reaches_everybody(peer: Peer) -> None:
    peer.subscribe("a/#")
    peer.subscribe("a/b")
    peer.feed(publish("a/b", subscription_ids=[12_345]), publish("a/b"))
    assert len(peer.received) == 2


def test_retained_messages_reach_only_new_subscribers(peer: Peer) -> None:
    early: list[Inbound] = []
    peer.subscribe("a", 1, early.append)
    identifier = peer.take_one(mqtt5.SubscribePacket).subscription_id or 0
    peer.feed(publish("a", b"r", retain=True, subscription_ids=[identifier]))
    assert len(early) == 1
    peer.subscribe("a", 1)
    peer.feed(publish("a", b"r", qos=1, packet_id=1, retain=True, subscription_ids=[identifier]))
    assert (len(early), len(peer.received)) == (1, 1)
    peer.feed(publish("a", b"live", subscription_ids=[identifier]))
    assert (len(early), len(peer.received)) == (2, 2)


def test_retained_options_are_combined(peer: Peer) -> None:
    peer.subscribe("a", options=SubscribeOptions(retained="never"))
    never = peer.take_one(mqtt5.SubscribePacket).topic_filters[0]
    assert never.retain_handling == mqtt5.RetainHandling.SEND_NEVER
    peer.subscribe("a", on_message=lambda _: None, options=SubscribeOptions(retained="new"))
    new = peer.take_one(mqtt5.SubscribePacket).topic_filters[0]
    assert new.retain_handling == mqtt5.RetainHandling.SEND_IF_SUBSCRIPTION_NOT_EXISTS
    published = SubscribeOptions(retain_as_published=True)
    another: list[Inbound] = []
    peer.subscribe("a", on_message=another.append, options=published)
    always = peer.take_one(mqtt5.SubscribePacket).topic_filters[0]
    assert always.retain_handling == mqtt5.RetainHandling.SEND_ALWAYS
    assert always.retain_as_published is True


def test_routes_follow_every_change(peer: Peer) -> None:
    first = peer.subscribe("a/b")
    peer.feed(publish("a/b"))
    others: list[Inbound] = []
    second = peer.subscribe("a/#", on_message=others.append)
    peer.feed(publish("a/b"))
    first.unsubscribe()
    peer.feed(publish("a/b"))
    second.unsubscribe()
    peer.feed(publish("a/b"))
    assert (len(peer.received), len(others), peer.unclaimed) == (2, 2, ["a/b"])


class Covered:
    """A table of subscriptions, and the filters asked of a broker without identifiers."""

    def __init__(self) -> None:
        self.table = Subscriptions(lambda: None)
        self.covering = CoveringFilters(self.table)
        self.broker: dict[str, int] = {}

    def add(self, text: str, qos: int = 1) -> TopicSubscription:
        def on_message(_: Inbound) -> None:
            """Tell this subscriber from all others by being another function."""

        return self.table.add(TopicFilter(text), qos, on_message, options=DEFAULT_SUBSCRIBE_OPTIONS, on_done=None)

    def update(self) -> tuple[dict[str, int], list[str]]:
        subscribe, unsubscribe = self.covering.changes()
        self.broker.update(subscribe)
        for wire in unsubscribe:
            del self.broker[wire]
        return subscribe, unsubscribe


def test_covering_asks_only_for_the_widest_filters() -> None:
    covered = Covered()
    narrow = covered.add("a/b", 1)
    covered.update()
    assert covered.broker == {"a/b": 1}
    wide = covered.add("a/#", 0)
    covered.add("c/+")
    covered.add("$share/g/a/b")
    covered.add("$share/g/a/#")
    assert covered.update() == ({"a/#": 1, "c/+": 1, "$share/g/a/b": 1, "$share/g/a/#": 1}, ["a/b"])
    covered.add("a/{x}", 1)
    assert covered.update() == ({"a/#": 1}, [])
    wide.unsubscribe()
    assert covered.update() == ({"a/+": 1}, ["a/#"])
    narrow.unsubscribe()
    assert covered.update() == ({}, [])


def test_covering_gives_retained_messages_to_the_newcomer_only() -> None:
    covered = Covered()
    covered.add("a/#")
    covered.add("a/x")
    covered.update()
    newcomer = covered.add("a/b")
    covered.update()
    routes = covered.table.routes("a/b")
    assert [each[0] for each in routes.select("a/b", (), retained=True)] == [newcomer.on_message]
    assert covered.table.routes("a/x").select("a/x", (), retained=True) == ()


def test_covering_asks_again_when_the_broker_has_forgotten() -> None:
    covered = Covered()
    covered.add("a/#")
    covered.add("a/b")
    covered.update()
    covered.covering.forget()
    assert covered.update() == ({"a/#": 1}, [])


def test_covering_unsubscribes_what_only_an_earlier_process_has_asked_for() -> None:
    covered = Covered()
    covered.broker = {"a": 1}
    covered.add("a").unsubscribe()
    assert covered.update() == ({}, [])
    covered.table.withdraw(TopicFilter("a"), lambda: None)
    assert covered.update() == ({}, ["a"])
    assert covered.broker == {}
