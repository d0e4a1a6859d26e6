"""A connection whose transport and time are stand-ins."""

import asyncio

import mqtt5

from flowengine_nodes.network.mqtt.errors import ConnectionLostError
from flowengine_nodes.network.mqtt.options import ClientOptions
from flowengine_nodes.network.mqtt.transport import Connection
from tests.network.mqtt.peer import FakeTimers, Peer, parse


class FakeTransport(asyncio.Transport):
    """Notes what a connection does."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.is_reading_now = True
        self.is_closed = False
        self.is_aborted = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.writes.append(bytes(data))

    def pause_reading(self) -> None:
        assert self.is_reading_now
        self.is_reading_now = False

    def resume_reading(self) -> None:
        assert not self.is_reading_now
        self.is_reading_now = True

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        assert high

    def is_closing(self) -> bool:
        return self.is_closed

    def close(self) -> None:
        self.is_closed = True

    def abort(self) -> None:
        self.is_closed = self.is_aborted = True


class Rig:
    """A connection on a fake transport, with fake time, already accepted by the broker."""

    def __init__(self, options: ClientOptions | None = None, *, coalesce: bool = True) -> None:
        self.peer = Peer(options)
        self.timers = FakeTimers()
        self.transport = FakeTransport()
        self.ended: list[ConnectionLostError] = []
        self.connection = Connection(
            self.peer.session,
            asyncio.get_running_loop(),
            self.timers,
            coalesce=coalesce,
            on_end=self.ended.append,
        )
        self.peer.subscribe("#")
        self.connection.connection_made(self.transport)
        self.connection.data_received(mqtt5.ConnAckPacket().write())
        self.transport.writes.clear()

    @property
    def written(self) -> list[mqtt5.Packet]:
        return parse(b"".join(self.transport.writes))
