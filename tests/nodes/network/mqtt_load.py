"""Messages that keep coming while a test does something else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.mosquitto import Mosquitto
from tests.nodes.network.mqtt_site import Peer, until


@asynccontextmanager
async def load(broker: Mosquitto, topic: str) -> AsyncIterator[list[int]]:
    """Publish numbers at QoS 1 as fast as the broker takes them; what it has taken is in the list."""
    taken: list[int] = []
    enough = asyncio.Event()

    async def publish() -> None:
        async with Peer(broker) as peer:
            while not enough.is_set():
                await peer.publish(topic, str(len(taken)))
                taken.append(len(taken))

    task = asyncio.create_task(publish())
    try:
        yield taken
    finally:
        enough.set()
        await task


async def reaches(taken: list[int], count: int) -> None:
    """Wait until so many messages have been published."""
    await until(lambda: len(taken) >= count)
