"""What deploys do to subscriptions, and to messages that come meanwhile."""

import pytest

from flowengine.node import SystemClock
from tests.mosquitto import Mosquitto
from tests.nodes.network.conftest import NewSite
from tests.nodes.network.mqtt_load import load, reaches
from tests.nodes.network.mqtt_site import Peer, inbox, mqtt_in, reading, until
from tests.runtime.stand import Worker, node, plan

pytestmark = pytest.mark.mosquitto


async def test_replaced_node_loses_nothing_under_load(
    new_site: NewSite, shared_broker: Mosquitto, root: str, version: str
) -> None:
    site = await new_site(version=version, clock=SystemClock())
    await site.run(reading(f"{root}/p", payload="json"))
    asked = len(site.lines("Received SUBSCRIBE"))
    async with load(shared_broker, f"{root}/p") as taken:
        box = site["inbox"]
        for number in range(20):
            await reaches(taken, 5 * number)
            await site.deploy(reading(f"{root}/p", payload="json" if number % 2 else "detect"))
        await reaches(taken, 120)
    await until(lambda: len(box.got) >= len(taken))
    assert box.payloads == taken
    assert len(site.lines("Received SUBSCRIBE")) == asked
    assert site.lines("Received UNSUBSCRIBE") == []
    await until(lambda: site.client.pending.unsettled == 0)


@pytest.mark.parametrize("change", [{"qos": 2}, {"retained": "never"}, {"topic": "ROOT/+"}, {"topic": "ROOT/{name}"}])
async def test_changed_subscription_loses_nothing_that_is_still_wanted(
    new_site: NewSite, shared_broker: Mosquitto, root: str, version: str, change: dict[str, str]
) -> None:
    site = await new_site(version=version, clock=SystemClock())
    first = {"topic": "ROOT/p"}
    plans = [
        reading(**{**settings, "topic": settings["topic"].replace("ROOT", root)})
        for settings in ({**first, **change}, first)
    ]
    await site.run(plans[1])
    box = site["inbox"]
    async with load(shared_broker, f"{root}/p") as taken:
        for number in range(10):
            await reaches(taken, 10 * number)
            await site.deploy(plans[number % 2])
        await reaches(taken, 120)
    await until(lambda: set(box.payloads) >= set(taken))
    assert list(dict.fromkeys(box.payloads)) == taken
    await until(lambda: site.client.pending.unsettled == 0)


async def test_waiting_messages_go_to_the_successor_if_it_wants_them(
    new_site: NewSite, peer: Peer, root: str, version: str, caplog: pytest.LogCaptureFixture
) -> None:
    site = await new_site(version=version)
    await site.run(reading(f"{root}/#"))
    site.flow.valve.close("full")
    for topic in ("a/1", "b", "a/2"):
        await peer.publish(f"{root}/{topic}", topic)
    await until(lambda: site.client.pending.unsettled == 3)
    await site.run(reading(f"{root}/a/{{number}}"))
    assert f"nobody subscribes to {root}/# any more; 1 messages that had come were left out" in caplog.text
    site.flow.valve.open("full")
    got = await site["inbox"].wait(2)
    assert [(fields["payload"], fields["number"]) for fields in got] == [("a/1", "1"), ("a/2", "2")]
    await until(lambda: site.client.pending.unsettled == 0)


async def test_changed_topic_is_the_only_one_left(new_site: NewSite, peer: Peer, root: str, version: str) -> None:
    site = await new_site(version=version)
    await site.run(reading(f"{root}/old"))
    await site.run(reading(f"{root}/new"))
    await peer.publish(f"{root}/old", b"old")
    await peer.publish(f"{root}/new", b"new")
    await site["inbox"].wait(1)
    assert site["inbox"].payloads == ["new"]
    assert len(site.lines("Received UNSUBSCRIBE")) == 1


async def test_removed_node_gets_nothing_more(new_site: NewSite, peer: Peer, root: str, version: str) -> None:
    site = await new_site(version=version)
    both = plan(mqtt_in(f"{root}/a"), mqtt_in(f"{root}/b", "other"), inbox(), wires=["in -> inbox", "other -> inbox"])
    await site.run(both)
    # The flow goes on, so the deploy is over at once.
    await site.run(plan(mqtt_in(f"{root}/a"), inbox(), wires=["in -> inbox"]))
    await until(lambda: site.lines("Received UNSUBSCRIBE"))
    await peer.publish(f"{root}/b", b"b")
    await peer.publish(f"{root}/a", b"a")
    await site["inbox"].wait(1)
    assert site["inbox"].payloads == ["a"]


async def test_node_that_a_deploy_adds_subscribes(new_site: NewSite, peer: Peer, root: str, version: str) -> None:
    site = await new_site(version=version)
    await site.run(reading(f"{root}/a"))
    await site.run(
        plan(mqtt_in(f"{root}/a"), mqtt_in(f"{root}/b", "other"), inbox(), wires=["in -> inbox", "other -> inbox"])
    )
    await peer.publish(f"{root}/b", b"b")
    await site["inbox"].wait(1)


async def test_changed_broker_settings_make_a_new_connection_that_loses_nothing(
    new_site: NewSite, shared_broker: Mosquitto, root: str
) -> None:
    site = await new_site(clock=SystemClock())
    flow = reading(f"{root}/p")
    await site.run(flow)
    box = site["inbox"]
    async with load(shared_broker, f"{root}/p") as taken:
        await reaches(taken, 20)
        for number in range(3):
            await site.run(flow, keep_alive=f"{20 + number}s")
    await until(lambda: set(box.payloads) >= set(taken))
    assert sorted(set(box.payloads)) == taken
    await until(lambda: site.client.pending.unsettled == 0)


async def test_changed_broker_settings_repeat_nothing_where_flows_come_to_rest(
    new_site: NewSite, shared_broker: Mosquitto, root: str, version: str
) -> None:
    site = await new_site(version=version, clock=SystemClock(), drain=20)
    plans = [
        plan(mqtt_in(f"{root}/p"), node(Worker, "slow"), inbox(), wires=["in -> slow", "slow -> inbox"], flow=f"f{at}")
        for at in range(4)
    ]
    await site.run(*plans)
    boxes = [flow.cells["inbox"].node for flow in site.engine.flows.values()]
    async with load(shared_broker, f"{root}/p") as taken:
        for number in range(6):
            await reaches(taken, 15 * number)
            await site.run(*plans, keep_alive=f"{20 + number}s")
        await reaches(taken, 120)
    for box in boxes:
        await box.wait(len(taken))
        assert sorted(box.payloads) == taken


async def test_flood_of_qos_0_stops_the_reading_and_is_taken_afterwards(
    new_site: NewSite, shared_broker: Mosquitto, root: str, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flowengine_nodes.network.mqtt_feed.MOST_QOS_0", 100)
    site = await new_site(version=version)
    await site.run(reading(f"{root}/p"))
    site.flow.valve.close("full")
    async with Peer(shared_broker) as peer:
        for number in range(300):
            await peer.publish(f"{root}/p", str(number), 0)
    await until(lambda: len(site["in"]._feed) > 100)
    site.flow.valve.open("full")
    await site["inbox"].wait(300)
    assert site["inbox"].payloads == list(range(300))
