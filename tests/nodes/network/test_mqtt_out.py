from typing import Any

import aiomqtt
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from pydantic import ValidationError

from flowengine.flow.document import ErrorPolicy, RetryPolicy
from flowengine.graph import StagePlan
from flowengine.node import NodeError, SystemClock
from flowengine_nodes.network.mqtt_out import MqttOut
from flowengine_nodes.network.mqtt_payload import encode_payload
from tests.conftest import MosquittoFactory
from tests.mosquitto import Mosquitto
from tests.nodes.network.conftest import NewSite
from tests.nodes.network.mqtt_site import MqttSite, Peer, inbox, mqtt_in, mqtt_out, until
from tests.runtime.stand import plan

pytestmark = pytest.mark.mosquitto

PAIRS = "the message's property 'user_properties' must be an object, or a list of pairs; its values text or numbers"
AT_ONCE = ErrorPolicy(retry=RetryPolicy(attempts=1))


def lasting(broker: Mosquitto) -> Peer:
    """Return a client whose session the broker keeps."""
    return Peer(broker, protocol=aiomqtt.ProtocolVersion.V311, identifier="lasting", clean_session=False)


@pytest.fixture
async def absent_broker(new_mosquitto: MosquittoFactory) -> Mosquitto:
    """A broker that is down, and knows what the lasting client subscribes to."""
    broker = new_mosquitto(persistence=True)
    await broker.start()
    async with lasting(broker) as peer:
        await peer.subscribe("p")
    await broker.persist()
    broker.stop()
    return broker


async def refused(site: MqttSite, code: str) -> str:
    """Return the sentence of the only dead letter, which has a code."""
    (letter,) = await site.letters(1)
    assert (letter.node, letter.error_code) == ("out", code)
    assert site.flow.account.in_flight == 0
    return str(letter.error_text)


async def test_payload_is_written_by_its_type(new_site: NewSite, peer: Peer, root: str, version: str) -> None:
    site = await new_site(version=version)
    await peer.subscribe(f"{root}/p")
    await site.run(plan(mqtt_out(f"{root}/p")))
    for payload in (None, "20 °C", "", 21.5, 7, True, [1, None], {"a": {"b": "ä"}}, b"\xff\0"):
        site.send("out", payload=payload)
    site.send("out")
    assert await peer.payloads(10) == [
        b"",
        "20 °C".encode(),
        b"",
        b"21.5",
        b"7",
        b"true",
        b"[1,null]",
        '{"a":{"b":"ä"}}'.encode(),
        b"\xff\0",
        b"",
    ]
    await until(lambda: site.flow.account.settled == 10)


@pytest.mark.parametrize("payload", [{"a": b"x"}, {1, 2}, 1 << 64])
async def test_payload_that_cannot_be_sent_is_refused(new_site: NewSite, root: str, payload: Any) -> None:
    site = await new_site()
    await site.run(plan(mqtt_out(f"{root}/p"), errors=AT_ONCE))
    site.send("out", payload=payload)
    assert (await refused(site, "invalid-payload")).startswith("the payload cannot be sent: ")


@pytest.mark.parametrize("payload", ["\ud800", {"a": "\ud800"}, {"\ud800": 1}])
def test_text_that_is_no_unicode_cannot_be_sent(payload: Any) -> None:
    with pytest.raises(NodeError, match="the payload cannot be sent"):
        encode_payload(payload)


@pytest.mark.parametrize(
    ("topic", "fields", "expected"),
    [
        ("ROOT/p", {}, "ROOT/p"),
        ("ROOT/p", {"topic": "ROOT/other"}, "ROOT/p"),
        ("", {"topic": "ROOT/{a}/own"}, "ROOT/{a}/own"),
        ("ROOT/{a}/x-{b}/{1}", {"a": "d 1", "b": 7}, "ROOT/d 1/x-7/{1}"),
        ("ROOT/{a}", {"a": 1.5}, "ROOT/1.5"),
        ("ROOT/{a}", {"a": "$SYS"}, "ROOT/$SYS"),
    ],
)
async def test_topic_comes_from_settings_or_message(
    new_site: NewSite, peer: Peer, root: str, topic: str, fields: dict[str, Any], expected: str
) -> None:
    site = await new_site()
    await peer.subscribe(f"{root}/#")
    await site.run(plan(mqtt_out(topic.replace("ROOT", root))))
    site.send(
        "out",
        **{name: str(value).replace("ROOT", root) if name == "topic" else value for name, value in fields.items()},
    )
    (message,) = await peer.take()
    assert str(message.topic) == expected.replace("ROOT", root)


@pytest.mark.parametrize(
    ("topic", "fields", "code"),
    [
        ("", {}, "missing-topic"),
        ("", {"topic": ""}, "missing-topic"),
        ("", {"topic": 7}, "missing-topic"),
        ("", {"topic": "a/+"}, "topic-name"),
        ("", {"topic": "a\0"}, "topic-name"),
        ("", {"topic": "x" * 65_536}, "topic-name"),
        ("cmd/{device}", {}, "missing-topic-field"),
        *(
            ("cmd/{device}", {"device": value}, "missing-topic-field")
            for value in ("", "d1/reboot", "+", "#", "a\0", None, True, ["d1"], {"id": "d1"}, b"d1")
        ),
    ],
)
async def test_topic_that_cannot_be_is_refused(
    new_site: NewSite, topic: str, fields: dict[str, Any], code: str, version: str
) -> None:
    site = await new_site(version=version)
    await site.run(plan(mqtt_out(topic), errors=AT_ONCE))
    site.send("out", **fields)
    await refused(site, code)


@pytest.mark.parametrize(
    ("config", "fields", "expected"),
    [
        ({}, {"qos": 2, "retain": True}, (1, False)),
        ({"qos": 2, "retain": True}, {"qos": 0, "retain": False}, (2, True)),
        ({"qos": None, "retain": None}, {"qos": 2, "retain": True}, (2, True)),
        ({"qos": None, "retain": None}, {}, (0, False)),
    ],
)
async def test_settings_win_over_the_message(
    new_site: NewSite,
    peer: Peer,
    shared_broker: Mosquitto,
    root: str,
    version: str,
    config: dict[str, Any],
    fields: dict[str, Any],
    expected: tuple[int, bool],
) -> None:
    site = await new_site(version=version)
    await peer.subscribe(f"{root}/p")
    await site.run(plan(mqtt_out(f"{root}/p", **config)))
    site.send("out", payload="x", **fields)
    (live,) = await peer.take()
    assert live.qos == expected[0]
    async with Peer(shared_broker) as late:
        await late.subscribe(f"{root}/#", qos=0)
        await peer.publish(f"{root}/end")
        first, *_ = await late.take()
    assert (str(first.topic) == f"{root}/p", bool(first.retain)) == (expected[1], expected[1])


@pytest.mark.parametrize("qos", [3, -1, "1", None, True, 1.0, []])
async def test_qos_of_the_message_must_be_one(new_site: NewSite, root: str, qos: Any) -> None:
    site = await new_site()
    await site.run(plan(mqtt_out(f"{root}/p", qos=None), errors=AT_ONCE))
    site.send("out", qos=qos)
    assert await refused(site, "invalid-qos") == f"the message's qos is {qos!r}; it must be 0, 1 or 2"


async def test_properties_reach_the_receiver(new_site: NewSite, peer: Peer, root: str) -> None:
    site = await new_site()
    await peer.subscribe(f"{root}/p")
    await site.run(plan(mqtt_out(f"{root}/p")))
    given = {
        "payload_is_text": True,
        "message_expiry": 60,
        "content_type": "text/plain",
        "response_topic": f"{root}/answer",
        "correlation_data": "id-7",
        "user_properties": {"a": "1", "n": 2},
    }
    site.send("out", payload="x", properties=given)
    (message,) = await peer.take()
    got: Any = message.properties
    assert got.PayloadFormatIndicator == 1
    assert got.MessageExpiryInterval == 60
    assert got.ContentType == "text/plain"
    assert got.ResponseTopic == f"{root}/answer"
    assert got.CorrelationData == b"id-7"
    assert got.UserProperty == [("a", "1"), ("n", "2")]


async def test_properties_make_the_round_trip(new_site: NewSite, root: str) -> None:
    site = await new_site()
    nodes = [mqtt_in(f"{root}/1", "first"), mqtt_out(f"{root}/2"), mqtt_in(f"{root}/2", "second")]
    inboxes = [inbox("first-inbox"), inbox("second-inbox")]
    wires = ["first -> first-inbox", "first -> out", "second -> second-inbox"]
    await site.run(plan(*nodes, *inboxes, mqtt_out(f"{root}/1", "begin"), wires=wires))
    given = {
        "payload_is_text": True,
        "message_expiry": 60,
        "content_type": "text/plain",
        "response_topic": f"{root}/answer",
        "correlation_data": b"\0\xff",
        "user_properties": [["a", "1"], ["a", "2"]],
    }
    site.send("begin", payload="x", properties=given)
    (second,) = await site["second-inbox"].wait(1)
    assert site["first-inbox"].got[0]["properties"] == given
    assert second["properties"] == given


async def test_settings_add_properties(new_site: NewSite, peer: Peer, root: str) -> None:
    site = await new_site()
    await peer.subscribe(f"{root}/p")
    await site.run(plan(mqtt_out(f"{root}/p", content_type="application/json", expiry="1m30s")))
    site.send("out", payload=1)
    site.send("out", payload=2, properties={"content_type": "x", "message_expiry": 5, "user_properties": [["a", "1"]]})
    got: list[Any] = [message.properties for message in await peer.take(2)]
    plain, mixed = got
    assert (plain.ContentType, plain.MessageExpiryInterval) == ("application/json", 90)
    assert (mixed.ContentType, mixed.MessageExpiryInterval) == ("application/json", 90)
    assert mixed.UserProperty == [("a", "1")]


@pytest.mark.parametrize(
    ("properties", "sentence"),
    [
        ([], "the message's properties must be an object"),
        ({"colour": "red"}, "there is no property 'colour' in MQTT; it may be one of payload_is_text, "),
        ({"message_expiry": "1m"}, "the message's property 'message_expiry' must be a whole number of seconds"),
        ({"message_expiry": -1}, "the message's property 'message_expiry' must be a whole number of seconds"),
        ({"message_expiry": 1.5}, "the message's property 'message_expiry' must be a whole number of seconds"),
        ({"message_expiry": float("inf")}, "the message's property 'message_expiry' must be a whole number of seconds"),
        ({"message_expiry": True}, "the message's property 'message_expiry' must be a whole number of seconds"),
        ({"content_type": 5}, "the message's property 'content_type' must be text"),
        ({"payload_is_text": 1}, "the message's property 'payload_is_text' must be true or false"),
        ({"correlation_data": 5}, "the message's property 'correlation_data' must be bytes or text"),
        ({"user_properties": 5}, PAIRS),
        ({"user_properties": ["ab"]}, PAIRS),
        (
            {"user_properties": [["a"]]},
            PAIRS,
        ),
        ({"user_properties": {"a": None}}, PAIRS),
        ({"user_properties": {"a": "\0"}}, PAIRS),
        ({"user_properties": {"\0": "a"}}, PAIRS),
        ({"content_type": "a\0"}, "the message's property 'content_type' must be text without NUL"),
        ({"response_topic": "a/+"}, 'the message\'s response topic cannot be one: topic "a/+": '),
        ({"response_topic": ""}, "the message's response topic cannot be one: "),
        ({"expires_at": "soon"}, "the message's property 'expires_at' must be a time in seconds since 1970"),
        ({"expires_at": 1_767_225_600_000}, "the message's property 'expires_at' must be a time in seconds"),
    ],
)
async def test_wrong_properties_are_refused(new_site: NewSite, root: str, properties: Any, sentence: str) -> None:
    site = await new_site()
    await site.run(plan(mqtt_out(f"{root}/p"), errors=AT_ONCE))
    site.send("out", payload="x", properties=properties)
    assert (await refused(site, "invalid-properties")).startswith(sentence)


async def test_request_of_a_device_is_answered_where_it_waits(new_site: NewSite, peer: Peer, root: str) -> None:
    site = await new_site()
    await peer.subscribe(f"{root}/pair/d1/answer/7")
    nodes = [mqtt_in(f"{root}/pair/{{device}}"), mqtt_out(answer=f"{root}/pair/{{device}}/answer/#", expiry="30s")]
    await site.run(plan(*nodes, wires=["in -> out"]))
    request: Any = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # as paho has it
    request.ResponseTopic = f"{root}/pair/d1/answer/7"
    request.CorrelationData = b"\0\xff"
    request.ContentType = "application/json"
    request.MessageExpiryInterval = 5
    request.UserProperty = [("a", "1")]
    await peer.publish(f"{root}/pair/d1", b'{"code": 5}', properties=request)
    (answer,) = await peer.take()
    got: Any = answer.properties
    assert answer.payload == b'{"code":5}'
    assert (got.CorrelationData, got.UserProperty, got.MessageExpiryInterval) == (b"\0\xff", [("a", "1")], 30)
    assert not hasattr(got, "ResponseTopic")
    assert not hasattr(got, "ContentType")


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        (None, "no-response-topic"),
        ({}, "no-response-topic"),
        ({"response_topic": 5}, "no-response-topic"),
        ({"response_topic": ""}, "no-response-topic"),
        ({"response_topic": "pair/d2/answer"}, "foreign-response-topic"),
        ({"response_topic": "command/d1"}, "foreign-response-topic"),
        ({"response_topic": "pair/d1/answer/#"}, "foreign-response-topic"),
        ({"response_topic": "pair/+/answer"}, "foreign-response-topic"),
    ],
)
async def test_answer_goes_nowhere_else(new_site: NewSite, properties: Any, code: str) -> None:
    site = await new_site()
    await site.run(plan(mqtt_out(answer="pair/{device}/answer"), errors=AT_ONCE))
    site.send("out", payload="x", device="d1", properties=properties)
    await refused(site, code)


async def test_answer_to_any_topic_must_still_be_a_topic(new_site: NewSite) -> None:
    site = await new_site()
    await site.run(plan(mqtt_out(answer="#"), errors=AT_ONCE))
    site.send("out", payload="x", properties={"response_topic": "a/+"})
    await refused(site, "topic-name")


def test_topic_and_answer_exclude_each_other() -> None:
    with pytest.raises(ValidationError, match="choose 'topic' or 'answer', not both"):
        MqttOut.__node_type__.validate({"broker": "main", "topic": "a", "answer": "b"})


async def test_command_is_answered_on_the_topic_that_it_names(new_site: NewSite, peer: Peer, root: str) -> None:
    site = await new_site()
    await peer.subscribe(f"{root}/command/+")
    nodes = [mqtt_out(f"{root}/command/{{device}}", response_topic=f"{root}/done/{{device}}"), inbox()]
    await site.run(plan(*nodes, mqtt_in(f"{root}/done/{{device}}"), wires=["in -> inbox"]))
    site.send("out", payload="open", device="d1", properties={"correlation_data": "order-5", "message_expiry": 20.0})
    (command,) = await peer.take()
    asked: Any = command.properties
    assert asked.MessageExpiryInterval == 20
    answer: Any = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # as paho has it
    answer.CorrelationData = asked.CorrelationData
    await peer.publish(asked.ResponseTopic, b"opened", properties=answer)
    (got,) = await site["inbox"].wait(1)
    assert (got["device"], got["payload"]) == ("d1", "opened")
    assert got["properties"] == {"correlation_data": b"order-5"}


async def test_command_that_has_expired_before_it_is_sent_fails(new_site: NewSite, peer: Peer, root: str) -> None:
    site = await new_site()
    await peer.subscribe(f"{root}/p")
    await site.run(plan(mqtt_out(f"{root}/p"), errors=AT_ONCE))
    now = site.clock.time()
    site.send("out", payload="late", properties={"expires_at": now})
    assert await refused(site, "expired") == "nobody wants the message any more: it expired 0 s ago"
    for more in ({}, {"message_expiry": 5}, {"message_expiry": 500}):
        site.send("out", payload="x", properties={"expires_at": now + 59.5, **more})
    got: list[Any] = [message.properties for message in await peer.take(3)]
    assert [properties.MessageExpiryInterval for properties in got] == [60, 5, 60]


async def test_qos_0_without_a_connection_is_tried_again_and_then_a_dead_letter(
    new_site: NewSite, new_mosquitto: MosquittoFactory, version: str
) -> None:
    broker = new_mosquitto()
    site = await new_site(broker, version=version)
    policy = ErrorPolicy(retry=RetryPolicy(attempts=3, initial=1, jitter=False))
    await site.deploy(plan(mqtt_out("p", qos=0), errors=policy))
    await site.shows("cannot connect")
    site.send("out", payload="x")
    assert site.errors() == ["mqtt-offline"]
    await site.clock.advance(1)
    assert site.errors() == ["mqtt-offline"] * 2
    assert site.flow.account.in_flight == 1
    await site.clock.advance(2)
    assert await refused(site, "mqtt-offline") == (
        'not connected to the broker, so the QoS 0 message for "p" was not sent'
    )


async def test_qos_0_goes_out_at_a_later_try(new_site: NewSite, new_mosquitto: MosquittoFactory, version: str) -> None:
    broker = new_mosquitto()
    site = await new_site(broker, version=version)
    await site.deploy(plan(mqtt_out("p", qos=0), errors=ErrorPolicy(retry=RetryPolicy(attempts=2, initial=1))))
    site.send("out", payload="x")
    assert site.errors() == ["mqtt-offline"]
    await broker.start()
    async with Peer(broker) as peer:
        await peer.subscribe("p")
        await site.client.wait_connected()
        await site.clock.advance(1)
        assert await peer.payloads() == [b"x"]
    await until(lambda: site.flow.account.settled == 1)


@pytest.mark.parametrize("qos", [1, 2])
async def test_qos_1_waits_for_a_connection(
    new_site: NewSite, absent_broker: Mosquitto, version: str, qos: int
) -> None:
    site = await new_site(absent_broker, version=version, queue=3)
    await site.deploy(plan(mqtt_out("p", qos=qos), errors=AT_ONCE))
    for number in range(4):
        site.send("out", payload=number)
    assert site.flow.account.in_flight == 4
    (full,) = await site.letters(1)
    assert full.error_code == "mqtt-queue-full"
    assert full.error_text == '3 messages already wait for the broker: one for "p" was refused'
    await absent_broker.start()
    async with lasting(absent_broker) as peer:
        assert await peer.payloads(3) == [b"0", b"1", b"2"]
    await until(lambda: site.flow.account.settled == 3)


async def test_broker_that_refuses_a_message_makes_it_fail_at_once(
    new_site: NewSite, new_mosquitto: MosquittoFactory
) -> None:
    broker = new_mosquitto()
    rules = broker.directory / "rules"
    rules.write_text("topic readwrite open/#\ntopic readwrite reached/#\n")
    with broker.config.open("a") as config:
        config.write(f"acl_file {rules}\nmax_queued_messages 1000\n")
    await broker.start()
    site = await new_site(broker)
    await site.run(plan(mqtt_out("closed/p")))
    site.send("out", payload="x")
    assert await refused(site, "mqtt-publish-refused") == (
        'publish to "closed/p" refused: the broker says: not authorized'
    )


async def test_outbox_carries_messages_through_a_restart(
    new_site: NewSite, absent_broker: Mosquitto, version: str
) -> None:
    site = await new_site(absent_broker, version=version)
    await site.deploy(plan(mqtt_out("p", stage=StagePlan(outbox=True))))
    for number in range(3):
        site.send("out", payload=number)
    # Durable in the outbox: the source may be acknowledged.
    await until(lambda: site.flow.account.settled == 3)
    await site.restart()
    await absent_broker.start()
    async with lasting(absent_broker) as peer:
        assert await peer.payloads(3) == [b"0", b"1", b"2"]


async def test_message_in_flight_goes_out_again_when_a_deploy_changes_the_broker(
    new_site: NewSite, new_mosquitto: MosquittoFactory, version: str
) -> None:
    first, second = new_mosquitto(), new_mosquitto()
    await second.start()
    site = await new_site(first, clock=SystemClock(), version=version)
    flow = plan(mqtt_out("p"), errors=ErrorPolicy(retry=RetryPolicy(attempts=3, initial=0.01)))
    await site.deploy(flow)
    site.send("out", payload="x")
    async with Peer(second) as peer:
        await peer.subscribe("p")
        await site.deploy(flow, port=second.port)
        assert await peer.payloads() == [b"x"]
    await until(lambda: site.flow.account.settled == 1)
