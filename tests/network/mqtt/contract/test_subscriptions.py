"""Subscriptions and the session that keeps them, of every client, against a real Mosquitto."""

import asyncio
from functools import partial

import pytest

from flowengine_nodes.network.mqtt.client import Connected, Unclaimed
from flowengine_nodes.network.mqtt.topics import TopicFilter
from tests.mosquitto import Mosquitto
from tests.network.mqtt.conftest import ClientFactory, break_connection
from tests.network.mqtt.contract.client_acts import connected, happened, subscribed
from tests.network.mqtt.inbox import Inbox

pytestmark = pytest.mark.mosquitto


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
