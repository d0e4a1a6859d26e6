"""A server in tests that speaks just enough MQTT 5 to misbehave in the right place."""

import asyncio
from typing import Self, TypeVar, cast

import mqtt5

P = TypeVar("P", bound=mqtt5.Packet)


class FakeConnection(asyncio.Protocol):
    """One connection to a ``FakeServer``."""

    def __init__(self, server: "FakeServer") -> None:
        self.server = server
        self.packets: list[mqtt5.Packet] = []
        self._data = b""
        self._news = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.server.connections.append(self)

    def data_received(self, data: bytes) -> None:
        if self.server.greeting:
            self.transport.write(self.server.greeting)
            return
        self._data += data
        while self._data:
            try:
                packet, size = mqtt5.read(memoryview(self._data))
            except IndexError:
                return
            self._data = self._data[size:]
            self.packets.append(packet)
            self._news.set()
            if self.server.is_silent:
                continue
            if isinstance(packet, mqtt5.ConnectPacket) and self.server.connack is not None:
                self.transport.write(self.server.connack.write())
            elif isinstance(packet, mqtt5.PingReqPacket):
                self.transport.write(mqtt5.PingRespPacket().write())

    async def got(self, kind: type[P]) -> P:
        """Wait for a packet of a kind, and return the first."""
        while True:
            for packet in self.packets:
                if isinstance(packet, kind):
                    return packet
            self._news.clear()
            await self._news.wait()


class FakeServer:
    """Accepts connections on a free port.

    Answers CONNECT with ``connack``, and PINGREQ; nothing while ``is_silent``; everything with ``greeting`` if set.
    """

    def __init__(self) -> None:
        self.connack: mqtt5.ConnAckPacket | None = mqtt5.ConnAckPacket()
        self.is_silent = False
        self.greeting = b""
        self.connections: list[FakeConnection] = []

    @property
    def port(self) -> int:
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def send(self, data: bytes) -> None:
        """Send bytes on the newest connection."""
        self.connections[-1].transport.write(data)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.get_running_loop().create_server(lambda: FakeConnection(self), "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for connection in self.connections:
            connection.transport.abort()
