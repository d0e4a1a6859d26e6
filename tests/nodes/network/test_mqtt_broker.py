import asyncio
import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import ValidationError

from flowengine.node import Status, SystemClock
from flowengine_nodes.network.mqtt_broker import MqttBroker
from tests.certificates import Certificates
from tests.conftest import MosquittoFactory
from tests.mosquitto import Mosquitto
from tests.network.mqtt.conftest import break_connection
from tests.nodes.network.conftest import NewSite
from tests.nodes.network.mqtt_site import Peer, inbox, mqtt_in, mqtt_out, reading, until
from tests.runtime.stand import plan

pytestmark = pytest.mark.mosquitto


async def test_status_tells_how_the_connection_is(
    new_site: NewSite, new_mosquitto: MosquittoFactory, version: str
) -> None:
    broker = new_mosquitto()
    site = await new_site(broker, version=version)
    await site.deploy(reading("p"))
    assert site.status == "connecting"
    await site.shows(f"cannot connect to 127.0.0.1:{broker.port}")
    await broker.start()
    await site.shows("connected")
    broker.kill()
    await site.shows("connection")
    await until(lambda: not site.client.is_connected)
    await broker.start()
    await until(lambda: site.status == "connected")
    levels = [event.data["level"] for event in site.engine.world.hub.recent if event.node == "main"]
    assert levels[0] == "busy"
    assert "error" in levels
    assert levels[-1] == "ok"


async def test_birth_will_and_close_tell_whether_we_are_there(
    new_site: NewSite, peer: Peer, root: str, version: str
) -> None:
    topic = f"{root}/{{here}}"
    words = {
        name: {"topic": topic, "payload": name, "qos": qos} for name, qos in (("birth", 0), ("will", 1), ("close", 1))
    }
    await peer.subscribe(f"{root}/#")
    site = await new_site(version=version, clock=SystemClock(), **words)
    await site.run(reading(f"{root}/p"))
    assert await peer.payloads() == [b"birth"]
    break_connection(site.client)
    assert await peer.payloads(2) == [b"will", b"birth"]
    await site.reached()
    await site.deploy(reading(f"{root}/p"), keep_alive="20s")
    got = await peer.take(2)
    assert [message.payload for message in got] == [b"close", b"birth"]
    assert {str(message.topic) for message in got} == {topic}
    await peer.publish(f"{root}/end")
    (end,) = await peer.take()
    assert str(end.topic) == f"{root}/end"


async def test_announcements_carry_properties(new_site: NewSite, peer: Peer, root: str) -> None:
    more = {"content_type": "text/plain", "expiry": "90s", "user_properties": {"line": "4", "unit": "°C"}}
    words = {name: {"topic": f"{root}/here", "payload": name, "qos": 1, **more} for name in ("birth", "will", "close")}
    words["will"]["delay"] = "1m"
    await peer.subscribe(f"{root}/#")
    site = await new_site(clock=SystemClock(), session_expiry="10s", **words)
    await site.run(reading(f"{root}/p"))
    got = await peer.take()
    await site.reached()
    # It is back before the will is said: nobody hears of it.
    break_connection(site.client)
    await until(lambda: not site.client.is_connected)
    await site.reached()
    await site.deploy(reading(f"{root}/p"), keep_alive="20s")
    got += await peer.take(3)
    assert [message.payload for message in got] == [b"birth", b"birth", b"close", b"birth"]
    for message in got:
        properties: Any = message.properties
        assert properties.ContentType == "text/plain"
        assert 80 <= properties.MessageExpiryInterval <= 90
        assert properties.UserProperty == [("line", "4"), ("unit", "°C")]


async def test_will_carries_properties(new_site: NewSite, peer: Peer, root: str) -> None:
    will = {"topic": f"{root}/gone", "qos": 1, "content_type": "x", "expiry": "90s", "user_properties": {"a": "b"}}
    await peer.subscribe(f"{root}/#")
    site = await new_site(will={**will, "delay": "1s"}, session_expiry="1d")
    await site.run(reading(f"{root}/p"))
    # No reconnect: the clients wait by the loop's time, and the engine by one that stands still.
    cast("Any", site.client)._options = replace(cast("Any", site.client)._options, port=1)
    break_connection(site.client)
    (message,) = await peer.take()
    properties: Any = message.properties
    assert (properties.ContentType, properties.UserProperty) == ("x", [("a", "b")])
    assert 80 <= properties.MessageExpiryInterval <= 90


async def test_announcements_are_kept_for_late_comers(
    new_site: NewSite, shared_broker: Mosquitto, root: str, version: str
) -> None:
    site = await new_site(version=version, birth={"topic": f"{root}/state", "payload": "here", "qos": 1})
    await site.run(reading(f"{root}/p"))
    await site.reached()
    async with Peer(shared_broker) as late:
        await late.subscribe(f"{root}/#")
        (message,) = await late.take()
    assert (message.payload, bool(message.retain)) == (b"here", True)


@pytest.mark.parametrize("name", ["birth", "will", "close"])
@pytest.mark.parametrize("topic", ["", "a/#", "a/+/b", "a\0"])
def test_topic_of_an_announcement_must_be_one(name: str, topic: str) -> None:
    with pytest.raises(ValidationError, match=f"{name}.topic"):
        MqttBroker.__node_type__.validate({name: {"topic": topic}})


@pytest.mark.parametrize(
    "config",
    [
        {"host": ""},
        {"port": 0},
        {"version": "4"},
        {"keep_alive": "19h"},
        {"receive_maximum": 0},
        {"queue": 0},
        {"tls": {"ca_file": "x"}},
        {"birth": {"topic": "a", "qos": 3}},
        {"birth": {"topic": "a", "delay": "1s"}},
        {"ping_timeout": "0s"},
        {"max_packet_size": 10},
        {"version": "3.1.1", "will": {"topic": "a", "delay": "1s"}},
        {"version": "3.1.1", "birth": {"topic": "a", "content_type": "text/plain"}},
        {"version": "3.1.1", "close": {"topic": "a", "expiry": "1m"}},
        {"version": "3.1.1", "birth": {"topic": "a", "user_properties": {"a": "b"}}},
    ],
)
def test_wrong_settings_are_refused(config: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MqttBroker.__node_type__.validate(config)


@pytest.fixture
async def strict_broker(new_mosquitto: MosquittoFactory) -> Mosquitto:
    """A broker that takes messages on ``open`` and ``reached`` only."""
    broker = new_mosquitto()
    rules = broker.directory / "rules"
    rules.write_text("topic readwrite open/#\ntopic readwrite reached/#\n")
    with broker.config.open("a") as config:
        config.write(f"acl_file {rules}\nmax_queued_messages 1000\n")
    await broker.start()
    return broker


async def test_birth_that_the_broker_refuses_harms_nothing(
    new_site: NewSite, strict_broker: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    birth = {"topic": "closed/state", "payload": "here", "qos": 1}
    site = await new_site(strict_broker, clock=SystemClock(), birth=birth, close=birth)
    await site.run(reading("open/p"))
    await until(lambda: "the announcement on closed/state was not made: publish to" in caplog.text)
    assert site.status == "connected"
    caplog.clear()
    await site.deploy(reading("open/p"), keep_alive="20s")
    assert "the announcement on closed/state was not made" in caplog.text
    assert [record for record in caplog.records if record.levelno > logging.WARNING] == []


async def test_broker_that_hangs_does_not_hold_up_the_end(
    new_site: NewSite, new_mosquitto: MosquittoFactory, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flowengine_nodes.network.mqtt_broker.FAREWELL", 0.1)
    broker = new_mosquitto()
    await broker.start()
    site = await new_site(broker, clock=SystemClock(), version=version, close={"topic": "state", "qos": 1})
    await site.run(reading("p"))
    broker.pause()
    try:
        async with asyncio.timeout(10):
            await site.deploy()
            await site.engine.resources.stop()
    finally:
        broker.resume()


async def test_session_goes_on_after_a_restart(new_site: NewSite, peer: Peer, root: str, version: str) -> None:
    site = await new_site(version=version, client_id="")
    await site.run(reading(f"{root}/p"))
    await site.engine.stop()
    await peer.publish(f"{root}/p", b"meanwhile")
    await site.restart()
    await site["inbox"].wait(1)
    assert site["inbox"].payloads == ["meanwhile"]


async def test_clean_start_forgets_what_came_meanwhile(new_site: NewSite, peer: Peer, root: str, version: str) -> None:
    site = await new_site(version=version, clean_start=True)
    await site.run(reading(f"{root}/p"))
    await site.engine.stop()
    await peer.publish(f"{root}/p", b"meanwhile")
    await site.restart()
    await site.reached()
    await peer.publish(f"{root}/p", b"now")
    await site["inbox"].wait(1)
    assert site["inbox"].payloads == ["now"]


async def test_messages_of_a_flow_that_is_gone_are_left_out_and_told(
    new_site: NewSite, peer: Peer, root: str, version: str, caplog: pytest.LogCaptureFixture
) -> None:
    site = await new_site(version=version)
    await site.run(reading(f"{root}/p"))
    await site.engine.stop()
    for number in range(3):
        await peer.publish(f"{root}/p", str(number))
    await site._begin()
    await site.run(reading(f"{root}/q"))
    words = f"no flow subscribes to {root}/p any more; its messages are left out"
    await until(lambda: words in caplog.text)
    recent = site.engine.world.hub.recent
    await until(lambda: len([event for event in recent if event.kind == "unclaimed"]) == 3)
    assert caplog.text.count(words) == 1


async def test_deploy_of_the_same_restarts_nothing(new_site: NewSite, root: str) -> None:
    announcement = {"topic": f"{root}/state"}
    site = await new_site(birth=announcement, will=announcement, close=announcement, password="x", username="y")
    flows = [plan(mqtt_out(f"{root}/{{name}}"), mqtt_in(f"{root}/{{name}}")) for _ in range(2)]
    await site.run(flows[0])
    report = await site.deploy(flows[1])
    assert (report.restarted, report.resources) == ({}, ())


async def test_two_flows_share_a_connection(new_site: NewSite, peer: Peer, root: str, version: str) -> None:
    site = await new_site(version=version)
    await site.run(reading(f"{root}/+"), plan(mqtt_out(f"{root}/x"), flow="sends"))
    site.engine.flows["sends"].inject("out", {"payload": 1})
    await site["inbox"].wait(1)
    assert len(site.lines("New client connected")) == 1


async def test_workers_share_the_messages_of_a_node(new_site: NewSite, peer: Peer, root: str, version: str) -> None:
    sites = [await new_site(version=version, worker=number, workers=2, client_id=root) for number in range(2)]
    for site in sites:
        site.name = root
        await site.run(reading(f"{root}/p", id="in"), reading(f"$share/own/{root}/p", flow="own"))
    asked = sites[0].broker.log.read_text()
    assert f"$share/flow-in/{root}/p (QoS 1)" in asked
    assert f"$share/own/{root}/p (QoS 1)" in asked
    for number in range(40):
        await peer.publish(f"{root}/p", str(number))

    def got(flow: str) -> list[list[int]]:
        return [site.engine.flows[flow].cells["inbox"].node.payloads for site in sites]

    await until(lambda: sum(map(len, [*got("flow"), *got("own")])) == 80)
    for both in (got("flow"), got("own")):
        assert sorted(both[0] + both[1]) == list(range(40))
        assert all(both)


async def test_broker_asks_for_a_password(new_site: NewSite, new_mosquitto: MosquittoFactory, version: str) -> None:
    broker = new_mosquitto(users={"ada": "secret"})
    await broker.start()
    site = await new_site(broker, version=version, username="ada", password="wrong")
    await site.deploy(reading("p"))
    await site.shows("the broker refused the connection: not authorized")
    await until(lambda: len([line for line in broker.log.read_text().splitlines() if "not authorised" in line]) > 1)
    await site.deploy(reading("p"), password="secret")
    await site.shows("connected")


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path / "certificates")


async def test_tls_with_a_certificate_of_ours(
    new_site: NewSite, new_mosquitto: MosquittoFactory, certificates: Certificates, version: str
) -> None:
    broker = new_mosquitto(tls=(certificates.authority, *certificates.issue("127.0.0.1")), require_certificate=True)
    await broker.start()
    certificate, key = certificates.issue("flowengine")
    ours = {"certificate": str(certificate), "key": str(key)}
    site = await new_site(broker, version=version)
    await site.deploy(reading("p"), tls={"ca": str(certificates.authority)})
    await until(lambda: "peer did not return a certificate" in broker.log.read_text())
    assert not site.client.is_connected
    await site.run(reading("p"), tls={"ca": str(certificates.authority), **ours})
    await site.shows("connected")
    await site.run(reading("p"), tls={"verify": False, **ours})


async def test_tls_name_of_the_broker_may_be_another_than_its_address(
    new_site: NewSite, new_mosquitto: MosquittoFactory, certificates: Certificates, version: str
) -> None:
    broker = new_mosquitto(tls=(certificates.authority, *certificates.issue("broker.example")))
    await broker.start()
    site = await new_site(broker, version=version)
    tls = {"ca": str(certificates.authority)}
    await site.deploy(reading("p"), tls=tls)
    await site.shows("certificate is not valid for '127.0.0.1'")
    await site.run(reading("p"), tls={**tls, "server_name": "broker.example"})


async def test_websocket_carries_messages(new_site: NewSite, new_mosquitto: MosquittoFactory, version: str) -> None:
    broker = new_mosquitto(websocket=True)
    await broker.start()
    site = await new_site(broker, version=version, port=broker.websocket_port, websocket_path="mqtt")
    await site.run(reading("p"))
    await site.client.publish_and_wait("p", b"1")
    await site["inbox"].wait(1)


async def test_packet_that_is_too_large_is_refused_both_ways(
    new_site: NewSite, peer: Peer, root: str, version: str, caplog: pytest.LogCaptureFixture
) -> None:
    site = await new_site(version=version, max_packet_size=200)
    await site.run(plan(mqtt_in(f"{root}/p"), inbox(), mqtt_out(f"{root}/q"), wires=["in -> inbox"]))
    site.send("out", payload="x" * 200)
    (letter,) = await site.letters(1)
    assert letter.error_code == "mqtt-publish-refused"
    assert "bytes and we allow 200" in letter.error_text
    for size in (100, 300, 101):
        await peer.publish(f"{root}/p", "x" * size)
    got = await site["inbox"].wait(2)
    assert [len(fields["payload"]) for fields in got] == [100, 101]
    if version == "3.1.1":
        assert site.dropped == {"too-large": 1}
        assert f"a message on {root}/p was left out: it takes 3" in caplog.text


async def test_broker_that_answers_no_ping_is_given_up(new_site: NewSite, new_mosquitto: MosquittoFactory) -> None:
    broker = new_mosquitto()
    await broker.start()
    site = await new_site(broker, keep_alive="1s", ping_timeout="0.2s")
    await site.run(reading("p"))
    broker.pause()
    await site.shows("the broker did not answer a ping")
    broker.resume()
    await site.shows("connected")


async def test_tls_certificate_of_a_stranger_is_refused(
    new_site: NewSite, new_mosquitto: MosquittoFactory, certificates: Certificates, tmp_path: Path
) -> None:
    broker = new_mosquitto(tls=(certificates.authority, *certificates.issue("127.0.0.1")))
    await broker.start()
    site = await new_site(broker)
    await site.deploy(reading("p"), tls={"ca": str(Certificates(tmp_path / "stranger").authority)})
    await site.shows("certificate verify failed")
    await site.run(reading("p"), tls={"verify": False})


async def test_tls_files_that_cannot_be_used_break_the_flows_until_they_are_mended(
    new_site: NewSite, new_mosquitto: MosquittoFactory, certificates: Certificates, caplog: pytest.LogCaptureFixture
) -> None:
    broker = new_mosquitto(tls=(certificates.authority, *certificates.issue("127.0.0.1")))
    await broker.start()
    site = await new_site(broker)
    _, key = certificates.issue("flowengine")
    report = await site.deploy(reading("p"), tls={"ca": str(key)})
    assert "flow" in report.broken
    assert site.status.startswith("the TLS files cannot be used: ")
    caplog.clear()
    await site.run(reading("p"), tls={"ca": str(certificates.authority)})
    assert "did not stop cleanly" not in caplog.text


@pytest.fixture
def access_plugin() -> Path:
    """Where Debian puts Mosquitto's rules for subscriptions."""
    (plugin,) = Path("/usr/lib").glob("*/mosquitto_dynamic_security.so")
    return plugin


def allow_subscriptions(broker: Mosquitto, plugin: Path, *, allowed: bool) -> None:
    """Let a broker, from its next start on, grant subscriptions or refuse them."""
    rules = broker.directory / "security.json"
    access = {"publishClientSend": True, "publishClientReceive": True, "subscribe": allowed, "unsubscribe": True}
    rules.write_text(json.dumps({"defaultACLAccess": access, "clients": [], "groups": [], "roles": []}))
    if str(plugin) not in broker.config.read_text():
        with broker.config.open("a") as config:
            config.write(f"plugin {plugin}\nplugin_opt_config_file {rules}\n")


async def test_subscription_that_is_refused_after_a_reconnect_shows_until_it_is_granted(
    new_site: NewSite,
    new_mosquitto: MosquittoFactory,
    access_plugin: Path,
    version: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    broker = new_mosquitto()
    allow_subscriptions(broker, access_plugin, allowed=True)
    await broker.start()
    site = await new_site(broker, version=version)
    await site.run(reading("p"))
    cell: Any = site.flow.cells["in"]
    assert not cell.status
    broker.stop()
    allow_subscriptions(broker, access_plugin, allowed=False)
    await broker.start()
    await until(lambda: cell.status and cell.status.level == "error")
    words = 'the broker refused to subscribe "p": '
    assert cell.status.text.startswith(words)
    assert words in caplog.text
    broker.stop()
    allow_subscriptions(broker, access_plugin, allowed=True)
    await broker.start()
    await until(lambda: site.flow.cells["in"].status == Status("subscribed"))


async def test_refused_subscription_shows_at_its_node(
    new_site: NewSite, new_mosquitto: MosquittoFactory, access_plugin: Path, version: str
) -> None:
    broker = new_mosquitto()
    allow_subscriptions(broker, access_plugin, allowed=False)
    await broker.start()
    site = await new_site(broker, version=version)
    await site.deploy(reading("p"))
    cell: Any = site.flow.cells["in"]
    await until(lambda: cell.status)
    assert cell.status.level == "error"
    assert cell.status.text.startswith('the broker refused to subscribe "p": ')
    # The node that takes over the subscription says so too.
    cell.status = None
    await site.deploy(reading("p", payload="json"))
    shown: Any = site.flow.cells["in"].status
    assert shown.text.startswith('the broker refused to subscribe "p": ')
