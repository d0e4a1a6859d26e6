"""A subscriber in tests that collects messages and can wait for them."""

import asyncio

from flowengine_nodes.network.mqtt.inbound import Inbound


class Inbox:
    """Collects messages, settling each at once unless told not to."""

    def __init__(self, *, settle: bool = True) -> None:
        self.messages: list[Inbound] = []
        self.settles = settle
        self._news = asyncio.Event()

    def __call__(self, message: Inbound) -> None:
        self.messages.append(message)
        if self.settles:
            message.settle()
        self._news.set()

    @property
    def payloads(self) -> list[bytes]:
        return [each.payload for each in self.messages]

    async def wait(self, count: int) -> list[Inbound]:
        """Wait until so many messages have come in all, and return them."""
        async with asyncio.timeout(20):
            while len(self.messages) < count:
                self._news.clear()
                await self._news.wait()
        return self.messages

    async def wait_for(self, payloads: set[bytes]) -> None:
        """Wait until each of these payloads has come at least once."""
        async with asyncio.timeout(30):
            while not payloads <= set(self.payloads):
                self._news.clear()
                await self._news.wait()
