"""Connections and sessions, and what of them comes again."""

import time
from typing import Any

from paho.mqtt.enums import MQTTProtocolVersion

from bench.brokers.broker import PATIENCE, Broker
from bench.brokers.check import Checks, expect
from bench.brokers.client import V5, V311, Client, numbers

check = Checks()

HOUR = 3600


@check("MQTT 5 connect, session expiry")
def session(broker: Broker) -> str:
    first = Client(broker, "session", expiry=HOUR, receive_maximum=10)
    first.subscribe("session")
    granted = {key: value for key, value in vars(first.connack).items() if key[0].isupper()}
    first.vanish()
    second = Client(broker, "session", clean=False, expiry=1)
    expect(second.session_present, "session not present after reconnect")
    second.leave()
    time.sleep(2.5)
    third = Client(broker, "session", clean=False)
    expect(not third.session_present, "session still there 1.5 s after its expiry")
    third.leave()
    return ", ".join(f"{key} {value}" for key, value in granted.items()) or "no CONNACK properties"


@check("Receive Maximum held")
def receive_maximum(broker: Broker) -> str:
    subscriber = Client(broker, receive_maximum=5, manual=True).subscribe("window")
    Client(broker).publish("window", 100)
    waiting = subscriber.rest()
    expect(len(waiting) == 5, f"{len(waiting)} unacknowledged messages came, 5 allowed")
    most = came = 5
    while waiting:
        subscriber.ack(waiting.pop(0))
        more = subscriber.rest(0.1)
        came += len(more)
        waiting += more
        most = max(most, len(waiting))
    expect(most == 5, f"{most} unacknowledged messages at once, 5 allowed")
    return f"{came} of 100 came"


def redelivery(broker: Broker, version: MQTTProtocolVersion) -> str:
    name, topic = f"persistent-{version}", f"redelivery/{version}"
    subscriber = Client(broker, name, version=version, clean=False, expiry=HOUR, manual=True).subscribe(topic)
    publisher = Client(broker, version=version)
    publisher.publish(topic, 20)
    seen = subscriber.take(20)
    for message in seen[:5]:
        subscriber.ack(message)
    time.sleep(0.2)
    subscriber.vanish()
    publisher.publish(topic, 30)
    again = Client(broker, name, version=version, clean=False, expiry=HOUR)
    expect(again.session_present, "no session present")
    back = again.rest(1)
    expect(
        numbers(back) == [*range(5, 20), *range(30)],
        f"expected 15 unacknowledged + 30 new messages, came {len(back)}: {numbers(back)[:50]}",
    )
    again.leave()
    return f"{sum(message.dup for message in back)} of 15 marked DUP"


@check("QoS 1 redelivery after a vanished client, MQTT 5")
def redelivery5(broker: Broker) -> str:
    return redelivery(broker, V5)


@check("QoS 1 redelivery after a vanished client, MQTT 3.1.1")
def redelivery311(broker: Broker) -> str:
    return redelivery(broker, V311)


@check("QoS 1 redelivery, vanished with the window full")
def redelivery_window(broker: Broker) -> str:
    options: dict[str, Any] = {"clean": False, "expiry": HOUR, "receive_maximum": 10}
    subscriber = Client(broker, "full", manual=True, **options).subscribe("full")
    publisher = Client(broker)
    publisher.publish("full", 200)
    subscriber.take(10)
    subscriber.vanish()
    again = Client(broker, "full", **options)
    back = sorted(numbers(again.rest(1)))
    expect(back == list(range(200)), f"{len(set(back))} of 200 messages came back, {len(back)} deliveries")
    again.leave()
    return "200 of 200"


@check("Will on a broken connection")
def will(broker: Broker) -> str:
    watcher = Client(broker).subscribe("will/#")
    Client(broker, will=("will/5", b"5")).vanish()
    Client(broker, version=V311, will=("will/3", b"3")).vanish()
    expect(sorted(numbers(watcher.take(2))) == [3, 5], "wrong will")
    return "both versions"


@check("No will after DISCONNECT")
def no_will(broker: Broker) -> str:
    watcher = Client(broker).subscribe("nowill")
    Client(broker, will=("nowill", b"1")).leave()
    expect(not watcher.rest(1), "the will came all the same")
    return ""


@check("Keep-alive missed: dropped, will sent")
def keep_alive(broker: Broker) -> str:
    watcher = Client(broker).subscribe("silent")
    silent = Client(broker, keepalive=2, will=("silent", b"1"))
    silent.client.loop_stop()
    start = time.monotonic()
    watcher.take(1, 8)
    return f"after {time.monotonic() - start:.1f} s of keep-alive 2"


@check("Session taken over")
def takeover(broker: Broker) -> str:
    first = Client(broker, "twin", expiry=HOUR)
    second = Client(broker, "twin", clean=False, expiry=HOUR)
    expect(first.gone.wait(PATIENCE), "the first connection stays")
    expect(not second.gone.is_set(), "the second connection was closed")
    second.leave()
    return ""
