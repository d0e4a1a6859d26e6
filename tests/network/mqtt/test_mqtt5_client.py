"""What only MQTT 5 can do, against a real Mosquitto."""

import asyncio
import struct
from pathlib import Path

import pytest

from flowengine_nodes.network.mqtt.client import Disconnected, MqttClient
from flowengine_nodes.network.mqtt.errors import PublishRefusedError
from flowengine_nodes.network.mqtt.inbound import Inbound
from flowengine_nodes.network.mqtt.mqtt5_client import Mqtt5Client
from flowengine_nodes.network.mqtt.options import SubscribeOptions
from flowengine_nodes.network.mqtt.properties import Properties
from flowengine_nodes.network.mqtt.reconnecting import ReconnectingClient
from tests.conftest import MosquittoFactory
from tests.mosquitto import Mosquitto
from tests.network.mqtt.conftest import ClientFactory, break_connection
from tests.network.mqtt.contract.client_acts import connected, happened, subscribed
from tests.network.mqtt.inbox import Inbox

pytestmark = pytest.mark.mosquitto


@pytest.fixture
def backend() -> type[ReconnectingClient]:
    return Mqtt5Client


async def test_properties_travel_unchanged(mosquitto: Mosquitto, new_client: ClientFactory) -> None:
    inbox = Inbox()
    client = await connected(new_client(mosquitto))
    await subscribed(client, "a", inbox, qos=2)
    properties = Properties(
        payload_is_text=True,
        content_type="text/plain",
        response_topic="answer/here",
        correlation_data=b"\x00\xff",
        user_properties=(("trace", "1"), ("trace", "2"), ("name", "Grün")),
    )
    for qos in (0, 1, 2):
        await client.publish_and_wait("a", b"x", qos=qos, properties=properties)
    messages = await inbox.wait(3)
    assert [each.qos for each in messages] == [0, 1, 2]
    assert all(each.properties == properties for each in messages)


async def test_message_expiry_counts_down_in_the_broker(mosquitto: Mosquitto, new_client: ClientFactory) -> None:
    inbox = Inbox()
    client = await connected(new_client(mosquitto))
    await client.publish_and_wait("a", b"x", retain=True, properties=Properties(message_expiry=3600))
    await subscribed(client, "a", inbox)
    (message,) = await inbox.wait(1)
    assert message.properties.message_expiry is not None
    assert 3590 <= message.properties.message_expiry <= 3600


async def test_refused_message_is_not_sent_again(mosquitto: Mosquitto, new_client: ClientFactory) -> None:
    inbox = Inbox(settle=False)
    first = await connected(new_client(mosquitto, client_id="worker"))
    await subscribed(first, "job", inbox, qos=2)
    sender = await connected(new_client(mosquitto))
    for qos in (1, 2, 1):
        await sender.publish_and_wait("job", b"%d" % qos, qos=qos)
    messages = await inbox.wait(3)
    messages[0].settle(accepted=False)
    messages[1].settle(accepted=False, reason_code=0x99)
    await first.close()
    again = Inbox()
    second = new_client(mosquitto, client_id="worker")
    second.subscribe("job", 2, again)
    await connected(second)
    await sender.publish_and_wait("job", b"end")
    await again.wait(2)
    assert again.payloads == [b"1", b"end"]


async def test_exactly_once_over_a_reconnect(mosquitto: Mosquitto, new_client: ClientFactory) -> None:
    inbox = Inbox(settle=False)
    client = await connected(new_client(mosquitto, client_id="worker"))
    await subscribed(client, "job", inbox, qos=2)
    sender = await connected(new_client(mosquitto))
    for n in range(20):
        await sender.publish_and_wait("job", str(n).encode(), qos=2)
    messages = await inbox.wait(20)
    for n in range(4):
        await happened(client, Disconnected, lambda: break_connection(client))
        for message in messages[n * 5 : n * 5 + 5]:
            message.settle()
        await client.wait_connected()
    inbox.settles = True
    await sender.publish_and_wait("job", b"end", qos=2)
    await inbox.wait(21)
    assert inbox.payloads == [*(str(n).encode() for n in range(20)), b"end"]


async def test_shared_subscription_splits_messages(mosquitto: Mosquitto, new_client: ClientFactory) -> None:
    inboxes = [Inbox(), Inbox()]
    for inbox in inboxes:
        await subscribed(await connected(new_client(mosquitto)), "$share/workers/job/{n}", inbox)
    sender = await connected(new_client(mosquitto))
    for n in range(40):
        await sender.publish_and_wait(f"job/{n}", str(n).encode())
    await asyncio.gather(*(each.wait(20) for each in inboxes))
    assert sorted(int(each) for inbox in inboxes for each in inbox.payloads) == list(range(40))
    assert inboxes[0].messages[0].captures["n"] == inboxes[0].payloads[0].decode()


async def test_topic_aliases_are_understood_by_the_broker(mosquitto: Mosquitto, new_client: ClientFactory) -> None:
    inbox = Inbox()
    receiver = await connected(new_client(mosquitto))
    await subscribed(receiver, "line/#", inbox)
    sender = await connected(new_client(mosquitto, topic_alias_maximum=5))
    for n in range(60):
        await sender.publish_and_wait(f"line/{n % 12}", str(n).encode())
    messages = await inbox.wait(60)
    assert [each.topic for each in messages] == [f"line/{n % 12}" for n in range(60)]


async def test_publish_that_the_broker_forbids_fails(
    new_mosquitto: MosquittoFactory, new_client: ClientFactory, tmp_path: Path
) -> None:
    rules = tmp_path / "acl"
    rules.write_text("topic readwrite free/#\n")
    rules.chmod(0o600)
    broker = new_mosquitto(extra=[f"acl_file {rules}"])
    await broker.start()
    client = await connected(new_client(broker))
    await client.publish_and_wait("free/1", b"")
    for qos in (1, 2):
        with pytest.raises(PublishRefusedError, match="not authorized"):
            await client.publish_and_wait("secret/1", b"", qos=qos)


async def test_limits_of_the_broker_are_kept(new_mosquitto: MosquittoFactory, new_client: ClientFactory) -> None:
    broker = new_mosquitto(extra=["max_packet_size 2000", "retain_available false"])
    await broker.start()
    client = await connected(new_client(broker))
    with pytest.raises(PublishRefusedError, match="broker allows 2000"):
        await client.publish_and_wait("a", bytes(3000))
    with pytest.raises(PublishRefusedError, match="no retained messages"):
        await client.publish_and_wait("a", b"", retain=True)
    await client.publish_and_wait("a", bytes(1000))


async def test_no_local_keeps_own_messages_away(mosquitto: Mosquitto, new_client: ClientFactory) -> None:
    inbox, other = Inbox(), Inbox()
    client = await connected(new_client(mosquitto))
    client.subscribe("a", 1, inbox, options=SubscribeOptions(no_local=True))
    watcher = await connected(new_client(mosquitto))
    await subscribed(watcher, "a", other)
    await client.publish_and_wait("a", b"own")
    await watcher.publish_and_wait("a", b"other")
    await inbox.wait(1)
    await other.wait(2)
    assert inbox.payloads == [b"other"]


async def test_echo_under_load_keeps_order_and_count(mosquitto: Mosquitto, new_client: ClientFactory) -> None:
    echo = await connected(new_client(mosquitto))
    count = 3_000

    def forward(message: Inbound) -> None:
        echo.publish("out", message.payload, message.qos, False, None, lambda error: message.settle(error is None))

    echo.subscribe("in", 1, forward)
    inbox = Inbox()
    sender: MqttClient = await connected(new_client(mosquitto))
    await subscribed(sender, "out", inbox)
    for n in range(count):
        sender.publish("in", struct.pack(">I", n), 1, False, None, lambda _: None)
    await inbox.wait(count)
    assert [struct.unpack(">I", each)[0] for each in inbox.payloads] == list(range(count))
    assert echo.pending == (0, 0, 0)
