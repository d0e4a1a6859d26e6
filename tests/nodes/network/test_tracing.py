"""W3C trace context goes through flows, over MQTT and HTTP."""

from typing import Any

import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from flowengine.message import Account, Delivery, Message, TraceContext
from flowengine.testing import NodeHarness
from flowengine_nodes.network.http_in import HttpIn
from flowengine_nodes.network.http_request import HttpRequest
from flowengine_nodes.network.http_response import HttpAnswer
from flowengine_nodes.network.message_properties import with_trace
from flowengine_nodes.network.mqtt.properties import Properties as Mqtt5
from flowengine_nodes.network.tracing import TraceMode, trace_headers
from tests.nodes.network.conftest import NewSite
from tests.nodes.network.http_server import HttpServer, json_answer
from tests.nodes.network.mqtt_site import Peer, mqtt_in, mqtt_out
from tests.nodes.network.site import Site
from tests.runtime.stand import plan

CONTEXT = TraceContext("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", True, "a=1")


def is_child(found: TraceContext | None, parent: TraceContext = CONTEXT) -> bool:
    return found is not None and found.span_id != parent.span_id and found._replace(span_id=parent.span_id) == parent


def told(pairs: Any) -> TraceContext | None:
    found = dict(pairs)
    return TraceContext.parse(found.get("traceparent"), found.get("tracestate"))


def properties(message: Any) -> Any:
    return message.properties


@pytest.mark.mosquitto
@pytest.mark.parametrize("config", [{}, {"trace": "none"}, {"trace": "begin"}])
async def test_mqtt_out_goes_on_with_the_trace_of_what_mqtt_in_received(
    new_site: NewSite, peer: Peer, root: str, config: dict[str, Any]
) -> None:
    site = await new_site()
    await peer.subscribe(f"{root}/b")
    await site.run(plan(mqtt_in(f"{root}/a"), mqtt_out(f"{root}/b", **config), wires=["in -> out"]))
    given = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho has few hints
    given.UserProperty = [("unit", "bar"), *CONTEXT.headers.items()]
    await peer.publish(f"{root}/a", b"1", qos=1, properties=given)
    (message,) = await peer.take()
    pairs = properties(message).UserProperty
    assert ("unit", "bar") in pairs
    names = [name for name, _ in pairs]
    assert names.count("traceparent") == 1
    if config.get("trace") == "none":
        assert told(pairs) == CONTEXT
    else:
        assert is_child(told(pairs))


@pytest.mark.mosquitto
async def test_mqtt_out_begins_a_trace_only_where_it_is_told_to(new_site: NewSite, peer: Peer, root: str) -> None:
    site = await new_site()
    await peer.subscribe(f"{root}/#")
    await site.run(plan(mqtt_out(f"{root}/pass"), mqtt_out(f"{root}/begin", id="begin", trace="begin")))
    site.send("out", payload=1)
    site.send("begin", payload=1)
    found = {message.topic.value: message for message in await peer.take(2)}
    assert not hasattr(properties(found[f"{root}/pass"]), "UserProperty")
    assert told(properties(found[f"{root}/begin"]).UserProperty) is not None


async def test_http_response_answers_in_the_trace_of_the_request() -> None:
    nodes = {"in": (HttpIn, {"path": "/a"}), "out": (HttpAnswer, {})}
    async with Site(nodes) as site:
        answer = await site.ask("POST", "/a", json={}, headers=CONTEXT.headers)
        assert is_child(told(answer.headers))
        assert "traceparent" not in (await site.ask("POST", "/a", json={})).headers


async def test_http_request_goes_on_with_the_trace_of_its_message() -> None:
    async with HttpServer(json_answer({})) as server, NodeHarness(HttpRequest, {"url": server.url}) as harness:
        delivery = Delivery(Account())
        delivery.context = CONTEXT
        node: Any = harness.node
        await node.receive(Message({}, delivery))
        assert is_child(told(server.taken[0].headers))


@pytest.mark.parametrize(
    ("mode", "context", "goes_on"),
    [
        ("pass", CONTEXT, True),
        ("pass", None, False),
        ("begin", CONTEXT, True),
        ("begin", None, True),
        ("none", CONTEXT, False),
        ("none", None, False),
    ],
)
def test_mode_says_whether_a_trace_goes_on(mode: TraceMode, context: TraceContext | None, goes_on: bool) -> None:
    delivery = Delivery(Account(), id="m")
    delivery.context = context
    headers = trace_headers(Message({}, delivery), mode)
    if goes_on:
        assert is_child(told(headers), context or TraceContext.begin("m"))
    else:
        assert headers == {}


def test_trace_takes_the_place_of_another() -> None:
    old = CONTEXT.child()
    properties = Mqtt5(content_type="x", user_properties=(("a", "1"), *old.headers.items(), ("b", "2")))
    made = with_trace(properties, CONTEXT)
    assert made.content_type == "x"
    assert made.user_properties == (("a", "1"), ("b", "2"), *CONTEXT.headers.items())
