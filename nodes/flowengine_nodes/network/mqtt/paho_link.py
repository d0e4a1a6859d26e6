"""aiomqtt, made to hand messages over at once, to acknowledge on request, and to connect again."""

import asyncio
import contextlib
import logging
import os
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any

import aiomqtt
from paho.mqtt.client import Client as PahoClient
from paho.mqtt.client import MQTTMessage

from flowengine_nodes.network.mqtt.options import ClientOptions

# paho logs as errors what we report as events.
_SILENT = logging.getLogger(__name__)
_SILENT.setLevel(logging.CRITICAL + 1)

_GOODBYE_TIME = 2.0
"""Seconds in which the broker must have read all we said."""


class PahoLink(aiomqtt.Client):
    """An aiomqtt client whose messages skip its queue.

    paho keeps what is in flight over a reconnect, so one object serves every connection of a session.

    Args:
        options: How to connect.
        on_message: Called with each message.
        on_published: Called with the id of a publish that the broker acknowledged, or that was written for QoS 0.
        on_subscribed: Called with the id of a SUBSCRIBE and the first code of its answer.
        on_unsubscribed: Called with the id of an UNSUBSCRIBE that was answered.
    """

    def __init__(
        self,
        options: ClientOptions,
        *,
        on_message: Callable[[MQTTMessage], None],
        on_published: Callable[[int], None],
        on_subscribed: Callable[[int, int], None],
        on_unsubscribed: Callable[[int], None],
    ) -> None:
        will = options.will
        tls: Any = None if options.tls is None else _HandshakeTls(options.tls, options)
        super().__init__(
            options.host,
            options.port,
            username=options.username,
            password=None if options.password is None else options.password.decode(),
            identifier=options.client_id or None,
            clean_session=options.session_expiry == 0 or not options.client_id,
            transport="tcp" if options.websocket_path is None else "websockets",
            websocket_path=options.websocket_path,
            timeout=options.connect_timeout,
            keepalive=options.keep_alive,
            will=None if will is None else aiomqtt.Will(will.topic, will.payload, will.qos, will.retain),
            tls_context=tls,
            logger=_SILENT,
            # paho leaves Nagle's algorithm on: 45 QoS 1 publishes a second, one after another.
            socket_options=((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),),
        )
        self._hand_over = on_message
        self._published = on_published
        self._subscribed = on_subscribed
        self._unsubscribed = on_unsubscribed
        self._loop_thread = threading.get_ident()
        self._is_paused = False
        self.session_present = False
        self._client.manual_ack_set(True)
        self._client.connect_timeout = options.connect_timeout

    @property
    def paho(self) -> PahoClient:
        """The client underneath."""
        return self._client

    @property
    def ended(self) -> "asyncio.Future[None]":
        """Done when the present connection has ended, with an exception unless we ended it."""
        return self._disconnected

    async def open(self) -> None:
        """Connect; unlike aiomqtt's context manager this works any number of times.

        Raises:
            aiomqtt.MqttError: There is no connection.
        """
        self._connected = self._loop.create_future()
        self._disconnected = disconnected = self._loop.create_future()
        for future in (self._connected, self._disconnected):
            # Perhaps nobody looks at how it ended, and that is no fault.
            future.add_done_callback(lambda done: done.cancelled() or done.exception())
        await self.__aenter__()
        # aiomqtt forgets the end of a connection that broke as soon as it was made.
        self._disconnected = disconnected

    async def leave(self) -> None:
        """Disconnect in good order.

        The broker closes when it has read all we said. To close with bytes unread would reset the connection, and
        Mosquitto then throws our last acknowledgements away.

        Raises:
            aiomqtt.MqttError: The connection broke.
        """
        used: Any = self._client.socket()
        if used is None or used.fileno() < 0:
            await self.__aexit__(None, None, None)
            return
        # paho closes its own end of this as soon as DISCONNECT is written.
        with socket.socket(fileno=os.dup(used.fileno())) as remaining:
            await self.__aexit__(None, None, None)
            with contextlib.suppress(OSError, TimeoutError):
                remaining.shutdown(socket.SHUT_WR)
                async with asyncio.timeout(_GOODBYE_TIME):
                    while await self._loop.sock_recv(remaining, 1 << 16):
                        pass

    def drop(self) -> None:
        """Close the socket and make ready for ``open``."""
        self._client._sock_close()  # noqa: SLF001 - paho would do it at the next connect, in another thread
        if self._lock.locked():
            self._lock.release()

    def pause(self) -> None:
        """Stop reading."""
        self._is_paused = True
        connected = self._client.socket()
        if connected is not None:
            self._loop.remove_reader(connected.fileno())

    def resume(self) -> None:
        """Read again."""
        self._is_paused = False
        connected = self._client.socket()
        if connected is not None:
            self._loop.add_reader(connected.fileno(), self._read)

    def _read(self) -> None:
        """Let paho read a packet, or more while it holds decrypted ones that no file descriptor tells of."""
        try:
            self._client.loop_read()
            while not self._is_paused and _pending(self._client.socket()):
                self._client.loop_read()
        except Exception as error:  # noqa: BLE001 - paho raises what it likes: the connection is lost
            self._fail(error)

    def _on_connect(self, client: Any, userdata: Any, flags: Any, reason_code: Any, properties: Any = None) -> None:
        self.session_present = flags.session_present
        super()._on_connect(client, userdata, flags, reason_code, properties)

    def _on_message(self, client: Any, userdata: Any, message: MQTTMessage) -> None:
        self._hand_over(message)

    def _on_publish(self, client: Any, userdata: Any, mid: int, reason_code: Any, properties: Any) -> None:
        self._published(mid)

    def _on_subscribe(self, client: Any, userdata: Any, mid: int, reason_codes: Any, properties: Any = None) -> None:
        self._subscribed(mid, reason_codes[0].value)

    def _on_unsubscribe(self, client: Any, userdata: Any, mid: int, reason_codes: Any, properties: Any = None) -> None:
        self._unsubscribed(mid)

    def _on_disconnect(self, client: Any, userdata: Any, flags: Any, reason_code: Any, properties: Any = None) -> None:
        if not self._connected.done():
            # aiomqtt would wait for CONNACK until its timeout.
            self._connected.set_exception(aiomqtt.MqttError("the broker closed the connection"))
        super()._on_disconnect(client, userdata, flags, reason_code, properties)

    def _on_socket_open(self, client: Any, userdata: Any, sock: Any) -> None:
        self._in_loop(self._begin, sock)

    def _on_socket_register_write(self, client: Any, userdata: Any, sock: Any) -> None:
        self._in_loop(self._begin_writing, sock)

    def _on_socket_unregister_write(self, client: Any, userdata: Any, sock: Any) -> None:
        if sock.fileno() >= 0:
            self._loop.remove_writer(sock.fileno())

    def _in_loop(self, callback: Callable[[Any], None], sock: Any) -> None:
        """Call something in the event loop; paho may be in the thread that connects."""
        if threading.get_ident() == self._loop_thread:
            callback(sock)
        else:
            self._loop.call_soon_threadsafe(callback, sock)

    def _is_current(self, sock: Any) -> bool:
        """Tell whether paho still uses a socket; if not, its number may be another one's by now."""
        used: Any = self._client.socket()
        return sock is used and sock.fileno() >= 0

    def _begin(self, sock: Any) -> None:
        if self._is_current(sock):
            if not self._is_paused:
                self._loop.add_reader(sock.fileno(), self._read)
            self._misc_task = self._loop.create_task(self._misc_loop())

    def _begin_writing(self, sock: Any) -> None:
        if self._is_current(sock):
            self._loop.add_writer(sock.fileno(), self._write)

    def _write(self) -> None:
        """Let paho write what waits."""
        try:
            self._client.loop_write()
        except Exception as error:  # noqa: BLE001 - as in _read
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        if not self._disconnected.done():
            self._disconnected.set_exception(error)


def _pending(sock: Any) -> int:
    """Return how many decrypted bytes a TLS socket holds."""
    return sock.pending() if hasattr(sock, "pending") else 0


class _HandshakeTls:
    """A TLS context for paho, which by itself knows no name but the host's, and closes no socket that it gives up.

    Args:
        context: The real one.
        options: Name to expect, and time for the handshake.
    """

    def __init__(self, context: ssl.SSLContext, options: ClientOptions) -> None:
        self.check_hostname = context.check_hostname
        self._context = context
        self._options = options

    def wrap_socket(self, plain: socket.socket, *, server_hostname: str, **_: Any) -> ssl.SSLSocket:
        """Return a socket whose handshake is over; paho's own is nothing then.

        Raises:
            OSError: The handshake failed; the socket is closed.
        """
        name = self._options.server_name or server_hostname
        plain.settimeout(self._options.connect_timeout)
        wrapped = self._context.wrap_socket(plain, server_hostname=name, do_handshake_on_connect=False)
        try:
            wrapped.do_handshake()
        except BaseException:
            wrapped.close()
            raise
        return wrapped
