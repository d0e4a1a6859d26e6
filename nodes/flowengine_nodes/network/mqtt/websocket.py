"""MQTT over a WebSocket (MQTT 5.0 §6): a layer between the socket and a connection."""

import asyncio
import socket
from typing import Any, cast

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from flowengine_nodes.network.mqtt.errors import ConnectionLostError
from flowengine_nodes.network.mqtt.transport import Connection

_DATA = {Opcode.BINARY, Opcode.CONT}


class WebSocketLayer(asyncio.Protocol):
    """Takes the WebSocket off what comes, and hands the rest to a connection.

    Args:
        connection: The connection on top.
        uri: Address, ``ws://`` or ``wss://``, with the path.
    """

    def __init__(self, connection: Connection, uri: str) -> None:
        self._connection = connection
        self._websocket = ClientProtocol(parse_uri(uri), subprotocols=[Subprotocol("mqtt")], max_size=None)
        self._transport: asyncio.Transport | None = None
        self._is_up = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        self._transport = cast("asyncio.Transport", transport)
        connected = transport.get_extra_info("socket")
        if connected is not None:
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._websocket.send_request(self._websocket.connect())
        self._send()

    def data_received(self, data: bytes) -> None:
        """Take a portion apart."""
        assert self._transport is not None
        websocket = self._websocket
        websocket.receive_data(data)
        frames = (event for event in websocket.events_received() if isinstance(event, Frame))
        payload = b"".join(frame.data for frame in frames if frame.opcode in _DATA)
        self._send()
        if not self._is_up:
            self._finish_handshake(self._transport)
        if payload:
            self._connection.data_received(payload)
        if websocket.close_expected():
            self._transport.close()

    def pause_writing(self) -> None:
        """Pass it on."""
        self._connection.pause_writing()

    def resume_writing(self) -> None:
        """Pass it on."""
        self._connection.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Pass it on."""
        self._connection.connection_lost(exc)

    def write(self, data: bytes) -> None:
        """Send one binary frame."""
        if self._websocket.state is State.OPEN:
            self._websocket.send_binary(data)
            self._send()

    def close(self) -> None:
        """Say goodbye to the WebSocket, and close."""
        if self._websocket.state is State.OPEN:
            self._websocket.send_close(1000)
            self._send()

    def _finish_handshake(self, transport: asyncio.Transport) -> None:
        fault = self._websocket.handshake_exc
        if fault is not None:
            self._connection.abort(ConnectionLostError(f"the WebSocket was refused: {fault}"))
            transport.abort()
        elif self._websocket.state is State.OPEN:
            self._is_up = True
            self._connection.connection_made(_FramedTransport(self, transport))

    def _send(self) -> None:
        assert self._transport is not None
        data = b"".join(self._websocket.data_to_send())
        if data:
            self._transport.write(data)


class _FramedTransport(asyncio.Transport):
    """What a connection writes to: the socket's transport, seen through the layer."""

    def __init__(self, layer: WebSocketLayer, transport: asyncio.Transport) -> None:
        super().__init__()
        self._layer = layer
        self._transport = transport

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._layer.write(bytes(data))

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._transport.set_write_buffer_limits(high, low)

    def can_write_eof(self) -> bool:
        return False

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def close(self) -> None:
        self._layer.close()
        self._transport.close()

    def abort(self) -> None:
        self._transport.abort()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)
