"""Messages, of every client, against a real Mosquitto."""

import asyncio
import random
import re

import pytest

from flowengine_nodes.network.mqtt.aiomqtt_client import AiomqttClient
from flowengine_nodes.network.mqtt.client import Connected, ConnectionEvent, Disconnected, Oversized
from flowengine_nodes.network.mqtt.errors import PublishRefusedError
from flowengine_nodes.network.mqtt.reconnecting import ReconnectingClient
from tests.conftest import MosquittoFactory
from tests.mosquitto import Mosquitto
from tests.network.mqtt.conftest import ClientFactory, break_connection
from tests.network.mqtt.contract.client_acts import connected, happened, subscribed
from tests.network.mqtt.inbox import Inbox

pytestmark = pytest.mark.mosquitto


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


async def test_acknowledgements_before_a_close_reach_a_busy_broker(
    new_mosquitto: MosquittoFactory, new_client: ClientFactory
) -> None:
    broker = new_mosquitto(max_inflight=10)
    await broker.start()
    inbox = Inbox(settle=False)
    first = await connected(new_client(broker, client_id="worker", receive_maximum=10))
    await subscribed(first, "job", inbox)
    sender = await connected(new_client(broker))
    for n in range(5):
        await sender.publish_and_wait("job", str(n).encode())
    messages = await inbox.wait(5)
    first.pause_reading()
    for n in range(5, 25):
        await sender.publish_and_wait("job", str(n).encode())
    broker.pause()
    for message in messages:
        message.settle()
    closing = asyncio.create_task(first.close())
    # A client that does not wait for the broker is closed by then, with messages unread.
    await asyncio.wait([closing], timeout=0.2)
    broker.resume()
    await closing
    again = Inbox()
    second = new_client(broker, client_id="worker")
    second.subscribe("job", 1, again)
    await connected(second)
    await again.wait(20)
    assert [int(each) for each in again.payloads] == list(range(5, 25))


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
