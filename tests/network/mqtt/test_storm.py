"""Brokers and connections that die at random moments: every accepted message arrives."""

import asyncio
import contextlib
import os
import random

import pytest

from flowengine_nodes.network.mqtt.client import MqttClient
from flowengine_nodes.network.mqtt.errors import MqttError
from flowengine_nodes.network.mqtt.inbound import Inbound
from tests.conftest import MosquittoFactory
from tests.mosquitto import Mosquitto
from tests.network.mqtt.conftest import ClientFactory, break_connection
from tests.nodes.network.mqtt_site import until

pytestmark = pytest.mark.mosquitto

ROUNDS = 12
MESSAGES = 1_500
MOST_QUIET = 40
"""So many half seconds without a message, and reconnects in between, mean that there are none."""


class Relay:
    """Forwards what it receives, and settles it when the broker has taken it: a flow in miniature."""

    def __init__(self, client: MqttClient, rng: random.Random) -> None:
        self.client = client
        self.rng = rng
        self.left = 0

    def __call__(self, message: Inbound) -> None:
        if self.rng.random() < 0.01:
            self.left += 1
            message.leave()
            return

        def published(error: MqttError | None) -> None:
            if error is None:
                message.settle()
            else:
                message.leave()

        self.client.publish("out", message.payload, 1, False, None, published)


async def disturb(rng: random.Random, broker: Mosquitto, clients: list[MqttClient]) -> None:
    """Do one bad thing."""
    await asyncio.sleep(rng.uniform(0.0, 0.05))
    match rng.randrange(4):
        case 0:
            # A broker that is told to stop saves everything; what SIGKILL loses would be its loss, not ours.
            broker.stop()
            await asyncio.sleep(rng.uniform(0.0, 0.05))
            await broker.start()
        case 1:
            broker.pause()
            await asyncio.sleep(rng.uniform(0.0, 0.05))
            broker.resume()
        case _:
            client = rng.choice(clients)
            if client.is_connected:
                break_connection(client)


async def test_storm_of_kills_loses_nothing(new_mosquitto: MosquittoFactory, new_client: ClientFactory) -> None:
    seed = int(os.environ.get("STORM_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
    print(f"STORM_SEED={seed}")  # noqa: T201 - shown when the test fails, to run it again
    rng = random.Random(seed)
    broker = new_mosquitto(persistence=True, max_inflight=50)
    await broker.start()
    source = new_client(broker, client_id="source", receive_maximum=50)
    relay = new_client(broker, client_id="relay", receive_maximum=50)
    sink = new_client(broker, client_id="sink", receive_maximum=50)
    arrived: dict[bytes, int] = {}
    news = asyncio.Event()

    def arrive(message: Inbound) -> None:
        arrived[message.payload] = arrived.get(message.payload, 0) + 1
        message.settle()
        news.set()

    subscribed: list[MqttError | None] = []
    sink.subscribe("out", 1, arrive, on_done=subscribed.append)
    relay.subscribe("in", 1, Relay(relay, rng), on_done=subscribed.append)
    clients = [source, relay, sink]
    for client in clients:
        client.connect()
        await client.wait_connected()
    # What nobody has subscribed to is nobody's to lose.
    await until(lambda: subscribed == [None, None])

    accepted: set[bytes] = set()

    async def send(numbers: range) -> None:
        for n in numbers:
            payload = str(n).encode()
            await source.publish_and_wait("in", payload)
            accepted.add(payload)

    senders = [asyncio.create_task(send(range(n, MESSAGES, 20))) for n in range(20)]
    for _ in range(ROUNDS):
        await disturb(rng, broker, clients)
    await asyncio.gather(*senders)
    # What the relay has left with the broker comes back after a reconnect; a busy machine is slow, but not still.
    quiet = 0
    while not accepted <= arrived.keys() and quiet < MOST_QUIET:
        before = len(arrived)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                while not accepted <= arrived.keys():
                    news.clear()
                    await news.wait()
        quiet = 0 if len(arrived) > before else quiet + 1
        if not accepted <= arrived.keys() and relay.is_connected:
            break_connection(relay)
    assert accepted == {str(n).encode() for n in range(MESSAGES)}
    missing = accepted - arrived.keys()
    assert not missing, f"STORM_SEED={seed} lost {len(missing)}, such as {min(missing)!r}"
    assert sum(arrived.values()) < 2 * MESSAGES, f"STORM_SEED={seed}: more duplicates than the windows explain"
