"""What every client must do, against a real Mosquitto."""

import asyncio
import gc
import random
import re
import ssl
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from flowengine_nodes.network.mqtt.aiomqtt_client import AiomqttClient
from flowengine_nodes.network.mqtt.client import (
    Connected,
    ConnectionEvent,
    Disconnected,
    MqttClient,
    Oversized,
    Reconnecting,
    Unclaimed,
)
from flowengine_nodes.network.mqtt.errors import (
    ConnectRefusedError,
    MqttError,
    OfflineError,
    PublishRefusedError,
    QueueFullError,
)
from flowengine_nodes.network.mqtt.options import Will
from flowengine_nodes.network.mqtt.reconnecting import ReconnectingClient
from flowengine_nodes.network.mqtt.topics import TopicFilter
from tests.certificates import Certificates
from tests.conftest import MosquittoFactory
from tests.mosquitto import Mosquitto
from tests.network.mqtt.conftest import ClientFactory, break_connection
from tests.network.mqtt.inbox import Inbox

pytestmark = pytest.mark.mosquitto


async def subscribed(client: MqttClient, topic_filter: str, inbox: Inbox, qos: int = 1) -> None:
    """Subscribe and wait for the broker's answer."""
    granted: asyncio.Future[MqttError | None] = asyncio.get_running_loop().create_future()
    client.subscribe(topic_filter, qos, inbox, on_done=granted.set_result)
    async with asyncio.timeout(10):
        assert await granted is None


async def happened(client: MqttClient, kind: type[ConnectionEvent], cause: Callable[[], object]) -> ConnectionEvent:
    """Do something, and return the event of a kind that follows."""
    seen: asyncio.Future[ConnectionEvent] = asyncio.get_running_loop().create_future()

    def watch(event: ConnectionEvent) -> None:
        if isinstance(event, kind) and not seen.done():
            seen.set_result(event)

    stop = client.listen(watch)
    cause()
    async with asyncio.timeout(20):
        event = await seen
    stop()
    return event


async def connected(client: MqttClient) -> MqttClient:
    client.connect()
    async with asyncio.timeout(20):
        await client.wait_connected()
    return client


async def test_messages_of_every_qos_arrive_in_order(mosquitto: Mosquitto, new_client: ClientFactory) -> None:
    inbox = Inbox()
    receiver = await connected(new_client(mosquitto))
    await subscribed(receiver, "plant/{device}/data", inbox, qos=2)
    sender = await connected(new_client(mosquitto))
    for n in range(60):
        await sender.publish_and_wait(f"plant/d{n % 3}/data", str(n).encode(), qos=n % 3)
    messages = await inbox.wait(60)
    for qos in range(3):
        assert [int(each.payload) for each in messages if int(each.payload) % 3 == qos] == list(range(qos, 60, 3))
    assert {each.captures["device"] for each in messages} == {"d0", "d1", "d2"}
    assert not any(each.retain or each.duplicate for each in messages)
    assert sender.pending == receiver.pending == (0, 0, 0)


async def test_burst_of_publishes_is_all_acknowledged(mosquitto: Mosquitto, new_client: ClientFactory) -> None:
    inbox = Inbox()
    client = await connected(new_client(mosquitto))
    await subscribed(client, "burst", inbox)
    loop = asyncio.get_running_loop()
    dones = [loop.create_future() for _ in range(1_000)]
    for n, done in enumerate(dones):
        client.publish("burst", str(n).encode(), 1, False, None, done.set_result)
    assert set(await asyncio.gather(*dones)) == {None}
    await inbox.wait(1_000)
    assert [int(each) for each in inbox.payloads] == list(range(1_000))


async def test_empty_and_large_payloads_arrive(mosquitto: Mosquitto, new_client: ClientFactory) -> None:
    inbox = Inbox()
    client = await connected(new_client(mosquitto))
    await subscribed(client, "size", inbox)
    payloads = [b"", bytes(127), bytes(128), bytes(20_000), bytes(3_000_000)]
    for payload in payloads:
        await client.publish_and_wait("size", payload)
    await inbox.wait(5)
    assert inbox.payloads == payloads


async def test_unsettled_messages_stay_with_the_broker(mosquitto: Mosquitto, new_client: ClientFactory) -> None:
    inbox = Inbox(settle=False)
    first = await connected(new_client(mosquitto, client_id="worker"))
    await subscribed(first, "job", inbox)
    sender = await connected(new_client(mosquitto))
    for n in range(4):
        await sender.publish_and_wait("job", str(n).encode())
    messages = await inbox.wait(4)
    messages[0].settle()
    messages[2].settle()
    assert first.pending.unsettled == 3
    await first.close()
    again = Inbox()
    second = new_client(mosquitto, client_id="worker")
    second.subscribe("job", 1, again)
    await connected(second)
    await again.wait(3)
    await sender.publish_and_wait("job", b"last")
    await again.wait(4)
    assert again.payloads == [b"1", b"2", b"3", b"last"]
    assert [each.duplicate for each in again.messages] == [True, True, True, False]


async def test_redelivery_after_a_lost_connection_reaches_nobody_twice(
    mosquitto: Mosquitto, new_client: ClientFactory
) -> None:
    inbox = Inbox(settle=False)
    client = await connected(new_client(mosquitto, client_id="worker"))
    await subscribed(client, "job", inbox)
    sender = await connected(new_client(mosquitto))
    for n in range(10):
        await sender.publish_and_wait("job", str(n).encode())
    messages = list(await inbox.wait(10))
    messages[3].leave()
    event = await happened(client, Connected, lambda: break_connection(client))
    assert event == Connected(session_present=True)
    left = (await inbox.wait(11))[10]
    assert left.payload == b"3"
    for message in [*messages, left]:
        message.settle()
    inbox.settles = True
    await sender.publish_and_wait("job", b"last")
    await inbox.wait(12)
    assert client.pending.unsettled == 0


async def test_acknowledgements_reach_the_broker_in_order(mosquitto: Mosquitto, new_client: ClientFactory) -> None:
    inbox = Inbox(settle=False)
    client = await connected(new_client(mosquitto, client_id="ordered", receive_maximum=200))
    await subscribed(client, "job", inbox)
    sender = await connected(new_client(mosquitto))
    sent = list(range(100))
    for n in sent:
        await sender.publish_and_wait("job", str(n).encode())
    # Mosquitto holds MQTT 3.1.1 to 20 messages in flight, so these are settled a window at a time.
    rng = random.Random(7)
    settled = 0
    while settled < 100:
        await inbox.wait(settled + 1)
        window = inbox.messages[settled:]
        settled += len(window)
        for message in rng.sample(window, len(window)):
            message.settle()
    # When the broker has answered this, it has taken the acknowledgements before it.
    await client.publish_and_wait("other", b"")
    mids = [int(each) for each in re.findall(r"Received PUBACK from ordered \(Mid: (\d+)", mosquitto.log.read_text())]
    assert mids == sorted(mids)
    assert len(mids) == 100


async def test_backlog_stays_in_the_broker(new_mosquitto: MosquittoFactory, new_client: ClientFactory) -> None:
    broker = new_mosquitto(max_inflight=10)
    await broker.start()
    inbox = Inbox(settle=False)
    client = await connected(new_client(broker, client_id="slow", receive_maximum=10))
    await subscribed(client, "job", inbox)
    sender = await connected(new_client(broker))
    for n in range(50):
        await sender.publish_and_wait("job", str(n).encode())
    await inbox.wait(10)
    # What the broker was going to send, it has sent when it answers this.
    await client.publish_and_wait("other", b"")
    assert len(inbox.messages) == 10
    inbox.messages[0].settle()
    await inbox.wait(11)
    assert client.pending.unsettled == 10
    inbox.settles = True
    for message in inbox.messages:
        message.settle()
    await inbox.wait(50)
    assert [int(each) for each in inbox.payloads] == list(range(50))


async def test_overlapping_filters_give_a_subscriber_one_copy(mosquitto: Mosquitto, new_client: ClientFactory) -> None:
    inbox, other = Inbox(), Inbox()
    client = await connected(new_client(mosquitto))
    await subscribed(client, "a/{x}/c", inbox)
    await subscribed(client, "a/#", inbox, qos=0)
    await subscribed(client, "a/b/c", inbox)
    await subscribed(client, "a/b/#", other)
    for n in range(5):
        await client.publish_and_wait("a/b/c", str(n).encode())
    await client.publish_and_wait("a/z", b"end")
    await inbox.wait(6)
    assert inbox.payloads == [b"0", b"1", b"2", b"3", b"4", b"end"]
    assert other.payloads == [b"0", b"1", b"2", b"3", b"4"]


async def test_subscriptions_change_at_run_time(mosquitto: Mosquitto, new_client: ClientFactory) -> None:
    first, second, control = Inbox(), Inbox(), Inbox()
    client = await connected(new_client(mosquitto))
    await subscribed(client, "control", control)
    subscription = client.subscribe("t/#", 1, first)
    await subscribed(client, "t/1", second)
    await client.publish_and_wait("t/1", b"both")
    await second.wait(1)
    subscription.unsubscribe()
    await client.publish_and_wait("control", b"")
    await control.wait(1)
    await client.publish_and_wait("t/1", b"second")
    await client.publish_and_wait("t/2", b"nobody")
    await second.wait(2)
    assert first.payloads == [b"both"]
    assert second.payloads == [b"both", b"second"]


async def test_retained_messages_reach_each_new_subscriber_once(
    mosquitto: Mosquitto, new_client: ClientFactory
) -> None:
    client = await connected(new_client(mosquitto))
    await client.publish_and_wait("state/1", b"on", retain=True)
    first, second = Inbox(), Inbox()
    await subscribed(client, "state/+", first)
    (message,) = await first.wait(1)
    assert (message.retain, message.payload) == (True, b"on")
    await subscribed(client, "state/+", second)
    await second.wait(1)
    await client.publish_and_wait("state/1", b"off", retain=True)
    await second.wait(2)
    await first.wait(2)
    assert first.payloads == second.payloads == [b"on", b"off"]
    assert [each.retain for each in second.messages] == [True, False]


async def test_will_is_published_when_the_connection_breaks(mosquitto: Mosquitto, new_client: ClientFactory) -> None:
    inbox = Inbox()
    watcher = await connected(new_client(mosquitto))
    await subscribed(watcher, "status/#", inbox)
    will = Will(topic="status/dev", payload=b"offline", qos=1)
    device = await connected(new_client(mosquitto, will=will, backoff_base=60, backoff_max=60))
    break_connection(device)
    (message,) = await inbox.wait(1)
    assert (message.topic, message.payload) == ("status/dev", b"offline")
    polite = await connected(new_client(mosquitto, will=will))
    await polite.close()
    await watcher.publish_and_wait("status/end", b"")
    await inbox.wait(2)
    assert inbox.payloads == [b"offline", b""]


async def test_session_collects_messages_while_nobody_is_there(mosquitto: Mosquitto, new_client: ClientFactory) -> None:
    first = await connected(new_client(mosquitto, client_id="worker"))
    await subscribed(first, "job", Inbox())
    await first.close()
    sender = await connected(new_client(mosquitto))
    for n in range(30):
        await sender.publish_and_wait("job", str(n).encode())
    inbox = Inbox()
    second = new_client(mosquitto, client_id="worker")
    second.subscribe("job", 1, inbox)
    assert await happened(second, Connected, second.connect) == Connected(session_present=True)
    await inbox.wait(30)
    assert [int(each) for each in inbox.payloads] == list(range(30))


async def test_clean_start_discards_the_old_session_once(mosquitto: Mosquitto, new_client: ClientFactory) -> None:
    old = await connected(new_client(mosquitto, client_id="worker"))
    await subscribed(old, "job", Inbox())
    await old.close()
    client = new_client(mosquitto, client_id="worker", clean_start=True)
    assert await happened(client, Connected, client.connect) == Connected(session_present=False)
    event = await happened(client, Connected, lambda: break_connection(client))
    assert event == Connected(session_present=True)


async def test_message_that_nobody_subscribes_any_more_is_reported(
    mosquitto: Mosquitto, new_client: ClientFactory
) -> None:
    first = await connected(new_client(mosquitto, client_id="worker"))
    await subscribed(first, "old", Inbox())
    await first.close()
    sender = await connected(new_client(mosquitto))
    await sender.publish_and_wait("old", b"")
    second = new_client(mosquitto, client_id="worker")
    assert await happened(second, Unclaimed, second.connect) == Unclaimed("old")


async def test_paused_reading_holds_messages_back(mosquitto: Mosquitto, new_client: ClientFactory) -> None:
    inbox = Inbox()
    client = await connected(new_client(mosquitto))
    await subscribed(client, "job", inbox)
    sender = await connected(new_client(mosquitto))
    client.pause_reading()
    for n in range(50):
        await sender.publish_and_wait("job", str(n).encode(), qos=n % 2)
    assert inbox.messages == []
    client.resume_reading()
    await inbox.wait(50)


async def test_client_waits_for_a_broker_that_is_not_there_yet(
    new_mosquitto: MosquittoFactory, new_client: ClientFactory
) -> None:
    broker = new_mosquitto()
    inbox = Inbox()
    client = new_client(broker, queue_limit=2)
    client.subscribe("a", 1, inbox)
    event = await happened(client, Disconnected, client.connect)
    assert isinstance(event, Disconnected)
    assert f"cannot connect to 127.0.0.1:{broker.port}" in str(event.error)
    assert not client.is_connected
    waiting = [asyncio.create_task(client.publish_and_wait("a", bytes([n]))) for n in range(2)]
    await asyncio.sleep(0)
    assert client.pending.queued == 2
    with pytest.raises(QueueFullError):
        await client.publish_and_wait("a", b"too much")
    with pytest.raises(OfflineError):
        await client.publish_and_wait("a", b"now or never", qos=0)
    await broker.start()
    await asyncio.gather(*waiting)
    await inbox.wait(2)
    assert inbox.payloads == [b"\0", b"\1"]


async def test_messages_in_flight_survive_a_killed_broker(
    new_mosquitto: MosquittoFactory, new_client: ClientFactory
) -> None:
    broker = new_mosquitto(persistence=True)
    await broker.start()
    inbox = Inbox(settle=False)
    receiver = await connected(new_client(broker, client_id="receiver"))
    await subscribed(receiver, "job", inbox)
    sender = await connected(new_client(broker, client_id="sender"))
    for n in range(10):
        await sender.publish_and_wait("job", str(n).encode())
    messages = list(await inbox.wait(10))
    for message in messages[:5]:
        message.settle()
    # When the broker has answered this, it has taken the acknowledgements before it.
    await receiver.publish_and_wait("other", b"")
    await broker.persist()
    broker.pause()
    in_flight = [asyncio.create_task(sender.publish_and_wait("job", str(n).encode())) for n in range(10, 40)]
    await asyncio.sleep(0.05)
    assert sum(sender.pending[1:]) == 30
    await asyncio.gather(happened(sender, Disconnected, broker.kill), happened(receiver, Disconnected, int))
    offline = [asyncio.create_task(sender.publish_and_wait("job", str(n).encode())) for n in range(40, 60)]
    for message in messages[5:]:
        message.settle()
    inbox.settles = True
    await broker.start()
    await asyncio.gather(*in_flight, *offline)
    await inbox.wait_for({str(n).encode() for n in range(60)})
    assert receiver.is_connected


async def test_broker_that_freezes_is_noticed(new_mosquitto: MosquittoFactory, new_client: ClientFactory) -> None:
    broker = new_mosquitto()
    await broker.start()
    inbox = Inbox()
    client = await connected(new_client(broker, client_id="x", keep_alive=1, ping_timeout=0.5, connect_timeout=1.0))
    await subscribed(client, "a", inbox)
    event = await happened(client, Disconnected, broker.pause)
    assert isinstance(event, Disconnected)
    assert event.error is not None
    assert not client.is_connected
    waiting = asyncio.create_task(client.publish_and_wait("a", b"after"))
    broker.resume()
    await waiting
    await inbox.wait(1)


async def test_wrong_password_is_reported_and_tried_again(
    new_mosquitto: MosquittoFactory, new_client: ClientFactory
) -> None:
    broker = new_mosquitto(users={"ada": "secret"})
    await broker.start()
    client = new_client(broker, username="ada", password=b"wrong")
    event = await happened(client, Disconnected, client.connect)
    assert isinstance(event, Disconnected)
    assert isinstance(event.error, ConnectRefusedError)
    assert "not authori" in str(event.error)
    assert isinstance(await happened(client, Reconnecting, lambda: None), Reconnecting)
    await connected(new_client(broker, username="ada", password=b"secret"))


# paho leaves the socket of a failed handshake to the garbage collector.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket")
async def test_tls_with_client_certificates(
    new_mosquitto: MosquittoFactory, new_client: ClientFactory, tmp_path: Path
) -> None:
    ours = Certificates(tmp_path / "ours")
    certificate, key = ours.issue("127.0.0.1")
    broker = new_mosquitto(tls=(ours.authority, certificate, key), require_certificate=True)
    await broker.start()
    context = ssl.create_default_context(cafile=str(ours.authority))
    context.load_cert_chain(*ours.issue("client"))
    client = await connected(new_client(broker, tls=context))
    inbox = Inbox()
    await subscribed(client, "a", inbox)
    for n in range(100):
        await client.publish_and_wait("a", bytes(n * 100))
    await inbox.wait(100)

    without = new_client(broker, tls=ssl.create_default_context(cafile=str(ours.authority)))
    assert isinstance(await happened(without, Disconnected, without.connect), Disconnected)


async def test_tls_that_trusts_nobody_leaves_no_socket_open(
    new_mosquitto: MosquittoFactory, new_client: ClientFactory, tmp_path: Path
) -> None:
    ours = Certificates(tmp_path / "ours")
    broker = new_mosquitto(tls=(ours.authority, *ours.issue("127.0.0.1")))
    await broker.start()
    distrustful = new_client(broker, tls=ssl.create_default_context())
    # Whatever is left open must not be closed by chance.
    gc.disable()
    try:
        event = await happened(distrustful, Disconnected, distrustful.connect)
        assert isinstance(event, Disconnected)
        assert "certificate verify failed" in str(event.error)
        await distrustful.close()
        assert [each for each in gc.get_objects() if isinstance(each, ssl.SSLSocket) and each.fileno() >= 0] == []
    finally:
        gc.enable()


async def test_tls_expects_the_name_that_it_is_told(
    new_mosquitto: MosquittoFactory, new_client: ClientFactory, tmp_path: Path
) -> None:
    certificates = Certificates(tmp_path / "certificates")
    broker = new_mosquitto(tls=(certificates.authority, *certificates.issue("broker.example")))
    await broker.start()
    tls = ssl.create_default_context(cafile=certificates.authority)
    for name, reason in ((None, "127.0.0.1"), ("other.example", "other.example")):
        client = new_client(broker, tls=tls, server_name=name)
        event = await happened(client, Disconnected, client.connect)
        assert isinstance(event, Disconnected)
        assert reason in str(event.error)
        await client.close()
    client = await connected(new_client(broker, tls=tls, server_name="broker.example"))
    await client.publish_and_wait("a", b"")
    gc.collect()


async def test_packets_larger_than_allowed_are_refused_both_ways(
    mosquitto: Mosquitto, new_client: ClientFactory, backend: type[ReconnectingClient]
) -> None:
    client = await connected(new_client(mosquitto, max_packet_size=100))
    inbox = Inbox()
    await subscribed(client, "a", inbox)
    oversized: list[ConnectionEvent] = []
    client.listen(oversized.append)
    with pytest.raises(PublishRefusedError, match="bytes and we allow 100"):
        await client.publish_and_wait("a", bytes(96))
    sender = await connected(new_client(mosquitto))
    for size in (80, 96, 5000, 81):
        await sender.publish_and_wait("a", bytes(size))
    await inbox.wait(2)
    assert [len(payload) for payload in inbox.payloads] == [80, 81]
    if backend is AiomqttClient:
        assert oversized == [Oversized("a", 103), Oversized("a", 5008)]
    assert client.pending.unsettled == 0
    assert client.is_connected


async def test_lower_qos_takes_effect_at_once_and_brings_nothing_again(
    mosquitto: Mosquitto, new_client: ClientFactory
) -> None:
    sender = await connected(new_client(mosquitto))
    await sender.publish_and_wait("a", b"retained", retain=True)
    client = await connected(new_client(mosquitto))
    high, low = Inbox(), Inbox()
    for inbox, qos in ((low, 0), (high, 1)):
        subscription = client.subscribe("a", qos, inbox)
        await inbox.wait(1)
    await sender.publish_and_wait("a", b"1")
    for inbox in (high, low):
        await inbox.wait(2)
    subscription.unsubscribe()
    async with asyncio.timeout(20):
        while low.messages[-1].qos:
            await sender.publish_and_wait("a", b"2")
            await low.wait(len(low.messages))
    assert b"retained" not in low.payloads[1:]
    assert len(high.messages) == 2


async def test_websocket_carries_everything(new_mosquitto: MosquittoFactory, new_client: ClientFactory) -> None:
    broker = new_mosquitto(websocket=True)
    await broker.start()
    inbox = Inbox()
    client = await connected(new_client(broker, port=broker.websocket_port, websocket_path="/mqtt", client_id="web"))
    await subscribed(client, "a/{n}", inbox)
    payloads = [b"", b"x", bytes(200), bytes(20_000)]
    for payload in payloads:
        await client.publish_and_wait("a/b", payload)
    await inbox.wait(4)
    assert inbox.payloads == payloads
    event = await happened(client, Connected, lambda: break_connection(client))
    assert event == Connected(session_present=True)
    # No more than a few: Mosquitto serves WebSockets only ten times a second.
    await asyncio.gather(*(client.publish_and_wait("a/b", str(n).encode()) for n in range(30)))
    await inbox.wait(34)


async def test_closing_while_the_broker_is_frozen_ends(
    new_mosquitto: MosquittoFactory, new_client: ClientFactory
) -> None:
    broker = new_mosquitto()
    await broker.start()
    client = await connected(new_client(broker, connect_timeout=1.0))
    broker.pause()
    async with asyncio.timeout(10):
        await client.close()
    assert not client.is_connected
    broker.resume()


async def test_filter_of_an_earlier_process_is_unsubscribed_once(
    mosquitto: Mosquitto, new_client: ClientFactory
) -> None:
    first = await connected(new_client(mosquitto, client_id="lasting"))
    for topic_filter in ("old/+", "kept"):
        await subscribed(first, topic_filter, Inbox())
    await first.close()
    client = new_client(mosquitto, client_id="lasting")
    inbox = Inbox()
    client.subscribe("kept", 1, inbox)
    gone: list[str] = []
    for text in ("old/+", "kept", "never"):
        client.unsubscribe(TopicFilter(text), partial(gone.append, text))
    assert gone == ["kept"]
    await connected(client)
    async with asyncio.timeout(20):
        while len(gone) < 3:
            await client.publish_and_wait("any", b"")
    assert set(gone) == {"old/+", "kept", "never"}
    client.unsubscribe(TopicFilter("old/+"), partial(gone.append, "again"))
    assert gone[-1] == "again"
    sender = await connected(new_client(mosquitto))
    await sender.publish_and_wait("old/a", b"no")
    await sender.publish_and_wait("kept", b"yes")
    await inbox.wait(1)
    assert inbox.payloads == [b"yes"]
    assert mosquitto.log.read_text().count("Received UNSUBSCRIBE") == 2
