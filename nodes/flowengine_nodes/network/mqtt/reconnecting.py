"""What every client does alike: connect, reconnect, tell how it goes."""

import asyncio
import contextlib
import random
from abc import abstractmethod
from collections.abc import Callable

from flowengine_nodes.network.mqtt.client import (
    Connected,
    ConnectionEvent,
    Disconnected,
    MqttClient,
    OnEvent,
    Reconnecting,
    Timers,
    Unclaimed,
    resolve,
)
from flowengine_nodes.network.mqtt.errors import ClientClosedError, ConnectionLostError
from flowengine_nodes.network.mqtt.options import ClientOptions
from flowengine_nodes.network.mqtt.properties import Properties


class ReconnectingClient(MqttClient):
    """A client that holds one connection after another.

    Args:
        options: How to connect.
        timers: Time; the running loop's unless given.
        jitter: Random numbers for the waits between attempts.
    """

    def __init__(
        self, options: ClientOptions, *, timers: Timers | None = None, jitter: random.Random | None = None
    ) -> None:
        self._options = options
        self._loop = asyncio.get_running_loop()
        self._timers: Timers = timers or self._loop
        self._jitter = jitter or random.Random()  # noqa: S311 - spreads attempts, guards no secret
        self._listeners: dict[object, OnEvent] = {}
        self._task: asyncio.Task[None] | None = None
        self._up: asyncio.Future[None] = self._loop.create_future()
        self._is_closed = False
        self._connected_at: float | None = None
        self._lasted = 0.0

    @property
    def is_connected(self) -> bool:
        """Whether the broker has accepted the present connection."""
        return self._connected_at is not None

    def listen(self, on_event: OnEvent) -> Callable[[], None]:
        """Report connection events from now on; the returned callable ends it."""
        token = object()
        self._listeners[token] = on_event

        def stop() -> None:
            self._listeners.pop(token, None)

        return stop

    def connect(self) -> None:
        """Start connecting, and reconnect until ``close``."""
        if self._task is None and not self._is_closed:
            name = f"mqtt {self._options.host}:{self._options.port}"
            self._task = self._loop.create_task(self._stay_connected(), name=name)

    async def wait_connected(self) -> None:
        """Wait until there is a connection."""
        await asyncio.shield(self._up)

    async def close(self) -> None:
        """Disconnect in good order; what has not ended gets a ``ClientClosedError``."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._forget(ClientClosedError())
        if self._up.done():
            self._up = self._loop.create_future()
        self._up.set_exception(ClientClosedError())
        self._up.exception()  # marks it as seen: perhaps nobody waits

    async def publish_and_wait(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int = 1,
        retain: bool = False,
        properties: Properties | None = None,
    ) -> None:
        """Publish and wait for the end."""
        waiter: asyncio.Future[None] = self._loop.create_future()
        self.publish(topic, payload, qos, retain, properties, lambda error: resolve(waiter, error))
        await waiter

    @abstractmethod
    async def _hold_connection(self) -> ConnectionLostError:
        """Make one connection and hold it until it ends; when cancelled, disconnect in good order.

        Calls ``_report_connected`` when the broker has accepted it and ``_report_disconnected`` at its end.

        Returns:
            Why it ended or could not be made.
        """

    @abstractmethod
    def _forget(self, error: ClientClosedError) -> None:
        """End every publish with an error, for ever."""

    def _report_connected(self, *, session_present: bool) -> None:
        self._connected_at = self._timers.time()
        self._up.set_result(None)
        self._emit(Connected(session_present))

    def _report_disconnected(self, error: ConnectionLostError) -> None:
        if self._connected_at is not None:
            self._lasted = self._timers.time() - self._connected_at
            self._connected_at = None
        if self._up.done():
            self._up = self._loop.create_future()
        self._emit(Disconnected(None if self._is_closed else error))

    def _report_unclaimed(self, topic: str) -> None:
        self._emit(Unclaimed(topic))

    def _report_fault(self, error: Exception) -> None:
        self._loop.call_exception_handler({"message": "an MQTT callback failed", "exception": error})

    def _emit(self, event: ConnectionEvent) -> None:
        for on_event in tuple(self._listeners.values()):
            try:
                on_event(event)
            except Exception as error:  # noqa: BLE001 - a fault of one listener is none of the others'
                self._report_fault(error)

    async def _stay_connected(self) -> None:
        options = self._options
        attempt = 0
        while True:
            self._lasted = 0.0
            await self._hold_connection()
            longest = min(options.backoff_max, options.backoff_base * 2 ** min(attempt, 60))
            if self._lasted > longest:
                # It held for a while: this is a new trouble, not the old one going on.
                attempt = 0
                longest = options.backoff_base
            attempt += 1
            delay = self._jitter.uniform(0, longest)
            self._emit(Reconnecting(delay))
            await self._sleep(delay)

    async def _sleep(self, delay: float) -> None:
        waiter: asyncio.Future[None] = self._loop.create_future()
        timer = self._timers.call_later(delay, lambda: resolve(waiter, None))
        try:
            await waiter
        finally:
            timer.cancel()
