"""Messages: who gets which, with what, and how many."""

import contextlib
import queue
import time

from paho.mqtt.packettypes import PacketTypes

from bench.brokers.broker import PATIENCE, Broker, until
from bench.brokers.check import Checks, expect
from bench.brokers.client import V311, Client, numbers, props

check = Checks()

HOUR = 3600


@check("Retained: kept, flagged, cleared")
def retained(broker: Broker) -> str:
    publisher = Client(broker)
    publisher.publish("retained/a", retain=True)
    (message,) = Client(broker).subscribe("retained/+").take(1)
    expect(message.retain, "retain flag missing")
    publisher.client.publish("retained/a", b"", qos=1, retain=True).wait_for_publish(PATIENCE)
    expect(not Client(broker).subscribe("retained/+").rest(), "an empty payload does not clear it")
    return ""


@check("Shared subscription")
def shared(broker: Broker) -> str:
    members = [Client(broker).subscribe("$share/group/shared/+") for _ in range(2)]
    beside = Client(broker).subscribe("shared/+")
    Client(broker).publish("shared/a", 200)
    shares = [numbers(member.rest()) for member in members]
    expect(sorted(shares[0] + shares[1]) == list(range(200)), f"members got {[len(item) for item in shares]}")
    expect(all(shares), "one member got everything")
    expect(len(beside.rest()) == 200, "a plain subscription beside it does not get all")
    return " + ".join(str(len(share)) for share in shares)


@check("Shared subscription: a member's unacknowledged messages")
def shared_death(broker: Broker) -> str:
    first = Client(broker, manual=True).subscribe("$share/heirs/heirs")
    second = Client(broker).subscribe("$share/heirs/heirs")
    Client(broker).publish("heirs", 100)
    until(lambda: first.messages.qsize() > 0, "first member gets some")
    theirs = set(numbers(second.rest()))
    first.vanish()
    inherited = set(numbers(second.rest(1)))
    # MQTT 5.0 §4.8.2 lets a broker choose; a session with an expiry keeps them in every case.
    return f"{len(inherited)} of {100 - len(theirs)} went to the other member"


@check("QoS 2, exactly once")
def qos2(broker: Broker) -> str:
    subscriber = Client(broker).subscribe("qos2", 2)
    Client(broker).publish("qos2", 200, qos=2)
    expect(numbers(subscriber.rest()) == list(range(200)), "not each exactly once")
    return ""


@check("Properties passed on")
def properties(broker: Broker) -> str:
    subscriber = Client(broker).subscribe("properties")
    given = {
        "UserProperty": [("a", "1"), ("a", "2")],
        "ContentType": "application/json",
        "ResponseTopic": "answer",
        "CorrelationData": b"\x01",
        "PayloadFormatIndicator": 1,
    }
    Client(broker).publish("properties", **given)
    (message,) = subscriber.take(1)
    lost = [name for name, value in given.items() if getattr(message.properties, name, None) != value]
    expect(not lost, f"lost: {', '.join(lost)}")
    return ""


@check("Message expiry")
def expiry(broker: Broker) -> str:
    Client(broker, "later", clean=False, expiry=HOUR).subscribe("expiry").vanish()
    publisher = Client(broker)
    publisher.publish("expiry", 3, MessageExpiryInterval=1)
    publisher.publish("expiry", 2)
    time.sleep(2.2)
    came = len(Client(broker, "later", clean=False).rest())
    expect(came == 2, f"{came} messages came, 3 of 5 had expired")
    return ""


@check("Subscription identifiers, topic alias")
def identifiers(broker: Broker) -> str:
    subscriber = Client(broker)
    subscriber.subscribe("ids/#", given=props(PacketTypes.SUBSCRIBE, SubscriptionIdentifier=7))
    publisher = Client(broker)
    publisher.publish("ids/a")
    (message,) = subscriber.take(1)
    expect(getattr(message.properties, "SubscriptionIdentifier", None) == [7], "identifier not passed on")
    if not getattr(publisher.connack, "TopicAliasMaximum", 0):
        return "no topic aliases"
    publisher.publish("ids/b", TopicAlias=1)
    publisher.publish("", TopicAlias=1)
    expect([item.topic for item in subscriber.take(2)] == ["ids/b"] * 2, "wrong topic")
    return ""


@check("Topic filters")
def filters(broker: Broker) -> str:
    subscriber = Client(broker).subscribe("f/+/y").subscribe("g/#").subscribe("+/h")
    publisher = Client(broker)
    for topic in ("f//y", "f/x/y", "f/x/z", "g", "g/a/b", "/h", "$x/h"):
        publisher.publish(topic)
    came = sorted(message.topic for message in subscriber.rest())
    expect(came == sorted(["f//y", "f/x/y", "g", "g/a/b", "/h"]), f"matched {came}")
    return ""


@check("MQTT 3.1.1 and 5 talk to each other")
def versions(broker: Broker) -> str:
    old, new = Client(broker, version=V311).subscribe("both"), Client(broker).subscribe("both")
    old.publish("both", 3)
    new.publish("both", 2, UserProperty=[("a", "1")])
    old.take(5)
    new.take(5)
    return "on one port" if broker.port == broker.port311 else "on two ports"


@check("Payload of 10 MB")
def large(broker: Broker) -> str:
    subscriber = Client(broker).subscribe("large")
    Client(broker).publish("large", size=10_000_000)
    (message,) = subscriber.take(1, 15)
    expect(len(message.payload) == 10_000_000, "size changed")
    return ""


@check("Backlog of 50,000 for an absent session")
def backlog(broker: Broker) -> str:
    Client(broker, "absent", clean=False, expiry=HOUR).subscribe("backlog").vanish()
    Client(broker).publish("backlog", 50_000, size=200)
    memory = broker.memory()
    back = numbers(Client(broker, "absent", clean=False).rest(2))
    expect(len(set(back)) == 50_000, f"{len(set(back))} of 50,000 came back")
    expect(back == sorted(back), "out of order")
    return f"broker at {memory:.0f} MB"


@check("Backlog of 20,000 behind a subscriber that does not acknowledge")
def slow(broker: Broker) -> str:
    subscriber = Client(broker, receive_maximum=10, manual=True).subscribe("slow")
    other = Client(broker).subscribe("slow")
    Client(broker).publish("slow", 20_000, size=200)
    other.take(20_000, 30)
    count = 0
    with contextlib.suppress(queue.Empty):
        while True:
            subscriber.ack(subscriber.messages.get(timeout=2))
            count += 1
    expect(count == 20_000, f"{count} of 20,000 came once it acknowledged")
    return ""
