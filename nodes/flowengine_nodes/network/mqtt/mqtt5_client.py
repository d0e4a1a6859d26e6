"""The MQTT 5 client: our session on asyncio transports."""

import asyncio
import os
import random
from collections.abc import Callable
from typing import Any

from websockets.exceptions import WebSocketException

from flowengine_nodes.network.mqtt.client import OnDone, OnMessage, PendingCounts, Timers
from flowengine_nodes.network.mqtt.errors import ClientClosedError, ConnectionLostError
from flowengine_nodes.network.mqtt.options import DEFAULT_SUBSCRIBE_OPTIONS, ClientOptions, SubscribeOptions
from flowengine_nodes.network.mqtt.properties import Properties
from flowengine_nodes.network.mqtt.reconnecting import ReconnectingClient
from flowengine_nodes.network.mqtt.session import Session
from flowengine_nodes.network.mqtt.subscriptions import TopicSubscription
from flowengine_nodes.network.mqtt.topics import TopicFilter
from flowengine_nodes.network.mqtt.transport import Connection
from flowengine_nodes.network.mqtt.websocket import WebSocketLayer


class Mqtt5Client(ReconnectingClient):
    """An MQTT 5 client; see ``MqttClient`` for what it promises.

    Args:
        options: How to connect.
        timers: Time; the running loop's unless given.
        jitter: Random numbers for the waits between attempts.
    """

    def __init__(
        self, options: ClientOptions, *, timers: Timers | None = None, jitter: random.Random | None = None
    ) -> None:
        super().__init__(options, timers=timers, jitter=jitter)
        self._session = Session(
            options,
            now=self._timers.time,
            on_connected=self._on_connected,
            on_unclaimed=self._report_unclaimed,
            on_fault=self._report_fault,
        )
        self._connection: Connection | None = None
        self._is_paused = False

    @property
    def pending(self) -> PendingCounts:
        """Work that has not ended."""
        session = self._session
        return PendingCounts(len(session.inbound), session.outbound.in_flight, session.outbound.queued)

    def subscribe(
        self,
        topic_filter: str | TopicFilter,
        qos: int,
        on_message: OnMessage,
        *,
        options: SubscribeOptions = DEFAULT_SUBSCRIBE_OPTIONS,
        on_done: OnDone | None = None,
    ) -> TopicSubscription:
        """Subscribe, now or as soon as there is a connection; see ``MqttClient``."""
        if isinstance(topic_filter, str):
            topic_filter = TopicFilter(topic_filter)
        subscriptions = self._session.subscriptions
        return subscriptions.add(topic_filter, qos, on_message, options=options, on_done=on_done)

    def unsubscribe(self, topic_filter: TopicFilter, on_done: Callable[[], None]) -> None:
        """End what an earlier process of the session may have subscribed to; see ``MqttClient``."""
        self._session.subscriptions.withdraw(topic_filter, on_done)

    def publish(
        self,
        topic: str,
        payload: bytes,
        qos: int,
        retain: bool,  # noqa: FBT001 - likewise
        properties: Properties | None,
        on_done: OnDone,
    ) -> None:
        """Publish without waiting; see ``MqttClient``."""
        self._session.outbound.publish(topic, payload, qos, retain, properties, on_done)

    def pause_reading(self) -> None:
        """Stop taking messages in until ``resume_reading``."""
        self._is_paused = True
        if self._connection is not None and self.is_connected:
            self._connection.pause_reading()

    def resume_reading(self) -> None:
        """Take messages in again."""
        self._is_paused = False
        if self._connection is not None:
            self._connection.resume_reading()

    def abort(self) -> None:
        """Lose the connection at once, without a goodbye, as a power cut would; then connect again."""
        if self._connection is not None:
            self._connection.abort(ConnectionLostError("the connection was cut"))

    async def _hold_connection(self) -> ConnectionLostError:
        options = self._options
        ended: asyncio.Future[ConnectionLostError] = self._loop.create_future()

        def on_end(error: ConnectionLostError) -> None:
            self._report_disconnected(error)
            if not ended.done():
                ended.set_result(error)

        connection = self._connection = Connection(
            self._session, self._loop, self._timers, coalesce=options.coalesce_reads, on_end=on_end
        )
        transport: asyncio.BaseTransport | None = None
        try:
            try:
                protocol = self._protocol(connection)
                async with asyncio.timeout(options.connect_timeout):
                    transport, _ = await self._loop.create_connection(
                        lambda: protocol,
                        options.host,
                        options.port,
                        ssl=options.tls,
                        server_hostname=options.server_name if options.tls else None,
                    )
                    waiters: set[asyncio.Future[Any]] = {ended, self._up}
                    await asyncio.wait(waiters, return_when=asyncio.FIRST_COMPLETED)
            except (OSError, UnicodeError, WebSocketException) as error:
                connection.abort(self._unreachable(error))
            return await ended
        finally:
            connection.close()
            await connection.closed
            if transport is not None and not transport.is_closing():
                # A WebSocket that was never upgraded: the connection does not know of it.
                transport.close()

    def _on_connected(self, keep_alive: int, session_present: bool) -> None:  # noqa: FBT001 - Session calls it
        assert self._connection is not None
        self._connection.watch(keep_alive, self._options.ping_timeout)
        if self._is_paused:
            self._connection.pause_reading()
        self._report_connected(session_present=session_present)

    def _forget(self, error: ClientClosedError) -> None:
        self._session.outbound.close(error)

    def _protocol(self, connection: Connection) -> asyncio.Protocol:
        options = self._options
        if options.websocket_path is None:
            return connection
        scheme = "ws" if options.tls is None else "wss"
        host = f"[{options.host}]" if ":" in options.host else options.host
        path = options.websocket_path.removeprefix("/")
        return WebSocketLayer(connection, f"{scheme}://{host}:{options.port}/{path}")

    def _unreachable(self, error: Exception) -> ConnectionLostError:
        options = self._options
        if isinstance(error, TimeoutError):
            reason = f"no answer within {options.connect_timeout:g} s"
        elif isinstance(error, OSError) and error.errno is not None and error.errno > 0:
            reason = os.strerror(error.errno) if error.strerror is None else error.strerror
        else:
            reason = str(error)
        return ConnectionLostError(f"cannot connect to {options.host}:{options.port}: {reason}")
