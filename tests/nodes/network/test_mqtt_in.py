import asyncio
from typing import Any

import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from pydantic import ValidationError

from flowengine.message import decode_fields
from flowengine_nodes.network.mqtt_in import MqttIn
from tests.nodes.network.conftest import NewSite
from tests.nodes.network.mqtt_site import Peer, inbox, mqtt_in, reading, until
from tests.runtime.stand import plan

pytestmark = pytest.mark.mosquitto

BAD = object()
KINDS = ("detect", "json", "text", "bytes")
PAYLOADS: list[tuple[bytes, Any, Any, Any]] = [
    (b'{"a": [1, null]}', {"a": [1, None]}, {"a": [1, None]}, '{"a": [1, null]}'),
    (b"21.5", 21.5, 21.5, "21.5"),
    (b"true", True, True, "true"),
    (b'"on"', "on", "on", '"on"'),
    (b"on", "on", BAD, "on"),
    (b"{", "{", BAD, "{"),
    (b"", "", BAD, ""),
    ("20 °C".encode(), "20 °C", BAD, "20 °C"),
    (b"\xff\x00", b"\xff\x00", BAD, BAD),
]


def properties(**values: Any) -> Properties:
    made = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho has no hints for it
    for name, value in values.items():
        setattr(made, name, value)
    return made


async def test_payload_becomes_what_the_settings_say(new_site: NewSite, peer: Peer, root: str, version: str) -> None:
    site = await new_site(version=version)
    nodes = [mqtt_in(f"{root}/p", kind, payload=kind) for kind in KINDS] + [inbox(f"{kind}-inbox") for kind in KINDS]
    await site.run(plan(*nodes, wires=[f"{kind} -> {kind}-inbox" for kind in KINDS]))
    for payload, *_ in PAYLOADS:
        await peer.publish(f"{root}/p", payload)
    expected = [
        [row[1] for row in PAYLOADS],
        [row[2] for row in PAYLOADS if row[2] is not BAD],
        [row[3] for row in PAYLOADS if row[3] is not BAD],
        [row[0] for row in PAYLOADS],
    ]
    for kind, payloads in zip(KINDS, expected, strict=True):
        await site[f"{kind}-inbox"].wait(len(payloads))
        assert site[f"{kind}-inbox"].payloads == payloads


async def test_unreadable_payload_becomes_a_dead_letter_and_is_acknowledged(
    new_site: NewSite, peer: Peer, root: str, version: str
) -> None:
    site = await new_site(version=version)
    await site.run(reading(f"{root}/p", payload="json"))
    await peer.publish(f"{root}/p", b"\xff{")
    (letter,) = await site.letters(1)
    assert (letter.node, letter.error_code) == ("in", "invalid-payload")
    assert f"the payload on {root}/p is not JSON: " in letter.error_text
    assert decode_fields(letter.message)["payload"] == b"\xff{"
    await until(lambda: site.lines("Received PUBACK"))
    assert site["inbox"].got == []


@pytest.mark.parametrize(
    ("payload", "values", "expected"),
    [
        (b'{"a": 1}', {"ContentType": "text/plain"}, '{"a": 1}'),
        (b"1", {"ContentType": "Text/Plain; charset=utf-8"}, "1"),
        (b'{"a": 1}', {"ContentType": "application/json; charset=utf-8"}, {"a": 1}),
        (b"[1]", {"ContentType": "application/senml+json"}, [1]),
        (b"1", {"ContentType": "application/zip"}, b"1"),
        (b"1", {"ContentType": "application/xml", "PayloadFormatIndicator": 1}, "1"),
        (b"1", {"PayloadFormatIndicator": 1}, 1),
        (b"on", {"PayloadFormatIndicator": 1}, "on"),
        (b"on", {"ContentType": "application/json"}, BAD),
        (b"\xff", {"ContentType": "text/plain"}, BAD),
    ],
)
async def test_detection_heeds_what_the_sender_says(
    new_site: NewSite, peer: Peer, root: str, payload: bytes, values: dict[str, Any], expected: Any
) -> None:
    site = await new_site()
    await site.run(reading(f"{root}/p"))
    await peer.publish(f"{root}/p", payload, properties=properties(**values))
    if expected is BAD:
        assert [letter.error_code for letter in await site.letters(1)] == ["invalid-payload"]
    else:
        (got,) = await site["inbox"].wait(1)
        assert (got["payload"], type(got["payload"])) == (expected, type(expected))


async def test_properties_become_a_field(new_site: NewSite, peer: Peer, root: str) -> None:
    site = await new_site()
    await site.run(reading(f"{root}/p"))
    values = properties(
        PayloadFormatIndicator=1,
        MessageExpiryInterval=60,
        ContentType="text/plain",
        ResponseTopic=f"{root}/answer",
        CorrelationData=b"\0\1",
        UserProperty=[("a", "1"), ("b", "2"), ("a", "3")],
    )
    await peer.publish(f"{root}/p", b"x", properties=values)
    await peer.publish(f"{root}/p", b"y")
    first, second = await site["inbox"].wait(2)
    assert first["properties"] == {
        "payload_is_text": True,
        "message_expiry": 60,
        "content_type": "text/plain",
        "response_topic": f"{root}/answer",
        "correlation_data": b"\0\1",
        "user_properties": [["a", "1"], ["b", "2"], ["a", "3"]],
    }
    assert second == {"payload": "y", "topic": f"{root}/p", "qos": 1, "retain": False}


async def test_captured_levels_become_fields(new_site: NewSite, peer: Peer, root: str, version: str) -> None:
    site = await new_site(version=version)
    await site.run(reading(f"{root}/{{site}}/+/{{device}}/#"))
    await peer.publish(f"{root}/north/x/d1/a/b", b"1")
    await peer.publish(f"{root}//x/d 2", b"2")
    assert await site["inbox"].wait(2) == [
        {"payload": 1, "topic": f"{root}/north/x/d1/a/b", "qos": 1, "retain": False, "site": "north", "device": "d1"},
        {"payload": 2, "topic": f"{root}//x/d 2", "qos": 1, "retain": False, "site": "", "device": "d 2"},
    ]


@pytest.mark.parametrize("name", ["payload", "topic", "qos", "retain", "duplicate", "properties", "error", "principal"])
def test_capture_cannot_take_the_place_of_a_field_of_its_own(name: str) -> None:
    with pytest.raises(ValidationError, match=f"would replace the message's own field '{name}'"):
        MqttIn.__node_type__.validate({"broker": "main", "topic": f"a/{{{name}}}"})


@pytest.mark.parametrize("topic", ["", "a/#/b", "a/b+", "{x}/{x}", "$share/g", "a\0b"])
def test_wrong_filter_is_refused(topic: str) -> None:
    with pytest.raises(ValidationError, match="topic"):
        MqttIn.__node_type__.validate({"broker": "main", "topic": topic})


async def test_filters_match_as_mqtt_says(new_site: NewSite, peer: Peer, root: str, version: str) -> None:
    site = await new_site(version=version)
    filters = {
        "plus": f"{root}/+/y",
        "parent": f"{root}/b/#",
        "braces": f"{root}/c{{x}}d/{{}}",
        "all": "#",
        "system": "$SYS/broker/version",
    }
    nodes = [mqtt_in(text, id) for id, text in filters.items()] + [inbox(f"{id}-inbox") for id in filters]
    await site.run(plan(*nodes, wires=[f"{id} -> {id}-inbox" for id in filters]))
    topics = [f"{root}//y", f"{root}/a/y", f"{root}/b", f"{root}/b/c/d", f"{root}/c{{x}}d/{{}}", f"{root}/cxd/e"]
    for topic in topics:
        await peer.publish(topic, b"x")

    def seen(id: str) -> list[str]:
        return [fields["topic"] for fields in site[f"{id}-inbox"].got if not fields["topic"].startswith("reached/")]

    await until(lambda: len([topic for topic in seen("all") if topic.startswith(root)]) == len(topics))
    await site["system-inbox"].wait(1)
    await site.reached()
    assert seen("plus") == topics[:2]
    assert seen("parent") == topics[2:4]
    assert seen("braces") == topics[4:5]
    assert [topic for topic in seen("all") if topic.startswith(root)] == topics
    assert [topic for topic in seen("all") if topic.startswith("$")] == []
    assert "mosquitto version" in site["system-inbox"].payloads[0]


async def test_overlapping_filters_bring_each_node_one_copy(
    new_site: NewSite, peer: Peer, root: str, version: str
) -> None:
    site = await new_site(version=version)
    filters = {"a": f"{root}/#", "b": f"{root}/+/x", "c": f"{root}/{{device}}/x", "d": f"{root}/1/x"}
    nodes = [mqtt_in(text, id) for id, text in filters.items()] + [inbox(f"{id}-inbox") for id in filters]
    await site.run(plan(*nodes, wires=[f"{id} -> {id}-inbox" for id in filters]))
    for number in range(10):
        await peer.publish(f"{root}/1/x", str(number))
    await peer.publish(f"{root}/end", b"end")
    await until(lambda: "end" in site["a-inbox"].payloads)
    await until(lambda: site.client.pending.unsettled == 0)
    await site.reached()
    assert site["a-inbox"].payloads == [*range(10), "end"]
    for id in "bcd":
        assert site[f"{id}-inbox"].payloads == [*range(10)]
    assert {fields["device"] for fields in site["c-inbox"].got} == {"1"}


async def test_shared_subscription_gives_each_message_to_one(
    new_site: NewSite, peer: Peer, root: str, version: str
) -> None:
    sites = [await new_site(version=version) for _ in range(2)]
    for site in sites:
        await site.run(reading(f"$share/group/{root}/{{device}}"))
    for number in range(40):
        await peer.publish(f"{root}/{number % 4}", str(number))
    await until(lambda: sum(len(site["inbox"].got) for site in sites) == 40)
    for site in sites:
        await site.reached()
    both = [site["inbox"].got for site in sites]
    assert sorted(fields["payload"] for got in both for fields in got) == list(range(40))
    assert all(both)
    assert both[0][0]["device"] == both[0][0]["topic"].rpartition("/")[2]


async def test_retained_messages_come_as_the_settings_say(new_site: NewSite, peer: Peer, root: str) -> None:
    await peer.publish(f"{root}/p", b"old", retain=True)
    site = await new_site()
    kinds = ("always", "new", "never")
    # Levels apart, or the broker would see one subscription only.
    filters = {"always": f"{root}/p", "new": f"{root}/+", "never": f"+/{'p'}"}
    nodes = [mqtt_in(filters[kind], kind, retained=kind) for kind in kinds] + [inbox(f"{kind}-inbox") for kind in kinds]
    await site.run(plan(*nodes, wires=[f"{kind} -> {kind}-inbox" for kind in kinds]))
    assert [(fields["payload"], fields["retain"]) for fields in await site["always-inbox"].wait(1)] == [("old", True)]
    assert site["new-inbox"].payloads == ["old"]
    assert site["never-inbox"].payloads == []
    await peer.publish(f"{root}/p", b"live", retain=True)
    await until(lambda: all("live" in site[f"{kind}-inbox"].payloads for kind in kinds))
    assert [fields["retain"] for fields in site["never-inbox"].got] == [False]
    await site.restart()
    await site.reached()
    assert site["always-inbox"].payloads == ["live"]
    assert site["new-inbox"].payloads == []
    assert site["never-inbox"].payloads == []


async def test_no_local_leaves_out_what_the_connection_publishes(new_site: NewSite, peer: Peer, root: str) -> None:
    site = await new_site()
    await site.run(reading(f"{root}/p", no_local=True))
    await site.client.publish_and_wait(f"{root}/p", b"own")
    await peer.publish(f"{root}/p", b"other")
    await site["inbox"].wait(1)
    assert site["inbox"].payloads == ["other"]


@pytest.mark.parametrize("qos", [1, 2])
async def test_message_is_acknowledged_when_the_flow_has_finished(
    new_site: NewSite, peer: Peer, root: str, version: str, qos: int
) -> None:
    site = await new_site(version=version)
    await site.run(reading(f"{root}/p", does="keep", qos=qos))
    words = "Received PUBREC" if version == "5" and qos == 2 else "Received PUBACK"
    for number in range(3):
        await peer.publish(f"{root}/p", str(number), qos)
    await site["inbox"].wait(3)
    first, second, third = site["inbox"].kept
    site["inbox"].done(second)
    site["inbox"].done(third)
    await site.reached()
    assert site.lines(words) == []
    assert site.client.pending.unsettled == 3
    site["inbox"].done(first)
    await until(lambda: len(site.lines(words)) == 3)
    numbers = [line.rpartition("Mid: ")[2].partition(",")[0].rstrip(")") for line in site.lines(words)]
    assert numbers == sorted(numbers, key=int)


async def test_unfinished_message_comes_again_to_the_next_process(
    new_site: NewSite, peer: Peer, root: str, version: str
) -> None:
    site = await new_site(version=version)
    await site.run(reading(f"{root}/p", does="keep"))
    for number in range(3):
        await peer.publish(f"{root}/p", str(number))
    await site["inbox"].wait(3)
    assert "duplicate" not in site["inbox"].got[0]
    site["inbox"].done(site["inbox"].kept[0])
    await until(lambda: len(site.lines("Received PUBACK")) == 1)
    await site.restart()
    got = await site["inbox"].wait(2)
    await site.reached()
    assert [(fields["payload"], fields.get("duplicate")) for fields in got] == [(1, True), (2, True)]


async def test_failed_message_is_acknowledged_once_its_dead_letter_is_stored(
    new_site: NewSite, peer: Peer, root: str, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = await new_site(version=version)
    await site.run(reading(f"{root}/p", does="fail"))
    told: list[Any] = []
    monkeypatch.setattr(site.store.dead_letters, "put_nowait", lambda letter, done: told.append((letter, done)))
    await peer.publish(f"{root}/p", b"x")
    await until(lambda: told)
    await site.reached()
    assert site.lines("Received PUBACK") == []
    told[0][1](None)
    await until(lambda: site.lines("Received PUBACK"))


async def test_qos_0_needs_no_acknowledgement(new_site: NewSite, peer: Peer, root: str, version: str) -> None:
    site = await new_site(version=version)
    await site.run(reading(f"{root}/p", qos=0))
    await peer.publish(f"{root}/p", b"x", 2)
    (got,) = await site["inbox"].wait(1)
    assert got["qos"] == 0
    assert site.client.pending.unsettled == 0
    await until(lambda: site.flow.account.settled == 1)


async def test_messages_wait_while_the_flow_is_full(new_site: NewSite, peer: Peer, root: str, version: str) -> None:
    site = await new_site(version=version)
    await site.run(reading(f"{root}/p"))
    site.flow.valve.close("full")
    for number in range(200):
        await peer.publish(f"{root}/p", str(number), 0)
    await site.reached()
    assert site["inbox"].got == []
    # A node that a deploy starts finds the flow full.
    await site.run(reading(f"{root}/p", payload="json"))
    await asyncio.sleep(0)
    assert site["inbox"].got == []
    site.flow.valve.open("full")
    await peer.publish(f"{root}/p", b"200", 0)
    await site["inbox"].wait(201)
    assert site["inbox"].payloads == list(range(201))


async def test_flow_without_its_broker_says_why(new_site: NewSite, root: str) -> None:
    site = await new_site(tls={"ca": "missing.pem"})
    report = await site.deploy(reading(f"{root}/p"))
    assert report.broken == {"flow": 'the resource "main" is not running'}
    assert site.status == "the TLS file missing.pem does not exist or cannot be read"
