"""Nothing is lost for a flow that is broken, and nothing lingers for one that is gone."""

import asyncio
import random

import pytest

from flowengine.node import SystemClock
from flowengine_nodes.network.message_properties import read_properties
from flowengine_nodes.network.mqtt_in import MqttIn
from tests.conftest import MosquittoFactory
from tests.mosquitto import Mosquitto
from tests.nodes.network.conftest import NewSite
from tests.nodes.network.mqtt_load import load, reaches
from tests.nodes.network.mqtt_site import MqttSite, Peer, mqtt_in, reading, until
from tests.runtime.stand import node, plan

pytestmark = pytest.mark.mosquitto


async def kept(site: MqttSite, count: int) -> None:
    """Wait until so many messages are in the store, and none is left with the broker."""
    async with asyncio.timeout(20):
        while len(await site.store.shelf.load("", "main")) < count:  # noqa: ASYNC110 - as in until
            await asyncio.sleep(0.005)
    await until(lambda: site.client.pending.unsettled == 0)


async def test_flow_that_is_broken_at_a_restart_gets_its_messages_afterwards(
    new_site: NewSite, peer: Peer, root: str, version: str, caplog: pytest.LogCaptureFixture
) -> None:
    site = await new_site(version=version)
    flow, other = reading(f"{root}/{{name}}"), reading(f"{root}/other/p", flow="other")
    await site.run(flow, other)
    await site.engine.stop()
    for number in range(5):
        await peer.publish(f"{root}/a", str(number))
    await site._begin()
    await site.run(other, broken=["flow"])
    for number in range(5, 10):
        await peer.publish(f"{root}/b", str(number))
    await kept(site, 10)
    assert f"flow/in does not run; the messages on {root}/{{name}} are kept for it" in caplog.text
    # Broken for longer than a process lives.
    await site.restart()
    await site.reached()
    await peer.publish(f"{root}/c", b"10")
    await kept(site, 11)
    await site.run(flow, other)
    got = await site["inbox"].wait(11)
    await peer.publish(f"{root}/c", b"11")
    await site["inbox"].wait(12)
    assert site["inbox"].payloads == list(range(12))
    assert [fields["name"] for fields in got] == [*"aaaaabbbbbcc"]
    assert site.engine.flows["other"].cells["inbox"].node.payloads == []
    assert site.dropped == {}
    await site.store.flush()
    assert await site.store.shelf.load("", "main") == []
    await site.restart()
    await site.reached()
    assert site["inbox"].payloads == []


async def test_messages_for_a_broken_flow_hold_up_no_other(
    new_site: NewSite, peer: Peer, root: str, version: str
) -> None:
    site = await new_site(version=version, receive_maximum=5)
    flow, other = reading(f"{root}/p"), reading(f"{root}/q", flow="other")
    await site.run(flow, other)
    await site.deploy(other, broken=["flow"])
    for number in range(300):
        await peer.publish(f"{root}/p", str(number))
    await peer.publish(f"{root}/q", b"1")
    await site.engine.flows["other"].cells["inbox"].node.wait(1)
    await site.run(flow, other)
    await peer.publish(f"{root}/p", b"300")
    await site["inbox"].wait(301)
    assert site["inbox"].payloads == list(range(301))


async def test_kept_message_is_as_it_came(new_site: NewSite, peer: Peer, root: str) -> None:
    site = await new_site()
    await site.run(reading(f"{root}/p", payload="bytes"))
    properties = {
        "content_type": "x",
        "response_topic": "a/b",
        "correlation_data": b"\xff\x00",
        "user_properties": [["a", "1"], ["a", "2"]],
    }
    await site.run(broken=["flow"])
    await site.client.publish_and_wait(f"{root}/p", b"\xff", properties=read_properties(properties, 0.0))
    await kept(site, 1)
    await site.run(reading(f"{root}/p", payload="bytes"))
    (fields,) = await site["inbox"].wait(1)
    assert fields == {"payload": b"\xff", "topic": f"{root}/p", "qos": 1, "retain": False, "properties": properties}


async def test_kept_message_that_nobody_wants_any_more_is_left_out(new_site: NewSite, peer: Peer, root: str) -> None:
    site = await new_site()
    flow = reading(f"{root}/p")
    await site.run(flow)
    await site.run(broken=["flow"])
    for number, expiry in enumerate((60, 120, None)):
        properties = read_properties({"message_expiry": expiry}, 0.0)
        await site.client.publish_and_wait(f"{root}/p", str(number).encode(), properties=properties)
    await kept(site, 3)
    await site.clock.advance(60)
    await site.run(flow)
    got = await site["inbox"].wait(2)
    assert [fields["payload"] for fields in got] == [1, 2]
    assert got[0]["properties"] == {"message_expiry": 60}
    assert site.dropped == {"expired": 1}


async def test_qos_0_is_dropped_for_a_broken_flow(new_site: NewSite, peer: Peer, root: str, version: str) -> None:
    site = await new_site(version=version)
    await site.run(reading(f"{root}/p"))
    await site.run(broken=["flow"])
    await peer.publish(f"{root}/p", b"1", 0)
    await until(lambda: site.dropped == {"flow-broken": 1})


async def test_flow_that_cannot_start_is_broken_too(new_site: NewSite, peer: Peer, root: str, version: str) -> None:
    site = await new_site(version=version)
    good = reading(f"{root}/p")
    # The node of the broker starts before the one that finds no resource of its name.
    bad = plan(mqtt_in(f"{root}/p"), node(MqttIn, "zz", {"broker": "none", "topic": "x"}), flow="flow")
    await site.run(good)
    report = await site.deploy(bad)
    assert list(report.broken) == ["flow"]
    for number in range(3):
        await peer.publish(f"{root}/p", str(number))
    await kept(site, 3)
    await site.run(good)
    await site["inbox"].wait(3)
    assert site["inbox"].payloads == [0, 1, 2]


async def test_mended_flow_gets_what_its_topic_still_matches(
    new_site: NewSite, peer: Peer, root: str, version: str, caplog: pytest.LogCaptureFixture
) -> None:
    site = await new_site(version=version)
    await site.run(reading(f"{root}/#"))
    await site.run(broken=["flow"])
    for topic in ("a/1", "b", "a/2"):
        await peer.publish(f"{root}/{topic}", topic)
    await kept(site, 3)
    await site.run(reading(f"{root}/a/{{number}}"))
    got = await site["inbox"].wait(2)
    assert [(fields["payload"], fields["number"]) for fields in got] == [("a/1", "1"), ("a/2", "2")]
    assert site.dropped == {"unsubscribed": 1}
    await until(lambda: len(site.lines("Received UNSUBSCRIBE")) == 1)


async def test_removed_flow_is_unsubscribed_at_once(
    new_site: NewSite, peer: Peer, root: str, version: str, caplog: pytest.LogCaptureFixture
) -> None:
    site = await new_site(version=version)
    stays, goes = reading(f"{root}/a"), reading(f"{root}/b", flow="goes")
    await site.run(stays, goes)
    site.engine.flows["goes"].valve.close("full")
    for number in range(3):
        await peer.publish(f"{root}/b", str(number))
    await until(lambda: site.client.pending.unsettled == 3)
    await site.run(stays)
    assert f"nobody subscribes to {root}/b any more; 3 messages that had come were left out" in caplog.text
    assert site.dropped == {"unsubscribed": 3}
    await until(lambda: site.lines("Received UNSUBSCRIBE"))
    # What came takes up no window.
    await until(lambda: site.client.pending.unsettled == 0)


async def test_flow_removed_while_nobody_runs_is_unsubscribed_at_the_next_start(
    new_site: NewSite, peer: Peer, root: str, version: str
) -> None:
    site = await new_site(version=version)
    stays, goes = reading(f"{root}/a"), reading(f"{root}/b", flow="goes")
    await site.run(stays, goes)
    await site.engine.stop()
    for number in range(3):
        await peer.publish(f"{root}/b", str(number))
    await site._begin()
    await site.run(stays)
    await until(lambda: len(site.lines("Received UNSUBSCRIBE")) == 1)
    await until(lambda: site.dropped == {"unsubscribed": 3})
    await until(lambda: site.client.pending.unsettled == 0)
    await site.store.flush()
    for _ in range(2):
        await site.restart()
        await site.reached()
    assert len(site.lines("Received UNSUBSCRIBE")) == 1


async def test_flow_removed_without_a_connection_is_unsubscribed_with_the_next(
    new_site: NewSite, new_mosquitto: MosquittoFactory, version: str
) -> None:
    broker = new_mosquitto(persistence=True)
    await broker.start()
    site = await new_site(broker, version=version)
    stays, goes = reading("a"), reading("b", flow="goes")
    await site.run(stays, goes)
    await broker.persist()
    broker.stop()
    await until(lambda: not site.client.is_connected)
    await site.deploy(stays)
    await site.restart()
    await broker.start()
    await until(lambda: len(site.lines("Received UNSUBSCRIBE")) == 1)


async def test_broken_flow_that_is_removed_gives_up_what_was_kept(
    new_site: NewSite, peer: Peer, root: str, version: str, caplog: pytest.LogCaptureFixture
) -> None:
    site = await new_site(version=version)
    await site.run(reading(f"{root}/p"))
    await site.run(broken=["flow"])
    for number in range(3):
        await peer.publish(f"{root}/p", str(number))
    await kept(site, 3)
    await site.restart()
    await site.run()
    assert "nobody wants the 3 messages that were kept for flow/in any more" in caplog.text
    assert site.dropped == {"unsubscribed": 3}
    await site.store.flush()
    assert await site.store.shelf.load("", "main") == []
    await until(lambda: len(site.lines("Received UNSUBSCRIBE")) == 1)


async def test_new_broker_settings_lose_nothing_that_was_kept(
    new_site: NewSite, peer: Peer, root: str, version: str
) -> None:
    site = await new_site(version=version)
    flow = reading(f"{root}/p", does="keep")
    await site.run(flow)
    await site.run(broken=["flow"])
    for number in range(5):
        await peer.publish(f"{root}/p", str(number))
    await kept(site, 5)
    await site.run(flow)
    await site["inbox"].wait(5)
    box = site["inbox"]
    site.flow.valve.close("full")
    await site.run(flow, keep_alive="20s")
    # They are in the flow still; the new connection does not bring them again.
    await site.reached()
    assert box.payloads == list(range(5))
    for message in box.kept:
        box.done(message)
    await site.store.flush()
    assert await site.store.shelf.load("", "main") == []


async def test_nothing_is_lost_while_a_flow_breaks_and_is_mended_under_load(
    new_site: NewSite, shared_broker: Mosquitto, root: str, version: str
) -> None:
    site = await new_site(version=version, clock=SystemClock(), receive_maximum=20)
    flow = reading(f"{root}/p")
    seen: list[int] = []
    chance = random.Random(5)
    await site.run(flow)
    box = site["inbox"]
    async with load(shared_broker, f"{root}/p") as taken:
        for number in range(30):
            await reaches(taken, 10 * number)
            match chance.choice(["break", "break", "mend", "mend", "change", "restart"]):
                case "break":
                    await site.run(broken=["flow"])
                case "mend":
                    await site.deploy(flow)
                case "change":
                    await site.deploy(flow, keep_alive=f"{20 + number}s")
                case _:
                    await site.restart()
            if "flow" in site.engine.flows and site["inbox"] is not box:
                seen += box.payloads
                box = site["inbox"]
        await site.deploy(flow)
        if site["inbox"] is not box:
            seen += box.payloads
            box = site["inbox"]
        await reaches(taken, 320)
    await until(lambda: {*seen, *box.payloads} >= set(taken))
    await until(lambda: site.client.pending.unsettled == 0)
    assert list(dict.fromkeys([*seen, *box.payloads])) == taken
